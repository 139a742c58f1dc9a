// The news of a room, heard once by a browser however many of its pages are open: one of them holds the stream and
// tells the others. Where somebody on the way cuts streams, it asks now and then. Knows neither elements nor the news.

const LEASE = 3000; // ms that a page holds the stream without saying so again
const RENEW = 1000; // ms between two looks
const SILENT = 6000; // ms within which a stream says how things stand, or is none
const ASK = 2000; // ms between two questions where there is no stream

/**
 * Hear a room's news as long as it is there. `address` is the room's own; `hear` gets each piece of news, `end` is
 * called when the room is gone. Returns what stops that.
 * @param {{ name: string, address: string, member: number, hear: (news: any) => void, end: () => void }} wire
 */
export function listen({ name, address, member, hear, end }) {
  const own = Math.random().toString(36).slice(2);
  const others = new BroadcastChannel(name);
  const query = `?member=${member}`;
  let newest = "",
    stop = () => {},
    stopped = false,
    holding = false;
  const take = (/** @type {string} */ text) => {
    newest = text;
    hear(JSON.parse(text));
  };
  const heard = (/** @type {string} */ text) => {
    if (text === "null") return gone();
    take(text);
    others.postMessage(text);
  };
  const gone = () => {
    close();
    others.postMessage("");
    end();
  };
  others.onmessage = ({ data }) => {
    if (data === "?") holding && newest && others.postMessage(newest);
    else if (data) take(data);
    else if (!stopped) gone();
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
 * News by a stream, or by questions where none comes. Returns what stops that.
 * @param {string} streamed
 * @param {string} asked
 * @param {(text: string) => void} heard
 * @param {() => void} gone
 */
function stream(streamed, asked, heard, gone) {
  const source = new EventSource(streamed);
  let stopAsking = () => {};
  const instead = () => {
    clearTimeout(timer);
    source.close();
    stopAsking = ask(asked, heard, gone);
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer = setTimeout(instead, SILENT);
  source.onmessage = ({ data }) => {
    clearTimeout(timer);
    timer = undefined;
    heard(data);
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) instead();
    else timer ??= setTimeout(instead, SILENT); // the browser tries again by itself, for a while
  };
  return () => {
    clearTimeout(timer);
    source.close();
    stopAsking();
  };
}

/**
 * Ask now and then. A server that cannot be reached may come back; one that knows no such room any more will not.
 * @param {string} address
 * @param {(text: string) => void} heard
 * @param {() => void} gone
 */
function ask(address, heard, gone) {
  let stopped = false;
  const again = async () => {
    const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
    if (stopped) return;
    if (answer?.ok) heard(await answer.text());
    if (answer?.status === 404) gone();
    else setTimeout(again, ASK);
  };
  again();
  return () => {
    stopped = true;
  };
}

// ---- which page of the browser holds the stream: none of them knows the others, but all know the same store ----

/** @param {string} name @param {string} own */
function hold(name, own) {
  const now = Date.now();
  const { holder, until } = JSON.parse(localStorage.getItem(name) ?? "{}");
  if (holder && holder !== own && until > now) return false;
  localStorage.setItem(name, JSON.stringify({ holder: own, until: now + LEASE }));
  return true;
}

/** @param {string} name @param {string} own */
function release(name, own) {
  if (JSON.parse(localStorage.getItem(name) ?? "{}").holder === own) localStorage.removeItem(name);
}
