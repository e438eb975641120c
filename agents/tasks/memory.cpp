#include <algorithm>
#include <array>

#include "agents/tasks/encoding.hpp"
#include "agents/tasks/generators.hpp"
#include "agents/tasks/memory.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr Range kPairs{1.0, 5.0};          // expected length of the list
constexpr Range kBlur{0.06, 0.30};         // standard deviation of the encoding, full scale = 1
constexpr double kOff = 0.15, kOn = 0.85;  // what the encoding's 0 and 1 are written as

/// The keys in the order of the list: draws without replacement by the style's preferences.
std::array<std::uint32_t, kKeys> draw_keys(const Style& style, std::uint32_t pairs, RandomSequence& random) {
  std::array<std::uint32_t, kKeys> keys{};
  for (std::uint32_t p = 0; p < pairs; ++p) {
    const auto begin = keys.begin(), end = begin + p;
    do keys[p] = style.keys.pick(word16(random));
    while (std::find(begin, end, keys[p]) != end);
  }
  return keys;
}

}  // namespace

std::uint8_t make_memory(const Style& style, double kappa, RandomSequence& random,
                         std::uint8_t out[kInputs]) {
  // A length of 2.3 is 2 pairs with probability 0.7 and 3 with 0.3.
  const double length = kPairs.at(kappa) + uniform_open(random.word());
  const auto pairs = std::min(static_cast<std::uint32_t>(length), kKeys);
  const auto keys = draw_keys(style, pairs, random);
  std::array<double, kInputs> code{};
  std::array<std::uint32_t, kKeys> values{};
  for (std::uint32_t p = 0; p < pairs; ++p) {
    values[p] = style.values.pick(word16(random));
    code[keys[p] * kValues + values[p]] = 1.0;
  }
  const std::uint32_t asked = uniform_below(random.word(), pairs);
  code[kQueryAt + keys[asked]] = 1.0;
  const double contrast = style.clarity * (kOn - kOff), blur = kBlur.at(kappa);
  for (std::uint32_t i = 0; i < kInputs; ++i)
    out[i] = to_byte(kOff + contrast * code[i] + blur * bell(random.word()));
  return static_cast<std::uint8_t>(values[asked]);
}

}  // namespace tasks
}  // namespace swarm
