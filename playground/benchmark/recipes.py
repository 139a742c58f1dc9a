"""Do the recipes fail as they should, and do their cures cure? Each over several seeds, by the measures of the page.

Every run is one of the live tab's, with its budget of seconds: run this on an idle machine.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from playground.config import TrainConfig
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import FirstState, Order, Run
from playground.live.standing import failures, healed, missing, readable
from playground.metrics import LEAST_RECOGNISED
from playground.presets import PRESETS
from playground.recipes import RECIPES, SCRATCH, can_fork, cured
from playground.shipped import Shipped
from playground.state import TrainState

LOOK_EVERY = 0.2  # seconds
WATCHED, COLLAPSING = 1500, 3000  # steps of the runs whose course a question of the quiz shows


class Outcome(NamedTuple):
    """One seed of a recipe: its failures after `seconds`, and what the cured run's drawings were worth."""

    failed: bool
    found: tuple[str, ...]
    seconds: float
    cured: bool
    recognisable: float


def measure_recipes(seeds: int, names: Sequence[str]) -> None:
    """Run the named recipes (all where none is named) with seeds 0 to `seeds` - 1; print each, and a table.

    Several cures are the same run, that of the sound settings: it is made once a seed.
    """
    table = ["| recipe | fails | cured | readable after the cure | seconds |", "|" + "---|" * 5]
    trial = Trial()
    for name in names or RECIPES:
        outcomes = []
        for seed in range(seeds):
            outcomes.append(trial.of(name, seed))
            print(f"{name}, seed {seed}: {outcomes[-1]}", flush=True)
        table.append(row_of(name, outcomes))
    print("\n".join(table))


def row_of(name: str, outcomes: Sequence[Outcome]) -> str:
    """A recipe's line of the table."""
    count, readable = len(outcomes), [one.recognisable for one in outcomes]
    failed, healed = sum(one.failed for one in outcomes), sum(one.cured for one in outcomes)
    shares = f"{min(readable):.0%} to {max(readable):.0%}"
    longest = max(one.seconds for one in outcomes)
    return f"| {name} | {failed} of {count} | {healed} of {count} | {shares} | {longest:.0f} |"


def measure_courses(seed: int = 0) -> None:
    """Run the four whose course the quiz's question *Which one is mode collapse?* shows, as game/courses.js keeps it.

    Of each measure: the step, the share of readable drawings (percent), and how many of the ten digits were drawn.
    """
    collapse, line = RECIPES["collapse"], Line()
    runs: dict[str, tuple[TrainConfig, str, FirstState]] = {
        "sound": (cured("blind", RECIPES["blind"].config), SCRATCH, TrainState),
        "threes": (PRESETS["one_digit"], SCRATCH, TrainState),
        "blind": (RECIPES["blind"].config, SCRATCH, TrainState),
        "collapse": (collapse.config, collapse.origin, Shipped().beginning(int(collapse.origin))),
    }
    for name, (config, origin, begin) in runs.items():
        steps = COLLAPSING if name == "collapse" else WATCHED
        run = play(line, replace(config, seed=seed, seconds=None, steps=steps), origin, begin)
        print(f"  {name}: {course_of(run.record)},", flush=True)


def course_of(record: Record) -> str:
    """What the judge found in the course of a run, as an object of JavaScript."""
    found = record.measures
    steps = [one.step - record.begun_step for one in found]
    shares = [round(100 * one.recognisable) for one in found]
    digits = [
        10 - len(missing(one.counts, one.recognisable, range(10))) if one.recognisable >= LEAST_RECOGNISED else 0
        for one in found
    ]
    return f"{{ steps: {steps}, readable: {shares}, digits: {digits} }}"


class Trial:
    """Tries recipes, one run at a time, and remembers those that began from scratch or a shipped epoch."""

    def __init__(self) -> None:
        self.line, self.known = Line(), dict[tuple[TrainConfig, str], Record]()

    def of(self, name: str, seed: int) -> Outcome:
        """The run of a recipe with that seed, and its cure."""
        recipe = RECIPES[name]
        started = time.perf_counter()
        begin = TrainState if recipe.origin == SCRATCH else Shipped().beginning(int(recipe.origin))
        ill = play(self.line, replace(recipe.config, seed=seed), recipe.origin, begin)
        found, seconds = tuple(failures(ill.record)), time.perf_counter() - started
        cure = self._cure(name, ill, begin)
        return Outcome(recipe.sign in found, found, seconds, healed(cure, recipe.sign), readable(cure))

    def _cure(self, name: str, ill: Run, begin: FirstState) -> Record:
        recipe, config, state = RECIPES[name], cured(name, ill.record.config), ill.state
        if can_fork(recipe) and state is not None:
            return play(self.line, config, recipe.origin, lambda wanted: adopted(state, wanted)).record
        if (config, recipe.origin) not in self.known:
            self.known[config, recipe.origin] = play(self.line, config, recipe.origin, begin).record
        return self.known[config, recipe.origin]


def adopted(state: TrainState, config: TrainConfig) -> TrainState:
    """The state, under another config."""
    state.adopt(config)
    return state


def play(line: Line, config: TrainConfig, origin: str, first_state: FirstState) -> Run:
    """A run to its end, watched as on the page."""
    run = line.join(Order(Record("A", config, origin), watched=True, first_state=first_state))
    while not run.over:
        run.seen()
        time.sleep(LOOK_EVERY)
    return run
