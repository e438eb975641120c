#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "agents/nn/integer_layer.hpp"
#include "tests/unit/nn/nets.hpp"

// Integer layers against plain loops in 64-bit integers: every bit, on every instruction set.
namespace swarm::nn {
namespace {

/// What the plain loops compute. Only `right` is the layers' contract; the others are faults it must tell
/// apart.
enum class Loop { right, zero_point_forgotten, pairs_saturate, nibbles_swapped, one_range_per_batch };

/// Numbers one after another, the same for the same seed.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(9, Stream::experiment), seed_(seed) {}
  std::uint32_t word() { return random_.block(1, seed_, count_++)[0]; }
  /// Uniform in least … most.
  std::size_t between(std::size_t least, std::size_t most) { return least + word() % (most - least + 1); }
  /// Uniform in (−size, size).
  float real(float size) { return size * static_cast<float>(2.0 * uniform_open(word()) - 1.0); }
  std::vector<float> reals(std::size_t n, float size) {
    std::vector<float> out(n);
    for (float& v : out) v = real(size);
    return out;
  }
  std::vector<std::int8_t> integers(std::size_t n, int least, int most) {
    std::vector<std::int8_t> out(n);
    for (std::int8_t& v : out)
      v = static_cast<std::int8_t>(least +
                                   static_cast<int>(between(0, static_cast<std::size_t>(most - least))));
    return out;
  }

 private:
  Random random_;
  std::uint64_t seed_;
  std::uint32_t count_ = 0;
};

std::uint8_t rounded(float y, const Affine& affine) {
  const float t = std::nearbyint(y * (1.0f / affine.scale));
  const double q = static_cast<double>(t) + affine.zero_point;
  return static_cast<std::uint8_t>(q > 0 ? std::min(q, 255.0) : 0.0);
}

/// One job: a layer, its activations as floats and as bytes, each row with its range.
struct Case {
  IntegerWeights weights;
  std::vector<float> bias, x;
  std::vector<std::uint8_t> q;  // n × padded(in)
  std::vector<Affine> range;    // of each row
  std::size_t n;
  Activation activation;
  Affine output;

  std::size_t stride() const { return padded(weights.in); }

  /// How the batch is quantised by plain loops.
  void quantise(bool dynamic, Loop loop) {
    const std::size_t in = weights.in;
    range.assign(n, affine_of(x));
    if (dynamic && loop != Loop::one_range_per_batch)
      for (std::size_t r = 0; r < n; ++r) range[r] = affine_of({x.data() + r * in, in});
    q.assign(n * stride(), 0);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t i = 0; i < in; ++i) q[r * stride() + i] = rounded(x[r * in + i], range[r]);
  }

  std::int64_t sum(std::size_t r, std::size_t o, Loop loop) const {
    const std::size_t in = weights.in;
    const std::int64_t zero_point = loop == Loop::zero_point_forgotten ? 0 : range[r].zero_point;
    std::int64_t sum = 0, pair = 0;
    for (std::size_t i = 0; i < in; ++i) {
      std::size_t from = i;
      if (loop == Loop::nibbles_swapped && (i ^ 4) < in) from = i ^ 4;
      const std::int64_t weight = weights.values[from * weights.out + o];
      pair += q[r * stride() + i] * weight;
      sum -= zero_point * weight;
      if (i % 2 == 1 || i + 1 == in) {
        sum += loop == Loop::pairs_saturate ? std::clamp<std::int64_t>(pair, -32768, 32767) : pair;
        pair = 0;
      }
    }
    return sum;
  }

  float y(std::size_t r, std::size_t o, Loop loop) const {
    const float v = std::fma(static_cast<float>(sum(r, o, loop)), range[r].scale * weights.scale[o], bias[o]);
    return activation == Activation::relu && v < 0 ? 0.0f : v;
  }
};

