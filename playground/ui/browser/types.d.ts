// What the modules share, for the type checker: no browser loads this file.

/** Puts a key of the widget's texts (or of the texts that all share) into words, with values for its {braces}. */
export type Say = (key: string, values?: Record<string, unknown>) => string;

/** What a widget's module is told when it is mounted. */
export interface View {
  element: HTMLElement;
  /** What Python gave to the widget, by name. */
  props: Record<string, any>;
  say: Say;
  /** The address of a file in a folder that the server lets browsers keep. */
  asset: (folder: string, path: string) => string;
  /** The address of a file in Gradio's cache. */
  cached: (path: string) => string;
  plotly: () => Promise<any>;
  /** Pixels, in plots. */
  typeSize: () => number;
  /** Call `draw` whenever the page's language or the size of its type changes. */
  onLanguage: (draw: () => void) => void;
  /** Gradio's: call `act` when a prop has changed. */
  watch: (prop: string, act: () => void) => void;
  /** Gradio's: tell Python of an event. */
  trigger: (event: string) => void;
}
