// Where GANs went: for each card what goes into G, and its paper. What the cards say stands in the texts. Knows nothing
// of how they are shown.

/** @typedef {"noise" | "sketch" | "image" | "text"} Given what goes into G */

/**
 * @typedef {object} Paper
 * @property {string} authors
 * @property {string} title
 * @property {string} where and when it appeared
 * @property {string} [address] where it can be read without paying
 */

/** @type {Given[]} */
export const GIVEN = ["noise", "sketch", "image", "text"];

/** @type {Record<string, { given: Given, paper: Paper }>} */
export const CARDS = {
  gaugan: {
    given: "sketch",
    paper: {
      authors: "Park, Liu, Wang, Zhu",
      title: "Semantic Image Synthesis with Spatially-Adaptive Normalization",
      where: "CVPR 2019",
      address: "https://arxiv.org/abs/1903.07291",
    },
  },
  edges: {
    given: "sketch",
    paper: {
      authors: "Isola, Zhu, Zhou, Efros",
      title: "Image-to-Image Translation with Conditional Adversarial Networks",
      where: "CVPR 2017",
      address: "https://arxiv.org/abs/1611.07004",
    },
  },
  style: {
    given: "image",
    paper: {
      authors: "Zhu, Park, Isola, Efros",
      title: "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
      where: "ICCV 2017",
      address: "https://arxiv.org/abs/1703.10593",
    },
  },
  animals: {
    given: "image",
    paper: {
      authors: "Liu, Huang, Mallya, Karras, Aila, Lehtinen, Kautz",
      title: "Few-Shot Unsupervised Image-to-Image Translation",
      where: "ICCV 2019",
      address: "https://arxiv.org/abs/1905.01723",
    },
  },
  words: {
    given: "text",
    paper: {
      authors: "Zhang, Xu, Li, Zhang, Wang, Huang, Metaxas",
      title: "StackGAN++: Realistic Image Synthesis with Stacked Generative Adversarial Networks",
      where: "arXiv 2017, TPAMI 2018",
      address: "https://arxiv.org/abs/1710.10916",
    },
  },
  restore: {
    given: "image",
    paper: {
      authors: "Pathak, Krähenbühl, Donahue, Darrell, Efros",
      title: "Context Encoders: Feature Learning by Inpainting",
      where: "CVPR 2016",
      address: "https://arxiv.org/abs/1604.07379",
    },
  },
  deblur: {
    given: "image",
    paper: {
      authors: "Kupyn, Budzan, Mykhailych, Mishkin, Matas",
      title: "DeblurGAN: Blind Motion Deblurring Using Conditional Adversarial Networks",
      where: "CVPR 2018",
      address: "https://arxiv.org/abs/1711.07064",
    },
  },
  augment: {
    given: "noise",
    paper: {
      authors: "Iqbal, Ali",
      title: "Generative Adversarial Network for Medical Images (MI-GAN)",
      where: "Journal of Medical Systems 42, 2018",
    },
  },
  ct_mri: {
    given: "image",
    paper: {
      authors: "Jin, Kim, Jung, et al.",
      title: "Deep CT to MR Synthesis Using Paired and Unpaired Data",
      where: "Sensors 19, 2019",
    },
  },
  mri_ct: {
    given: "image",
    paper: {
      authors: "Nie, Trullo, Lian, Petitjean, Ruan, Wang, Shen",
      title: "Medical Image Synthesis with Context-Aware Generative Adversarial Networks",
      where: "MICCAI 2017",
      address: "https://arxiv.org/abs/1612.05362",
    },
  },
  faces: {
    given: "noise",
    paper: {
      authors: "Karras, Laine, Aila",
      title: "A Style-Based Generator Architecture for Generative Adversarial Networks",
      where: "CVPR 2019",
      address: "https://arxiv.org/abs/1812.04948",
    },
  },
};

/** What a network sees in anything (no GAN). @type {Paper} */
export const DREAM = {
  authors: "Mordvintsev, Olah, Tyka",
  title: "Inceptionism: Going Deeper into Neural Networks",
  where: "Google Research Blog, 2015",
};

/** Why a scan that was translated may show what is not there. @type {Paper} */
export const CARE = {
  authors: "Cohen, Luck, Honari",
  title: "Distribution Matching Losses Can Hallucinate Features in Medical Image Translation",
  where: "MICCAI 2018",
  address: "https://arxiv.org/abs/1805.08841",
};
