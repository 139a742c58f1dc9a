// What all kernels share. Each works in one task: the numbers that say which part of which buffer, and how. Knows
// neither networks nor the page.

// What changes from step to step. The batch has `rows` rows, of which each counts `share`; `dropped` of 65536 units are
// dropped, the others become `kept` times as large. `turns`: rate, correction and first of an update (see update.wgsl).
struct Now {
  step: u32, rows: u32, seed: u32, dropped: u32,
  kept: f32, share: f32, smoothing: f32, k: f32,
  average: f32, beta1: f32, beta2: f32, epsilon: f32,
  turns: array<vec4f, 11>,
}

// What stays. Of rows and depth 0 means: `times` the rows of the batch. Places count numbers.
struct Task {
  rows: u32, columns: u32, depth: u32, times: u32,
  a_at: u32, a_row: u32, a_next: u32, b_at: u32,
  b_row: u32, b_next: u32, c_at: u32, other_at: u32,
  mode: u32, draw: u32, drops: u32, behind: u32, // of c: behind as many rows as the batch has
  turn: u32, loss: u32, count: u32, kept_at: u32,
}

@group(0) @binding(0) var<uniform> now: Now;
@group(0) @binding(1) var<uniform> task: Task;

fn rows_of(given: u32) -> u32 { return select(given, task.times * now.rows, given == 0u); }

// The number of an invocation of a kernel that takes numbers one by one, in workgroups of 64.
fn place(at: vec3u, groups: vec3u) -> u32 { return at.y * groups.x * 64u + at.x; }

// The high word of a product of two words: WGSL knows the low one only.
fn high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let right = (a & 0xffffu) * (b >> 16u) + (left & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u);
}

// Philox4x32-10, as in tensor.c: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
fn philox(row: u32, number: u32, draw: u32) -> vec4u {
  var x = vec4u(row, number, now.step, 0u);
  var key = vec2u(now.seed, draw);
  for (var round = 0u; round < 10u; round++) {
    x = vec4u(high(0xCD9E8D57u, x.z) ^ x.y ^ key.x, 0xCD9E8D57u * x.z,
              high(0xD2511F53u, x.x) ^ x.w ^ key.y, 0xD2511F53u * x.x);
    key += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return x;
}
