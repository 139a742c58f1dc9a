const link = (file) => {
  const anchor = document.createElement("a");
  anchor.href = file.src;
  anchor.download = file.name;
  anchor.title = file.name;
  return anchor;
};
const labelOf = (picture) => (picture.caption ? say(picture.caption, picture) : picture.label || "");

const figure = (picture) => {
  const box = document.createElement("figure");
  box.setAttribute("role", "listitem");
  const image = document.createElement("img");
  image.src = picture.src;
  image.alt = labelOf(picture) || picture.name;
  const anchor = link(picture);
  anchor.append(image);
  const caption = document.createElement("figcaption");
  caption.textContent = labelOf(picture);
  box.append(anchor, caption);
  return box;
};

redrawWith(() => {
  const { pictures = [], files = [] } = props.value || {};
  const row = element.querySelector(".row");
  row.style.gridTemplateColumns = `repeat(auto-fill, minmax(min(${props.size}px, 45%), 1fr))`;
  row.replaceChildren(...pictures.map(figure));
  element.querySelector(".hint").textContent = pictures.length ? say("hint") : "";
  element.querySelector(".files").replaceChildren(...files.map((file) => {
    const anchor = link(file);
    anchor.textContent = say(file.caption);
    return anchor;
  }));
});
