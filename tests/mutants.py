"""Whether the tests notice small faults in the engine: mutation testing, on mutants that cosmic-ray makes.

    OMP_NUM_THREADS=1 python tests/mutants.py --count 300 --seed 0

A mutant is a module with one operator, number, comparison, decorator or exception changed. Each runs in a process of
its own, forked off one that has torch in memory already, against the tests of its module, quickest first, until one
fails. The mutated source lives in memory only. What is known stays in `.cache/mutants`, so a run that was stopped goes
on; `--again` tries the survivors once more, after new tests were written. No mutants are made of type annotations, of
the command lines (`main`) and of `__all__`. Mutants that change nothing anybody could notice are named, with the
reason, in `tests/equivalent_mutants.txt`.
"""

import argparse
import ast
import difflib
import hashlib
import importlib
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import zip_longest
from pathlib import Path

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

PROJECT = Path(__file__).parent.parent
KNOWN = PROJECT / ".cache" / "mutants"
EQUIVALENT = PROJECT / "tests" / "equivalent_mutants.txt"
TESTS = {  # the tests that notice a fault in each module without a page or a browser
    "playground/training.py": ("training", "settings", "state", "losses"),
    "playground/losses.py": ("losses", "training"),
    "playground/latent.py": ("latent",),
    "playground/checkpoints.py": ("checkpoints", "fuzz"),
    "playground/state.py": ("state", "settings", "training", "checkpoints"),
    "playground/metrics.py": ("metrics", "standing"),
    "playground/live/standing.py": ("standing",),
    "playground/dropout.py": ("dropout", "training"),
}
# What the tests import beside the project: read once, before the first fork.
HEAVY = ("hypothesis", "PIL.Image", "playwright.sync_api", "safetensors.torch", "torch", "torchmetrics.image.fid",
         "torchvision.datasets")  # fmt: skip
PYTEST = ("-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--tb=line")
SLOW = 2.0  # seconds
PATIENCE = 4  # times the processor time that the tests take on the module as it is
LONGEST = 1800.0  # seconds of wall time, for a mutant that waits and computes nothing


@dataclass(frozen=True)
class Mutant:
    """One fault: in which module and line, by which operator of cosmic-ray, and the line before and after."""

    module: str
    number: int
    operator: str
    source: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """The same for the same mutated source."""
        return f"{self.module}:{hashlib.sha256(self.source.encode()).hexdigest()[:16]}"

    def __str__(self) -> str:
        return f"{self.module}:{self.number} {self.operator}\n  - {self.before}\n  + {self.after}"


def sample(count: int, seed: int) -> list[Mutant]:
    """`count` mutants drawn by `seed`: every place in the source gets one before any place gets a second."""
    rng = random.Random(seed)
    places: dict[tuple, list[tuple[str, str, int]]] = {}
    for module in TESTS:
        for place, operator, occurrence in list_mutations(module):
            places.setdefault((module, place), []).append((module, operator, occurrence))
    queues = list(places.values())
    for queue in queues:
        rng.shuffle(queue)
    rng.shuffle(queues)
    drawn: list[Mutant] = []
    for choice in (choice for turn in zip_longest(*queues) for choice in turn if choice):
        mutant = make(*choice)
        if mutant and len(drawn) < count:
            drawn.append(mutant)
        if len(drawn) == count:
            break
    return drawn


def list_mutations(module: str) -> Iterator[tuple[tuple, str, int]]:
    """All that cosmic-ray can change in the module: the place (line and column, from and to), operator and index."""
    source = (PROJECT / module).read_text()
    nodes, left_out = list(ast_nodes(get_ast(source))), list(regions_left_out(ast.parse(source)))
    for name in sorted(operator_names()):
        kind = get_operator(name)
        if kind.arguments():  # these want settings of their own
            continue
        positions = (place for node in nodes for place in kind().mutation_positions(node))
        for index, (start, end) in enumerate(positions):
            if not any(first <= start and end <= last for first, last in left_out):
                yield (start, end), name, index


def regions_left_out(tree: ast.Module) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where (line and column) no mutants are made: annotations, command lines, `__all__`."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            parts.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            parts.append(node if node.name == "main" else node.returns)
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            parts.append(node)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            parts.append(node)
        for part in filter(None, parts):
            yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def make(module: str, operator: str, index: int) -> Mutant | None:
    """The mutant as source; None where cosmic-ray cannot make it, it would not compile, or is the same program."""
    source = (PROJECT / module).read_text()
    try:
        mutated = mutate_code(source, get_operator(operator)(), index)
        if mutated is None or ast.dump(ast.parse(mutated)) == ast.dump(ast.parse(source)):
            return None
    except (SyntaxError, AttributeError):  # the latter for `except module.Error`: a name with a point in it
        return None
    old, new = source.splitlines(), mutated.splitlines()
    change = next(c for c in difflib.SequenceMatcher(None, old, new, False).get_opcodes() if c[0] != "equal")
    _, first, last, new_first, new_last = change
    before, after = (" ".join(map(str.strip, part)) for part in (old[first:last], new[new_first:new_last]))
    return Mutant(module, first + 1, operator, mutated, before, after)


