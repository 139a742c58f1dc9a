// The losses of losses.js: values, and slopes by each of D's logits, not yet divided by the batch's rows. So the
// hinge's slopes are whole numbers, whose sum by D's last bias is exactly 0 where it should be: Adam makes much of a
// remainder.

const G = 2u; // whose loss it is; else D's
const MINIMAX = 1u;
const LEAST_SQUARES = 2u;
const HINGE = 3u;
const LARGEST = 0x7f800000u; // from here on no finite number

@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> slopes: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>; // both losses, D's verdicts on real and fake images
@group(0) @binding(5) var<storage, read_write> diverged: u32; // 2^32 - 1 - the step whose numbers were not finite

var<workgroup> parts: array<vec3f, 256>;

fn softplus(x: f32) -> f32 { return max(x, 0) + log(1 + exp(-abs(x))); }
fn sigmoid(x: f32) -> f32 { return 1 / (1 + exp(-clamp(x, -87, 87))); }

// Value and slope.
fn real(x: f32) -> vec2f {
  let short = now.smoothing;
  switch task.loss {
    case LEAST_SQUARES: { let far = x - 1 + short; return vec2f(far * far / 2, far); }
    case HINGE: { return vec2f(max(0, 1 - x), select(0.0, -1.0, x < 1)); }
    default: { return vec2f(softplus(-x) + short * x, short - sigmoid(-x)); }
  }
}

fn fake(x: f32) -> vec2f {
  switch task.loss {
    case LEAST_SQUARES: { return vec2f(x * x / 2, x); }
    case HINGE: { return vec2f(max(0, 1 + x), select(0.0, 1.0, x > -1)); }
    default: { return vec2f(softplus(x), sigmoid(x)); }
  }
}

fn forger(x: f32) -> vec2f {
  switch task.loss {
    case LEAST_SQUARES: { return vec2f((x - 1) * (x - 1) / 2, x - 1); }
    case HINGE: { return vec2f(-x, -1); }
    case MINIMAX: { return vec2f(-softplus(x), -sigmoid(x)); }
    default: { return vec2f(softplus(-x), -sigmoid(-x)); }
  }
}

@compute @workgroup_size(256)
fn judge(@builtin(local_invocation_index) at: u32) {
  let is_g = task.mode == G;
  var part = vec3f();
  for (var row = at; row < rows_of(0u); row += 256u) {
    let x = logits[row];
    let was_real = !is_g && row < now.rows;
    var both = fake(x);
    if (is_g) { both = forger(x); }
    if (was_real) { both = real(x); }
    slopes[row] = both.y;
    part += vec3f(both.x, select(0f, sigmoid(x), was_real), select(sigmoid(x), 0f, was_real));
  }
  parts[at] = part;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (at < half) { parts[at] += parts[at + half]; }
    workgroupBarrier();
  }
  if (at > 0u || diverged > 0u) { return; }
  if ((bitcast<u32>(parts[0].x) & LARGEST) == LARGEST) { // not compared as a number: a compiler may take all as finite
    diverged = 0xffffffffu - now.step;
  } else if (is_g) {
    sums[0] += parts[0].x * now.share;
  } else {
    for (var i = 0u; i < 3u; i++) { sums[i + 1u] += parts[0][i] * now.share / now.k; }
  }
}
