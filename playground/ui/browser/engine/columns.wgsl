// Sums down the columns of a matrix (rows x columns): gradients by biases, and what BatchNorm needs (Ioffe and Szegedy
// 2015, algorithm 1). A workgroup adds up COLUMNS columns, in LANES runs of rows each.

const COLUMNS = 8u;
const LANES = 32u;
const EPSILON = 1e-5; // of BatchNorm, as torch has it
const MOMENTUM = 0.1; // of its running averages

@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> kept: array<f32>; // running means, and behind them running variances
@group(0) @binding(6) var<storage, read_write> gradients: array<f32>;
@group(0) @binding(7) var<storage, read> diverged: u32;

var<workgroup> parts: array<f32, 256>;

// The sum of all lanes of a column.
fn joined(part: f32, at: vec3u) -> f32 {
  workgroupBarrier();
  parts[at.y * COLUMNS + at.x] = part;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (at.y < half) { parts[at.y * COLUMNS + at.x] += parts[(at.y + half) * COLUMNS + at.x]; }
    workgroupBarrier();
  }
  return parts[at.x];
}

fn number(row: u32, column: u32) -> f32 {
  if (column >= task.columns) { return 0; }
  return y[row * task.columns + column];
}

@compute @workgroup_size(8, 32)
fn add_up(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let column = group.x * COLUMNS + at.x;
  var sum = 0.0;
  for (var row = at.y; row < rows_of(0u); row += LANES) { sum += number(row, column); }
  sum = joined(sum, at);
  if (at.y == 0u && column < task.columns) { sums[task.c_at + column] = sum; }
}

// Each column's mean, and behind the means 1 / the root of each variance; the running averages follow.
@compute @workgroup_size(8, 32)
fn moments(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let column = group.x * COLUMNS + at.x;
  let rows = rows_of(0u);
  var sum = 0.0;
  for (var row = at.y; row < rows; row += LANES) { sum += number(row, column); }
  let mean = joined(sum, at) / f32(rows);
  var squares = 0.0;
  for (var row = at.y; row < rows; row += LANES) {
    let far = number(row, column) - mean;
    squares += far * far;
  }
  let variance = joined(squares, at) / f32(rows);
  if (at.y > 0u || column >= task.columns) { return; }
  sums[column] = mean;
  sums[task.columns + column] = inverseSqrt(variance + EPSILON);
  if (diverged > 0u) { return; }
  let second = task.kept_at + task.columns + column;
  kept[task.kept_at + column] += MOMENTUM * (mean - kept[task.kept_at + column]);
  kept[second] += MOMENTUM * (variance * f32(rows) / f32(rows - 1u) - kept[second]);
}

// Of BatchNorm's gradient: the sums of y, and behind them those of y times x. They are those by its bias and weight.
@compute @workgroup_size(8, 32)
fn products(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let column = group.x * COLUMNS + at.x;
  var sum = 0.0;
  var product = 0.0;
  for (var row = at.y; row < rows_of(0u); row += LANES) {
    let some = number(row, column);
    sum += some;
    if (column < task.columns) { product += some * x[row * task.columns + column]; }
  }
  sum = joined(sum, at);
  product = joined(product, at);
  if (at.y > 0u || column >= task.columns) { return; }
  sums[column] = sum;
  sums[task.columns + column] = product;
  gradients[task.c_at + column] = sum; // by the bias
  gradients[task.other_at + column] = product; // by the weight
}
