// The live tab on this device: its buttons ask the browser's own workshop instead of the server. Gradio hands the
// fields over (`act`) and takes what becomes of its buttons and fields; what a run shows goes to the tab's widgets.

import { makeConfig, Refusal } from "../engine/config.js";
import { watchManners } from "../live/manners.js";
import { Refused } from "../live/workshop.js";
import { wall } from "../room/wall.js";
import { askFirst } from "./asking.js";
import { CHOICES, ENDINGS, IDLE, OWN, STEPS, TO_DEVICE, TO_SERVER } from "./buttons.js";
import { beginning, questionOf, takePreset, takeRecipe, weightsOf } from "./choices.js";
import { configOf, fieldsOf } from "./fields.js";
import { forTheWall, goOn, keepWork, offer } from "./forging.js";
import { openInExplore, SAVES } from "./leaving.js";
import { handOn, merge } from "./live.js";
import { openMachine } from "./machine.js";
import { Journey, Stopped, sendRun, takeRun } from "./moving.js";
import { lastFirm, lastPlace, placed, placesOf, rememberPlace, usualPlace } from "./place.js";
import { movingOf, phaseOf, statusOf } from "./reporting.js";
import { failureOf, partsOf, presetOf, recipeOf } from "./shown.js";
import { explain } from "./words.js";

/** @import { View } from "../types.d.ts" */
/** @import { Fields, Updates } from "./fields.js" */
/** @typedef {import("../live/record.js").Record} Run */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */

const TELL_EVERY = 450; // milliseconds: as often as the server tells
const MORE = 60; // seconds
const LECTURE = /** @type {const} */ (["latent_dim", "norm", "widths_g", "widths_d"]); // of the shipped networks
/** No part shows a run. */
const NOTHING = { chart: null, sheets: null, standing: null, advice: null, failure: null };
const AT_REST = {
  busy: false,
  more: false,
  cure: false,
  undo: false,
  choices: /** @type {unknown[]} */ ([]),
  value: /** @type {string | null} */ (null),
};

/** The tab's desk for runs on this device. */
export class Desk {
  where = "server";
  wanted = ""; // the id of the button that was pressed last
  sentence = ""; // why something could not be done
  /** @type {Promise<Workshop> | null} */
  #opening = null;
  /** @type {Workshop | null} */
  shop = null;
  /** @type {Pick<import("./machine.js").Machine, "workers" | "card" | "quick">} */
  machine = { workers: 1, card: null, quick: false };
  manners = { rest: 0, why: /** @type {string | null} */ (null) };
  /** @type {{ name: string, step: number } | null} */
  point = null;
  #told = 0;
  #timer = 0;
  #settling = true; // until a hand or the server's first news has chosen where runs train
  #chosen = false; // whether a hand has chosen a preset
  #firm = lastFirm(); // whether a hand wants this device without its GPU
  /** @type {object | null | undefined} the question of a recipe not yet started; undefined: as the run stands */
  #asked;
  #recalled = false; // whether the fields have shown the run that was found again
  /** @type {unknown} the run whose end Gradio's buttons know of */
  #settled = null;
  /** @type {Journey | null} on which a run is just now */
  #way = null;
  /** @type {Error | null} why the last one has not arrived */
  #lost = null;
  /** @type {{ [part: string]: any }} what the server has told of its runs */
  #server = { status: { phase: "idle" } };

