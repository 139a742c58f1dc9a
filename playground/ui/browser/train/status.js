// How a run stands: a bar and two sentences. What the server sends for the tab's other widgets comes here, too.

import { language } from "../kit/view.js";
import { follow, handOn } from "./live.js";

export function mount(view) {
  const { props, watch, trigger } = view;
  follow("status", view, (known) => draw(view, known || { phase: "idle" }));
  const take = () => {
    if (props.value) handOn(props.value);
  };
  watch("value", take);
  take();
  trigger("select"); // the tab is open for the first time: what does the visitor find here?
}

function draw({ element, props, say }, value) {
  const figures = value.step ? ` · ${say("figures", { step: value.step, memory: memory(value.memory, say) })}` : "";
  const machine = `${say(props.device.kind, props.device)} · ${say("longest", { minutes: props.minutes })}`;
  element.querySelector(".device").textContent = machine + figures;
  const percent = Math.round((value.fraction || 0) * 100),
    track = element.querySelector(".track");
  element.querySelector(".done").style.width = `${percent}%`;
  track.setAttribute("aria-valuenow", percent);
  track.setAttribute("aria-label", say("progress"));
  const sentence = element.querySelector(".sentence");
  sentence.classList.toggle("failed", value.phase === "failed");
  sentence.textContent = say(value.phase, {
    ...value,
    left: duration(value.left, say),
    speed: number(value.speed || 0),
    d_real: (value.d_real || 0).toFixed(2),
    d_fake: (value.d_fake || 0).toFixed(2),
  });
}

/** A time left as people say it: 1 min 40 s, not 100.3 s. */
function duration(seconds, say) {
  if (typeof seconds !== "number") return say("unknown");
  const rounded = seconds < 60 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 10) * 10;
  const minutes = Math.floor(rounded / 60),
    rest = rounded % 60;
  if (!minutes) return say("seconds", { seconds: rest });
  return rest && minutes < 10 ? say("both", { minutes, seconds: rest }) : say("minutes", { minutes });
}

const memory = (bytes, say) => (bytes ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : say("memory_unknown"));
const number = (value) => new Intl.NumberFormat(language()).format(Math.round(value / 100) * 100);
