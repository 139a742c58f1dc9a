import { h } from "../dom.js";

export function build({ say, facts, jump }) {
  return { elements: [] };
}
