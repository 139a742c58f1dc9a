"""What the house promises: imports point one way, files are small, nothing is asked of another host."""

import ast
import re
import subprocess
import sys

import gradio
import pytest

from playground.data import PROJECT

# A module may import what stands in its own line or in one above it.
ORDER = """
models
playground playground.checked playground.files playground.devices playground.dropout playground.latent playground.images
playground.losses
playground.config playground.data playground.limits
playground.presets
playground.checkpoints
playground.metrics playground.state playground.shipped playground.judge_training
playground.training
playground.history
playground.pretrain
playground.live playground.live.standing playground.live.views
playground.live.record
playground.live.watch
playground.live.run
playground.live.store playground.live.line
playground.live.workshop playground.live.zerogpu
playground.lessons
playground.benchmark
playground.ui
playground.ui.classroom
playground.ui.texts playground.ui.downloads playground.ui.assets
playground.ui.guard playground.ui.sessions
playground.ui.widgets
playground.ui.tabs
playground.ui.tabs.train.shown playground.ui.tabs.train.controls playground.ui.tabs.train.files
playground.ui.tabs.train.visitors
playground.ui.tabs.train.commands playground.ui.tabs.train.endpoint
playground.ui.tabs.train.handlers
playground.ui.tabs.train.tab
playground.ui.page
app
"""
RANKS = {place: rank for rank, line in enumerate(ORDER.strip().splitlines()) for place in line.split()}
FREE = ("models.", "playground.lessons.", "playground.benchmark.", "playground.ui.tabs.")
FILES = [p for folder in ("models", "playground") for p in sorted((PROJECT / folder).rglob("*.py"))] + [
    PROJECT / "app.py"
]


def module_of(path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def rank(module: str) -> int | None:
    """The rank of the longest listed name that the module is or lies in; None for what is not ours."""
    names = [place for place in RANKS if module == place or module.startswith(f"{place}.")]
    return RANKS[max(names, key=len)] if names else None


def tab_of(module: str) -> str | None:
    """The tab that a module belongs to; None for one that belongs to none."""
    _, below, rest = module.partition("playground.ui.tabs.")
    return rest.split(".")[0] if below else None


def test_every_module_has_its_place_in_the_order():
    for path in FILES:
        name = module_of(path)
        assert name in RANKS or name.startswith(FREE), name


def imports(path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            modules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {module for module in modules if module in NAMES} or {node.module}
    return found


NAMES = {module_of(path) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_one_way(path):
    module = module_of(path)
    for target in imports(path):
        assert rank(target) is None or rank(target) <= rank(module), f"{module} imports {target}"
        if tab_of(module):
            assert tab_of(target) in (None, tab_of(module)), "a tab imports a tab"
        if target.split(".")[0] in ("gradio", "plotly"):
            assert module.startswith("playground.ui")


def test_the_engine_runs_where_gradio_is_not_installed():
    modules = ["pretrain", "live.zerogpu", "live.workshop", "benchmark.__main__"]
    code = f"import sys; sys.modules['gradio'] = None; import {', '.join(f'playground.{name}' for name in modules)}"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


def test_importing_does_no_work(tmp_path):
    code = "import sys; sys.dont_write_bytecode = True; import app, playground.pretrain; import playground.ui.page"
    before = {p for p in PROJECT.rglob("*") if ".git" not in p.parts and p.suffix != ".pyi"}
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)
    after = {p for p in PROJECT.rglob("*") if ".git" not in p.parts and p.suffix != ".pyi"}
    assert after <= before  # Gradio writes .pyi files beside components, which git ignores


def test_functions_are_short():
    lengths = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{module_of(path)}.{node.name}:{node.lineno}"] = node.end_lineno - node.lineno + 1
    assert max(lengths.values()) <= 40, max(lengths, key=lengths.get)
    long = [name for name, length in lengths.items() if length > 20]
    assert len(long) <= len(lengths) / 10, long


def test_versions_agree():
    requirements = (PROJECT / "requirements.txt").read_text()
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    pinned = re.search(r"^gradio==([\d.]+)$", requirements, re.M)[1]
    assert pinned == re.search(r"^sdk_version: ([\d.]+)$", readme, re.M)[1] == gradio.__version__
    assert "python_version: 3.12" in readme


def paths_of(tree: str) -> list[str]:
    """The paths that an annotated tree names. Each line is `names  words`, indented below its folder (`name/`)."""
    found, above = [], [(-1, "")]
    for line in tree.strip().splitlines():
        indent = len(line) - len(line.lstrip())
        while above[-1][0] >= indent:
            above.pop()
        found += [above[-1][1] + name for name in re.split(r" {2,}", line.strip())[0].split(", ")]
        if found[-1].endswith("/"):
            above.append((indent, found[-1]))
    return found


def test_the_tree_in_the_documentation_is_the_files():
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = paths_of(re.search(r"^```\n(app\.py.*?)^```$", text, re.MULTILINE | re.DOTALL)[1])
    assert len(named) == len(set(named)), "a name stands twice"
    assert [name for name in named if not (PROJECT / name).exists()] == []
    scripts = (PROJECT / "playground").rglob("*.js")
    modules = {path.relative_to(PROJECT).as_posix() for path in (*FILES, *scripts)}
    assert modules - set(named) == set(), "no line tells of these"


def test_nothing_points_out_of_the_project():
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True
    )
    assert "app.py" in tracked.stdout.split()
    for name in tracked.stdout.split():
        path = PROJECT / name
        assert path.stat().st_size < 10_000_000, f"{name} is too large for a Space"
        if path.suffix in (".py", ".js", ".css", ".html", ".json", ".toml", ".txt"):
            text = path.read_text(encoding="utf-8")
            assert "../" + "shared" not in text, name
            if path.suffix in (".js", ".css", ".html"):
                # a paper to read is a link that a visitor may follow; nothing is fetched
                assert not re.search(r"https?://(?!arxiv\.org/abs/)", text), f"{name} asks another host"