/// A random layer and batch of widths up to `widest`.
Case random_case(std::uint64_t seed, std::size_t widest, std::size_t most_rows) {
  Draws draws(seed);
  const std::size_t in = draws.between(1, widest), out = draws.between(1, widest);
  Case c;
  c.n = draws.between(1, most_rows);
  const IntegerFormat format = draws.between(0, 1) == 0 ? IntegerFormat::int8 : IntegerFormat::int4;
  if (draws.between(0, 1) == 0) {
    c.weights = quantise_weights(draws.reals(in * out, 0.3f), in, out, format);
  } else {  // every value, large ones often
    const int most = format == IntegerFormat::int8 ? 127 : 7;
    c.weights = {format, in, out, draws.integers(in * out, -most - 1, most), std::vector<float>(out)};
    for (float& scale : c.weights.scale) scale = 0.01f + std::fabs(draws.real(0.1f));
  }
  c.bias = draws.reals(out, 1.0f);
  c.x.resize(c.n * in);
  for (std::size_t r = 0; r < c.n; ++r) {  // rows of different size and position, some without a range
    const float size = draws.between(0, 9) == 0 ? 0.0f : std::fabs(draws.real(3.0f)),
                shift = draws.real(size);
    for (std::size_t i = 0; i < in; ++i) c.x[r * in + i] = shift + draws.real(size);
  }
  c.activation = draws.between(0, 1) == 0 ? Activation::none : Activation::relu;
  c.output = {0.001f + std::fabs(draws.real(0.05f)), static_cast<std::int32_t>(draws.between(0, 3) * 85)};
  return c;
}

/// All that the fast code makes of a case.
struct Outcome {
  std::vector<std::uint8_t> q;
  std::vector<Affine> range;
  std::vector<std::int32_t> sums;
  std::vector<float> y;
  std::vector<std::uint8_t> bytes;  // n × out

  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.q == b.q && a.range == b.range && a.sums == b.sums && a.bytes == b.bytes &&
           std::equal(a.y.begin(), a.y.end(), b.y.begin(), b.y.end(), [](float u, float v) {
             return std::bit_cast<std::uint32_t>(u) == std::bit_cast<std::uint32_t>(v);
           });
  }
};

Outcome naive(Case c, bool dynamic, Loop loop) {
  c.quantise(dynamic, loop);
  Outcome out{{}, c.range, {}, {}, {}};
  for (std::size_t r = 0; r < c.n; ++r) {
    out.q.insert(out.q.end(), c.q.begin() + static_cast<std::ptrdiff_t>(r * c.stride()),
                 c.q.begin() + static_cast<std::ptrdiff_t>(r * c.stride() + c.weights.in));
    for (std::size_t o = 0; o < c.weights.out; ++o) {
      out.sums.push_back(static_cast<std::int32_t>(c.sum(r, o, loop)));
      out.y.push_back(c.y(r, o, loop));
      out.bytes.push_back(rounded(out.y.back(), c.output));
    }
  }
  return out;
}

/// Rows in steps of `step`, to show that batches do not matter.
Outcome fast(const Case& c, bool dynamic, std::size_t step) {
  const std::size_t in = c.weights.in, out = c.weights.out, stride = c.stride(), width = padded(out);
  IntegerLayer layer(c.weights, c.bias);
  const Affine all = affine_of(c.x);
  if (!dynamic) layer.calibrate(all);
  Outcome outcome;
  outcome.range.assign(c.n, all);
  outcome.sums.resize(c.n * out);
  outcome.y.resize(c.n * out);
  std::vector<std::uint8_t> q(step * stride, 99), bytes(step * width);
  std::vector<float> scale(step);
  std::vector<std::int32_t> zero_point(step);
  for (std::size_t r = 0; r < c.n; r += step) {
    const std::size_t n = std::min(step, c.n - r);
    ByteRows rows{.q = q.data(), .stride = stride, .n = n};
    if (dynamic) {
      quantise_rows(c.x.data() + r * in, in, n, in, q.data(), stride, scale.data(), zero_point.data());
      rows.scale = scale.data();
      rows.zero_point = zero_point.data();
      for (std::size_t i = 0; i < n; ++i) outcome.range[r + i] = {scale[i], zero_point[i]};
    } else {
      quantise_rows(c.x.data() + r * in, in, n, in, all, q.data(), stride);
    }
    integer_sums(layer, rows, outcome.sums.data() + r * out, out);
    forward(layer, rows, c.activation, outcome.y.data() + r * out, out, out);
    forward_bytes(layer, rows, c.activation, c.output, bytes.data(), width);
    for (std::size_t i = 0; i < n; ++i) {
      outcome.q.insert(outcome.q.end(), q.data() + i * stride, q.data() + i * stride + in);
      outcome.bytes.insert(outcome.bytes.end(), bytes.data() + i * width, bytes.data() + i * width + out);
    }
  }
  return outcome;
}

