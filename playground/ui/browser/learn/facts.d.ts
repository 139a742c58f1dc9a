// What Python sends to the lesson's pages (playground/lessons/*.py), for the type checker: no browser loads this file.

import type { Row, State, View } from "../types.d.ts";

/** What every page is built with. */
export interface LessonView extends View {
  facts: Facts;
}

/** A page as its module's `build` returns it. `show` is called in every frame in which the page is open. */
export interface LessonPage {
  elements: (Node | string)[];
  show?: (state: State) => void;
}

/** What the pages show, by page (ui/tabs/learn.py). `world` and `quiz` need nothing of Python's. */
export interface Facts {
  game: GameFacts;
  networks: NetworksFacts;
  data: DataFacts;
  objective: Record<"wins" | "end", Verdicts>;
  turn: TurnFacts;
  code: CodeFacts;
  curves: CurvesFacts;
}

/** An epoch's mean verdicts on real and on fake images, 0 fake to 1 real, and its mean losses. */
export type Verdicts = Pick<Row, "epoch" | "d_real" | "d_fake" | "loss_d" | "loss_g">;

export interface GameFacts {
  /** Which of the 64 drawings of a sheet: 0 to 63. */
  seed: number;
  /** The noise of the seed: 128 numbers. */
  noise: number[];
  /** A verdict an epoch. */
  d_real: number[];
  d_fake: number[];
}

export type Role = "generator" | "discriminator";
export type NetworksFacts = Record<Role, NetworkFacts>;

export interface NetworkFacts {
  layers: Layer[];
  /** All parameters together. */
  parameters: number;
  /** The module as `print` shows it. */
  printed: string;
}

export interface Layer {
  /** The name of its class in torch.nn. */
  kind: string;
  inputs: number;
  outputs: number;
  parameters: number;
  /** The slope of LeakyReLU, the share of Dropout. */
  setting?: number;
}

export interface DataFacts {
  /** How many images were measured. */
  images: number;
  /** Of the pixels from 0 to 1, and of the normalised ones. */
  mean: number;
  std: number;
  mean_after: number;
  std_after: number;
  /** The range, least and most, that the measured mean and std would have led to. */
  standardised: [number, number];
  /** The share of pixels that are 0. */
  black: number;
  /** The shares of the values in equal parts of the range. */
  histogram: number[];
  /** One image a digit, 784 bytes in base64. */
  digits: string[];
}

export interface TurnFacts {
  epoch: number;
  /** Images of the batch. */
  batch: number;
  /** Ten moments by name, each with its numbers, shapes and answers. */
  moments: ({ name: string } & Record<string, number | string | boolean>)[];
  /** Eight images of each kind, 784 bytes each in base64: real ones, D's forgeries, and G's fresh ones. */
  real: string[];
  forged: string[];
  fresh: string[];
}

export interface CodeFacts {
  /** By language. */
  notebooks: Record<string, Notebook>;
  /** The whole numbers that the program sets, by name. */
  settings: Record<string, number>;
  /** Batches of an epoch, and the number of the last one where the first is 0. */
  batches: number;
  last: number;
}

/** Of Jupyter, nbformat 4.5. */
export interface Notebook {
  cells: Cell[];
}

export interface Cell {
  id: string;
  cell_type: "code" | "markdown";
  source: string;
  /** `lecture` is the number that the lecture gives to the cell's code. */
  metadata: { lecture?: string };
}

export interface CurvesFacts {
  /** By epoch. */
  loss_g: number[];
  loss_d: number[];
  /** The rows of the log that the words name, by what they are. */
  rows: Record<string, Row>;
  /** How many drawings a row of the log counts. */
  samples: number;
  census: Census[];
  /** The lines that the lecture prints of its own run. */
  lecture: Printed[];
}

/** An epoch's losses as the lecture prints them. */
export type Printed = Pick<Row, "epoch" | "loss_g" | "loss_d">;

/** How often the judge finds each digit (ten counts) on an epoch's sheet of so many drawings. */
export interface Census {
  epoch: number;
  counts: number[];
  drawings: number;
}
