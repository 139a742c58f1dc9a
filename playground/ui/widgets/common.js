// Shared by every widget's script: its words in the page's language, files to fetch, and a redraw when the language
// changes or the size of the type, which is larger on a projector.
const language = () => (document.documentElement.lang || "en").slice(0, 2);
const say = (key, values = {}) => {
  const entries = props.words[language()] || props.words.en;
  return (entries[key] || key).replace(/{(\w+)}/g, (_, name) => values[name]);
};
const onLanguage = (draw) =>
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["lang", "data-view"] });
// What a live run shows comes with one widget, which hands it on here by name: every output of a Gradio event costs the
// server and the browser more than all that these widgets do with it.
const live = (window.ganLive ??= Object.assign(new EventTarget(), { parts: {} }));
const handOn = (parts) => {
  Object.assign(live.parts, parts);
  for (const name of Object.keys(parts)) live.dispatchEvent(new Event(name));
};
const redrawWithLive = (name, draw) => {
  const drawPart = () => draw(live.parts[name] ?? null);
  drawPart();
  live.addEventListener(name, drawPart);
  onLanguage(drawPart);
};
const typeSize = () => (document.documentElement.dataset.view === "projector" ? 24 : 13); // px, in plots
// Behind a proxy the page may lie below a path of its own, and Gradio may have the wrong host or protocol for it.
const root = () => new URL(window.gradio_config?.root || "", location.href).pathname.replace(/\/$/, "");
const asset = (folder, path) => `${root()}${props.assets[folder]}/${path}`;
const cached = (path) => `${root()}/gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}`;
// One Plotly for all charts of the page, kept under a name of our own.
const plotly = () => (window.ganPlotly ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = asset("plotly", "plotly.min.js");
  script.onload = () => resolve(window.Plotly);
  script.onerror = reject;
  document.head.append(script);
}));
// A widget that runs in the browser is a module's `mount`, which is told what it needs to know of Gradio.
const mount = async (name) => {
  try {
    const module = await import(asset("browser", name));
    module.mount({ element, props, say, asset, cached, plotly, typeSize, watch, onLanguage });
  } catch (error) {
    element.textContent = say("broken");
    throw error;
  }
};