class Instead:
    """Gives Python the mutated source where it imports the mutant's module (a finder for sys.meta_path)."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.name = mutant, mutant.module.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        file = str(PROJECT / self.mutant.module)
        loader = SourceFileLoader(name, file)
        loader.get_code = lambda _: compile(self.mutant.source, file, "exec", dont_inherit=True)
        return spec_from_file_location(name, file, loader=loader)


class Quickest:
    """A plugin of pytest: each file's quickest tests first, slow ones of all files last; notes how long each takes."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.taken = seconds, Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        place = {path: index for index, path in enumerate(dict.fromkeys(item.path for item in items))}
        taken = {item: self.seconds.get(item.nodeid, 0.0) for item in items}
        items.sort(key=lambda item: (taken[item] > SLOW, place[item.path], taken[item]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.taken[report.nodeid] += report.duration


def files(module: str) -> list[str]:
    """The test files for a module."""
    return [f"tests/test_{name}.py" for name in TESTS[module]]


def in_a_fork(work: Callable[[], int], cpu_seconds: float) -> tuple[str, float]:
    """Call `work` in a forked process: "passed", "failed" or "timed out", and its processor seconds."""
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds) + 5))
        with open(KNOWN / "last.log", "wb") as log:
            os.dup2(log.fileno(), 1), os.dup2(log.fileno(), 2)
        code = 1
        with suppress(BaseException):
            code = int(work())
        sys.stdout.flush()
        os._exit(code)
    begin = time.monotonic()
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        late = time.monotonic() - begin > LONGEST
        if done or late:
            break
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test has left running, or the mutant that waits
    if not done:
        _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    verdict = "timed out" if -code in (signal.SIGXCPU, signal.SIGKILL) else "failed" if code else "passed"
    return verdict, usage.ru_utime + usage.ru_stime


def measure(module: str) -> dict[str, float]:
    """Run the module's tests on the module as it is: seconds a test, and all processor seconds as "all"."""
    noted = KNOWN / "seconds.json"

    def work() -> int:
        clock = Quickest({})
        code = pytest.main([*PYTEST, *files(module)], plugins=[clock])
        noted.write_text(json.dumps(clock.taken))
        return code

    verdict, cpu = in_a_fork(work, 3600)
    if verdict != "passed":
        sys.exit(f"{module}: its tests fail on the module as it is; see {KNOWN / 'last.log'}")
    return {**json.loads(noted.read_text()), "all": cpu}


def judge(mutant: Mutant, seconds: dict[str, float]) -> str:
    """What becomes of a mutant: "killed", "timed out" or "survived"."""

    def work() -> int:
        sys.meta_path.insert(0, Instead(mutant))
        return pytest.main([*PYTEST, *files(mutant.module)], plugins=[Quickest(seconds)])

    verdict, _ = in_a_fork(work, PATIENCE * seconds["all"] + 20)
    return {"passed": "survived", "failed": "killed"}.get(verdict, verdict)


def read_equivalents(path: Path = EQUIVALENT) -> dict[tuple[str, str, str], str]:
    """The mutants named equivalent, as (module, line before, line after) to the reason."""
    named = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            module, before, after, *reason = lines
            named[module, before.removeprefix("-").strip(), after.removeprefix("+").strip()] = " ".join(reason)
    return named


def run(mutants: list[Mutant], again: bool) -> dict[str, str]:
    """Judge every mutant that is not known yet; returns all verdicts by the mutant's key."""
    KNOWN.mkdir(parents=True, exist_ok=True)
    store = KNOWN / "verdicts.json"
    verdicts = json.loads(store.read_text()) if store.exists() else {}
    named = read_equivalents()
    seconds: dict[str, dict[str, float]] = {}
    for index, mutant in enumerate(mutants, 1):
        found = verdicts.get(mutant.key)
        if (mutant.module, mutant.before, mutant.after) in named or (found and not (again and found == "survived")):
            continue
        if mutant.module not in seconds:
            seconds[mutant.module] = measure(mutant.module)
            print(f"{mutant.module}: its tests take {seconds[mutant.module]['all']:.0f} s", flush=True)
        verdicts[mutant.key] = judge(mutant, seconds[mutant.module])
        print(f"{index}/{len(mutants)} {verdicts[mutant.key]}: {mutant}", flush=True)
        store.write_text(json.dumps(verdicts, indent=0))
    return verdicts


def report(mutants: Iterable[Mutant], verdicts: dict[str, str]) -> None:
    """Print how many were killed, module by module, and every survivor."""
    named = read_equivalents()
    table: dict[str, Counter[str]] = {module: Counter() for module in (*TESTS, "all")}
    survivors = []
    for mutant in mutants:
        equivalent = (mutant.module, mutant.before, mutant.after) in named
        verdict = "equivalent" if equivalent else verdicts[mutant.key]
        table[mutant.module][verdict] += 1
        table["all"][verdict] += 1
        survivors += [mutant] if verdict == "survived" else []
    print(*survivors, sep="\n")
    for name, found in table.items():
        caught = found["killed"] + found["timed out"]
        share = caught / max(caught + found["survived"], 1)
        print(f"{name:28} killed {found['killed']:3}  timed out {found['timed out']:2}  survived {found['survived']:2}"
              f"  named equivalent {found['equivalent']:2}  caught {share:.1%}")  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", action="store_true", help="try those once more that survived before")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    options = parser.parse_args()
    os.chdir(PROJECT)
    mutants = sample(options.count, options.seed)
    if options.list:
        print(*mutants, sep="\n")
        return
    for name in HEAVY:
        importlib.import_module(name)
    report(mutants, run(mutants, options.again))


if __name__ == "__main__":
    main()
