// What drawing and training need of arithmetic on float32 matrices, row by row in memory. Knows neither networks nor
// the page. The memory belongs to the caller: nothing here allocates.
//
// tensor.wasm and tensor-plain.wasm are this file through zig's clang: with vector instructions, and without for
// browsers that lack them. `python tests/kernels.py` makes them, and a test holds the files together.

typedef float v4 __attribute__((vector_size(16)));                 // four numbers at once
typedef int i4 __attribute__((vector_size(16)));                   // four whole numbers, or the answers of a comparison
typedef float any4 __attribute__((vector_size(16), aligned(4)));   // four numbers at any address
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name))) name
#define ROWS 6     // of a block of the product: with COLUMNS its sums fill twelve of sixteen vector registers
#define COLUMNS 8

static const v4 zeros = {0, 0, 0, 0};

static inline v4 every(float x) { return (v4){x, x, x, x}; }
static inline v4 choose(i4 where, v4 yes, v4 no) { return (v4)(((i4)yes & where) | ((i4)no & ~where)); }

// A block of the product: C (rows x columns, at most ROWS x COLUMNS) = A (rows x depth) B. The COLUMNS columns
// of B lie packed in `panel`. A number of A lies `a_row` behind the one above it, `a_next` behind its neighbour.
static inline __attribute__((always_inline)) void block(
    const int rows, const float *a, int a_row, int a_next, const float *panel, float *c, int c_row, int columns,
    int depth) {
  v4 sums[ROWS][2];
  for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = zeros;
  for (int d = 0; d < depth; d++, a += a_next, panel += COLUMNS) {
    v4 left = *(const v4 *)panel, right = *(const v4 *)(panel + 4);
    for (int r = 0; r < rows; r++) {
      v4 x = every(a[r * a_row]);
      sums[r][0] += x * left;
      sums[r][1] += x * right;
    }
  }
  for (int r = 0; r < rows; r++, c += c_row) {
    if (columns == COLUMNS) {
      *(any4 *)c = sums[r][0];
      *(any4 *)(c + 4) = sums[r][1];
    } else {
      for (int i = 0; i < columns; i++) c[i] = sums[r][i / 4][i % 4];
    }
  }
}

// C (rows x columns) = A (rows x depth) B (depth x columns). `a_row` and `a_next` say how A lies, so that it
// may be transposed; `panel` has room for depth x COLUMNS numbers, on a multiple of 16 bytes.
void EXPORT(multiply)(const float *a, int a_row, int a_next, const float *b, float *c, int rows, int columns, int depth,
                      float *panel) {
  for (int from = 0; from < columns; from += COLUMNS) {
    int some = columns - from < COLUMNS ? columns - from : COLUMNS;
    for (int d = 0; d < depth; d++) {
      for (int i = 0; i < COLUMNS; i++) panel[d * COLUMNS + i] = i < some ? b[d * columns + from + i] : 0;
    }
    int r = 0;
    for (; r + ROWS <= rows; r += ROWS) {
      block(ROWS, a + r * a_row, a_row, a_next, panel, c + r * columns + from, columns, some, depth);
    }
    for (; r < rows; r++) block(1, a + r * a_row, a_row, a_next, panel, c + r * columns + from, columns, some, depth);
  }
}

// y = W x + b for one x: each of its numbers is loaded once for four rows of W. `rows` and `columns` are multiples of
// four, padded with zeros.
void EXPORT(linear)(const float *weight, const float *bias, const float *x, float *y, int rows, int columns) {
  for (int r = 0; r < rows; r += 4) {
    const float *w = weight + r * columns;
    v4 sums[4] = {zeros, zeros, zeros, zeros};
    for (int c = 0; c < columns; c += 4, w += 4) {
      v4 some = *(const v4 *)(x + c);
      for (int i = 0; i < 4; i++) sums[i] += *(const v4 *)(w + i * columns) * some;
    }
    for (int i = 0; i < 4; i++) y[r + i] = bias[r + i] + ((sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]));
  }
}

// B (columns x rows) = A (rows x columns), turned over its diagonal.
void EXPORT(transpose)(const float *a, float *b, int rows, int columns) {
  for (int from = 0; from < rows; from += 16) {  // 16 rows at a time: a cache line of B is filled while it is there
    int to = from + 16 < rows ? from + 16 : rows;
    for (int c = 0; c < columns; c++) {
      for (int r = from; r < to; r++) b[c * rows + r] = a[r * columns + c];
    }
  }
}

// Every row of Y (rows x columns) += bias.
void EXPORT(add_bias)(float *y, const float *bias, int rows, int columns) {
  for (int r = 0; r < rows; r++, y += columns) {
    for (int c = 0; c < columns; c++) y[c] += bias[c];
  }
}

// sums (columns) = the sums of Y's columns (rows x columns). In doubles: with the hinge the gradient by D's last bias
// adds up to 0, and of a remainder of roundings Adam would make steps as large as any.
void EXPORT(sum_rows)(const float *y, float *sums, int rows, int columns) {
  for (int from = 0; from < columns; from += COLUMNS) {
    int some = columns - from < COLUMNS ? columns - from : COLUMNS;
    double sum[COLUMNS] = {0};
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < some; c++) sum[c] += y[r * columns + from + c];
    }
    for (int c = 0; c < some; c++) sums[from + c] = sum[c];
  }
}

