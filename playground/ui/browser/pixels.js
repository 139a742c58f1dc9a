// Drawings (784 numbers from -1 to 1) and other grids of numbers on canvases, and canvases as PNG files.

export const SIDE = 28;
export const BLACK = new Float32Array(SIDE * SIDE).fill(-1);

const toGrey = (x) => Math.round((x + 1) * 127.5); // the Contract's drawing to pixels
const images = new WeakMap(); // canvas to its ImageData: one a canvas, not one a frame

function imageOf(canvas) {
  const { width, height } = canvas;
  const known = images.get(canvas);
  if (known?.width === width && known.height === height) return known;
  const image = canvas.getContext("2d").createImageData(width, height);
  image.data.fill(255);
  images.set(canvas, image);
  return image;
}

/** Put a drawing on a canvas of 28 x 28, or at one place of a larger sheet of them. */
export function paint(canvas, drawing, column = 0, row = 0) {
  const { data, width } = imageOf(canvas);
  for (let i = 0; i < drawing.length; i++) {
    const at = ((row * SIDE + Math.floor(i / SIDE)) * width + column * SIDE + (i % SIDE)) * 4;
    data[at] = data[at + 1] = data[at + 2] = toGrey(drawing[i]);
  }
  canvas.getContext("2d").putImageData(imageOf(canvas), 0, 0, column * SIDE, row * SIDE, SIDE, SIDE);
}

const WARM = [230, 159, 0], COLD = [235, 235, 235]; // the forger's orange for what is positive, grey for what is not

/** Put numbers on a canvas as a heat map: black at 0, orange at `limit` and above, grey at -`limit` and below. */
export function paintHeat(canvas, values, limit) {
  const image = imageOf(canvas), { data } = image;
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const value = values[i] || 0; // a grid may have more cells than there are values
    const hue = value > 0 ? WARM : COLD, strength = Math.min(1, Math.abs(value) / limit);
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = hue[channel] * strength;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Let the visitor save a drawing as PNG, each pixel `scale` x `scale`. */
export function savePng(drawing, scale, name) {
  const small = document.createElement("canvas"), large = document.createElement("canvas");
  small.width = small.height = SIDE;
  large.width = large.height = SIDE * scale;
  paint(small, drawing);
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  large.toBlob((blob) => save(blob, name), "image/png");
}

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  saveAddress(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Let the visitor save what lies at an address (of data, or of this page) under a name. */
export function saveAddress(address, name) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
}

/** Copy text, also on a plain http page, where browsers have no `navigator.clipboard`. Says whether it worked. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea"), focused = document.activeElement;
    field.value = text;
    field.style.position = "fixed"; // no jump to the foot of the page
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
