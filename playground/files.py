"""Files that appear complete or not at all."""

import os
import tempfile
from pathlib import Path


def clear_leftovers(folder: Path) -> None:
    """Delete the half-written files that `write_bytes` leaves in a folder when the program is killed."""
    for path in folder.rglob(".*.????????"):
        path.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes, durable: bool = True) -> None:
    """Write a file under a temporary name, then rename it. Raises OSError.

    A `durable` file is on the disk then: it survives a power cut.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp gives 0600, which a second account on the server could not read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