std::string name_of(const Case& c, std::uint64_t seed, bool dynamic) {
  return "seed " + std::to_string(seed) + ": " + std::to_string(c.n) + " rows, " +
         std::to_string(c.weights.in) + " to " + std::to_string(c.weights.out) +
         (c.weights.format == IntegerFormat::int8 ? ", int8" : ", int4") +
         (dynamic ? ", dynamic" : ", static");
}

TEST(NnInteger, EqualsThePlainLoopsBitForBit) {
  const std::vector<Isa> sets = test::supported_sets();
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    // Small shapes meet most edges; some large ones cross panels.
    const Case c = random_case(seed, seed % 10 == 0 ? 150 : 40, seed % 10 == 0 ? 20 : 70);
    const bool dynamic = seed / 2 % 2 == 0;
    const Outcome expected = naive(c, dynamic, Loop::right);
    for (const Isa set : sets) {
      const test::Forced forced(set);
      ASSERT_EQ(fast(c, dynamic, c.n), expected) << name_of(c, seed, dynamic) << ", " << enum_name(set);
    }
  }
}

TEST(NnInteger, EveryBatchSizeGivesTheSameBits) {
  for (const IntegerFormat format : {IntegerFormat::int8, IntegerFormat::int4})
    for (const bool dynamic : {false, true}) {
      Case c = random_case(1, 1, 1);
      Draws draws(17);
      c.weights = quantise_weights(draws.reals(33 * 100, 1.0f), 33, 100, format);
      c.bias = draws.reals(100, 1.0f);
      c.n = 70;
      c.x = draws.reals(70 * 33, 1.0f);
      const Outcome expected = naive(c, dynamic, Loop::right);
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        for (std::size_t step = 1; step <= 70; ++step)
          ASSERT_EQ(fast(c, dynamic, step), expected) << enum_name(set) << ", batches of " << step;
      }
    }
}

TEST(NnInteger, TheBitCheckCatchesFaults) {
  const auto caught = [](Loop loop, IntegerFormat format, bool dynamic) {
    std::size_t cases = 0, different = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Case c = random_case(seed, 40, 20);
      if (c.weights.format != format || c.n < 4 || c.weights.in < 16 || c.weights.out < 4) continue;
      ++cases;
      different += !(fast(c, dynamic, c.n) == naive(c, dynamic, loop));
    }
    EXPECT_GT(cases, 20u);
    return static_cast<double>(different) / static_cast<double>(cases);
  };
  for (const bool dynamic : {false, true}) {
    EXPECT_EQ(caught(Loop::right, IntegerFormat::int8, dynamic), 0.0);
    EXPECT_GT(caught(Loop::zero_point_forgotten, IntegerFormat::int8, dynamic), 0.9);
    EXPECT_GT(caught(Loop::zero_point_forgotten, IntegerFormat::int4, dynamic), 0.9);
    EXPECT_GT(caught(Loop::pairs_saturate, IntegerFormat::int8, dynamic), 0.9);
    EXPECT_GT(caught(Loop::nibbles_swapped, IntegerFormat::int4, dynamic), 0.9);
  }
  EXPECT_GT(caught(Loop::one_range_per_batch, IntegerFormat::int8, true), 0.9);
}

