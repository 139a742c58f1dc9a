// A ZIP file of files that are kept as they are: a PNG is compressed already. The records are those of PKWARE's
// APPNOTE.TXT 6.3.10: 4.3.7 a file's header, 4.3.12 its entry in the directory, 4.3.16 the end. Knows no page.

/** @typedef {{ name: string, bytes: Uint8Array<ArrayBuffer> }} File */
/** @typedef {[size: 2 | 4, value: number]} Field a number, little-endian */

const VERSION = 20; // of the format that can read it: 2.0
const UTF8 = 0x0800; // flag: names are UTF-8
const STORED = 0;
const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * The files as one ZIP, dated `now`.
 * @param {readonly File[]} files
 * @param {Date} [now]
 */
export function zip(files, now = new Date()) {
  const parts = [],
    entries = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const letters = new TextEncoder().encode(name),
      about = aboutFile(bytes, letters.length, now),
      header = packed([4, 0x04034b50], ...about);
    parts.push(header, letters, bytes);
    entries.push(packed([4, 0x02014b50], [2, VERSION], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), letters);
    at += header.length + letters.length + bytes.length;
  }
  const size = entries.reduce((sum, { length }) => sum + length, 0),
    count = files.length;
  const end = packed([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);
  return new Blob([...parts, ...entries, end], { type: "application/zip" });
}

/**
 * What a file's header and its entry in the directory have in common: from the version to the length of the extras.
 * @param {Uint8Array} bytes
 * @param {number} letters of its name
 * @param {Date} now
 * @returns {Field[]}
 */
function aboutFile(bytes, letters, now) {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1),
    date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(),
    { length } = bytes;
  return [
    ...fields(2, VERSION, UTF8, STORED, time, date),
    ...fields(4, crc32(bytes), length, length),
    ...fields(2, letters, 0),
  ];
}

/** @param {2 | 4} size @param {...number} values @returns {Field[]} */
const fields = (size, ...values) => values.map((value) => [size, value]);

/** @param {...Field} numbers */
function packed(...numbers) {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRCS[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
