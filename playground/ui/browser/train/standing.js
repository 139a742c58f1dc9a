// Who is ahead: a sentence, D's verdicts as histograms, and a census of what G draws.

import { follow } from "./live.js";

export function mount(view) {
  const { element, props, say, plotly, typeSize } = view;
  const part = (name) => element.querySelector(name);
  const make = (tag, parent) => parent.appendChild(document.createElement(tag));
  const two = (value) => (value ?? 0).toFixed(2);

  const histBins = [];
  const showHistogram = ({ hist_real, hist_fake, d_real, d_fake }) => {
    const box = part(".hist");
    while (histBins.length < hist_real.length) {
      const column = make("div", box);
      histBins.push([make("i", column), make("i", column)]);
      histBins.at(-1)[0].className = "is-real";
      histBins.at(-1)[1].className = "is-drawn";
    }
    const sums = [hist_real, hist_fake].map((counts) => counts.reduce((a, b) => a + b, 0) || 1);
    const most = Math.max(
      ...hist_real.map((count) => count / sums[0]),
      ...hist_fake.map((count) => count / sums[1]),
      0.01,
    );
    histBins.forEach((pair, n) =>
      [hist_real, hist_fake].forEach((counts, who) => {
        pair[who].style.height = `${(100 * counts[n]) / sums[who] / most}%`;
      }),
    );
    box.setAttribute("aria-label", say("verdicts_name", { d_real: two(d_real), d_fake: two(d_fake) }));
  };

  const digitBars = Array.from({ length: 10 }, (_, digit) => {
    const figure = make("figure", part(".digits")),
      room = make("div", figure);
    room.className = "room";
    make("figcaption", figure).textContent = digit;
    return { figure, bar: make("i", room) };
  });
  const showCensus = ({ counts, digits, recognisable, missing, frechet, frechet_step }) => {
    const most = Math.max(...(counts || [1]), 1);
    digitBars.forEach(({ figure, bar }, digit) => {
      const count = counts?.[digit] || 0;
      bar.style.height = `${(100 * count) / most}%`;
      figure.classList.toggle("gone", missing.includes(digit));
      figure.classList.toggle("unlearnt", !digits.includes(digit));
      figure.setAttribute("aria-label", say("bar", { digit, count }));
    });
    const sentences = counts ? [say("census_help", { percent: Math.round(100 * recognisable) })] : [];
    if (frechet !== null) sentences.push(say("frechet", { value: frechet.toFixed(0), step: frechet_step }));
    part(".count").textContent = sentences.join(" ");
    setOnce(part(".alarm"), missing.length ? say("alarm", { digits: missing.join(", ") }) : "");
  };

  // An alarm that says the same again is not read out again.
  const setOnce = (where, text) => {
    if (where.textContent !== text) where.textContent = text;
  };

  const WHO = { discriminator: "who_discriminator", generator: "who_generator" };
  const movedText = (move) => {
    if (!move?.after) return "";
    const { before, after, players } = move;
    return say("moved", {
      who: say(players.length > 1 ? "who_both" : WHO[players[0]]),
      d_before: before.loss_d.toFixed(3),
      d_after: after.loss_d.toFixed(3),
      g_before: before.loss_g.toFixed(3),
      g_after: after.loss_g.toFixed(3),
      real_before: before.d_real.toFixed(3),
      real_after: after.d_real.toFixed(3),
      fake_before: before.d_fake.toFixed(3),
      fake_after: after.d_fake.toFixed(3),
    });
  };

  follow("standing", view, (value) => {
    part(".empty").hidden = Boolean(value);
    part(".empty").textContent = say("empty");
    part(".standing").hidden = !value;
    if (!value) return;
    setOnce(part(".stand"), say(value.stand, { d_real: two(value.d_real), d_fake: two(value.d_fake) }));
    setOnce(part(".moved"), movedText(value.move));
    part(".verdicts h4").textContent = say("verdicts");
    part(".census h4").textContent = say("census");
    const [real, drawn] = element.querySelectorAll(".legend span");
    [real.textContent, drawn.textContent] = [say("real"), say("drawn")];
    if (value.hist_real) showHistogram(value);
    showCensus(value);
  });
}
