// Drawings (784 numbers from -1 to 1) and other grids of numbers, put on canvases.

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

const WARM = [230, 159, 0],
  COLD = [235, 235, 235]; // the forger's orange for what is positive, grey for what is not

/** Put numbers on a canvas as a heat map: black at 0, orange at `limit` and above, grey at -`limit` and below. */
export function paintHeat(canvas, values, limit) {
  const image = imageOf(canvas),
    { data } = image;
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const value = values[i] || 0; // a grid may have more cells than there are values
    const hue = value > 0 ? WARM : COLD,
      strength = Math.min(1, Math.abs(value) / limit);
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = hue[channel] * strength;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
