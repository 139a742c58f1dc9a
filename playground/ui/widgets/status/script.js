// A time left as people say it: 1 min 40 s, not 100.3 s.
const duration = (seconds) => {
  if (typeof seconds !== "number") return say("unknown");
  const rounded = seconds < 60 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 10) * 10;
  const minutes = Math.floor(rounded / 60), rest = rounded % 60;
  if (!minutes) return say("seconds", { seconds: rest });
  return rest && minutes < 10 ? say("both", { minutes, seconds: rest }) : say("minutes", { minutes });
};
const memory = (bytes) => (bytes ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : say("memory_unknown"));
const number = (value) => new Intl.NumberFormat(language()).format(Math.round(value / 100) * 100);

redrawWithLive("status", (known) => {
  const value = known || { phase: "idle" };
  const figures = value.step ? ` · ${say("figures", { step: value.step, memory: memory(value.memory) })}` : "";
  element.querySelector(".device").textContent = `${say(props.device.kind, props.device)} · ${say("longest", { minutes: props.minutes })}${figures}`;
  const percent = Math.round((value.fraction || 0) * 100);
  element.querySelector(".done").style.width = `${percent}%`;
  element.querySelector(".track").setAttribute("aria-valuenow", percent);
  element.querySelector(".track").setAttribute("aria-label", say("progress"));
  const sentence = element.querySelector(".sentence");
  sentence.classList.toggle("failed", value.phase === "failed");
  sentence.textContent = say(value.phase, {
    ...value, left: duration(value.left), speed: number(value.speed || 0),
    d_real: (value.d_real || 0).toFixed(2), d_fake: (value.d_fake || 0).toFixed(2),
  });
});
const take = () => { if (props.value) handOn(props.value); };
watch("value", take);
take();
trigger("select"); // the tab is open for the first time: what does the visitor find here?
