"""Compiles the browser's arithmetic: `python tests/kernels.py`. A test compares the files with their source."""

import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).parent.parent / "playground" / "ui" / "browser" / "engine"
FILES = {"tensor.wasm": ["-msimd128"], "tensor-plain.wasm": []}  # with and without vector instructions
ZIG = [sys.executable, "-m", "ziglang", "cc", "--target=wasm32-freestanding", "-O3", "-nostdlib", "-fno-builtin"]
LINK = ["--no-entry", "--import-memory", "--export=__heap_base", "-z,stack-size=16384", "-s"]


def compile_to(folder: Path) -> None:
    """Write both files into `folder`."""
    for name, how in FILES.items():
        linked = [f"-Wl,{option}" for option in LINK]
        subprocess.run([*ZIG, *how, *linked, "-o", str(folder / name), str(ENGINE / "tensor.c")], check=True)
        (folder / name).chmod(0o644)


if __name__ == "__main__":
    compile_to(ENGINE)
