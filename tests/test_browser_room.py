"""The room's modules in the browser, without a class: what a page keeps, sends, and takes for the end."""

import pytest

ROOM = """
  const { room, Refused } = await import(at("browser", "room/room.js"));
  const answers = [];
  const asked = [];
  window.fetch = async (address, options = {}) => {
    const path = String(address).split("/room/")[1];
    asked.push([path, performance.now(), options.body && await new Response(options.body).text()]);
    const [status, said] = answers.shift() ?? [200, {}];
    return new Response(JSON.stringify(said), { status });
  };
  const wallOf = (number, code = "KDFG") => Object.assign(room, { code, teacher: "",
    seat: { number: 1, token: "t" }, news: { round: { number, kind: "wall", revealed: false, work: 1e9 } } });
  const wait = (ms) => new Promise((go) => setTimeout(go, ms));
  const until = async (holds) => { while (!holds()) await wait(20); };
"""


@pytest.fixture
def room(js):
    """A function that runs JavaScript with a room whose server answers what stands in `answers`, else yes."""
    js("() => { window.ownFetch ??= window.fetch; localStorage.clear(); }")
    yield lambda script: js(f"async () => {{ {ROOM} {script} }}")
    js("""async () => {
      const { room } = await import(at("browser", "room/room.js"));
      room.leave();
      window.fetch = window.ownFetch;
      localStorage.clear();
    }""")


def test_a_code_that_is_taken_is_followed_by_another_one(room):
    found = room("""
      answers.push([409, { key: "room.taken", detail: "" }], [409, { key: "room.taken", detail: "" }],
        [200, { token: "t", ear: "e" }]);
      await room.open();
      return { codes: asked.slice(0, 3).map(([path]) => path), code: room.code, steers: room.steers,
        kept: JSON.parse(localStorage.getItem(`gan-seat-${room.code}`)) };
    """)
    assert len(set(found["codes"])) == 3 and found["codes"][2] == f"{found['code']}/open"
    assert found["steers"] and found["kept"] == {"teacher": "t", "ear": "e"}


@pytest.mark.parametrize(("seen", "kept"), [("null", None), ("404", '{"seat":"t"}')])
def test_a_seat_is_forgotten_only_where_the_server_has_seen_the_room_end(room, seen, kept):
    """Another server may be asked by a proxy while the room's own one is away: it knows no such room."""
    found = room(f"""
      const seen = "{seen}";
      const OwnSource = window.EventSource;
      window.EventSource = class {{
        static CLOSED = 2;
        readyState = 2;
        constructor() {{
          setTimeout(() => seen === "null" ? this.onmessage({{ data: "null" }}) : this.onerror());
        }}
        close() {{}}
      }};
      answers.push([200, {{ number: 1, token: "t", ear: "e", follows: true, colour: "red", animal: "fox" }}],
        [404, {{ key: "room.none", detail: "" }}]);
      await room.join("KDFG");
      await until(() => room.ended);
      window.EventSource = OwnSource;
      return localStorage.getItem("gan-seat-KDFG");
    """)
    assert found == kept


def test_what_is_ready_for_one_wall_is_not_for_the_next(room):
    found = room("""
      const { wall } = await import(at("browser", "room/wall.js"));
      const shown = [];
      wallOf(1);
      wall.begin("A");
      wall.offer({ run: "A", steps: 3, seconds: 1, file: async () => "x" });
      shown.push(wall.ready?.run);
      wallOf(2);
      shown.push(wall.ready, wall.trains("A"));
      wallOf(1, "BCDF");
      shown.push(wall.ready);
      return shown;
    """)
    assert found == ["A", None, False, None]


def test_a_network_whose_answer_was_lost_hangs_there(room):
    found = room("""
      const { wall } = await import(at("browser", "room/wall.js"));
      wallOf(1);
      wall.begin("A");
      wall.offer({ run: "A", steps: 3, seconds: 1, file: async () => "x" });
      answers.push([409, { key: "room.twice", detail: "" }]);
      await wall.send();
      return [wall.sent, wall.ready, wall.open];
    """)
    assert found == [True, None, False]


