// Networks in the browser: reads our safetensors files and runs their stacks of linear layers. Knows nothing of the page.
//
// A generator is Linear and LeakyReLU(0.2) in turn with Tanh at the end, a discriminator the same with Sigmoid at the
// end (codes 13-25 and 13-26 of the lecture); widths are read off the file. Dropout does nothing outside training.

const SLOPE = 0.2;
const MOST_HEADER = 100_000; // bytes
const END = { generator: Math.tanh, discriminator: (x) => 1 / (1 + Math.exp(-x)) };

/** The float32 tensors of a safetensors file (ArrayBuffer) as views by name: {tensors: {name: {shape, data}}, metadata}.
 *  Throws an Error for what is no such file. */
export function readTensors(buffer) {
  if (buffer.byteLength < 10) throw new Error("the file is cut short");
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (length > Math.min(MOST_HEADER, buffer.byteLength - 8)) throw new Error("the file has no safetensors header");
  const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(entries)) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (dtype !== "F32" || end - start !== 4 * count || 8 + length + end > buffer.byteLength) {
      throw new Error(`tensor ${name} does not fit the file`);
    }
    tensors[name] = { shape, data: floats(buffer, 8 + length + start, count) };
  }
  return { tensors, metadata };
}

// A view where the numbers lie on a multiple of 4 bytes (ours do: safetensors pads its header), a copy elsewhere.
const floats = (buffer, start, count) =>
  start % 4 ? new Float32Array(buffer.slice(start, start + 4 * count)) : new Float32Array(buffer, start, count);

/** The compiled kernel.wasm, or null where the browser has no WebAssembly with SIMD: networks then run plain loops. */
export async function loadKernel(url) {
  try {
    return await WebAssembly.compile(await (await fetch(url)).arrayBuffer());
  } catch {
    return null;
  }
}

const fours = (count) => Math.ceil(count / 4) * 4;

/** A generator or discriminator, from a safetensors file (ArrayBuffer). Throws an Error for a file that is neither. */
export class Network {
  constructor(buffer, kernel = null) {
    const { tensors, metadata } = readTensors(buffer);
    this.metadata = metadata;
    this.end = END[metadata.role];
    if (!this.end) throw new Error(`the file holds a ${metadata.role}, neither generator nor discriminator`);
    const matrices = linearLayers(tensors);
    this.widths = [matrices[0].columns, ...matrices.map((matrix) => matrix.rows)];
    this.#place(matrices, kernel);
  }

  /** What the network answers to `input` (numbers as many as `widths[first]`) given to its layer `first`: its own
   *  Float32Array, valid until the next run. `layers[i].output` then holds what each layer said, activation included. */
  run(input, first = 0) {
    this.layers[first].input.set(input);
    for (const layer of this.layers.slice(first)) {
      this.multiply(layer);
      activate(layer.output, layer === this.layers.at(-1) ? this.end : null);
    }
    return this.layers.at(-1).output;
  }

  // Weights and activations lie in one memory, rows and columns padded with zeros to multiples of four for the kernel.
  #place(matrices, kernel) {
    const floatsNeeded =
      fours(this.widths[0]) + matrices.reduce((sum, { rows, columns }) => sum + fours(rows) * (fours(columns) + 2), 0);
    const memory = kernel && new WebAssembly.Memory({ initial: Math.ceil((floatsNeeded * 4) / 65536) });
    const store = kernel ? memory.buffer : new ArrayBuffer(floatsNeeded * 4);
    let next = 0;
    const take = (count) => new Float32Array(store, (next += 4 * count) - 4 * count, count);
    let before = take(fours(this.widths[0]));
    this.layers = matrices.map(({ weight, bias, rows, columns }) => {
      const stride = fours(columns);
      const layer = {
        rows,
        columns,
        stride,
        input: before,
        weight: take(fours(rows) * stride),
        bias: take(fours(rows)),
      };
      for (let row = 0; row < rows; row++) {
        layer.weight.set(weight.subarray(row * columns, (row + 1) * columns), row * stride);
      }
      layer.bias.set(bias);
      before = layer.padded = take(fours(rows));
      layer.output = before.subarray(0, rows);
      return layer;
    });
    this.multiply = kernel ? withKernel(kernel, memory) : multiplyPlainly;
  }
}

/** The weights and biases of `main.N`, in order, when each layer takes what the one before gives. */
function linearLayers(tensors) {
  const numbers = Object.keys(tensors)
    .map((name) => /^main\.(\d+)\.weight$/.exec(name)?.[1])
    .filter(Boolean);
  const layers = numbers
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => {
      const {
        shape: [rows, columns],
        data: weight,
      } = tensors[`main.${number}.weight`];
      const bias = tensors[`main.${number}.bias`]?.data;
      if (bias?.length !== rows) throw new Error(`layer main.${number} has no bias that fits`);
      return { rows, columns, weight, bias };
    });
  if (!layers.length || layers.some((layer, i) => i && layer.columns !== layers[i - 1].rows)) {
    throw new Error("the file's layers do not fit together");
  }
  return layers;
}

function withKernel(kernel, memory) {
  const { linear } = new WebAssembly.Instance(kernel, { page: { memory } }).exports;
  return ({ weight, bias, input, padded, stride }) =>
    linear(weight.byteOffset, bias.byteOffset, input.byteOffset, padded.byteOffset, padded.length, stride * 4);
}

// Four rows at a time too: up to a third faster than row by row, an eighth of the kernel's speed.
function multiplyPlainly({ weight, bias, input, padded, stride }) {
  for (let row = 0; row < padded.length; row += 4) {
    let a = bias[row],
      b = bias[row + 1],
      c = bias[row + 2],
      d = bias[row + 3];
    const first = row * stride,
      second = first + stride,
      third = second + stride,
      fourth = third + stride;
    for (let column = 0; column < stride; column++) {
      const x = input[column];
      a += weight[first + column] * x;
      b += weight[second + column] * x;
      c += weight[third + column] * x;
      d += weight[fourth + column] * x;
    }
    padded[row] = a;
    padded[row + 1] = b;
    padded[row + 2] = c;
    padded[row + 3] = d;
  }
}

function activate(values, end) {
  for (let i = 0; i < values.length; i++) {
    values[i] = end ? end(values[i]) : values[i] > 0 ? values[i] : SLOPE * values[i];
  }
}