TEST(NnInteger, RowsAreQuantisedAsOnnxDoesButForTies) {
  // Multiplying by the rounded inverse may differ where x/scale lies within 2·2^-23 of its size from a tie.
  Draws draws(3);
  std::size_t near_ties = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<float> x = draws.reals(160, 2.0f);
    const Affine affine = affine_of(x);
    for (std::size_t i = 0; i < 80; ++i)  // ties and their neighbours
      x[i] = (static_cast<float>(draws.between(0, 100)) + 0.5f) * affine.scale;
    std::vector<std::uint8_t> exact(x.size()), q(x.size());
    quantise_linear(x, affine, exact);
    quantise_rows(x.data(), 160, 1, 160, affine, q.data(), 160);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double quotient = static_cast<double>(x[i]) / static_cast<double>(affine.scale);
      const double from_tie = std::fabs(std::fabs(quotient - std::floor(quotient)) - 0.5);
      if (from_tie > std::ldexp(std::fabs(quotient), -22)) {
        ASSERT_EQ(q[i], exact[i]) << x[i] << " / " << affine.scale;
      } else {
        ++near_ties;
        ASSERT_LE(std::abs(q[i] - exact[i]), 1);
      }
    }
  }
  EXPECT_GT(near_ties, 20'000u);
}

TEST(NnOnnx, MatMulIntegerWithZeroPointsOfBothSides) {
  // uint8 activations and weights. Weights less 128 are int8; an output of ones gives Σ(a − za), from which
  // their zero points follow: Σ(a − za)(b − zb) = Σ(a − za)(b − 128) − (zb − 128)·Σ(a − za).
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Draws draws(seed);
    const std::size_t in = draws.between(1, 70), out = draws.between(1, 70), n = draws.between(1, 20);
    std::vector<int> b(in * out), zb(out);
    for (int& v : b) v = static_cast<int>(draws.between(0, 255));
    for (int& v : zb) v = static_cast<int>(draws.between(0, 255));
    const int za = static_cast<int>(draws.between(0, 255));
    IntegerWeights weights{IntegerFormat::int8, in, out + 1, {}, std::vector<float>(out + 1, 1.0f)};
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t o = 0; o < out; ++o)
        weights.values.push_back(static_cast<std::int8_t>(b[i * out + o] - 128));
      weights.values.push_back(1);
    }
    IntegerLayer layer(weights, std::vector<float>(out + 1, 0.0f));
    layer.calibrate({1, za});
    std::vector<std::uint8_t> a(n * padded(in));
    for (std::uint8_t& v : a) v = static_cast<std::uint8_t>(draws.word());
    std::vector<std::int32_t> sums(n * (out + 1));
    integer_sums(layer, {.q = a.data(), .stride = padded(in), .n = n}, sums.data(), out + 1);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t o = 0; o < out; ++o) {
        std::int64_t expected = 0;
        for (std::size_t i = 0; i < in; ++i)
          expected += std::int64_t{a[r * padded(in) + i] - za} * (b[i * out + o] - zb[o]);
        const std::int32_t* row = sums.data() + r * (out + 1);
        ASSERT_EQ(row[o] - (zb[o] - 128) * row[out], expected);
      }
  }
}

