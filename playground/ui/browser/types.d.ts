// What the modules share, for the type checker: no browser loads this file.

import type { TrainState } from "./engine/state.js";
import type { Forger } from "./page/forgers.js";

export type { Forger };

declare global {
  /** Flags of WebGPU, which the type checker's own list lacks. */
  const GPUBufferUsage: Record<"STORAGE" | "UNIFORM" | "MAP_READ" | "COPY_SRC" | "COPY_DST", number>;
  const GPUMapMode: Record<"READ", number>;
}

/** Puts a key of the widget's texts (or of the texts that all share) into words, with values for its {braces}. */
export type Say = (key: string, values?: Record<string, unknown>) => string;

/** What Gradio hands to the script of a widget, and the path that the page lies below. */
export interface Gradio {
  element: HTMLElement;
  /** What Python gave to the widget, by name. */
  // biome-ignore lint/suspicious/noExplicitAny: each widget knows what its Python class sends
  props: Record<string, any>;
  root: string;
  /** Call `act` when a prop has changed. */
  watch: (prop: string, act: () => void) => void;
  /** Tell Python of an event. */
  trigger: (event: string) => void;
}

/** What a widget's module is told when it is mounted. */
export interface View extends Omit<Gradio, "root"> {
  say: Say;
  /** The address of a file in a folder that the server lets browsers keep. */
  asset: (folder: string, path: string) => string;
  /** The address of a path on the server. */
  served: (path: string) => string;
  /** The address of a file in Gradio's cache. */
  cached: (path: string) => string;
  /** Plotly, fetched when it is first wanted. */
  // biome-ignore lint/suspicious/noExplicitAny: Plotly brings no types
  plotly: () => Promise<any>;
  /** Pixels, in plots. */
  typeSize: () => number;
  /** Call `draw` whenever the page's language, the size of its type or its scheme changes. */
  onLanguage: (draw: () => void) => void;
}

/** An epoch of the shipped run, or the pair that a visitor has brought. */
export type Epoch = number | "own";

/** A place in a list, and the small whole number that the hand has put there. */
export type Entry = [index: number, value: number];

/** What the page shows. page/state.js says what each field means and what it may be. */
export interface State {
  tab: string;
  lang: string;
  epoch: Epoch;
  seeds: number[];
  at: number[];
  moves: number[];
  temperature: number;
  painted: Entry[];
  units: Entry[];
  unit: number | null;
  folds: number;
  real: number | null;
  sum: number | null;
  route: number[];
  path: string;
  way: number;
  moment: number;
  lesson: number;
  step: number;
  view: string;
  hide: string[];
}

/** Numbers that nobody changes the length of: a latent, a drawing (784 from -1 to 1), what a layer says. */
export type Numbers = number[] | Float32Array | Float64Array;

/** One linear layer of a network. Rows and columns are padded with zeros to multiples of four. */
export interface Layer {
  rows: number;
  columns: number;
  /** Numbers from one row of `weight` to the next. */
  stride: number;
  input: Float32Array;
  weight: Float32Array;
  bias: Float32Array;
  /** What the layer said, activation included: `rows` numbers. */
  output: Float32Array;
  /** The same with its padding. */
  padded: Float32Array;
}

/** A tensor of a safetensors file. */
export interface Tensor {
  shape: number[];
  data: Float32Array;
}

/** One of whole numbers. */
export interface Whole {
  shape: number[];
  data: BigInt64Array;
}

/** The addresses of a pair's files; null where there is none. */
export type Addresses = Record<string, string | null>;

/** What is known of a visitor's own pair: text that a stranger may have written, and what tells it from others. */
export interface About {
  name?: string;
  metadata?: Record<string, string>;
  token?: string;
  /** The visitor's own run that it comes from, and after how many steps. */
  run?: { name: string; step: number };
  /** The activation that its hidden layers are taken for, where its file does not say. */
  hidden?: string;
}

/** How an element is made: see `h` in kit/dom.js. All other names are attributes. */
export type Options<K extends keyof HTMLElementTagNameMap> = {
  say?: string;
  name?: string;
  on?: {
    [E in keyof HTMLElementEventMap]?: (
      event: HTMLElementEventMap[E] & { currentTarget: HTMLElementTagNameMap[K] },
    ) => unknown;
  };
} & Record<string, unknown>;

/** An epoch of a run's log (playground/history.py): means over the epoch, and what was measured after it. */
export interface Row {
  epoch: number;
  loss_g: number;
  loss_d: number;
  /** Verdicts, 0 forged to 1 real. */
  d_real: number;
  d_fake: number;
  /** The distance of 10,000 drawings from the test images. */
  frechet: number;
  /** The share of drawings that are digits, 0 to 1. */
  recognisable: number;
  /** How many of the ten digits are drawn. */
  digits: number;
  /** Of their shares; 1 where all are alike. */
  entropy: number;
  seconds: number;
}

/** The settings of a run, under the names of playground/config.py, which says what each means and what it may be. */
export interface Config {
  architecture: string;
  batch_size: number;
  epochs: number;
  steps: number | null;
  seconds: number | null;
  latent_dim: number;
  k: number;
  lr_g: number;
  lr_d: number;
  beta1: number;
  beta2: number;
  optimizer: string;
  loss: string;
  dropout: number;
  smoothing: number;
  norm: string;
  average: number;
  digits: number[];
  images: number | null;
  seed: number;
  device: string;
  precision: string;
  widths_g: number[];
  widths_d: number[];
}

/** Images to learn from, 784 bytes each, 0 black to 255 white. */
export interface Images {
  count: number;
  pixels: Uint8Array;
}

/**
 * The progress of a run (playground/training.py): the four numbers are means over the steps since the previous Progress.
 * `step` counts the finished steps; `epoch` is the epoch of the last of them. `epochMeans` are those of the whole epoch;
 * null where it goes on. `images` counts the images shown since. `state` is live: valid until the next Progress.
 */
export interface Progress {
  step: number;
  epoch: number;
  loss_g: number;
  loss_d: number;
  d_real: number;
  d_fake: number;
  images: number;
  epochMeans: number[] | null;
  state: TrainState;
}