  /** @param {View} view */
  constructor(view) {
    this.view = view;
    askFirst(view); // before this desk or Gradio hears of a click
    document.addEventListener("click", (event) => this.#intercept(event), true);
    document.addEventListener("input", (event) => this.#keepChoice(event), true);
    view.onLanguage(() => {
      if (this.machine.card !== null) this.#press("refresh"); // Gradio does not put those choices into words
    });
    watchManners((manners) => {
      this.manners = manners;
      this.shop?.rest(manners.rest);
    });
  }

  /** @returns {import("./shown.js").Facts} */
  get facts() {
    return this.view.props.facts;
  }

  /** A hand has chosen where runs train from now on. @param {string} where "gpu", "device" or "server" */
  choose(where) {
    this.#settling = false;
    this.#firm = where === "device" && this.machine.card !== null;
    rememberPlace(where, this.#firm);
    return this.#turnTo(where);
  }

  /** Whether this device trains, be it on its GPU. */
  get here() {
    return this.where !== "server";
  }

  /** @param {string} where */
  async #turnTo(where) {
    this.where = where;
    if (where === "server") handOn({ ...NOTHING, ...this.#server });
    else {
      handOn({ ...NOTHING, status: { phase: "opening" } });
      await this.#open().catch((error) => {
        if (this.where !== where) return; // somebody has turned back meanwhile
        this.sentence = explain(error);
        handOn({ status: { phase: "failed", error: this.sentence } });
      });
    }
    if (this.where !== where) return;
    this.where = placed(where, this.machine, this.#firm);
    if (this.shop) this.shop.given.gpu = this.where === "gpu";
    this.#press("turned");
  }

  /**
   * What the pressed button wants, done with the fields as they stand; what becomes of Gradio's components.
   * @param {unknown[]} given
   */
  async act(given) {
    const { handed, changed } = this.view.props;
    const fields = Object.fromEntries(
      handed.map((/** @type {string} */ name, /** @type {number} */ i) => [name, given[i]]),
    );
    /** @type {Updates} */
    const more = {};
    this.sentence = "";
    if (this.wanted === "turned" && !this.#chosen) Object.assign(more, beginning(fields, this.where, this.view.props));
    try {
      Object.assign(more, await this.#do(this.wanted === "turned" ? "latest" : this.wanted, fields));
    } catch (error) {
      this.sentence = explain(error);
    }
    const updates = this.#updates();
    this.#show();
    return changed.map((/** @type {string} */ name) => ({ __type__: "update", ...updates[name], ...more[name] }));
  }

  /** A field that a run under way follows. @param {string} name @param {unknown} value */
  change(name, value) {
    const run = this.here ? this.shop?.underWay : null;
    if (!run) return;
    try {
      keepWork(name, run.record.name);
      const config = makeConfig({ ...run.record.config, [name]: value }, this.view.props.rules);
      this.shop?.change({ [name]: Reflect.get(config, name) });
    } catch (error) {
      this.sentence = explain(error);
      this.#show();
    }
  }

  /** Turn to where a hand that was quicker than this script has set the radio, else to where runs usually train. */
  settle() {
    const chosen = document.querySelector("#train-where input:checked");
    const quick = chosen instanceof HTMLInputElement && chosen.value !== this.where && this.view.props.training;
    if (quick) return this.choose(chosen.value);
    return this.#turnToUsual();
  }

  /** @param {boolean} [free] whether a run on the server would begin at once */
  #turnToUsual(free = true) {
    const { training, device } = this.view.props;
    const place = usualPlace({ last: lastPlace(), host: location.hostname, training, kind: device.kind, free });
    return place === this.where ? undefined : this.#turnTo(place);
  }

  /** News of the server's runs: shown while the server is chosen. @param {{ [part: string]: any }} parts */
  take(parts) {
    merge(this.#server, parts);
    if (this.#settling && "free" in parts) {
      this.#settling = false;
      this.#turnToUsual(parts.free || Boolean(parts.desk?.choices.length)); // who has runs there finds them again
    }
    if (this.where === "server") return handOn(parts);
    const chosen = parts.failure === null || parts.failure?.phase === "asked"; // a preset or a recipe
    if (chosen) handOn({ failure: parts.failure });
    if (parts.desk) this.#press("refresh"); // the server has set buttons that are this device's now
  }

  /**
   * @param {string} wanted
   * @param {Fields} fields
   * @returns {Promise<Updates | undefined>}
   */
  async #do(wanted, fields) {
    if (this.#way && ENDINGS.includes(wanted)) this.#way.abort();
    if (wanted === "stayed") this.#stay();
    if (wanted === TO_DEVICE && !this.#way) this.#travel("device", fields, (way) => this.#takeIn(way, fields));
    if (this.where === "server" || (this.#way && OWN.includes(wanted))) return undefined;
    const shop = await this.#open();
    if (!["latest", "preset", "recipe"].includes(wanted)) this.#asked = undefined;
    this.point = wanted === "latest" ? null : this.#kept(fields.point); // null: of the run that trained last
    this.point ??= this.#latest();
    if (wanted in STEPS) return this.#step(shop, fields, [.../** @type {any} */ (STEPS)[wanted]]);
    /** @type {{ [id: string]: () => Promise<Updates | void> | Updates | void }} */
    const acts = {
      "train-start": () =>
        fields.begin === "last"
          ? shop.fork(this.#known(), configOf(fields, this.view.props))
          : this.#start(shop, fields),
      "train-go-on": () => goOn(shop, this.#known(), configOf(fields, this.view.props)),
      "train-more": () => goOn(shop, this.#known(), configOf(fields, this.view.props), { seconds: MORE }),
      "train-fork": () => shop.fork(this.#known(), configOf(fields, this.view.props)),
      "train-pause": () => shop.halt("paused"),
      "train-stop": () => shop.halt("stopped"),
      "train-drop": () => shop.drop(this.#known().name),
      "train-reset": () => shop.clear(),
      "train-undo": () => shop.takeBack(),
      "recipe-cure": () => this.#cure(shop),
      latest: () => this.#found(),
      preset: () => {
        this.#asked = null;
        return takePreset(fields.preset, this.facts);
      },
      recipe: () => {
        this.#asked = questionOf(fields.recipe, this.facts);
        return takeRecipe(fields.recipe, this.facts);
      },
      [TO_SERVER]: () => {
        const point = this.#known();
        this.#travel("server", fields, (way) => sendRun(way, shop, point, this.view.props.most));
      },
      "train-explore": () => openInExplore(shop, this.#known(), this.view.asset),
    };
    if (wanted in SAVES) await SAVES[wanted](shop, this.#known());
    const updates = await acts[wanted]?.();
    shop.rest(this.manners.rest);
    return updates ?? undefined;
  }

  /**
   * Take a run to the other side, where it waits to be continued.
   * @param {"device" | "server"} to
   * @param {Fields} fields
   * @param {(way: Journey) => Promise<void>} go
   */
  async #travel(to, fields, go) {
    const way = new Journey(this.view.served("/run"), String(fields.visitor), () => this.#tellOf(way));
    this.#way = way;
    this.#tellOf(way);
    this.view.element.scrollIntoView({ block: "center" }); // on a phone it is far above the button
    this.#lost = await go(way).then(
      () => null,
      (error) => error,
    );
    this.#way = null;
    if (this.#lost) return this.#press("stayed");
    rememberPlace(to, this.#firm);
    await this.#turnTo(to);
    if (to === "server") this.view.trigger("select"); // what lies there now?
  }

  /** @param {Journey} way @param {Fields} fields */
  async #takeIn(way, fields) {
    await takeRun(way, String(fields.point), () => this.#open(), this.view.props.facts);
    [this.point, this.#recalled] = [null, false];
  }

  /** @param {Journey} way */
  #tellOf({ fraction }) {
    const { here, shop } = this;
    handOn({ status: here && shop ? this.#status(shop, this.#front()) : movingOf(fraction) });
  }

  /** A run has not come to the other side: it was stopped, or something is amiss. */
  #stay() {
    const why = this.#lost instanceof Stopped ? null : this.#lost;
    if (this.here && why) throw why;
    if (!this.here) handOn({ status: why ? { phase: "failed", error: explain(why) } : this.#server.status });
  }

  /** The fields of the run that was found again, once. @returns {Updates | undefined} */
  #found() {
    const record = this.#recalled ? null : this.#front();
    this.#recalled = true;
    return record
      ? { ...fieldsOf(record.config, record.origin), preset: { value: presetOf(record.config, this.facts) } }
      : undefined;
  }

  /** @param {Workshop} shop @param {Fields} fields @param {any} [how] */
  async #start(shop, fields, how = {}) {
    const given = configOf(fields, this.view.props);
    if (fields.begin === "scratch") {
      const config = wall.open && !how.players ? forTheWall(given) : given;
      await shop.start(config, how);
      if (config !== given && shop.run) wall.begin(shop.run.record.name);
      return undefined;
    }
    const config = given;
    for (const name of LECTURE) {
      const wanted = this.view.props.rules[name].default;
      if (String(config[name]) !== String(wanted)) {
        throw new Refusal("error.choice", { field: name, got: String(config[name]), options: [wanted] });
      }
    }
    return shop.start(config, {
      ...how,
      origin: String(fields.begin),
      weights: await weightsOf(fields.begin, this.view.asset),
    });
  }

  /** @param {Workshop} shop @param {Fields} fields @param {any} players */
  async #step(shop, fields, players) {
    if (!this.point && fields.begin !== "last") await this.#start(shop, fields, { players });
    else await shop.goOn(this.#known(), configOf(fields, this.view.props), { players });
    return undefined;
  }

  /** A run that cures the chosen one of a recipe: from its networks, or anew with its seed. @param {Workshop} shop */
  async #cure(shop) {
    const record = shop.recordAt(this.#known());
    const name = recipeOf(record, this.facts);
    if (!name) throw new Refused("gone_here");
    const { cure, anew } = this.facts.recipes[name];
    const config = { ...record.config, ...cure };
    if (!anew) await shop.fork(this.#known(), config, { cures: name });
    else {
      const weights = record.origin === "scratch" ? undefined : await weightsOf(record.origin, this.view.asset);
      await shop.start(config, { origin: record.origin, weights, cures: name });
    }
    return { ...fieldsOf(config, record.origin), recipe: { value: null } };
  }

  /** The runs of this device, found again at the first call. */
  #open() {
    this.#opening ??= this.#openShop().catch((error) => {
      this.#opening = null; // the next click tries again
      throw error;
    });
    return this.#opening;
  }

  async #openShop() {
    const { shop, ...machine } = await openMachine(
      this.view,
      () => this.#soon(),
      (card) => {
        this.machine.card = card;
        const wanted = this.where === "device" && lastPlace() === "gpu" && !this.shop?.underWay;
        if (wanted) this.#turnTo("gpu");
        else this.#press("refresh");
      },
    );
    Object.assign(this, { shop, machine });
    return shop;
  }

  /** A run has told something: it is shown a few times a second. */
  #soon() {
    if (this.#timer) return;
    const wait = Math.max(0, this.#told + TELL_EVERY - performance.now());
    this.#timer = window.setTimeout(() => {
      [this.#timer, this.#told] = [0, performance.now()];
      this.#show();
      const { run } = this.shop ?? {};
      if (run?.over && this.#settled !== run && this.here) {
        this.#settled = run;
        this.#press("latest");
      }
    }, wait);
  }

  #show() {
    if (!this.here || !this.shop) return;
    const record = this.shop.underWay?.record ?? this.#front();
    const parts = partsOf(this.shop, record, this.facts);
    offer(this.shop, record);
    handOn({
      ...parts,
      failure: this.#asked === undefined ? parts.failure : this.#asked,
      status: this.#status(this.shop, record),
    });
  }

  /** @param {Workshop} shop @param {Run | null} record */
  #status(shop, record) {
    const { sentence, machine, facts, manners } = this;
    return statusOf(shop, record, {
      sentence,
      machine,
      facts,
      why: manners.why,
      fraction: this.#way?.fraction ?? null,
    });
  }

  /** The run in front: that of the chosen point, else the last one. @returns {Run | null} */
  #front() {
    const records = this.shop?.records ?? new Map();
    return records.get(this.point?.name ?? "") ?? this.shop?.run?.record ?? [...records.values()].at(-1) ?? null;
  }

  /** What becomes of Gradio's buttons. @returns {Updates} */
  #updates() {
    const { training, uploads } = this.view.props;
    const { more, cure, undo, choices, value, ...rest } = this.here ? this.#own() : (this.#server.desk ?? AT_REST);
    const busy = rest.busy || this.#way !== null;
    /** @type {Updates} */
    const updates = { where: { value: this.where, ...placesOf(this.machine, training) } };
    for (const name of IDLE) updates[name] = { interactive: !busy };
    updates.to_server = { visible: this.here && training && uploads, interactive: !busy };
    updates.to_device = { visible: !this.here, interactive: !busy };
    for (const name of ["pause", "stop"]) updates[name] = { interactive: busy };
    const stored = choices.length > 0;
    return {
      ...updates,
      go_on: { interactive: stored && !busy },
      more: { visible: more },
      cure: { visible: cure },
      undo: { visible: undo },
      points_row: { visible: stored },
      files_row: { visible: stored && !busy },
      point: { choices, value },
    };
  }

  /** How this device's runs stand, as far as buttons go. @returns {typeof AT_REST} */
  #own() {
    const { shop } = this;
    const record = this.#front();
    if (!shop) return AT_REST;
    const busy = Boolean(shop.underWay);
    const over = !busy && shop.run?.record === record ? shop.run : null;
    const failed = record && failureOf(record, this.facts, !busy)?.phase === "failed";
    return {
      busy,
      more: over ? phaseOf(over, this.facts) === "early" : false,
      cure: !busy && Boolean(failed),
      undo: shop.forgotten,
      choices: shop.points.map(sayPoint),
      value: nameOf(this.point ?? this.#latest()),
    };
  }

  /** The point of that name, where it is kept. @param {unknown} text */
  #kept(text) {
    return this.shop?.points.find((point) => nameOf(point) === text) ?? null;
  }

  #latest() {
    return this.shop?.lastOf(this.#front()?.name ?? "") ?? this.shop?.points.at(-1) ?? null;
  }

  #known() {
    if (!this.point) throw new Refused("no_point");
    return this.point;
  }

  /** @param {MouseEvent} event */
  #intercept(event) {
    const button = /** @type {Element} */ (event.target).closest?.("button[id]");
    if (!button || !OWN.includes(button.id)) return;
    this.#settling = false;
    if (!this.here && button.id !== TO_DEVICE && !(this.#way && ENDINGS.includes(button.id))) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    this.#press(button.id);
  }

  /**
   * A choice that Gradio shows, and of which the server need not hear. The one of where comes to us first, since a
   * quick hand is there before Gradio listens.
   * @param {Event} event
   */
  #keepChoice(event) {
    const { target } = /** @type {{ target: any }} */ (event);
    if (target.closest?.("#train-where")) return this.choose(target.value);
    if (target.closest?.("#preset")) this.#chosen = true;
    const chosen = Object.keys(CHOICES).find((id) => target.closest?.(`#${id}`));
    if (!this.here || !chosen) return;
    event.stopImmediatePropagation();
    window.setTimeout(() => this.#press(CHOICES[chosen]));
  }

  /** Let Gradio hand the fields over. @param {string} wanted */
  #press(wanted) {
    this.wanted = wanted;
    document.getElementById("device-act")?.click();
  }
}

/** @param {{ name: string, step: number } | null} point */
const nameOf = (point) => point && `${point.name}:${point.step}`;

/** A point for the eye, and its name. @param {{ name: string, step: number }} point */
const sayPoint = (point) => [`${point.name} · ${point.step.toLocaleString("en")}`, nameOf(point)];
