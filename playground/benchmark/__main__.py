"""How fast the engine is, beside the lecture's own loop and what the matrix products alone would allow.

    python -m playground.benchmark          # the engine
    python -m playground.benchmark losses   # the engine's losses beside those of the lecture's loop, over five seeds
    python -m playground.benchmark tab      # the page's share of the engine's speed, read by a plain client
    python -m playground.benchmark live     # the same on the live tab in Chromium, every view on
    python -m playground.benchmark classroom  # what a preset's run is worth, over five seeds
    python -m playground.benchmark load     # a class at one server: what everybody waits for, and what it takes
    python -m playground.benchmark browser  # from a hand that drags to the pixels of three epochs, in Chromium

Machines are noisy: what counts is the ratio of two figures of one pair, and the median over the pairs.
"""

import argparse
import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, pairwise, product
from multiprocessing import get_all_start_methods, get_context, set_start_method
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from models.gan import Discriminator, Generator
from playground.data import CACHE, PROJECT, choose_digits, load_mnist
from playground.devices import pick_device, pick_dtype
from playground.benchmark.load import measure_load, memory
from playground.metrics import Examiner
from playground.presets import PRESETS
from playground.pretrain import JUDGE
from playground.shipped import CHECKPOINTS
from playground.training import TrainConfig, TrainState, train

_lecture: Iterator[tuple[torch.Tensor, torch.Tensor]]  # of the process that plays the lecture's loop


def lecture_apart(config: TrainConfig) -> Callable[[int], None]:
    """A function that makes that many steps of the lecture's loop in a process of its own, as in a notebook.

    Here the engine has told the allocator how to treat its memory, which no notebook does.
    """
    apart = ProcessPoolExecutor(1, get_context("spawn"), _open_lecture, (config,))
    return lambda steps: apart.submit(_advance_lecture, steps).result()


def _open_lecture(config: TrainConfig) -> None:
    global _lecture
    set_start_method(get_all_start_methods()[0], force=True)  # the system's own, also for the loader's workers
    _lecture = lecture_steps(config)


def _advance_lecture(steps: int) -> None:
    for _ in range(steps):
        next(_lecture)


def lecture_steps(config: TrainConfig) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The lecture's loop on MNIST (codes 13-22 to 13-28), one step a `next()`, for ever."""
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    data = MNIST(str(CACHE), train=True, transform=transform)
    loader = DataLoader(data, batch_size=config.batch_size, shuffle=True, num_workers=4)
    return lecture_loop(Generator(), Discriminator(), loader, pick_device(config.device))


