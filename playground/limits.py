"""What visitors may ask of this machine: much on your own computer, less in public or with a whole class."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from ipaddress import ip_address
from typing import Any

from playground.checked import Checked, ConfigError, flag, number, whole
from playground.devices import on_zerogpu

PREFIX = "PLAYGROUND_"  # of the variables in the environment: PLAYGROUND_RUN_SECONDS=300
SPACE = "SPACE_ID"  # set on every Hugging Face Space
HOSTS = PREFIX + "HOSTS"
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")  # a name, without protocol or port


@dataclass(frozen=True)
class Limits(Checked):
    """The limits of one server. Each can be set in the environment, by its name in capitals after PREFIX.

    `run_seconds` and `run_steps` bound a run, counted from its start or from where it was continued. `runs` may train
    at the same time; `line` is the most runs that train or wait. `upload_mb` is the largest file in MiB; `calls` is how
    often one address may call the server in a minute, `reads` how much it may look at: files, mostly.
    """

    run_seconds: float = number(3600, 1, 86_400)
    run_steps: int = whole(1_000_000, 1, 100_000_000)
    runs: int = whole(1, 1, 8)
    line: int = whole(60, 1, 1000)
    training: bool = flag(True)
    uploads: bool = flag(True)
    upload_mb: int = whole(10, 1, 100)
    calls: int = whole(6000, 1, 1_000_000)
    reads: int = whole(60_000, 1, 10_000_000)


SAFE = Limits(run_seconds=120, run_steps=200_000, line=40, calls=1200, reads=12_000)
LENT = replace(SAFE, run_seconds=60)  # on ZeroGPU visitors have a few minutes of GPU a day


def read_limits(environment: Mapping[str, str] = os.environ, safe: bool = False) -> Limits:
    """The limits that the environment sets. For the others: SAFE on a Space or with `safe`, LENT on ZeroGPU, else the
    defaults of Limits.

    Raises ConfigError for a variable whose value is not allowed.
    """
    base = SAFE if safe or environment.get(SPACE) else Limits()
    base = LENT if on_zerogpu(environment) else base
    chosen = {field.name: getattr(base, field.name) for field in fields(Limits)}
    for name in chosen:
        text = environment.get(PREFIX + name.upper())
        if text is not None:
            chosen[name] = _value_of(text)
    try:
        return Limits(**chosen)
    except ConfigError as error:
        raise ConfigError(PREFIX + error.field.upper(), error.got, error.rule, **error.limits) from None


def is_reachable(host: str | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether others than this machine reach a server that listens at `host`, or where Gradio's variable says.

    A name counts as reachable, except localhost, since nothing is known of it.
    """
    host = (host or environment.get("GRADIO_SERVER_NAME") or "localhost").strip("[]").lower()
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def read_names(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The names by which a proxy lets visitors reach this server, from PLAYGROUND_HOSTS, with commas between them.

    "*" stands for any name: so it is on a Space, whose own proxy sees to that. Raises ConfigError for a text that is
    no list of names.
    """
    text = environment.get(HOSTS, "*" if environment.get(SPACE) else "")
    names = frozenset(name.strip().lower() for name in text.split(",") if name.strip())
    if not all(name == "*" or HOST.fullmatch(name) for name in names):
        raise ConfigError(HOSTS, text, "choice", options="names as play.school.example, with commas between them")
    return names


def _value_of(text: str) -> Any:
    """A text as the number or bool that it means; any other text unchanged, for Limits to refuse."""
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if text.strip().lower() in words:
        return words[text.strip().lower()]
    try:
        return float(text)
    except ValueError:
        return text
