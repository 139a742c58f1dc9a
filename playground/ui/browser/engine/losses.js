// The losses to choose from, as playground/losses.py has them: what D and G each minimise, on one of D's logits. A
// logit above 0 means that D calls an image real. Losses with gradients of gradients (WGAN-GP, R3GAN) are not here.

/** @typedef {(logit: number, smoothing: number) => [value: number, slope: number]} Curve */

const softplus = (/** @type {number} */ x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/**
 * -log D(x) - log(1 - D(G(z))): Goodfellow et al. 2014, equation 1. The label of a real image is 1 - `smoothing`.
 * @type {{ real: Curve, fake: Curve }}
 */
const CROSS_ENTROPY = {
  real: (x, smoothing) => [softplus(-x) + smoothing * x, smoothing - sigmoid(-x)],
  fake: (x) => [softplus(x), sigmoid(x)],
};

/** D's loss on real and on fake images, and G's. @type {Record<string, { real: Curve, fake: Curve, g: Curve }>} */
export const LOSSES = {
  // G: -log D(G(z)), the end of section 3
  "non-saturating": { ...CROSS_ENTROPY, g: (x) => [softplus(-x), -sigmoid(-x)] },
  // G: log(1 - D(G(z))), equation 1
  minimax: { ...CROSS_ENTROPY, g: (x) => [-softplus(x), -sigmoid(x)] },
  // Mao et al. 2017, equation 9 with a = 0, b = 1 - smoothing, c = 1
  "least-squares": {
    real: (x, smoothing) => [(x - 1 + smoothing) ** 2 / 2, x - 1 + smoothing],
    fake: (x) => [x ** 2 / 2, x],
    g: (x) => [(x - 1) ** 2 / 2, x - 1],
  },
  // Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17
  hinge: {
    real: (x) => [Math.max(0, 1 - x), x < 1 ? -1 : 0],
    fake: (x) => [Math.max(0, 1 + x), x > -1 ? 1 : 0],
    g: (x) => [-x, -1],
  },
};
