"""Widgets of our own: each a gr.HTML whose module, template and style lie side by side below `browser`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from playground.limits import Limits
from playground.live.sent import MOST_TAKEN
from playground.ui.assets import addresses
from playground.ui.texts import texts

BROWSER = Path(__file__).parent / "browser"

# Gradio runs this text as a function body. Its own events (`gr.HTML.EVENTS`, "select" among them) it knows; one with a
# name of ours would have to stand quoted in this text. Behind a proxy the page may lie below a path of its own, and
# Gradio may have the wrong host or protocol for it: only its path counts. The texts are those that `launch` was given.
LOADER = """
const root = new URL(window.gradio_config?.root || "", location.href).pathname.replace(/\\/$/, "");
import(`${root}${props.assets.browser}/kit/view.js`)
  .then((kit) => kit.open({ element, props, root, trigger, watch }))
  .catch((error) => {
    const texts = window.gradio_config?.i18n_translations ?? {};
    const entries = texts[document.documentElement.lang.slice(0, 2)] ?? texts.en;
    element.textContent = entries?.["common.broken"];
    element.dataset.stands = "";
    throw error;
  });
"""


class Widget(gr.HTML):
    """A gr.HTML that runs the module `browser/MODULE.js`, with MODULE.html as its template and MODULE.css as its style.

    The module finds its words below `texts` and `common`: the page has all texts by `launch(i18n=...)`. `styles` are
    further sheets to load.
    """

    def __init__(self, module: str, value: Any = None, *, texts: str, styles: Sequence[str] = (), **props: Any) -> None:
        self.texts, self.module = texts, module
        sheets = (f"{module}.css", *styles)
        super().__init__(
            value,
            html_template=read(f"{module}.html"),
            css_template="".join(map(read, sheets)),
            js_on_load=LOADER,
            module=f"{module}.js",
            texts=texts,
            assets=addresses(),
            **props,
        )


def read(path: str) -> str:
    """A file below `browser`, as text."""
    return (BROWSER / path).read_text(encoding="utf-8")


class Banner(Widget):
    """The head of the page: the switch of languages, the link to what one sees, and a word when a link is damaged.

    `tabs` are the keys of the tabs' names, which Gradio leaves in their first language until they are opened. `lan` is
    the machine's address in its network, where the page is served to that. Without a value: it follows the address.
    """

    def __init__(self, tabs: Sequence[str], lan: str | None = None, **props: Any) -> None:
        names = [[entries[key] for entries in texts().values()] for key in tabs]
        super().__init__("head/banner", texts="banner", styles=["head/classroom.css"], languages=list(texts()),
                         tabs=names, lan=lan, **props)  # fmt: skip


class RoomBar(Widget):
    """The bar of the room that the page is in, a class together; no room, no bar. `lan` is as the Banner's."""

    def __init__(self, lan: str | None = None, **props: Any) -> None:
        super().__init__("head/bar", texts="room", lan=lan, **props)


class Play(Widget):
    """What a class plays together in a room, in place of the tabs: the detective, questions, the wall.

    Without `uploads` nothing can hang on a wall.
    """

    def __init__(self, uploads: bool = True, **props: Any) -> None:
        super().__init__("play/play", texts="play", styles=["game/game.css"], uploads=uploads, **props)


class Explore(Widget):
    """One noise, drawn by the forger of every epoch: large drawings, and the controls of the noise.

    Value: {"own": {"name", "metadata", "generator", "discriminator" or None}} when a visitor's own pair joins; one that
    was trained here has a "run", too: {"name", "step"}.
    `reals` is a picture (data URL) of real digits, ten by ten, for the one that can be laid beside; None where there
    are none. `opening` has the first seed's drawings, as `first_drawings` of tabs/explore.py gives them, or None.
    """

    def __init__(self, reals: str | None, opening: Mapping[str, Any] | None, **props: Any) -> None:
        super().__init__("explore/explore", texts="explore", reals=reals, opening=opening, **props)


class Noise(Widget):
    """More ways to set the noise: 128 bars to paint, a plane between four seeds, a walk that plays by itself."""

    def __init__(self, **props: Any) -> None:
        super().__init__("explore/noise", texts="noise", **props)


class Inside(Widget):
    """Look inside: the hidden layers of G as heat maps, and the drawing as a sum of its last layer's templates."""

    def __init__(self, **props: Any) -> None:
        super().__init__("explore/inside", texts="inside", **props)


class Many(Widget):
    """Sixty-four drawings of every epoch, beside sixty-four real digits: the lecture's figures 13-25, 13-27, 13-30."""

    def __init__(self, **props: Any) -> None:
        super().__init__("explore/many", texts="many", **props)


class Ten(Widget):
    """Ten drawings of the chosen epoch, each to be saved by itself or all in one ZIP (lecture, code 13-34)."""

    def __init__(self, **props: Any) -> None:
        super().__init__("explore/ten", texts="ten", **props)


class Route(Widget):
    """The walk through two to four noises, along the arc and along the straight line at the same time."""

    def __init__(self, **props: Any) -> None:
        super().__init__("interpolate/route", texts="route", **props)


