"""Runs of this device outlive the page."""

import pytest

KEPT = """async ({ way }) => {
  const load = (name) => import(at("browser", `live/${name}.js`));
  const [{ Kept, MOST_POINTS }, { Record }] = await Promise.all([load("kept"), load("record")]);
  const allowed = Object.getOwnPropertyDescriptor(window, "indexedDB");
  const forbidden = { get() { throw new Error("forbidden"); }, configurable: true };
  if (way === "forbidden") Object.defineProperty(window, "indexedDB", forbidden);
  const { put } = IDBObjectStore.prototype;
  if (way === "full") IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); };
  const kept = await Kept.open(), said = { lasting: kept.lasting };
  const clear = async (one) => { await one.setAside(); await one.discard(); };
  await clear(kept);
  const [a, b] = ["A", "B"].map((name) => new Record(name, { seconds: 60, lr_g: 0.1 }));
  for (let step = 1; step <= 400; step++) a.curve.add([step, 1, 2, 0.5, 0.5]);
  a.measures.push({ step: 3, counts: [1], recognisable: 0.7, frechet: 9 });
  const file = (byte) => new Uint8Array([byte, 1, 2]).buffer;
  said.fits = await kept.keep(a, { step: 5, file: file(5) });
  await kept.keep(a, { step: 6, file: file(6) }, 5);
  const { put: now } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); };
  await kept.keep(a, { step: 8, file: file(8) }, 6);  // has no room: the point before stays where it outlives the page
  said.replaced = (await kept.points()).map(({ step }) => step);
  IDBObjectStore.prototype.put = now;
  await clear(kept);
  await kept.keep(a, { step: 5, file: file(5) });
  await kept.keep(a, { step: 7, file: file(7) });
  await kept.keep(b, { step: 2, file: file(2) });
  await kept.keep(b, { step: 3, file: file(3) }, 2);  // a single step replaces the point before
  const again = way === "IndexedDB" ? await Kept.open() : kept;  // as after a reload
  const records = await again.records();
  records[0].curve.add([401, 1, 2, 0.5, 0.5]);
  said.records = records.map(({ name, curve, unread, frechet }) => [name, curve.all.length, unread, frechet?.frechet]);
  said.points = (await again.points()).map(({ name, step }) => `${name}:${step}`);
  said.file = new Uint8Array(await again.file("A", 7))[0];
  said.gone = await again.file("A", 6);
  for (let step = 10; step < 30; step++) await again.keep(b, { step, file: file(step) });
  said.most = (await again.points()).length <= MOST_POINTS && (await again.file("B", 29)) !== null;
  await again.drop("B");
  said.dropped = [(await again.records()).length, (await again.points()).filter(({ name }) => name === "B").length];
  await clear(again);
  said.cleared = (await again.records()).length + (await again.points()).length;
  Object.defineProperty(window, "indexedDB", allowed);
  IDBObjectStore.prototype.put = put;
  return said;
}"""


@pytest.mark.parametrize("way", ["IndexedDB", "forbidden", "full"])
def test_runs_are_kept_found_again_and_forgotten(js, way):
    said = js(KEPT, {"way": way})
    assert said == {
        "lasting": way != "forbidden", "fits": way != "full",
        "replaced": [6, 8] if way == "IndexedDB" else [8],
        "records": [["A", 401, False, 9], ["B", 0, True, None]], "points": ["A:5", "A:7", "B:3"],
        "file": 7, "gone": None, "most": True, "dropped": [1, 0], "cleared": 0,
    }  # fmt: skip


def test_a_run_of_long_ago_is_forgotten(js):
    script = """async () => {
      const load = (name) => import(at("browser", `live/${name}.js`));
      const [{ Kept }, { Record }] = await Promise.all([load("kept"), load("record")]);
      const kept = await Kept.open(), now = Date.now;
      await kept.setAside();
      Date.now = () => now() - 31 * 24 * 3_600_000;
      await kept.keep(new Record("A", {}), { step: 1, file: new ArrayBuffer(4) });
      Date.now = now;
      await kept.keep(new Record("B", {}), { step: 1, file: new ArrayBuffer(4) });
      const again = await Kept.open();
      const left = [(await again.records()).map(({ name }) => name), (await again.points()).map(({ name }) => name)];
      await again.setAside();
      return left;
    }"""
    assert js(script) == [["B"], ["B"]]


UNDONE = """async ({ way }) => {
  const load = (name) => import(at("browser", `live/${name}.js`));
  const [{ Kept }, { Record }] = await Promise.all([load("kept"), load("record")]);
  const { put } = IDBObjectStore.prototype;
  if (way === "full") IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); };
  const kept = await Kept.open(), names = async (one) => (await one.records()).map(({ name }) => name);
  const points = async (one) => (await one.points()).map(({ name, step }) => `${name}:${step}`);
  const file = (byte) => new Uint8Array([byte]).buffer;
  for (const [name, step] of [["A", 1], ["A", 2], ["B", 3]]) {
    await kept.keep(new Record(name, { seconds: 60 }), { step, file: file(step) });
  }
  const said = {};
  await kept.setAside();
  await kept.setAside();  // a second click
  said.aside = [await names(kept), await points(kept)];
  await kept.takeBack();
  await kept.takeBack();
  said.back = [await names(kept), await points(kept), new Uint8Array(await kept.file("A", 2))[0]];
  await kept.setAside();
  await kept.keep(new Record("A", {}), { step: 2, file: file(7) });  // a new run, as many steps on
  await kept.discard();
  await kept.takeBack();
  said.discarded = [await names(kept), await points(kept), new Uint8Array(await kept.file("A", 2))[0]];
  said.files = [...(await stored(kept)), ...kept.held.points.keys()];
  await kept.setAside();
  const later = await Kept.open();  // the page was closed meanwhile, or another one is open
  said.swept = [await stored(later), await names(later)];
  await kept.takeBack();
  said.rest = [await names(kept), await points(kept)];
  await kept.setAside();
  await kept.discard();
  IDBObjectStore.prototype.put = put;
  return said;

  function stored({ database }) {
    const request = database.transaction("points").objectStore("points").getAllKeys();
    return new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  }
}"""


@pytest.mark.parametrize("way", ["IndexedDB", "full"])
def test_deleted_runs_come_back_until_they_are_discarded_or_the_page_is_opened_anew(js, way):
    said = js(UNDONE, {"way": way})
    rest = [["A"], ["A:2"]] if way == "full" else [[], []]  # what the store had no room for lasts as long as the page
    assert said == {
        "aside": [[], []], "back": [["A", "B"], ["A:1", "A:2", "B:3"], 2], "discarded": [["A"], ["A:2"], 7],
        "files": ["A:2"], "swept": [[], []], "rest": rest,
    }  # fmt: skip
