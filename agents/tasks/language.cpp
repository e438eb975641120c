#include "agents/tasks/encoding.hpp"
#include "agents/tasks/generators.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr std::uint32_t kLength = kInputs / kSymbols;
constexpr Range kMix{0.05, 0.65};  // weight of the uniform chain

}  // namespace

std::uint8_t make_language(const Style& style, double kappa, RandomSequence& random,
                           std::uint8_t out[kInputs]) {
  const std::uint32_t grammar = uniform_below(random.word(), kGrammars);
  const double mix = kMix.at(kappa);
  std::uint32_t symbol = uniform_below(random.word(), kSymbols);
  for (std::uint32_t position = 0; position < kLength; ++position) {
    for (std::uint32_t s = 0; s < kSymbols; ++s) out[position * kSymbols + s] = s == symbol ? 255 : 0;
    const auto& row = style.transition[grammar][symbol];
    double left = uniform_open(random.word());
    std::uint32_t next = 0;
    for (; next + 1 < kSymbols; ++next) {
      left -= (1.0 - mix) * row[next] + mix / kSymbols;
      if (left < 0) break;
    }
    symbol = next;
  }
  return static_cast<std::uint8_t>(grammar);
}

}  // namespace tasks
}  // namespace swarm
