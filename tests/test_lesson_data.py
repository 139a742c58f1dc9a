"""Page 3 of the lesson: pixels before and after normalising."""

import base64

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from torchvision import transforms
from visits import Visit

from playground.data import load_mnist
from playground.lessons.data import BINS, describe_data
from playground.ui.texts import LANGUAGES, say

IMAGES, LABELS = load_mnist(train=False)
FACTS = describe_data(IMAGES, LABELS)
lecture = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])


def test_what_was_measured_is_what_numpy_measures():
    before = IMAGES.numpy() / 255.0
    after = before * 2 - 1
    assert FACTS["images"] == len(IMAGES)
    assert (FACTS["mean"], FACTS["std"]) == pytest.approx((before.mean(), before.std()), abs=1e-9)
    assert (FACTS["mean_after"], FACTS["std_after"]) == pytest.approx((after.mean(), after.std()), abs=1e-9)
    assert FACTS["black"] == pytest.approx((before == 0).mean())
    places = np.minimum(BINS - 1, IMAGES.numpy().astype(int) * BINS // 255)  # whole numbers: no edge is missed
    shares = np.bincount(places.ravel(), minlength=BINS) / before.size
    assert FACTS["histogram"] == pytest.approx(shares.tolist()) and sum(FACTS["histogram"]) == pytest.approx(1)
    low, high = FACTS["standardised"]
    assert (low, high) == pytest.approx((-before.mean() / before.std(), (1 - before.mean()) / before.std()))


def test_the_digits_are_the_first_of_each_kind():
    for digit, text in enumerate(FACTS["digits"]):
        found = torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8).view(28, 28)
        assert torch.equal(found, IMAGES[LABELS.tolist().index(digit)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pixel_has_the_lectures_value(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=3", language)
    page = visit.page
    canvas, values = page.locator("#data-digit"), page.locator("#data-values")
    page.locator(".page-data .choices button").nth(3).click()
    expect(canvas).to_have_attribute("aria-label", say(language, "learn.data_digit", digit=3))
    image = IMAGES[LABELS.tolist().index(3)]
    seen = lecture(image.numpy())
    box = canvas.bounding_box()
    column, row = 13, int(image[:, 13].argmax())
    page.mouse.click(box["x"] + box["width"] * (column + 0.5) / 28, box["y"] + box["height"] * (row + 0.5) / 28)
    canvas.press("ArrowDown")
    row += 1
    expect(values.locator("[data-column=place]")).to_have_text(f"{column}, {row}")
    expect(values.locator("[data-column=byte]")).to_have_text(str(int(image[row, column])))
    expect(values.locator("[data-column=share]")).to_have_text(f"{image[row, column] / 255:.3f}")
    normal = f"{seen[0, row, column]:.3f}".replace("-", "−")
    expect(values.locator("[data-column=normal]")).to_have_text(normal)
    told = {name: f"{FACTS[name]:.2f}".replace("-", "−") for name in ("mean", "std", "mean_after", "std_after")}
    low, high = (f"{end:.2f}".replace("-", "−") for end in FACTS["standardised"])
    words = say(language, "learn.data_careful", **told, low=low, high=high, black=f"{100 * FACTS['black']:.0f} %")
    expect(page.locator(".page-data > p").last).to_have_text(words)
    for histogram in ("data_before", "data_after"):
        words = say(language, f"learn.{histogram}", **told)
        figure = page.locator("figure", has=page.get_by_text(words, exact=True))
        expect(figure.locator(".bars span")).to_have_count(BINS)
    assert visit.said == []
    visit.close()
