"""A state that came as a file, from a visitor's own device. It stays a file: nothing of it lies in memory."""

import os
import weakref
from pathlib import Path

from playground.state import TrainState, read_state

MOST_TAKEN = 48 * 2**20  # bytes of such a file; the lecture's has 36 MB


class SentState:
    """What the store keeps of such a file, as it keeps a TrainState. The file goes when nobody holds this any more.

    Raises CheckpointError for a file that holds no state, or one of more than MOST_TAKEN bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        weakref.finalize(self, path.unlink, missing_ok=True)
        known = read_state(path, MOST_TAKEN)
        self.config, self.step, self.epoch = known.config, known.counters["step"], known.counters["epoch"]

    def save(self, path: Path) -> None:
        """Move the file to where it is kept."""
        path.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(self.path, 0o644)  # as files.write_bytes does
        os.replace(self.path, path)
        self.path = path

    def clone(self) -> TrainState:
        """The state, to train on."""
        return TrainState.load(self.path)
