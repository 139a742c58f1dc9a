// What is done with each number of a batch by itself: noise, pixels, and BatchNorm once its sums are known.

override slope = 0.2; // of LeakyReLU below 0

const WORDS = 4294967296.0;
const TURN = 6.283185307179586;

@group(0) @binding(2) var<storage, read> given: array<f32>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read_write> plain: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;
@group(0) @binding(7) var<storage, read> pixels: array<u32>;
@group(0) @binding(8) var<storage, read> others: array<f32>;

// Sine and cosine of a share of a turn, from -1/2 to 1/2: WGSL's own may be wrong in the fourth digit. Within an eighth
// of a turn by Cephes' sinf and cosf; the rest is that, turned over.
fn circle(share: f32) -> vec2f {
  let eighth = round(4 * share);
  let x = TURN * (share - eighth / 4);
  let z = x * x;
  let sine = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * x + x;
  let cosine = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1;
  switch (i32(eighth) & 3) {
    case 1: { return vec2f(cosine, -sine); }
    case 2: { return vec2f(-sine, -cosine); }
    case 3: { return vec2f(-cosine, sine); }
    default: { return vec2f(sine, cosine); }
  }
}

// Normal numbers (rows x columns), two of each pair of words: Box and Muller 1958, as in random.js.
@compute @workgroup_size(64)
fn normal(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  let pairs = (task.columns + 1u) / 2u;
  let row = i / pairs;
  let column = i % pairs * 2u;
  if (row >= now.rows) { return; }
  let words = philox(row, column / 4u, task.draw);
  let first = words[column % 4u];
  let second = words[column % 4u + 1u];
  let length = sqrt(max(0f, -2 * log((f32(first) + 1) / WORDS))); // near 1 a logarithm may be wrong by a little
  let both = length * circle(f32(bitcast<i32>(second)) / WORDS);
  result[row * task.columns + column] = both.y;
  if (column + 1u < task.columns) { result[row * task.columns + column + 1u] = both.x; }
}

// The real images of a batch, from bytes to -1 to 1.
@compute @workgroup_size(64)
fn brighten(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= now.rows * task.columns / 4u) { return; }
  for (var j = 0u; j < 4u; j++) { result[4u * i + j] = f32((pixels[i] >> (8u * j)) & 0xffu) / 127.5 - 1; }
}

// BatchNorm and LeakyReLU: `plain` has mean 0 and variance 1.
@compute @workgroup_size(64)
fn normalise(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= now.rows * task.columns) { return; }
  let column = i % task.columns;
  let x = (given[i] - sums[column]) * sums[task.columns + column];
  let y = x * weights[task.a_at + column] + weights[task.b_at + column];
  plain[i] = x;
  result[i] = select(slope * y, y, y > 0);
}

// The gradient of BatchNorm by what it was given, in place of that by what it gave: `others` are the sums of its
// forward pass, `sums` those of this gradient.
@compute @workgroup_size(64)
fn normalise_gradient(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= now.rows * task.columns) { return; }
  let column = i % task.columns;
  let mean = now.share * (sums[column] + given[i] * sums[task.columns + column]);
  result[i] = (result[i] - mean) * others[task.columns + column] * weights[task.a_at + column];
}
