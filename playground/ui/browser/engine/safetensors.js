// Files of safetensors: tensors by name, and words about them. Knows no network.

/** @import { Tensor, Whole } from "../types.d.ts" */

const MOST_HEADER = 100_000; // bytes
const WORD = 8; // bytes: the header is padded to a multiple of it, so that numbers can be viewed where they lie

/** Reads `count` numbers at a place of a file, by the name of their type. */
const READ = { F32: floats, F16: halves, I64: wholes, U8: bytes };
const BYTES = { F32: 4, F16: 2, I64: 8, U8: 1 };

/**
 * The tensors of a safetensors file as float32 by name: {tensors: {name: {shape, data}}, metadata}; views where the
 * file has float32. Whole numbers are exact up to 16 million. Throws an Error for what is no such file.
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
    if (!isKnown(dtype) || end - start !== BYTES[dtype] * count || 8 + length + end > buffer.byteLength) {
      throw new Error(`tensor ${name} does not fit the file`);
    }
    tensors[name] = { shape, data: READ[dtype](buffer, 8 + length + start, count) };
  }
  return { tensors, metadata };
}

/** @param {string} dtype @returns {dtype is keyof typeof READ} */
const isKnown = (dtype) => Object.hasOwn(READ, dtype);

/**
 * A view where the numbers lie on a multiple of 4 bytes (ours do: safetensors pads its header), a copy elsewhere.
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} count
 */
function floats(buffer, start, count) {
  return start % 4 ? new Float32Array(buffer.slice(start, start + 4 * count)) : new Float32Array(buffer, start, count);
}

/**
 * Half floats, made into float32 by a table of all 65,536 of them: a network has a million and a half.
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} count
 */
function halves(buffer, start, count) {
  allHalves ??= Float32Array.from({ length: 65_536 }, (_, bits) => half(bits));
  const bits = new Uint16Array(buffer.slice(start, start + 2 * count));
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = allHalves[bits[i]];
  return values;
}

/** @param {ArrayBuffer} buffer @param {number} start @param {number} count */
function wholes(buffer, start, count) {
  return Float32Array.from(new BigInt64Array(buffer.slice(start, start + 8 * count)), Number);
}

/** @param {ArrayBuffer} buffer @param {number} start @param {number} count */
function bytes(buffer, start, count) {
  return Float32Array.from(new Uint8Array(buffer, start, count));
}

/** @type {Float32Array | undefined} */
let allHalves;

/** The number that 16 bits stand for: IEEE 754, binary16. @param {number} bits */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/**
 * A file with such tensors, and the words of `metadata` about them. What takes most bytes a number comes first, as the
 * format's own library writes it: each lies on a multiple of its size.
 * @param {Record<string, Tensor | Whole>} tensors
 * @param {Record<string, string>} metadata
 */
export function writeTensors(tensors, metadata) {
  const wide = (/** @type {Tensor | Whole} */ { data }) => data.BYTES_PER_ELEMENT;
  const ordered = Object.entries(tensors).sort(([, one], [, other]) => wide(other) - wide(one));
  /** @type {Record<string, object>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    const dtype = data instanceof BigInt64Array ? "I64" : "F32";
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / WORD) * WORD;
  const file = new Uint8Array(WORD + length + end).fill(0x20, WORD, WORD + length); // spaces
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, WORD);
  let place = WORD + length;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file.buffer;
}
