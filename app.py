"""Open the GAN playground: `python app.py`."""

import argparse
import gc
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from playground.checked import ConfigError
from playground.checkpoints import CheckpointError
from playground.data import DataError
from playground.devices import on_zerogpu
from playground.limits import SPACE, Limits, is_reachable, read_limits, read_names
from playground.live.run import read_libraries
from playground.shipped import Shipped
from playground.stopping import Stop, leave
from playground.ui.classroom import code_as_text, lan_address
from playground.ui.page import build_page, launch_options
from playground.ui.sessions import Page

# On a Space every request comes through proxies, which name the visitor's address: `limits.calls` counts by that.
PROXIES = "127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
SWITCH = 0.0005  # seconds after which a thread lets another one have the interpreter: the page's must not wait long
STOPPING = 4.0  # seconds; whoever asks a program to end kills it after five or ten, and a busy machine lags


def main(arguments: list[str] | None = None) -> int:
    """Build the page and serve it until Ctrl-C or another signal; returns the exit status."""
    options = _read(arguments)
    sys.setswitchinterval(SWITCH)
    if os.environ.get(SPACE):
        os.environ.setdefault("FORWARDED_ALLOW_IPS", PROXIES)
    host = "0.0.0.0" if options.lan else options.host
    _speak_to_itself(host)
    shipped = Shipped()
    try:
        limits, names = read_limits(safe=is_reachable(host)), read_names()
        page = _build(options.lan, limits, shipped)
    except (ConfigError, CheckpointError, DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    where: dict[str, Any] = {"server_name": host, "server_port": options.port}
    if on_zerogpu():  # where runs are forked: no thread may be in the middle of this when the first visitor comes
        read_libraries()
    how: dict[str, Any] = {"inbrowser": options.open, "quiet": options.lan, "prevent_thread_lock": True}
    try:
        page.launch(**where, **how, **launch_options(limits, names, shipped=shipped, workshop=page.workshop))
    except OSError:  # Gradio has tried every port that it may use
        print("This port is taken: choose another one, as --port 7900.", file=sys.stderr)
        return 1
    stop = Stop()
    page.workshop.store.start()
    prepare_training(limits)
    if options.lan:
        invite(f"http://{lan_address()}:{page.server_port}/", limits)
    stop.wait()
    close(page)
    return 0


def close(page: Page) -> None:
    """Let all runs pause and keep what they have learnt, then close the page; within STOPPING seconds."""
    end = time.monotonic() + STOPPING
    with suppress(OSError):  # the terminal may be closed
        print("Stopping: what was learnt is being kept. Ctrl-C once more ends at once.", flush=True)
    page.workshop.close(STOPPING - 0.5)
    page.server.should_exit = True  # deletes what the page had offered, unless somebody still reads
    page.server.thread.join(max(0.0, end - time.monotonic()))


def prepare_training(limits: Limits) -> None:
    """Read what the first training would have to wait for, while the page is served already."""

    def prepare() -> None:
        if limits.training and not on_zerogpu():
            read_libraries()
        keep_for_good()

    threading.Thread(target=prepare, daemon=True).start()


def keep_for_good() -> None:
    """Let Python look for garbage no more among what is there now, half a million objects of torch's and Gradio's.

    It did now and then, for 0.4 seconds, in which nobody was answered.
    """
    gc.collect()
    gc.freeze()


def _read(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Open the GAN playground in a browser.")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--host", help="address to listen on (default: this machine alone, or GRADIO_SERVER_NAME)")
    where.add_argument("--lan", action="store_true", help="serve the network that this machine is in: a school's, say")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860, or GRADIO_SERVER_PORT")
    parser.add_argument("--open", action="store_true", help="open a browser")
    return parser.parse_args(arguments)


def _speak_to_itself(host: str | None) -> None:
    """Let Gradio ask its own server without a proxy, which the environment may name for all that is elsewhere."""
    own = ["localhost", "127.0.0.1", "::1", (host or "").strip("[]")]
    for name in ("no_proxy", "NO_PROXY"):
        listed = os.environ.get(name, "").split(",")
        if listed != ["*"]:
            os.environ[name] = ",".join(dict.fromkeys(filter(None, listed + own)))


def _build(lan: bool, limits: Limits, shipped: Shipped) -> Any:
    """The page; with `lan` it knows its own address. Raises OSError where there is no network."""
    if not lan:
        return build_page(shipped=shipped, limits=limits)
    address = lan_address()
    if address is None:
        raise OSError("--lan: this machine is in no network. Join the school's, or leave --lan out.")
    return build_page(shipped=shipped, limits=limits, lan=address)


def invite(address: str, limits: Limits) -> None:
    """Print the address for a class, also as a QR code where the console has its letters."""
    print(f"The class opens {address}")
    with suppress(UnicodeEncodeError):  # as in a console of code page 949
        code = code_as_text(address)
        code.encode(sys.stdout.encoding or "utf-8")
        print(code)
    print(f"A training takes at most {limits.run_seconds:g} seconds, {limits.runs} at a time. Ctrl-C ends.", flush=True)


if __name__ == "__main__":
    leave(main())
