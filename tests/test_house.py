"""What the house promises: imports point one way, files are small, nothing is asked of another host."""

import ast
import re
import subprocess
import sys

import gradio
import pytest

from models import gan
from playground.data import PROJECT
from playground.latent import LATENT_DIM, SEEDS
from playground.shipped import DIRECTIONS, EPOCHS, REACH, Shipped

# A module may import what stands in its own line or in one above it.
ORDER = """
models
playground playground.checked playground.files playground.stopping
playground.devices playground.waiting playground.dropout playground.latent playground.images
playground.losses
playground.config playground.data playground.limits
playground.presets
playground.checkpoints
playground.metrics playground.state playground.shipped playground.judge_training
playground.recipes
playground.distributed
playground.training
playground.history
playground.pretrain
playground.live playground.live.views
playground.live.record
playground.live.standing
playground.live.watch
playground.live.run
playground.live.shelf playground.live.sent
playground.live.store playground.live.line
playground.live.workshop playground.live.zerogpu
playground.room playground.room.names playground.room.stream
playground.room.rounds
playground.room.detective playground.room.wall playground.room.book
playground.room.rooms
playground.lessons
playground.benchmark
playground.ui
playground.ui.classroom
playground.ui.texts playground.ui.downloads playground.ui.readers
playground.ui.guard
playground.ui.acts playground.ui.crowd
playground.ui.turns playground.ui.thrift playground.ui.glossary
playground.ui.assets playground.ui.sessions playground.ui.visitors
playground.ui.room playground.ui.moving
playground.ui.widgets
playground.ui.looks
playground.ui.tabs
playground.ui.tabs.train.shown playground.ui.tabs.train.controls playground.ui.tabs.train.files
playground.ui.tabs.train.commands playground.ui.tabs.train.endpoint
playground.ui.tabs.train.handlers
playground.ui.tabs.train.tab
playground.ui.page
playground.ui.alone
app
"""
RANKS = {place: rank for rank, line in enumerate(ORDER.strip().splitlines()) for place in line.split()}
FREE = ("models.", "playground.lessons.", "playground.benchmark.", "playground.ui.guard.", "playground.ui.tabs.")
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
            lecture = module == "playground.lessons.program"  # draws its plots as the lecture does; nothing imports it
            assert lecture or module.startswith("playground.ui")


def test_importing_does_no_work_and_the_engine_needs_no_gradio():
    """Both in one process, for it reads torch, which takes seconds."""
    engine = ", ".join(
        f"playground.{name}" for name in ("pretrain", "live.zerogpu", "live.workshop", "benchmark.__main__")
    )
    code = f"""
import sys
sys.dont_write_bytecode = True
sys.modules["gradio"] = None  # as if it were not installed
import {engine}
del sys.modules["gradio"]
import app, playground.ui.page
"""
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


def test_the_readmes_are_short_and_every_link_of_the_documentation_leads_somewhere():
    for name in ("README.md", "README.ko.md"):
        text = (PROJECT / name).read_text(encoding="utf-8").rpartition("\n---\n")[2]
        assert len(text.splitlines()) <= 170
    pages = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]
    assert len(pages) > 10
    for page in pages:
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} leads to {link}"


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


# ---- the browser's modules ----

BROWSER = PROJECT / "playground" / "ui" / "browser"
# A folder imports from those before it; all others are tabs, and never import each other.
JS_ORDER = ("engine", "live", "page", "room", "kit", "game")
MODULES = sorted(BROWSER.rglob("*.js"))


def js_rank(folder: str) -> int:
    return JS_ORDER.index(folder) if folder in JS_ORDER else len(JS_ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(BROWSER)))
def test_browser_imports_point_one_way(path):
    folder = path.parent.name
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r'(?:from|import) "(\.[^"]+\.js)"', text):
        other = (path.parent / target).resolve()
        assert other.is_file(), f"{path.name} imports {target}, which does not exist"
        there = other.parent.name
        assert there == folder or js_rank(there) < js_rank(folder), f"{folder} imports {there}"
    assert max(map(len, text.splitlines())) <= 120
    assert text.startswith("//"), "a module says first what it knows"
    assert path.stat().st_size < 20_000


def test_the_three_hues_stand_once():
    hues = re.compile("#E69F00|#0072B2|#009E73", re.I)
    ui = BROWSER.parent
    found = [p for p in ui.rglob("*") if p.suffix in (".js", ".css", ".html", ".py", ".json", ".ts")
             and hues.search(p.read_text(encoding="utf-8"))]  # fmt: skip
    assert found == [BROWSER / "kit" / "tokens.css"]


@pytest.fixture(scope="module")
def in_browser(browser, server):
    """A function that runs JavaScript on an empty page, where `root` is the address of the browser's modules."""
    from playground.ui.assets import addresses

    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    page.evaluate("(root) => { window.root = root; }", addresses()["browser"])
    yield page.evaluate
    page.close()


@pytest.mark.browser
def test_every_module_of_the_browser_can_be_read(in_browser):
    names = [str(p.relative_to(BROWSER).as_posix()) for p in MODULES if not p.name.endswith("-worker.js")]
    script = """async (names) => {
      const failed = {};
      for (const name of names) await import(`${root}/${name}`).catch((error) => { failed[name] = String(error); });
      return failed;
    }"""
    assert in_browser(script, names) == {}


@pytest.mark.browser
def test_what_python_and_javascript_share_is_the_same(in_browser):
    from playground.losses import LOSSES
    from playground.ui.page import TABS
    from playground.ui.tabs.learn import facts
    from playground.ui.texts import LANGUAGES

    script = """async () => {
      const plain = async (path) => JSON.parse(JSON.stringify(await import(`${root}/${path}`)));
      return { ...await plain("engine/facts.js"), ...await plain("page/state.js") };
    }"""
    found = in_browser(script)
    slopes = {layer.negative_slope for network in (gan.Generator(), gan.Discriminator())
              for layer in network.modules() if hasattr(layer, "negative_slope")}  # fmt: skip
    (level_d, _), (level_g, _) = LOSSES["non-saturating"].balance
    assert slopes == {found["SLOPE"]}
    assert found["LEVELS"] == pytest.approx({"loss_d": level_d, "loss_g": level_g})
    assert found["LATENT"] == LATENT_DIM and found["SEEDS"] == SEEDS and tuple(found["EPOCHS"]) == EPOCHS
    assert found["DIRECTIONS"] == DIRECTIONS and found["REACH"] == REACH and found["LAST"] == EPOCHS[-1]
    assert found["LANGUAGES"] == list(LANGUAGES) and found["TABS"] == list(TABS)
    assert all((BROWSER / "learn" / f"{name}.js").exists() for name in found["LESSONS"])
    assert set(facts(Shipped())) <= set(found["LESSONS"])