TEST(NnOnnx, QLinearMatMulWithScalesOfEachOutput) {
  // In exact arithmetic q = saturate(round(sum·sa·sb/sy) + zy). Three products and an inverse, each rounded
  // once, are within 5·2^-24 of it: only that near to a tie may the answer be the neighbour.
  std::size_t compared = 0, saturated = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Case c = random_case(seed, 60, 20);
    std::fill(c.bias.begin(), c.bias.end(), 0.0f);
    c.activation = Activation::none;
    const Outcome outcome = fast(c, false, c.n);
    c.quantise(false, Loop::right);
    for (std::size_t r = 0; r < c.n; ++r)
      for (std::size_t o = 0; o < c.weights.out; ++o) {
        const double quotient = static_cast<double>(c.sum(r, o, Loop::right)) *
                                static_cast<double>(c.range[r].scale) *
                                static_cast<double>(c.weights.scale[o]) / static_cast<double>(c.output.scale);
        if (std::fabs(std::fabs(quotient - std::floor(quotient)) - 0.5) <
            std::ldexp(std::fabs(quotient), -21))
          continue;
        const double expected = std::clamp(std::nearbyint(quotient) + c.output.zero_point, 0.0, 255.0);
        ASSERT_EQ(outcome.bytes[r * c.weights.out + o], static_cast<std::uint8_t>(expected));
        ++compared;
        saturated += expected == 0 || expected == 255;
      }
  }
  EXPECT_GT(compared, 50'000u);
  EXPECT_GT(saturated, 1'000u);
  EXPECT_GT(compared - saturated, 10'000u);
}

/// Variance of the outputs' error that rounding is expected to cause, carried from layer to layer: that of
/// rounding a number to steps of s is s²/12, and errors of different numbers are independent.
struct Expected {
  std::vector<double> variance;  // of each activation

  void pass(const Model& model, std::size_t l, const IntegerWeights& weights, const std::vector<float>& x,
            const std::vector<float>& y) {
    const double step = static_cast<double>(affine_of(x).scale);
    std::vector<double> next(model.columns(l), 0.0);
    for (std::size_t o = 0; o < next.size(); ++o) {
      if (l + 1 < model.blocks() && y[o] <= 0) continue;  // relu
      const double s = static_cast<double>(weights.scale[o]);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double w = static_cast<double>(model.weight(l, i, o)), a = static_cast<double>(x[i]);
        // Zeros are kept as they are, activations as well as the weights' partners.
        const double rounding = a == 0 ? 0 : step * step / 12;
        next[o] += w * w * (variance[i] + rounding) + a * a * s * s / 12;
      }
    }
    variance = next;
  }
};

TEST(NnInteger, ARandomNetworkLosesWhatTheoryExpects) {
  // 200 samples × 10 outputs; rounding errors of weights are shared by all samples, which leaves some tens of
  // independent numbers: the root mean square is known to about a tenth, and 0.3 is three times that.
  const Model model = test::random_model({{64, 128, 64, 10}}, 5);
  const std::vector<float> packed = model.packed();
  const std::size_t n = 200;
  const std::vector<float> inputs = test::noise(n * 64, 6);
  for (const IntegerFormat format : {IntegerFormat::int8, IntegerFormat::int4}) {
    double squares = 0, expected = 0, size = 0;
    for (std::size_t s = 0; s < n; ++s) {
      std::vector<float> x(inputs.begin() + static_cast<std::ptrdiff_t>(s * 64),
                           inputs.begin() + static_cast<std::ptrdiff_t>((s + 1) * 64));
      std::vector<float> integer = x;
      Expected theory{std::vector<double>(64, 0.0)};
      const float* from = packed.data();
      for (std::size_t l = 0; l < model.blocks(); ++l) {
        const std::size_t in = model.rows(l), out = model.columns(l);
        const Activation activation = l + 1 < model.blocks() ? Activation::relu : Activation::none;
        const IntegerWeights weights = quantise_weights({from, in * out}, in, out, format);
        const std::span<const float> bias(from + in * out, out);
        std::vector<float> y(out);
        for (std::size_t o = 0; o < out; ++o) {
          y[o] = bias[o];
          for (std::size_t i = 0; i < in; ++i) y[o] = std::fma(x[i], model.weight(l, i, o), y[o]);
          if (activation == Activation::relu) y[o] = std::max(y[o], 0.0f);
        }
        theory.pass(model, l, weights, x, y);
        std::vector<std::uint8_t> q(padded(in));
        float scale = 0;
        std::int32_t zero_point = 0;
        quantise_rows(integer.data(), in, 1, in, q.data(), q.size(), &scale, &zero_point);
        integer.resize(out);
        forward(IntegerLayer(weights, bias), {q.data(), q.size(), 1, &scale, &zero_point}, activation,
                integer.data(), out, out);
        x = y;
        from += (in + 1) * out;
      }
      for (std::size_t o = 0; o < x.size(); ++o) {
        const double error = static_cast<double>(integer[o]) - static_cast<double>(x[o]);
        squares += error * error;
        expected += theory.variance[o];
        size += static_cast<double>(x[o]) * static_cast<double>(x[o]);
      }
    }
    RecordProperty(format == IntegerFormat::int8 ? "relative_error_int8" : "relative_error_int4",
                   std::to_string(std::sqrt(squares / size)));
    EXPECT_NEAR(std::sqrt(squares / expected), 1.0, 0.3) << "relative error " << std::sqrt(squares / size);
    EXPECT_LT(std::sqrt(squares / size), format == IntegerFormat::int8 ? 0.02 : 0.3);
  }
}

}  // namespace
}  // namespace swarm::nn
