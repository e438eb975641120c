#include "agents/tasks/style.hpp"

#include "agents/tasks/encoding.hpp"
#include "agents/tasks/grammar.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/rng.hpp"

namespace swarm {
namespace tasks {
namespace {

// How far styles deviate from the centre, at strength 1.
constexpr double kIntensitySpread = 0.2;   // ± around 0.75
constexpr double kSlantSpread = 0.5;       // ± columns per row
constexpr double kBackgroundSpread = 0.1;  // ± around 0.1
constexpr double kGradientSpread = 0.2;    // ± from edge to edge
constexpr double kAccentSpread = 0.6;      // ± relative, a symbol in all grammars of a dialect
constexpr double kDialectSpread = 0.8;     // ± relative, one transition of one grammar
constexpr double kReasoningSpread = 0.45;  // ± relative, the root of an operator's or operand's weight
constexpr double kClaritySpread = 0.15;    // ± around 1
constexpr double kMemorySpread = 0.5;      // ± relative, the root of a key's or value's weight

// Training styles deviate less than regions do: a specialist has to generalise to the regions it serves.
constexpr double kNeutralStrength = 0.8;
constexpr std::uint64_t kNeutralSeed = 0x6E657574'72616C00ull;

/// Cumulative shares of N options whose weights are (1 ± spread)².
template <std::size_t N>
Choice<N> draw_choice(RandomSequence& random, double spread) {
  std::array<double, N> weight;
  double total = 0;
  for (double& w : weight) {
    const double root = 1.0 + spread * symmetric(random);
    total += w = root * root;
  }
  Choice<N> choice;
  double sum = 0;
  for (std::size_t i = 0; i < N; ++i) {
    sum += weight[i];
    choice.cumulative[i] = static_cast<std::uint32_t>(sum / total * 65536.0 + 0.5);
  }
  return choice;
}

void draw_dialect(RandomSequence& random, double strength, Style& style) {
  std::array<double, kSymbols> accent;
  for (double& a : accent) a = 1.0 + strength * kAccentSpread * symmetric(random);
  for (std::uint32_t g = 0; g < kGrammars; ++g)
    for (std::uint32_t s = 0; s < kSymbols; ++s) {
      auto& row = style.transition[g][s];
      double total = 0;
      for (std::uint32_t next = 0; next < kSymbols; ++next) {
        const double deviation = 1.0 + strength * kDialectSpread * symmetric(random);
        total += row[next] = grammar_probability(g, s, next) * accent[next] * deviation;
      }
      for (double& p : row) p /= total;
    }
}

Style draw_style(RandomSequence random, double strength) {
  Style style;
  style.intensity = 0.75 + strength * kIntensitySpread * symmetric(random);
  style.slant = strength * kSlantSpread * symmetric(random);
  style.background = 0.1 + strength * kBackgroundSpread * symmetric(random);
  style.gradient = strength * kGradientSpread * symmetric(random);
  draw_dialect(random, strength, style);
  style.easy_operators = draw_choice<kOperators / 2>(random, strength * kReasoningSpread);
  style.hard_operators = draw_choice<kOperators / 2>(random, strength * kReasoningSpread);
  style.operands = draw_choice<kOperands>(random, strength * kReasoningSpread);
  style.clarity = 1.0 + strength * kClaritySpread * symmetric(random);
  style.keys = draw_choice<kKeys>(random, strength * kMemorySpread);
  style.values = draw_choice<kValues>(random, strength * kMemorySpread);
  return style;
}

}  // namespace

std::uint32_t region_key(std::string_view region_name) {
  return static_cast<std::uint32_t>(hash128(region_name.data(), region_name.size()).low);
}

Style region_style(std::uint64_t seed, std::uint32_t region_key) {
  return draw_style(RandomSequence(Random(seed, Stream::region_style), 0, region_key), 1.0);
}

Style neutral_style(std::uint32_t k) {
  return draw_style(RandomSequence(Random(kNeutralSeed, Stream::region_style), 0, k),
                    k == 0 ? 0.0 : kNeutralStrength);
}

}  // namespace tasks
}  // namespace swarm
