"""How the program ends: by Ctrl-C, by a closed terminal, by whoever runs it as a service. Knows no page."""

import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the third is unknown to Windows, the last to all others


class Stop:
    """Listens for the signals that ask the program to end, from its making on; the main thread makes it.

    A Ctrl-C after the first signal ends the program at once.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (getattr(signal, name, None) for name in SIGNALS):
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants no SIGHUP
                signal.signal(number, self._hear)
        if hasattr(os, "register_at_fork"):  # ZeroGPU's processes end as their lender says
            os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))

    def wait(self) -> None:
        """Return when the first signal has come."""
        while not self.asked:
            time.sleep(0.05)  # an Event could block for ever when a signal interrupts its own wait()

    def _hear(self, number: int, _: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            os._exit(128 + number)
        self.asked = True


def leave(status: int) -> None:
    """End the program at once, whatever its threads do.

    Python would take itself down under them: torch, in the middle of a step or of an import, then aborts the program.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the terminal is closed
            stream.flush()
    os._exit(status)
