#include "sim/core/apportion.hpp"

#include <algorithm>
#include <vector>

#include "sim/core/checks.hpp"
#include "sim/core/units.hpp"

namespace swarm {
inline namespace core {
namespace {

struct Remainder {
  Int128 rest;
  std::size_t row;
};

}  // namespace

std::int64_t apportion(std::int64_t total, std::span<const std::int64_t> weights, std::span<std::int64_t> out) {
  EXPECT(total >= 0 && weights.size() == out.size());
  Int128 sum = 0;
  for (const std::int64_t w : weights) {
    EXPECT(w >= 0);
    sum += w;
  }
  if (sum == 0) {
    std::ranges::fill(out, 0);
    return 0;
  }
  std::vector<Remainder> remainders(weights.size());
  std::int64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Int128 product = Int128{total} * weights[i];  // at most 2^126
    out[i] = static_cast<std::int64_t>(product / sum);
    remainders[i] = {product % sum, i};
    left -= out[i];
  }
  // Fewer are left than there are rows with a remainder.
  const auto last = remainders.begin() + static_cast<std::ptrdiff_t>(left);
  std::nth_element(remainders.begin(), last, remainders.end(), [](const Remainder& a, const Remainder& b) {
    return a.rest != b.rest ? a.rest > b.rest : a.row < b.row;
  });
  std::for_each(remainders.begin(), last, [&](const Remainder& r) { ++out[r.row]; });
  return total;
}

}  // namespace core
}  // namespace swarm