// sums (columns) = the sums of the columns of Y times X, number by number (both rows x columns).
void EXPORT(sum_products)(const float *y, const float *x, float *sums, int rows, int columns) {
  for (int c = 0; c < columns; c++) sums[c] = 0;
  for (int r = 0; r < rows; r++, y += columns, x += columns) {
    for (int c = 0; c < columns; c++) sums[c] += y[c] * x[c];
  }
}

// The mean of each column of Y (rows x columns), and behind the means the variance of each.
void EXPORT(column_moments)(const float *y, float *moments, int rows, int columns) {
  float *variances = moments + columns;
  sum_rows(y, moments, rows, columns);
  for (int c = 0; c < columns; c++) moments[c] /= rows, variances[c] = 0;
  for (int r = 0; r < rows; r++, y += columns) {
    for (int c = 0; c < columns; c++) variances[c] += (y[c] - moments[c]) * (y[c] - moments[c]);
  }
  for (int c = 0; c < columns; c++) variances[c] /= rows;
}

// BatchNorm (Ioffe and Szegedy 2015, algorithm 1): plain = (x - mean) scale, y = plain weight + bias, column by column.
void EXPORT(normalise)(const float *x, float *plain, float *y, const float *mean, const float *scale,
                       const float *weight, const float *bias, int rows, int columns) {
  for (int r = 0; r < rows; r++, x += columns, plain += columns, y += columns) {
    for (int c = 0; c < columns; c++) {
      plain[c] = (x[c] - mean[c]) * scale[c];
      y[c] = plain[c] * weight[c] + bias[c];
    }
  }
}

// Its gradient by x, in place of that by y. `sums` are those of the gradient's columns over the whole batch, `products`
// the same of gradient times plain; `share` is 1 / the rows of the whole batch.
void EXPORT(normalise_gradient)(float *gradient, const float *plain, const float *sums, const float *products,
                                const float *scale, const float *weight, int rows, int columns, float share) {
  for (int r = 0; r < rows; r++, gradient += columns, plain += columns) {
    for (int c = 0; c < columns; c++) {
      gradient[c] = (gradient[c] - share * (sums[c] + plain[c] * products[c])) * scale[c] * weight[c];
    }
  }
}

// y = y > 0 ? y : slope y, in place.
void EXPORT(leaky_relu)(float *y, int count, float slope) {
  for (int i = 0; i < count; i++) y[i] = y[i] > 0 ? y[i] : slope * y[i];
}

// The gradient of leaky_relu, in place: y is what it gave, whose sign is that of what it was given.
void EXPORT(leaky_relu_gradient)(float *gradient, const float *y, int count, float slope) {
  for (int i = 0; i < count; i++) gradient[i] *= y[i] > 0 ? 1 : slope;
}

// e to the x: x = n ln 2 + r, e^r by a polynomial (Cephes, expf), times 2^n by the exponent's bits.
static inline v4 exponential(v4 x) {
  x = choose(x < every(-87), every(-87), choose(x > every(88), every(88), x));
  v4 scaled = x * every(1.44269504088896341f) + choose(x < zeros, every(-0.5f), every(0.5f));
  i4 n = __builtin_convertvector(scaled, i4);
  v4 whole = __builtin_convertvector(n, v4);
  v4 r = x - whole * every(0.693359375f) + whole * every(2.12194440e-4f);
  v4 p = every(1.9875691500e-4f);
  p = p * r + every(1.3981999507e-3f);
  p = p * r + every(8.3334519073e-3f);
  p = p * r + every(4.1665795894e-2f);
  p = p * r + every(1.6666665459e-1f);
  p = p * r + every(5.0000001201e-1f);
  i4 power = (n + (i4){127, 127, 127, 127}) << 23;
  return (p * r * r + r + every(1)) * (v4)power;
}

// tanh: near 0 by a polynomial (Cephes, tanhf), elsewhere from e^2x.
static inline v4 tangent(v4 x) {
  v4 far = every(1) - every(2) / (exponential(x + x) + every(1));
  v4 z = x * x, p = every(-5.70498872745e-3f);
  p = p * z + every(2.06390887954e-2f);
  p = p * z + every(-5.37397155531e-2f);
  p = p * z + every(1.33314422036e-1f);
  p = p * z + every(-3.33332819422e-1f);
  return choose(z < every(0.390625f), p * z * x + x, far);
}

// y = tanh(y), in place. `count` is rounded up to a multiple of four: the caller leaves room.
void EXPORT(tanh_in_place)(float *y, int count) {
  for (int i = 0; i < count; i += 4) *(v4 *)(y + i) = tangent(*(v4 *)(y + i));
}

// The gradient of tanh, in place: y is what it gave.
void EXPORT(tanh_gradient)(float *gradient, const float *y, int count) {
  for (int i = 0; i < count; i++) gradient[i] *= 1 - y[i] * y[i];
}

