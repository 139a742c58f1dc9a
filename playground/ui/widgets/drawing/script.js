const part = (name) => element.querySelector(name);

redrawWith(() => {
  const value = props.value;
  const caption = say(props.caption, { epoch: props.epoch });
  part("figcaption").textContent = caption;
  part(".pixels").hidden = !value;
  part(".empty").hidden = Boolean(value);
  part(".empty").textContent = say("empty");
  const judged = value && typeof value.verdict === "number";
  part(".verdict").hidden = !judged;
  if (!value) return;
  part(".pixels").src = value.src;
  part(".pixels").alt = caption;
  if (!judged) return;
  const verdict = value.verdict;
  part(".forged").textContent = say("forged");
  part(".real").textContent = say("real");
  part(".number").textContent = `D(G(z)) = ${verdict.toFixed(2)}`;
  part(".needle").style.left = `${verdict * 100}%`;
  part(".verdict").setAttribute("aria-valuenow", verdict.toFixed(2));
  part(".verdict").setAttribute("aria-label", say("verdict"));
});
