"""Open the GAN playground: `python app.py`."""

import argparse
import sys
from typing import Any

from playground.checkpoints import CheckpointError
from playground.data import DataError
from playground.ui.classroom import CLASS_RUN, code_as_text, lan_address
from playground.ui.page import build_page, launch_options


def main(arguments: list[str] | None = None) -> int:
    """Build the page and serve it until Ctrl-C; returns the exit status."""
    options = _read(arguments)
    try:
        page = _build(options.lan)
    except (CheckpointError, DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    host = "0.0.0.0" if options.lan else options.host
    page.launch(
        server_name=host, server_port=options.port, inbrowser=options.open, quiet=options.lan,
        prevent_thread_lock=True, **launch_options(),
    )  # fmt: skip
    if options.lan:
        invite(f"http://{lan_address()}:{page.server_port}/")
    page.block_thread()
    return 0


def _read(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Open the GAN playground in a browser.")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--host", help="address to listen on (default: this machine alone, or GRADIO_SERVER_NAME)")
    where.add_argument("--lan", action="store_true", help="serve the network that this machine is in: a school's, say")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860, or GRADIO_SERVER_PORT")
    parser.add_argument("--open", action="store_true", help="open a browser")
    return parser.parse_args(arguments)


def _build(lan: bool) -> Any:
    """The page; for a class with its own address and short runs. Raises OSError where there is no network."""
    if not lan:
        return build_page()
    address = lan_address()
    if address is None:
        raise OSError("--lan: this machine is in no network. Join the school's, or leave --lan out.")
    return build_page(longest=CLASS_RUN, lan=address)


def invite(address: str) -> None:
    """Print where a class finds the page."""
    print(f"The class opens {address}\n{code_as_text(address)}")
    print(f"A training takes at most {CLASS_RUN:g} seconds, one at a time. Ctrl-C ends.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
