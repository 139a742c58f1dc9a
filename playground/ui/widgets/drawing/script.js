const part = (name) => element.querySelector(name);

redrawWith(() => {
  const source = props.value;
  part("figcaption").textContent = part(".pixels").alt = say(props.caption);
  part(".pixels").hidden = !source;
  part(".empty").hidden = Boolean(source);
  part(".empty").textContent = say("empty");
  if (source) part(".pixels").src = source;
});