class Status(Widget):
    """How a run stands: a bar and two sentences. It also hands on what the tab's other widgets show.

    Value: what has changed of {"status", "chart", "sheets", "standing", "advice", "failure"}, each as its widget
    describes it. "status" is {"phase", "place", "fraction", "step", "epoch", "epochs", "left" (seconds), "speed",
    "memory" (bytes, or None), "d_real", "d_fake", "error"}. `device` is what `devices.describe` says of the machine,
    `limits` what a run may take; one that comes from a device has `most` MiB. It sends the event `select` when the tab
    is opened for the first time.
    """

    def __init__(self, device: dict[str, Any], limits: Limits, **props: Any) -> None:
        self.device = device
        minutes = round(limits.run_seconds / 60)
        given: dict[str, Any] = {"device": device, "training": limits.training, "uploads": limits.uploads, **props}
        super().__init__("train/status", texts="status", minutes=minutes, most=MOST_TAKEN // 2**20, **given)


class Chart(Widget):
    """The curves of all runs in one plot that keeps its zoom.

    Shows {"names" (of all runs, in order), "runs": {name: curve}, "current" (a name), "token"}; only those runs need to
    be sent that have changed. A curve is {"name", "differs" (see `shown.differs`), "points": [[step, loss_g, loss_d,
    d_real, d_fake], ...], "marks": [[step, setting, value], ...], "frechet": [[step, distance], ...], "slopes" (of G,
    where its loss can lose them): [[step, own, lecture], ...], "balance" (of its Loss)}. The zoom is kept as long as
    `token` stays. `ghost` is the curve of the shipped run, shown before the first one; None where there is none.
    """

    def __init__(self, ghost: Mapping[str, Any] | None, **props: Any) -> None:
        super().__init__("train/chart", texts="chart", ghost=ghost, **props)


class Runs(Widget):
    """The sheets of all runs side by side: the same 64 noises, and on demand D's verdict under each drawing.

    Shows {"names" (of all runs, in order), "runs": {name: {"name", "differs" (see `shown.differs`), "step", "origin",
    "src" (data URL of a sheet), "verdicts" (64 numbers)}}}; only those runs need to be sent that have changed. `origin`
    is "scratch", an epoch, or "A:512": another run's name and step.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__("train/runs", texts="runs", **props)


class Standing(Widget):
    """Who is ahead: a sentence, D's verdicts as histograms, and a census of what G draws.

    Shows {"stand" (a sentence of live/standing.py), "d_real", "d_fake", "hist_real", "hist_fake" (counts), "counts"
    (ten, or None), "digits" (learnt from), "recognisable", "missing", "lost" (that were drawn before), "frechet" and
    "frechet_step" (or None), "move" (what one step changed, or None)}; or None before a run.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__("train/standing", texts="standing", **props)


class Move(Widget):
    """What a single step has changed, beside the buttons that make one: the "move" of what the Standing shows."""

    def __init__(self, **props: Any) -> None:
        super().__init__("train/move", texts="standing", **props)


class Dial(Widget):
    """A slider for a number field of Gradio's, `#set-SETTING`; `stops` are its values, in order.

    The field stays the one place of the value: it tells the dial of each change by `ganDial(setting, value)`.
    """

    def __init__(self, setting: str, stops: Sequence[float], **props: Any) -> None:
        super().__init__("train/dial", texts="field", setting=setting, stops=list(stops), **props)


class Failure(Widget):
    """A failure on demand: what may happen, what the class expects, what happened and why, and what cures it.

    Shows {"recipe" (a name of recipes.py), "guesses" (three names of recipes, or "learns"), "anew" (whether the cure
    begins anew), "phase" (asked, failed, survived, curing, cured or uncured), "percent" (of the cured drawings that are
    digits)}; or None where no recipe was chosen.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__("train/failure", texts="recipe", **props)


class Advice(Widget):
    """What D tells G: eight drawings, and under each the gradient of G's loss by its pixels.

    Shows {"src" (data URL of both rows), "strength" (of the largest gradient)}, or None before a run.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__("train/advice", texts="advice", **props)


class Story(Widget):
    """The story of a whole run: one handle for its curves, its drawings and its numbers.

    `rows` are those of the run's log, `chapters` name the epochs to jump to, `styles` are Plotly's templates by name.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, float]],
        chapters: Mapping[str, int],
        templates: Mapping[str, Any],
        **props: Any,
    ) -> None:
        super().__init__("epochs/story", texts="epochs", rows=list(rows), chapters=dict(chapters),
                         templates=dict(templates), **props)  # fmt: skip


class Learn(Widget):
    """The lesson: nine pages, each a module of `browser/learn` with a style of its own.

    `facts` holds what each page shows, by the page's name; `glossary` the terms that it explains, by language (see
    glossary.py). The page that is open stands in the address.
    """

    def __init__(self, facts: Mapping[str, Any], glossary: Mapping[str, Any], **props: Any) -> None:
        own = sorted(path.name for path in (BROWSER / "learn").glob("*.css") if path.stem != "learn")
        sheets = ["game/game.css", *(f"learn/{name}" for name in own)]
        super().__init__("learn/learn", texts="learn", styles=sheets, facts=dict(facts),
                         glossary=dict(glossary), **props)  # fmt: skip


# What a visitor sends reaches the engine as it came: the engine checks it, and the page says what is allowed in the
# visitor's language. Gradio's own checks speak English. It finds a component's script by the name of its class.


class Number(gr.Number):
    """gr.Number without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload


class Slider(gr.Slider):
    """gr.Slider without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload


class Radio(gr.Radio):
    """gr.Radio without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload
