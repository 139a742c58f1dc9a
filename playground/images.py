"""Drawings (tensors in [-1, 1]) to pixels: sheets, PNG, GIF."""

import base64
import io
import tempfile
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import pad


def to_pixels(drawings: torch.Tensor) -> torch.Tensor:
    """Drawings in [-1, 1] as 8-bit grey of the same shape: round((x + 1) * 127.5)."""
    return ((drawings.detach().cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def sheet(pixels: torch.Tensor, columns: int = 8) -> torch.Tensor:
    """N images (uint8, N x 28 x 28) side by side without gaps, `columns` a row: uint8, H x W."""
    columns = min(columns, len(pixels))
    rows = -(-len(pixels) // columns)
    whole = pad(pixels.reshape(-1, 28, 28), (0, 0, 0, 0, 0, rows * columns - len(pixels)))  # black where one is missing
    return whole.view(rows, columns, 28, 28).transpose(1, 2).reshape(rows * 28, columns * 28)


def to_image(pixels: torch.Tensor, scale: int = 1) -> Image.Image:
    """One grey picture (uint8, H x W), each pixel enlarged to `scale` x `scale` without smoothing."""
    return _enlarge(Image.fromarray(np.ascontiguousarray(pixels.numpy())), scale)


def png(pixels: torch.Tensor, scale: int = 1, effort: int = 6) -> bytes:
    """One grey picture (uint8, H x W) as the bytes of a PNG file; `effort` is zlib's level (0 fast to 9 small)."""
    buffer = io.BytesIO()
    to_image(pixels, scale).save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue()


def gif(frames: torch.Tensor, seconds_a_frame: float = 0.1, scale: int = 8) -> bytes:
    """Frames (uint8, N x 28 x 28) as an endless GIF, forward and back, each pixel `scale` x `scale`."""
    pictures = [to_image(frame, scale) for frame in frames]
    return _film(pictures + pictures[-2:0:-1], duration=round(seconds_a_frame * 1000))


def timelapse(sheets: Sequence[bytes], seconds_a_frame: float = 0.15, scale: int = 2) -> bytes:
    """PNG files of one size as an endless GIF that shows the last for a second, each pixel `scale` x `scale`."""
    film = [_enlarge(Image.open(io.BytesIO(content)), scale) for content in sheets]
    return _film(film, duration=[round(seconds_a_frame * 1000)] * (len(film) - 1) + [1000])


def _film(pictures: list[Image.Image], duration: int | list[int]) -> bytes:
    """An endless GIF; `duration` of each picture in milliseconds.

    To a real file Pillow writes without holding Python's lock: into memory, all other threads would stand still for
    three quarters of the time. optimize=True triples the time and does not make a grey GIF smaller.
    """
    with tempfile.TemporaryFile() as file:
        pictures[0].save(
            file, "GIF", save_all=True, append_images=pictures[1:], duration=duration, loop=0, optimize=False
        )
        file.seek(0)
        return file.read()


def _enlarge(picture: Image.Image, scale: int) -> Image.Image:
    if scale == 1:
        return picture
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def data_url(content: bytes, kind: str = "image/png") -> str:
    """Bytes as a data URL, which a browser shows without asking a server."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
