// C (rows x columns) = A (rows x depth) B (depth x columns), and what a layer does with each number of it. A number of
// A lies `a_row` behind the one above it and `a_next` behind its neighbour, so that A and B may be transposed.

const SIDE = 32u;  // of a tile of C, which 8 x 8 invocations compute, 4 x 4 numbers each
const DEPTH = 32u; // of the tiles of A and B that lie in the workgroup's memory

const BIAS = 1u; // what is done with C: a bias is added,
const LEAKY = 2u; // and LeakyReLU and dropout follow it,
const TANH = 3u; // or tanh;
const LEAKY_GRADIENT = 4u; // C is multiplied by the gradient of these, `other` being what they gave
const TANH_GRADIENT = 5u;

override slope = 0.2; // of LeakyReLU below 0

@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read> other: array<f32>;

var<workgroup> left: array<f32, 1024>; // SIDE x DEPTH of A, column by column
var<workgroup> right: array<f32, 1024>; // DEPTH x SIDE of B

fn dropping() -> bool { return task.drops == 1u && now.dropped > 0u; }

// Each word drops two units of a row, as in tensor.c.
fn is_kept(row: u32, column: u32) -> bool {
  let words = philox(row, column / 8u, task.draw);
  let word = words[column % 8u / 2u];
  return select(word & 0xffffu, word >> 16u, column % 2u == 1u) >= now.dropped;
}

fn tangent(x: f32) -> f32 {
  let near = x * x;
  let polynomial = ((((-5.70498872745e-3 * near + 2.06390887954e-2) * near - 5.37397155531e-2) * near
    + 1.33314422036e-1) * near - 3.33332819422e-1) * near * x + x; // Cephes, tanhf
  return select(1 - 2 / (exp(2 * clamp(x, -15, 15)) + 1), polynomial, near < 0.390625);
}

fn leaky(x: f32, row: u32, column: u32) -> f32 {
  let y = select(slope * x, x, x > 0);
  if (!dropping()) { return y; }
  return select(0f, now.kept * y, is_kept(row, column));
}

// What was dropped is 0; nothing else is, but by an accident that is worth nothing.
fn leaky_gradient(y: f32) -> f32 {
  if (!dropping()) { return select(slope, 1f, y > 0); }
  return select(select(0f, now.kept * slope, y < 0), now.kept, y > 0);
}

fn finished(x: f32, row: u32, column: u32) -> f32 {
  let place = row * task.columns + column;
  switch task.mode {
    case BIAS: { return x + other[task.other_at + column]; }
    case LEAKY: { return leaky(x + other[task.other_at + column], row, column); }
    case TANH: { return tangent(x + other[task.other_at + column]); }
    case LEAKY_GRADIENT: { return x * leaky_gradient(other[task.other_at + place]); }
    case TANH_GRADIENT: { return x * (1 - other[task.other_at + place] * other[task.other_at + place]); }
    default: { return x; }
  }
}

// Neighbours in memory are loaded by neighbouring invocations.
fn load(index: u32, corner: vec2u, first: u32, rows: u32, depth: u32) {
  let along = task.a_next == 1u;
  let row = select(index % SIDE, index / DEPTH, along);
  let deep = select(index / SIDE, index % DEPTH, along);
  let inside = corner.y + row < rows && first + deep < depth;
  left[deep * SIDE + row] = 0;
  if (inside) { left[deep * SIDE + row] = a[task.a_at + (corner.y + row) * task.a_row + (first + deep) * task.a_next]; }

  let across = task.b_next == 1u;
  let column = select(index / DEPTH, index % SIDE, across);
  let down = select(index % DEPTH, index / SIDE, across);
  let within = corner.x + column < task.columns && first + down < depth;
  right[down * SIDE + column] = 0;
  if (within) {
    right[down * SIDE + column] = b[task.b_at + (first + down) * task.b_row + (corner.x + column) * task.b_next];
  }
}

@compute @workgroup_size(8, 8)
fn multiply(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) at: vec3u,
            @builtin(local_invocation_index) index: u32) {
  let rows = rows_of(task.rows);
  let depth = rows_of(task.depth);
  let corner = tile.xy * SIDE;
  var sums: array<vec4f, 4>;
  for (var first = 0u; first < depth; first += DEPTH) {
    for (var i = 0u; i < SIDE * DEPTH; i += 64u) { load(index + i, corner, first, rows, depth); }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      let line = d * SIDE;
      let j = line + at.x;
      let numbers = vec4f(right[j], right[j + 8u], right[j + 16u], right[j + 24u]);
      for (var i = 0u; i < 4u; i++) { sums[i] += left[line + at.y + 8u * i] * numbers; }
    }
    workgroupBarrier();
  }
  let behind = task.behind * now.rows * task.columns;
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      let row = corner.y + at.y + 8u * i;
      let column = corner.x + at.x + 8u * j;
      if (row < rows && column < task.columns) {
        c[task.c_at + behind + row * task.columns + column] = finished(sums[i][j], row, column);
      }
    }
  }
}