// y = y * by, in place: a dropout mask, and its gradient.
void EXPORT(scale_by)(float *y, const float *by, int count) {
  for (int i = 0; i < count; i++) y[i] *= by[i];
}

// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words out of a key and
// a counter alone, so there is no state to carry along, and any worker can draw any row's numbers.
static inline void philox(u32 key, u32 key_high, u32 x0, u32 x1, u32 x2, u32 x3, u32 out[4]) {
  for (int round = 0; round < 10; round++) {
    u64 first = (u64)0xD2511F53 * x0, second = (u64)0xCD9E8D57 * x2;
    x0 = (u32)(second >> 32) ^ x1 ^ key;
    x1 = (u32)second;
    x2 = (u32)(first >> 32) ^ x3 ^ key_high;
    x3 = (u32)first;
    key += 0x9E3779B9;
    key_high += 0xBB67AE85;
  }
  out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

// Random words for `rows` rows from row `first` on, each of `columns` words (a multiple of four): the number of the
// step and of the draw in it say which.
void EXPORT(random_words)(u32 *words, int rows, int columns, int first, u32 seed, u32 step, u32 draw) {
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c += 4, words += 4) philox(seed, draw, first + r, c / 4, step, 0, words);
  }
}

// A dropout mask (rows x columns): 0 with probability `dropped` of 65536, else `kept`. Each word drops two units.
void EXPORT(dropout_mask)(float *mask, int rows, int columns, int first, u32 dropped, float kept, u32 seed, u32 step,
                          u32 draw) {
  u32 words[4];
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c++, mask++) {
      if (c % 8 == 0) philox(seed, draw, first + r, c / 8, step, 0, words);
      u32 word = words[c % 8 / 2];
      *mask = (c % 2 ? word >> 16 : word & 0xFFFF) < dropped ? 0 : kept;
    }
  }
}

// Adam (Kingma and Ba 2015, algorithm 1), in torch's order of operations. `rate` is divided by 1 - beta1^t already, and
// `correction` is the root of 1 - beta2^t.
void EXPORT(adam)(float *weights, const float *gradients, float *means, float *squares, int count, float rate,
                  float beta1, float beta2, float correction, float epsilon) {
  for (int i = 0; i < count; i += 4) {
    v4 g = *(const v4 *)(gradients + i), m = *(v4 *)(means + i), s = *(v4 *)(squares + i);
    m = m + (g - m) * every(1 - beta1);
    s = s * every(beta2) + g * g * every(1 - beta2);
    *(v4 *)(means + i) = m;
    *(v4 *)(squares + i) = s;
    v4 root = __builtin_elementwise_sqrt(s) / every(correction);
    *(v4 *)(weights + i) -= every(rate) * m / (root + every(epsilon));
  }
}

// Gradient descent with momentum, as torch's SGD has it; `first`: there is no momentum yet.
void EXPORT(sgd)(float *weights, const float *gradients, float *momenta, int count, float rate, float momentum,
                 int first) {
  for (int i = 0; i < count; i++) {
    momenta[i] = first ? gradients[i] : momentum * momenta[i] + gradients[i];
    weights[i] -= rate * momenta[i];
  }
}

// averages += share (weights - averages): a moving average of the weights.
void EXPORT(follow)(float *averages, const float *weights, int count, float share) {
  for (int i = 0; i < count; i++) averages[i] += share * (weights[i] - averages[i]);
}

// The sum of all squares: infinite or no number where one of them is.
float EXPORT(sum_of_squares)(const float *y, int count) {
  float sum = 0;
  for (int i = 0; i < count; i++) sum += y[i] * y[i];
  return sum;
}

// The surroundings of each pixel of an image (side x side x channels): rows of 5 x 5 x channels numbers, 0 beyond the
// edge. Then a convolution is a product.
void EXPORT(patches)(const float *image, float *rows, int side, int channels) {
  for (int y = 0; y < side; y++) {
    for (int x = 0; x < side; x++) {
      for (int v = y - 2; v <= y + 2; v++) {
        for (int u = x - 2; u <= x + 2; u++, rows += channels) {
          int inside = v >= 0 && v < side && u >= 0 && u < side;
          for (int c = 0; c < channels; c++) rows[c] = inside ? image[(v * side + u) * channels + c] : 0;
        }
      }
    }
  }
}

// The largest of each 2 x 2 pixels plus bias, and ReLU: side x side x channels to a quarter of it.
void EXPORT(pool)(const float *image, const float *bias, float *y, int side, int channels) {
  int row = side * channels;
  for (int v = 0; v < side; v += 2) {
    for (int u = 0; u < side; u += 2, y += channels) {
      const float *at = image + v * row + u * channels;
      for (int c = 0; c < channels; c++) {
        float above = at[c] > at[channels + c] ? at[c] : at[channels + c];
        float below = at[row + c] > at[row + channels + c] ? at[row + c] : at[row + channels + c];
        float most = (above > below ? above : below) + bias[c];
        y[c] = most > 0 ? most : 0;
      }
    }
  }
}
