// Where GANs went: what goes in and comes out, what D compares, the paper, and what could go wrong.

import { h } from "../kit/dom.js";

const GIVEN = ["noise", "sketch", "image", "text"]; // what goes into G
// Card to what goes in, and its paper: authors, title, where and when, address.
const CARDS = {
  gaugan: [
    "sketch",
    "Park, Liu, Wang, Zhu",
    "Semantic Image Synthesis with Spatially-Adaptive Normalization",
    "CVPR 2019",
    "https://arxiv.org/abs/1903.07291",
  ],
  edges: [
    "sketch",
    "Isola, Zhu, Zhou, Efros",
    "Image-to-Image Translation with Conditional Adversarial Networks",
    "CVPR 2017",
    "https://arxiv.org/abs/1611.07004",
  ],
  style: [
    "image",
    "Zhu, Park, Isola, Efros",
    "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
    "ICCV 2017",
    "https://arxiv.org/abs/1703.10593",
  ],
  animals: [
    "image",
    "Liu, Huang, Mallya, Karras, Aila, Lehtinen, Kautz",
    "Few-Shot Unsupervised Image-to-Image Translation",
    "ICCV 2019",
    "https://arxiv.org/abs/1905.01723",
  ],
  words: [
    "text",
    "Zhang, Xu, Li, Zhang, Wang, Huang, Metaxas",
    "StackGAN++: Realistic Image Synthesis with Stacked Generative Adversarial Networks",
    "TPAMI 2018",
    "https://arxiv.org/abs/1710.10916",
  ],
  restore: [
    "image",
    "Pathak, Krähenbühl, Donahue, Darrell, Efros",
    "Context Encoders: Feature Learning by Inpainting",
    "CVPR 2016",
    "https://arxiv.org/abs/1604.07379",
  ],
  deblur: [
    "image",
    "Kupyn, Budzan, Mykhailych, Mishkin, Matas",
    "DeblurGAN: Blind Motion Deblurring Using Conditional Adversarial Networks",
    "CVPR 2018",
    "https://arxiv.org/abs/1711.07064",
  ],
  augment: [
    "noise",
    "Iqbal, Ali",
    "Generative Adversarial Network for Medical Images (MI-GAN)",
    "Journal of Medical Systems 42, 2018",
    null,
  ],
  ct_mri: [
    "image",
    "Jin, Kim, Jung, et al.",
    "Deep CT to MR Synthesis Using Paired and Unpaired Data",
    "Sensors 19, 2019",
    null,
  ],
  mri_ct: [
    "image",
    "Nie, Trullo, Lian, Petitjean, Ruan, Wang, Shen",
    "Medical Image Synthesis with Context-Aware Generative Adversarial Networks",
    "MICCAI 2017",
    "https://arxiv.org/abs/1612.05362",
  ],
  faces: [
    "noise",
    "Karras, Laine, Aila",
    "A Style-Based Generator Architecture for Generative Adversarial Networks",
    "CVPR 2019",
    "https://arxiv.org/abs/1812.04948",
  ],
};
const DREAM = [
  "Mordvintsev, Olah, Tyka",
  "Inceptionism: Going Deeper into Neural Networks",
  "Google Research Blog, 2015",
  null,
];
const CARE = [
  "Cohen, Luck, Honari",
  "Distribution Matching Losses Can Hallucinate Features in Medical Image Translation",
  "MICCAI 2018",
  "https://arxiv.org/abs/1805.08841",
];

export function build({ jump }) {
  let chosen = null; // what goes in; null shows all
  const cards = Object.entries(CARDS).map(([name, [given, ...paper]]) => [given, buildCard(name, given, paper)]);
  const filters = [null, ...GIVEN].map((given) =>
    h("button", {
      type: "button",
      "data-given": given || "all",
      say: `world_from_${given || "all"}`,
      on: { click: () => show(given) },
    }),
  );
  const show = (given) => {
    chosen = given;
    for (const [from, card] of cards) card.hidden = chosen !== null && from !== chosen;
    filters.forEach((button, i) => button.setAttribute("aria-pressed", String([null, ...GIVEN][i] === chosen)));
  };
  show(null);
  return {
    elements: [
      h("p", { class: "lead", say: "world_lead" }),
      h("div", { class: "do" }, h("p", { say: "world_do" })),
      h("div", { class: "acts", role: "group", name: "world_filter" }, ...filters),
      h("div", { class: "all" }, ...cards.map(([, card]) => card)),
      h("h4", { say: "world_harm_title" }),
      h("p", { say: "world_harm" }),
      h("p", { say: "world_harm_scan" }),
      source(CARE),
      h("h4", { say: "world_dream_title" }),
      h("p", { say: "world_dream" }),
      source(DREAM),
      h("p", { class: "help", say: "world_links" }),
      h("div", { class: "links" }, jump("world_quiz", { lesson: 9 })),
    ],
  };
}

function buildCard(name, given, paper) {
  return h(
    "article",
    { class: `card-of ${given}`, id: `world-${name}` },
    h("h4", { say: `world_${name}` }),
    h("p", { class: "given", say: `world_given_${given}` }),
    h("p", { say: `world_${name}_what` }),
    source(paper),
    h("details", {}, h("summary", { say: "world_wrong" }), h("p", { say: `world_${name}_harm` })),
  );
}

/** A paper: where it can be read is another host, so its link opens a page of its own and says so. */
function source([authors, title, where, address]) {
  const words = `${authors}: ${title}. ${where}`;
  return h(
    "p",
    { class: "source" },
    address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words) : words,
  );
}