def test_k_stays_where_a_run_trains_for_the_wall(room):
    found = room("""
      const { wall } = await import(at("browser", "room/wall.js"));
      const { keepWork } = await import(at("browser", "train/forging.js"));
      wallOf(1);
      wall.begin("A");
      const tried = [["k", "A"], ["lr_g", "A"], ["k", "B"]];
      return tried.map((each) => { try { keepWork(...each); return ""; } catch (error) { return error.message; } });
    """)
    assert found == ["wall_k", "", ""]


def test_a_paused_run_for_the_wall_goes_on_with_its_k(room):
    found = room("""
      const { wall } = await import(at("browser", "room/wall.js"));
      const { goOn } = await import(at("browser", "train/forging.js"));
      wallOf(1);
      wall.begin("A");
      const shop = { recordAt: ({ name }) => ({ name, config: { k: 1, lr_g: 1 } }), goOn: (_point, config) => config };
      return ["A", "B"].map((name) => goOn(shop, { name, step: 1 }, { k: 5, lr_g: 2 }));
    """)
    assert found == [{"k": 1, "lr_g": 2}, {"k": 5, "lr_g": 2}]


def test_a_seat_that_was_given_on_is_taken_anew(room):
    found = room("""
      wallOf(1);
      const seat = { number: 7, token: "new", ear: "e", follows: true, colour: "red", animal: "fox" };
      answers.push([403, { key: "room.forbidden", detail: "" }], [200, seat]);
      await room.follow(false);
      const told = asked.filter(([, , body]) => body).map(([path, , body]) => [path, JSON.parse(body).token]);
      return [told, room.follows];
    """)
    assert found == [[["KDFG/follow", "t"], ["KDFG/join", ""], ["KDFG/follow", "new"]], False]


def test_what_a_teacher_shares_goes_twice_a_second_at_most_and_to_the_next_room_too(room):
    found = room("""
      const { sharing } = await import(at("browser", "room/share.js"));
      Object.assign(room, { code: "KDFG", teacher: "t", ended: false, seat: null });
      const share = sharing("run");
      const begun = performance.now();
      answers.push([503, { key: "error.disk", detail: "full" }]);
      for (let step = 0; step < 30; step++) { share({ step }); await wait(50); }
      await until(() => asked.at(-1)[2] === '{"step":29}');
      const lasted = performance.now() - begun;
      const count = asked.length;
      await until(() => !room.problem);  // what failed once is said no longer
      await room.try(async () => { throw new Refused("room.full_devices", ""); });
      share({ step: 29.5 });
      await until(() => asked.at(-1)[2] === '{"step":29.5}');
      await wait(50);
      const stays = Boolean(room.problem);  // what else has failed is still to be read
      room.leave();
      Object.assign(room, { code: "BCDF", teacher: "t" });
      share({ step: 29 });
      await until(() => asked.at(-1)[0] === "BCDF/share/run");
      return { count, lasted, stays, body: asked.at(-1)[2] };
    """)
    assert found["count"] <= found["lasted"] / 500 + 2
    assert found["stays"]
    assert found["body"] == '{"step":29}'


def test_what_hangs_is_drawn_whatever_else_is_told_meanwhile(room):
    found = room("""
      const { buildWall } = await import(at("browser", "play/wall.js"));
      const wall = buildWall({ say: String, asset: {} });
      Object.assign(room, { code: "KDFG", teacher: "t", ended: false, seat: null, news: { round: null } });
      const forger = { member: 1, colour: "red", animal: "fox", settings: {}, sheet: "a" };
      const round = { number: 1, kind: "wall", revealed: false, done: 1, down: 0, steps: 25 };
      const cards = () => wall.element.querySelectorAll(".forger").length;
      answers.push([200, [forger, { ...forger, member: 2 }]], [200, [forger]], [500, {}]);
      const shown = [];
      for (const next of [round, { ...round, down: 1 }, { ...round, number: 2, done: 0 }]) {
        const before = asked.length;
        wall.show(next);
        wall.show(next);  // news of something else, while the list is on its way
        shown.push(cards());
        await until(() => asked.length > before);
        await wait(50);
        shown.push(cards());
      }
      return shown;
    """)
    assert found == [0, 2, 2, 1, 0, 0]
