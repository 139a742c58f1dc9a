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
  await kept.clear();
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
  await kept.clear();
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
  await again.clear();
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
      await kept.clear();
      Date.now = () => now() - 31 * 24 * 3_600_000;
      await kept.keep(new Record("A", {}), { step: 1, file: new ArrayBuffer(4) });
      Date.now = now;
      await kept.keep(new Record("B", {}), { step: 1, file: new ArrayBuffer(4) });
      const again = await Kept.open();
      const left = [(await again.records()).map(({ name }) => name), (await again.points()).map(({ name }) => name)];
      await again.clear();
      return left;
    }"""
    assert js(script) == [["B"], ["B"]]
