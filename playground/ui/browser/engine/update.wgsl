// What moves the weights: first a look whether the gradients are finite, then Adam or descent, and the moving average.
// Gradients come undivided by the batch's rows. Once a step has diverged nothing moves any more.

@group(0) @binding(2) var<storage, read> gradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> means: array<f32>;
@group(0) @binding(5) var<storage, read_write> squares: array<f32>;
@group(0) @binding(6) var<storage, read_write> diverged: atomic<u32>;
@group(0) @binding(7) var<storage, read> halted: u32; // the same, to be read only
@group(0) @binding(8) var<storage, read_write> averages: array<f32>;

// A square of what is larger than this would be infinite.
const LARGEST = 1.8e19;

@compute @workgroup_size(64)
fn check(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= task.count) { return; }
  let bits = bitcast<u32>(gradients[i] * now.share) & 0x7fffffffu; // of numbers that are none too
  if (bits >= bitcast<u32>(LARGEST)) { _ = atomicMax(&diverged, 0xffffffffu - now.step); } // the first such step stays
}

// Kingma and Ba 2015, algorithm 1, in torch's order of operations. The rate is divided by 1 - beta1^t already, and the
// correction is the root of 1 - beta2^t.
@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= task.count || halted > 0u) { return; }
  let turn = now.turns[task.turn];
  let g = gradients[i] * now.share;
  let mean = means[i] + (g - means[i]) * (1 - now.beta1);
  let square = squares[i] * now.beta2 + g * g * (1 - now.beta2);
  means[i] = mean;
  squares[i] = square;
  weights[i] -= turn.x * mean / (sqrt(square) / turn.y + now.epsilon);
}

// As torch's SGD: in the first step there is no momentum yet.
@compute @workgroup_size(64)
fn descend(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= task.count || halted > 0u) { return; }
  let turn = now.turns[task.turn];
  let g = gradients[i] * now.share;
  let momentum = select(now.beta1 * means[i] + g, g, turn.z > 0);
  means[i] = momentum;
  weights[i] -= turn.x * momentum;
}

@compute @workgroup_size(64)
fn follow(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = place(at, groups);
  if (i >= task.count || halted > 0u) { return; }
  averages[i] += now.average * (weights[i] - averages[i]);
}
