// The news of a room, heard once by a browser however many of its pages are open: one of them holds the stream and
// tells the others. Where somebody on the way cuts streams, it asks now and then. Knows neither elements nor the news.

import { kept } from "./kept.js";

const LEASE = 3000; // ms that a page holds the stream without saying so again
const RENEW = 1000; // ms between two looks
const SILENT = 6000; // ms within which a stream says how things stand, or is none
const ASK = 2000; // ms between two questions where there is no stream
const AGAIN = 30_000; // ms after which a stream is tried once more
const NONE = "room.none"; // what the server says of a room that is not there

/**
 * Hear a room's news as long as it is there. `address` is the room's own, `ear` lets this page in; `hear` gets each
 * piece of news. `end` is called when the room is gone, with whether the server has seen it end: one that knows no such
 * room may be another one. Returns what stops that.
 * @param {{ name: string, address: string, ear: string, hear: (news: any) => void, end: (seen: boolean) => void }} wire
 */
export function listen({ name, address, ear, hear, end }) {
  const own = Math.random().toString(36).slice(2);
  const others = new BroadcastChannel(name);
  const query = `?ear=${ear}`;
  let newest = "",
    stop = () => {},
    stopped = false,
    holding = false;
  const take = (/** @type {string} */ text) => {
    newest = text;
    hear(JSON.parse(text));
  };
  const heard = (/** @type {string} */ text) => {
    if (text === "null") return gone(true);
    take(text);
    others.postMessage(text);
  };
  const gone = (seen = false) => {
    close();
    others.postMessage(seen ? "null" : "");
    end(seen);
  };
  others.onmessage = ({ data }) => {
    if (data === "?") holding && newest && others.postMessage(newest);
    else if (data && data !== "null") take(data);
    else if (!stopped) gone(data === "null");
  };
  const look = () => {
    const before = holding;
    holding = hold(name, own);
    if (holding && !before) stop = stream(`${address}/news${query}`, `${address}${query}`, heard, gone);
    if (before && !holding) stop();
  };
  const timer = setInterval(look, RENEW);
  function close() {
    if (stopped) return;
    stopped = true;
    clearInterval(timer);
    stop();
    if (holding) release(name, own);
    setTimeout(() => others.close());
  }
  addEventListener("pagehide", () => holding && release(name, own));
  others.postMessage("?");
  look();
  return close;
}

/**
 * News by a stream; by questions for a while where none comes, and then a stream is tried again. Returns what stops it.
 * @param {string} streamed
 * @param {string} asked
 * @param {(text: string) => void} heard
 * @param {() => void} gone
 */
function stream(streamed, asked, heard, gone) {
  let stop = () => {};
  const open = () => {
    stop = follow(streamed, heard, () => {
      stop = ask(asked, heard, gone, open);
    });
  };
  open();
  return () => stop();
}

/**
 * A stream, until it is none: `instead` is called then. Returns what stops it.
 * @param {string} address
 * @param {(text: string) => void} heard
 * @param {() => void} instead
 */
function follow(address, heard, instead) {
  const source = new EventSource(address);
  const stop = () => {
    clearTimeout(timer);
    source.close();
  };
  const give = () => {
    stop();
    instead();
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer = setTimeout(give, SILENT);
  source.onmessage = ({ data }) => {
    clearTimeout(timer);
    timer = undefined;
    heard(data);
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) give();
    else timer ??= setTimeout(give, SILENT); // the browser tries again by itself, for a while
  };
  return stop;
}

/**
 * Ask now and then, for a while: `again` is called then. A server that cannot be reached may come back; one that knows
 * no such room any more will not. Returns what stops that.
 * @param {string} address
 * @param {(text: string) => void} heard
 * @param {() => void} gone
 * @param {() => void} again
 */
function ask(address, heard, gone, again) {
  const until = performance.now() + AGAIN;
  let stopped = false;
  const turn = async () => {
    const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
    const text = (await answer?.text().catch(() => "")) ?? "";
    if (stopped) return;
    if (answer?.status === 404 && text.includes(NONE)) return gone();
    if (performance.now() > until) return again();
    setTimeout(turn, ASK);
    if (answer?.ok && text) heard(text);
  };
  turn();
  return () => {
    stopped = true;
  };
}

// ---- which page of the browser holds the stream: none of them knows the others, but all know the same store ----

/** @param {string} name @param {string} own */
function hold(name, own) {
  const now = Date.now();
  const { holder, until } = kept.get(name);
  if (holder && holder !== own && until > now) return false;
  kept.set(name, { holder: own, until: now + LEASE });
  return true;
}

/** @param {string} name @param {string} own */
function release(name, own) {
  if (kept.get(name).holder === own) kept.remove(name);
}
