// The sheets of all runs side by side, and on demand D's verdict under each drawing.

import { follow, partOf } from "./live.js";

export function mount(view) {
  const { element, props, say, plotly, typeSize } = view;
  const CELL = 84,
    BELOW = 22; // a drawing three times as large, and room for its verdict, in canvas pixels
  const box = element.querySelector(".sheets"),
    toggle = element.querySelector("#verdicts");
  const cards = new Map(); // run's name to its elements

  const originOf = (origin) => {
    if (origin === "scratch") return say("scratch");
    const [name, step] = origin.split(":");
    return step ? say("fork", { name, step }) : say("epoch", { epoch: origin });
  };

  const cardOf = (name) => {
    if (!cards.has(name)) {
      const figure = document.createElement("figure"),
        caption = document.createElement("figcaption");
      const words = document.createElement("span"),
        note = document.createElement("span");
      const image = document.createElement("img"),
        canvas = document.createElement("canvas");
      note.className = "note";
      image.className = "pixels";
      [canvas.width, canvas.height] = [8 * CELL, 8 * (CELL + BELOW)];
      canvas.setAttribute("role", "img");
      caption.append(words, note);
      figure.append(caption, image, canvas);
      cards.set(name, { figure, words, note, image, canvas });
    }
    return cards.get(name);
  };

  // From orange, forged, to green, real; the number says the same without colours.
  const drawVerdicts = ({ image, canvas }, verdicts) => {
    const pen = canvas.getContext("2d"),
      side = image.naturalWidth / 8;
    pen.imageSmoothingEnabled = false;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.font = "600 17px system-ui, sans-serif";
    pen.textAlign = "center";
    verdicts.forEach((verdict, n) => {
      const x = (n % 8) * CELL,
        y = Math.floor(n / 8) * (CELL + BELOW);
      pen.drawImage(image, (n % 8) * side, Math.floor(n / 8) * side, side, side, x, y, CELL, CELL);
      pen.fillStyle = verdict >= 0.5 ? "#009E73" : "#E69F00";
      pen.fillRect(x + 4, y + CELL, (CELL - 8) * verdict, 3);
      pen.fillStyle = "#fff";
      pen.fillText(verdict.toFixed(2), x + CELL / 2, y + CELL + 18);
    });
  };

  const show = (run, several) => {
    const card = cardOf(run.name),
      mean = run.verdicts.reduce((a, b) => a + b, 0) / run.verdicts.length;
    card.words.textContent = several ? say("caption", run) : say("only");
    card.note.textContent = several ? originOf(run.origin) : "";
    const described = say("mean", { name: run.name, mean: mean.toFixed(2) });
    card.image.alt = described;
    card.canvas.setAttribute("aria-label", described);
    card.image.hidden = toggle.checked;
    card.canvas.hidden = !toggle.checked;
    const draw = () => {
      if (toggle.checked) drawVerdicts(card, run.verdicts);
    };
    card.image.onload = draw;
    if (card.image.src === run.src) draw();
    else card.image.src = run.src;
    return card.figure;
  };

  const redraw = (value) => {
    const runs = value?.runs || [],
      empty = element.querySelector(".empty");
    for (const name of [...cards.keys()]) if (!runs.some((run) => run.name === name)) cards.delete(name);
    const figures = runs.map((run) => show(run, runs.length > 1));
    if (figures.length !== box.children.length || figures.some((one, n) => box.children[n] !== one))
      box.replaceChildren(...figures);
    box.classList.toggle("several", runs.length > 1);
    empty.textContent = say("empty");
    empty.hidden = runs.length > 0;
    element.querySelector(".toggle").hidden = runs.length === 0;
    element.querySelector(".toggle span").textContent = say("verdicts");
  };
  toggle.addEventListener("change", () => redraw(partOf("sheets")));
  follow("sheets", view, redraw);
}