def lecture_loop(
    generator: nn.Module, discriminator: nn.Module, loader: DataLoader, device: torch.device, rate: float = 2e-4
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Codes 13-28 to 13-32 as they stand: each step yields the losses of G and of D, for ever."""
    generator, discriminator = generator.to(device), discriminator.to(device)
    optim_g, optim_d = (  # one tensor after another, as Adam did when the lecture was written
        torch.optim.Adam(network.parameters(), lr=rate, foreach=False) for network in (generator, discriminator)
    )
    criterion = nn.BCELoss()
    while True:
        for image, *_ in loader:
            real, size = image.to(device), len(image)
            fake = generator(torch.randn(size, generator.latent_dim).to(device)).detach()
            optim_d.zero_grad()
            loss_real = criterion(discriminator(real), torch.ones(size, 1).to(device))
            loss_fake = criterion(discriminator(fake), torch.zeros(size, 1).to(device))
            loss_real.backward()
            loss_fake.backward()
            optim_d.step()
            optim_g.zero_grad()
            fake = generator(torch.randn(size, generator.latent_dim).to(device))
            loss_g = criterion(discriminator(fake), torch.ones(size, 1).to(device))
            loss_g.backward()
            optim_g.step()
            yield loss_g.detach(), (loss_real + loss_fake).detach()


def engine_steps(config: TrainConfig) -> Callable[[int], None]:
    """A function that makes that many steps of `train()`, on from where it was."""
    images, state = load_mnist()[0], TrainState(config)

    def advance(steps: int) -> None:
        for _ in train(replace(config, steps=state.step + steps), images, state):
            pass

    return advance


def product_steps(config: TrainConfig) -> Callable[[int], None]:
    """A function that makes only the matrix products of that many steps, on numbers that lie ready."""
    device = pick_device(config.device)
    dtype = pick_dtype(config.precision, device)
    g, d = (config.latent_dim, *config.widths_g, 784), (784, *config.widths_d, 1)
    shapes = [
        shape for rows, widths, passes in _passes(config.batch_size, g, d) for shape in _products(rows, widths, passes)
    ]
    ready = {shape: _pair(shape, device, dtype) for shape in set(shapes)}

    def advance(steps: int) -> None:
        for _ in range(steps):
            for shape in shapes:
                torch.mm(*ready[shape])
        if device.type == "cuda":
            torch.cuda.synchronize()

    return advance


def _passes(batch: int, g: tuple[int, ...], d: tuple[int, ...]) -> list[tuple[int, tuple[int, ...], str]]:
    """A step: D's turn draws forgeries, then learns from both halves; G's turn learns through a frozen D."""
    return [(batch, g, "forward"), (2 * batch, d, "learn"), (batch, g, "learn"), (batch, d, "through")]


def _products(rows: int, widths: tuple[int, ...], passes: str) -> list[tuple[int, int, int]]:
    """The products of a pass as (rows, inner, columns); the first layer that learns passes no gradient on."""
    layers = list(pairwise(widths))
    forward = [(rows, n_in, n_out) for n_in, n_out in layers]
    to_weights = [(n_out, rows, n_in) for n_in, n_out in layers] if passes == "learn" else []
    to_inputs = [(rows, n_out, n_in) for n_in, n_out in layers[passes == "learn" :]] if passes != "forward" else []
    return forward + to_weights + to_inputs


def _pair(shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    rows, inner, columns = shape
    return torch.randn(rows, inner, device=device, dtype=dtype), torch.randn(inner, columns, device=device, dtype=dtype)


def images_per_second(advance: Callable[[int], None], steps: int, batch: int) -> float:
    """Real images a second over `steps` steps of `batch` images."""
    started = time.perf_counter()
    advance(steps)
    return steps * batch / (time.perf_counter() - started)


def compare(config: TrainConfig, pairs: int, steps: int) -> None:
    """Lecture, engine and products in turn, pair by pair; prints images a second, ratios and medians."""
    runners = [lecture_apart(config), engine_steps(config), product_steps(config)]
    for runner in runners:
        runner(5)  # workers, memory and caches warm up
    print(f"{config.precision}, {torch.get_num_threads()} threads, batch {config.batch_size}, {steps} steps a turn")
    print("pair  lecture   engine  ratio  products alone  share of them")
    ratios, shares = [], []
    for pair in range(pairs):
        slow, fast, bound = (images_per_second(runner, steps, config.batch_size) for runner in runners)
        ratios.append(fast / slow)
        shares.append(fast / bound)
        print(f"{pair:4d} {slow:8.0f} {fast:8.0f} {ratios[-1]:6.2f} {bound:15.0f} {shares[-1]:14.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}, median share {statistics.median(shares):.2f}")


def compare_losses(config: TrainConfig, epochs: int, seeds: int) -> None:
    """Mean losses of each epoch by the lecture's loop and by the engine, over some seeds: mean and spread."""
    images, rows = load_mnist()[0], {"lecture": [], "engine": []}
    steps = -(-len(images) // config.batch_size)
    for seed in range(seeds):
        torch.manual_seed(seed)
        losses = [torch.stack(one) for one in islice(lecture_steps(config), epochs * steps)]
        rows["lecture"].append(torch.stack(losses).view(epochs, steps, 2).mean(1))
        run = train(replace(config, epochs=epochs, seed=seed), images)
        means = [progress.epoch_means[:2] for progress in run if progress.epoch_means]
        rows["engine"].append(torch.tensor(means))
        print(f"seed {seed} done", file=sys.stderr, flush=True)
    found = {name: torch.stack(of_seeds) for name, of_seeds in rows.items()}  # seed, epoch, (G, D)
    print("epoch  loss      lecture (spread)     engine (spread)   difference / spread of the lecture")
    for epoch, (column, name) in product(range(epochs), enumerate("GD")):
        theirs, ours = (found[who][:, epoch, column] for who in ("lecture", "engine"))
        far = (ours.mean() - theirs.mean()) / theirs.std()
        numbers = (theirs.mean(), theirs.std(), ours.mean(), ours.std(), far)
        print("{:5d}  {}   {:12.3f} ({:.3f}) {:12.3f} ({:.3f}) {:12.2f}".format(epoch, name, *map(float, numbers)))


def compare_tab(config: TrainConfig, pairs: int, seconds: float) -> None:
    """The engine alone and a live run of `python app.py` read by a plain client, in turn; prints the page's share."""
    images, shares = load_mnist()[0], []
    with serve() as address:
        for pair in range(pairs):
            alone = run_rate(progress.step for progress in train(replace(config, seconds=seconds), images))
            settings = {"seconds": seconds, "epochs": config.epochs, "precision": config.precision}
            read = run_rate(update["step"] for update in stream(address, settings))
            shares.append(read / alone)
            print(
                f"pair {pair}: alone {alone:.2f} steps/s, page {read:.2f} steps/s, share {shares[-1]:.3f}", flush=True
            )
    print(f"median share {statistics.median(shares):.3f}")


WARM_UP = 5000  # ms in which a page that was only just opened reads Plotly's 4.5 MB

# Every change of the status' step, as [ms, step].
WATCH_STEPS = """() => {
  const seen = window.seenSteps = [], device = document.querySelector("#train-status .device");
  new MutationObserver(() => {
    const step = Number(device.textContent.match(/Step (\\d+)/)?.[1] || 0);
    if (step && seen.at(-1)?.[1] !== step) seen.push([performance.now(), step]);
  }).observe(device, { childList: true, characterData: true, subtree: true });
}"""


def compare_live(preset: str, pairs: int, seconds: float) -> None:
    """The engine alone and a run of a preset on the live tab in Chromium, every view on, in turn; prints the share."""
    config, shares = replace(PRESETS[preset], seconds=seconds, epochs=100_000), []
    images = choose_digits(*load_mnist(), config.digits)
    with serve() as address, chromium() as browser:
        for pair in range(pairs):
            alone = run_rate(progress.step for progress in train(config, images))
            page = browser.new_page(viewport={"width": 1366, "height": 900}, locale="en-US")
            watched = _live_rate(page, address, preset, seconds)
            page.close()
            shares.append(watched / alone)
            rates = f"alone {alone:.2f} steps/s, page {watched:.2f} steps/s"
            print(f"pair {pair}: {rates}, share {shares[-1]:.3f}", flush=True)
    print(f"{preset}: median share {statistics.median(shares):.3f}")


def _live_rate(page: Any, address: str, preset: str, seconds: float) -> float:
    """Steps a second of a run that a visitor watches, from its first to its last report."""
    page.goto(f"{address}/?tab=train")
    page.wait_for_timeout(5000)  # the page fetches its networks and draws sheets, which is no part of a run
    page.locator("#settings").get_by_role("button").first.click()
    page.locator("#preset input").nth(list(PRESETS).index(preset)).check()
    page.locator("#budget input").nth(1).check()
    amount = page.locator("#amount input")
    while amount.input_value() != f"{seconds:g}":
        amount.fill(f"{seconds:g}")
        amount.press("Tab")
        page.wait_for_timeout(300)
    page.locator("#settings").get_by_role("button").first.click()
    page.locator("#lesson summary").click()
    page.evaluate(WATCH_STEPS)
    page.locator("#train-start").click()
    page.locator("#verdicts").check()
    page.wait_for_timeout(1000 * (seconds + 2))  # waiting for an element would look for it sixty times a second
    page.locator("#train-files").wait_for()
    seen = page.evaluate("() => window.seenSteps")
    seen = [one for one in seen if one[0] - seen[0][0] > WARM_UP]
    (begun, first), (ended, last) = seen[0], seen[-2]  # after the last report the run is measured
    return (last - first) / (ended - begun) * 1000


@contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()


@contextmanager
def serve() -> Iterator[str]:
    """`python app.py` in a process of its own; gives its address, and ends it."""
    with serve_as_process() as (address, _):
        yield address


@contextmanager
def serve_as_process() -> Iterator[tuple[str, int]]:
    """The same with the number of the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if "Running on local URL" in line:
                break
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def load(minutes: float, after: float) -> None:
    """A warm-up, then a class for `minutes`; prints the server's memory before, and `after` minutes after they left."""
    with serve_as_process() as (address, pid):
        print("warm-up")
        asyncio.run(measure_load(address, pid, 30))
        level = memory(pid)
        print(f"a class for {minutes:g} minutes")
        asyncio.run(measure_load(address, pid, 60 * minutes))
        time.sleep(60 * after)
        now = memory(pid)
        print(f"memory: {level / 2**20:.0f} MiB after the warm-up, {now / 2**20:.0f} MiB {after:g} min after they left")


def stream(address: str, settings: dict[str, object]) -> Iterator[dict[str, object]]:
    """The updates of a run on the page's /train endpoint, by nothing but HTTP."""
    body = json.dumps({"data": [settings]}).encode()
    call = urllib.request.Request(f"{address}/gradio_api/call/train", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(call) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/train/{event}") as lines:
        for line in lines:
            if line.startswith(b"data: ["):
                yield json.loads(line[6:])[0]


def run_rate(steps: Iterator[int]) -> float:
    """Steps a second between the first and the last report of a run."""
    reports = [(time.perf_counter(), step) for step in steps if step > 0]
    (begun, first), (ended, last) = reports[0], [r for r in reports if r[1] != reports[-1][1]][-1]
    return (last - first) / (ended - begun)


def judge_preset(name: str, seeds: int) -> None:
    """Run a preset from scratch, a seed after another, and print what its drawings are worth beside the shipped run."""
    examiner, preset = Examiner.open(JUDGE), PRESETS[name]
    images = choose_digits(*load_mnist(), preset.digits)
    print(f"the shipped run's last epoch: {(CHECKPOINTS / 'history.csv').read_text().splitlines()[-1]}")
    for seed in range(seeds):
        config = replace(preset, seed=seed)
        state, started = TrainState(config), time.perf_counter()
        for progress in train(config, images, state):
            pass
        seconds = time.perf_counter() - started
        found = examiner.measure(state.forger())
        print(f"{name}, seed {seed}: {seconds:.0f} s, {progress.step} steps, {found}", flush=True)


# Each frame's [ms from the mouse's own time to the last pixel, ms from the page's hearing of it to the last pixel, ms
# since the frame before, large drawings painted]. The page calls those who show its state in the order they came.
WATCH_FRAMES = """() => {
  const frames = window.measuredFrames = [];
  let stamp = null, heard = null, before = null, painted = new Set();
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...what) {
    const card = this.canvas.closest("[id^=drawing-]");
    if (card) painted.add(card.id);
    return put.apply(this, what);
  };
  addEventListener("input", (event) => { stamp ??= event.timeStamp; heard ??= performance.now(); }, true);
  window.ganPage.show(() => {
    const now = performance.now();
    if (stamp !== null && before !== null) frames.push([now - stamp, now - heard, now - before, painted.size]);
    [stamp, heard, before, painted] = [null, null, now, new Set()];
  });
}"""


def compare_browser(moves: int, turns: int) -> None:
    """Drag a direction's slider in headless Chromium and print what each turn's frames took."""
    with serve() as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        page.wait_for_function("() => document.querySelectorAll('#explore .verdict:not(.unknown)').length === 3")
        page.evaluate(WATCH_FRAMES)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        print("ms, median and 95 %:   from mouse to pixels   from page to pixels   frame to frame")
        for turn in range(turns):
            print(f"turn {turn}: {_drag(page, moves)}", flush=True)
        print(f"{len(asked)} requests while dragging")
        assert not asked


def _drag(page: Any, moves: int) -> str:
    """Drag the first direction to and fro; the figures of the frames that this made, as a line of the table."""
    page.wait_for_timeout(1500)  # sheets are drawn while the hand rests
    page.evaluate("() => { window.measuredFrames.length = 0; }")
    box = page.locator("#direction-1 input[type=range]").bounding_box()
    left, middle = box["x"] + 10, box["y"] + box["height"] / 2
    page.mouse.move(left, middle)
    page.mouse.down()
    for move in range(moves):
        page.mouse.move(left + (box["width"] - 20) * abs((move * 3 % 200) / 100 - 1), middle)
    page.mouse.up()
    frames = page.evaluate("() => window.measuredFrames")
    assert all(painted >= 3 for *_, painted in frames), "a frame did not draw all three epochs"
    columns = zip(*(frame[:3] for frame in frames), strict=True)
    return f"{len(frames):4d} frames" + "".join(f"{statistics.median(c):12.1f} {_most(c):9.1f}" for c in columns)


def _most(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m playground.benchmark", description=__doc__.splitlines()[0])
    kinds = ("engine", "losses", "tab", "live", "load", "browser", *PRESETS)
    parser.add_argument("what", nargs="?", choices=kinds, default="engine")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60, help="steps a turn")
    parser.add_argument("--seconds", type=float, default=20, help="length of a run of the tab")
    parser.add_argument("--minutes", type=float, default=3, help="how long a class stays")
    parser.add_argument("--after", type=float, default=10, help="minutes after which the server's memory is read again")
    parser.add_argument("--preset", default="classroom", choices=tuple(PRESETS), help="of a run on the live tab")
    parser.add_argument("--moves", type=int, default=300, help="mouse moves a turn of the browser")
    parser.add_argument("--device", default="cpu", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16", "auto"))
    options = parser.parse_args(arguments)
    config = TrainConfig(device=options.device, precision=options.precision, epochs=100_000)
    if options.what == "browser":
        compare_browser(moves=options.moves, turns=options.pairs)
    elif options.what == "losses":
        compare_losses(config, epochs=3, seeds=options.pairs)
    elif options.what == "load":
        load(options.minutes, options.after)
    elif options.what == "live":
        compare_live(options.preset, options.pairs, options.seconds)
    elif options.what in PRESETS:
        judge_preset(options.what, seeds=options.pairs)
    elif options.what == "tab":
        compare_tab(config, options.pairs, options.seconds)
    else:
        compare(config, options.pairs, options.steps)


if __name__ == "__main__":
    main()
