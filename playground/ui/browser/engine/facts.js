// Numbers of the lecture's networks and of the shipped run. Python has them too, and a test compares both.

export const LATENT = 128; // numbers of a noise
export const SLOPE = 0.2; // of LeakyReLU below 0
export const EPOCHS = [0, 100, 199]; // whose networks come with the page
export const LAST = 199; // the shipped run's epochs are 0 to 199
export const SEEDS = 1000; // that the page offers: 0 to 999
export const DIRECTIONS = 8; // principal directions
export const REACH = 10; // how far the hand moves along each, to both sides
export const LEVELS = { loss_d: 2 * Math.LN2, loss_g: Math.LN2 }; // both losses where D tells nothing apart
