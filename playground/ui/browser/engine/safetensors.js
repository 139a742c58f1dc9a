// Files of safetensors: float32 tensors by name, and words about them. Knows no network.

/** @import { Tensor } from "../types.d.ts" */

const MOST_HEADER = 100_000; // bytes
const WORD = 8; // bytes: the header is padded to a multiple of it, so that numbers can be viewed where they lie

/**
 * The float32 tensors of a safetensors file as views by name: {tensors: {name: {shape, data}}, metadata}. Throws an
 * Error for what is no such file.
 * @param {ArrayBuffer} buffer
 * @returns {{ tensors: Record<string, Tensor>, metadata: Record<string, string> }}
 */
export function readTensors(buffer) {
  if (buffer.byteLength < 10) throw new Error("the file is cut short");
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (length > Math.min(MOST_HEADER, buffer.byteLength - 8)) throw new Error("the file has no safetensors header");
  const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape } = entry;
    const [start, end] = entry.data_offsets;
    const count = shape.reduce((/** @type {number} */ product, /** @type {number} */ size) => product * size, 1);
    if (dtype !== "F32" || end - start !== 4 * count || 8 + length + end > buffer.byteLength) {
      throw new Error(`tensor ${name} does not fit the file`);
    }
    tensors[name] = { shape, data: floats(buffer, 8 + length + start, count) };
  }
  return { tensors, metadata };
}

/**
 * A view where the numbers lie on a multiple of 4 bytes (ours do: safetensors pads its header), a copy elsewhere.
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} count
 */
const floats = (buffer, start, count) =>
  start % 4 ? new Float32Array(buffer.slice(start, start + 4 * count)) : new Float32Array(buffer, start, count);

/**
 * A file with such tensors, and the words of `metadata` about them.
 * @param {Record<string, Tensor>} tensors
 * @param {Record<string, string>} metadata
 */
export function writeTensors(tensors, metadata) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / WORD) * WORD;
  const file = new Uint8Array(WORD + length + end).fill(0x20, WORD, WORD + length); // spaces
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, WORD);
  let place = WORD + length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file.buffer;
}
