// Float32 numbers in WebAssembly's memory, and tensor.c's functions on them. Knows neither networks nor the page.

const PAGE = 65_536; // bytes by which the memory grows
export const LINE = 64; // bytes: each block begins on a line of the processor's cache

/** @typedef {Record<string, (...given: number[]) => number>} Functions of tensor.c, which says what each is given */

/** Numbers at a place (in bytes) of the memory. */
export class Block {
  /**
   * @param {WebAssembly.Memory} memory
   * @param {number} place
   * @param {number} length
   */
  constructor(memory, place, length) {
    this.memory = memory;
    this.place = place;
    this.length = length;
    this.view = new Float32Array(memory.buffer, place, length);
  }

  /** The numbers themselves, valid until the next `take`: where the memory grows, it moves. */
  get values() {
    if (this.view.buffer !== this.memory.buffer)
      this.view = new Float32Array(this.memory.buffer, this.place, this.length);
    return this.view;
  }

  /**
   * A part of the block, not copied.
   * @param {number} from
   * @param {number} length
   */
  part(from, length) {
    return new Block(this.memory, this.place + 4 * from, length);
  }
}

/** One memory and the functions that work in it. */
export class Arithmetic {
  /**
   * @param {WebAssembly.Module} module tensor.wasm
   * @param {number} [room] bytes that are wanted at once
   */
  constructor(module, room = 0) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.run = /** @type {Functions} */ (/** @type {unknown} */ (exports));
    this.next = /** @type {WebAssembly.Global} */ (exports.__heap_base).value;
    this.#grow(this.next + room);
  }

  /**
   * Room for so many numbers, all 0, until this object is forgotten. Throws a RangeError where there is no more memory.
   * @param {number} length
   */
  take(length) {
    const place = Math.ceil(this.next / LINE) * LINE;
    const end = place + 4 * length;
    this.#grow(end);
    this.next = end;
    return new Block(this.memory, place, length);
  }

  /** @param {number} end bytes */
  #grow(end) {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing);
  }
}

/**
 * tensor.wasm with vector instructions, or else without; `script` gives a path's address.
 * @param {(path: string) => string} script
 */
export async function loadTensors(script) {
  const read = async (/** @type {string} */ path) =>
    WebAssembly.compile(await (await fetch(script(path))).arrayBuffer());
  try {
    return await read("engine/tensor.wasm");
  } catch {
    return read("engine/tensor-plain.wasm");
  }
}
