"""How fast the engine and the page are: the command line.

    python -m playground.benchmark            # the engine, the lecture's own loop, and the matrix products alone
    python -m playground.benchmark losses     # the engine's losses beside those of the lecture's loop: hours
    python -m playground.benchmark processes  # one run in two processes, beside one process
    python -m playground.benchmark tab        # the page's share of the engine's speed, read by a plain client
    python -m playground.benchmark live       # the same on the live tab in Chromium, every view on
    python -m playground.benchmark classroom  # what a preset's run is worth, over five seeds
    python -m playground.benchmark pocket --training device  # the same, trained by the page in Chromium
    python -m playground.benchmark recipes    # whether each recipe fails, and its cure cures, over five seeds
    python -m playground.benchmark load       # a class at one server: what everybody waits for, and what it takes
    python -m playground.benchmark load --training device  # pages that train by themselves: what they ask of it
    python -m playground.benchmark room       # a class in one room: a teacher's gesture on the students' pages
    python -m playground.benchmark room --lesson  # a whole lesson by script, with all that a class does together
    python -m playground.benchmark hostile    # a class of forty, and attackers beside it
    python -m playground.benchmark soak       # visits for an hour: what the server takes must not rise
    python -m playground.benchmark beside     # training alone, and beside one and two busy programs; exits 1 off a goal
    python -m playground.benchmark start      # how soon the page is served, and its memory, beside a bare page's
    python -m playground.benchmark visit      # bytes of a visit to each tab; how soon a slow line shows drawings
    python -m playground.benchmark browser    # from a dragged slider to the pixels of three epochs, in Chromium
    python -m playground.benchmark browser --training device  # the same, while a run goes on in the page's worker
    python -m playground.benchmark device     # training in Chromium beside the lecture's loop, on one worker and on two

Machines are noisy. Trust the ratio of two figures of one pair, and the median over the pairs.
"""

import argparse
from collections.abc import Callable
from functools import partial

from playground.benchmark.attacks import NAMES
from playground.benchmark.beside import compare_beside
from playground.benchmark.browser import measure_drag
from playground.benchmark.device import measure_device, measure_gpu, measure_pages
from playground.benchmark.engine import compare, measure_preset
from playground.benchmark.here import measure_here
from playground.benchmark.hostile import measure_hostile
from playground.benchmark.lesson import measure_lesson
from playground.benchmark.load import measure_class
from playground.benchmark.losses import SEEDS, compare_losses
from playground.benchmark.page import compare_live, compare_tab
from playground.benchmark.processes import compare_processes
from playground.benchmark.recipes import measure_courses, measure_recipes
from playground.benchmark.room import STUDENTS, measure_room
from playground.benchmark.soak import measure_soak
from playground.benchmark.start import compare_start
from playground.benchmark.visit import measure_visits
from playground.config import MOST_EPOCHS
from playground.presets import PRESETS
from playground.recipes import RECIPES
from playground.training import TrainConfig

SPEED = (
    *("engine", "losses", "processes", "beside", "tab", "live", "load", "room", "hostile", "soak", "start", "visit"),
    *("browser", "device"),
)


def measurements(options: argparse.Namespace) -> dict[str, Callable[[], None]]:
    """What can be measured, by its name on the command line."""
    seconds = options.seconds or 20
    config = TrainConfig(device=options.device, precision=options.precision, epochs=MOST_EPOCHS)
    here = partial(measure_here, seeds=options.pairs, seconds=options.seconds or 60, workers=options.workers)
    measure = (
        here if options.training == "device" else partial(measure_preset, seeds=options.pairs, seconds=options.seconds)
    )
    presets = {name: partial(measure, name) for name in PRESETS}
    return {
        "engine": partial(compare, config, options.pairs, options.steps),
        "losses": partial(compare_losses, config, options.seeds),
        "processes": partial(compare_processes, config, options.pairs, options.steps),
        "tab": partial(compare_tab, config, options.pairs, seconds),
        "live": partial(compare_live, options.preset, options.pairs, seconds),
        "recipes": measure_courses if options.courses else partial(measure_recipes, options.pairs, options.recipes),
        "load": partial(measure_class, options.minutes, options.after)
        if options.training == "server"
        else partial(measure_pages, options.pages, seconds),
        "room": partial(measure_lesson, options.students, options.minutes)
        if options.lesson
        else partial(measure_room, options.students),
        "hostile": partial(measure_hostile, options.minutes, options.after, options.attacks or NAMES),
        "soak": partial(measure_soak, options.minutes),
        "beside": partial(compare_beside, config, options.pairs, seconds),
        "start": partial(compare_start, options.pairs),
        "visit": partial(measure_visits, options.pairs),
        "device": partial(measure_gpu if options.gpu else measure_device, options.pairs, seconds),
        "browser": partial(measure_drag, options.moves, options.pairs, options.training == "device"),
        **presets,
    }


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(prog="python -m playground.benchmark", description=(__doc__ or "").splitlines()[0])
    names = (*SPEED, "recipes", *PRESETS)
    parser.add_argument("what", nargs="?", choices=names, default="engine")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each way of training, where losses are compared")
    parser.add_argument("--steps", type=int, default=60, help="steps a turn")
    parser.add_argument("--seconds", type=float, help="of a run (default: 20; of a preset its own, or 60)")
    parser.add_argument("--minutes", type=float, default=3, help="how long a class or the visits stay")
    parser.add_argument("--after", type=float, default=10, help="minutes after which the server's memory is read again")
    parser.add_argument(
        "--training", choices=("server", "device"), default="server", help="where a class or a preset trains"
    )
    parser.add_argument("--workers", type=int, help="that train a preset on the device (default: as many as help)")
    parser.add_argument("--pages", type=int, default=4, help="that train by themselves")
    parser.add_argument("--students", type=int, default=STUDENTS, help="in a room")
    parser.add_argument("--lesson", action="store_true", help="play a whole lesson in a room, in so many minutes")
    parser.add_argument("--attacks", nargs="*", choices=NAMES, help="of those beside a class (default: all)")
    parser.add_argument("--recipes", nargs="*", choices=tuple(RECIPES), help="of those to try (default: all)")
    parser.add_argument("--courses", action="store_true", help="of recipes, those that a question of the quiz shows")
    parser.add_argument("--gpu", action="store_true", help="of this machine's own browser, beside WebAssembly")
    parser.add_argument("--preset", default="classroom", choices=tuple(PRESETS), help="of a run on the live tab")
    parser.add_argument("--moves", type=int, default=300, help="mouse moves a turn of the browser")
    parser.add_argument("--device", default="cpu", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16", "auto"))
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    options = read_options(arguments)
    measurements(options)[options.what]()


if __name__ == "__main__":
    main()
