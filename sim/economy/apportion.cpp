#include "sim/economy/apportion.hpp"

#include <algorithm>

namespace swarm {
namespace economy {
namespace {

/// Weight of the largest in whole numbers; pool (63 bits) × weight (54 bits) fits 128.
constexpr double kWeightScale = 0x1p53;

double largest_weight(std::span<const double> weights) {
  double largest = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i]))
      throw ModelError(
          fmt::format("weight {} in row {} of a division (money cannot be divided by it) please report it "
                      "with the scenario and seed",
                      weights[i], i));
    largest = std::max(largest, weights[i]);
  }
  return largest;
}

/// One of those whose share was rounded down.
struct Remainder {
  Int128 rest;
  std::size_t row;
};

}  // namespace

MicroTkn apportion(MicroTkn pool, std::span<const double> weights, std::span<std::int64_t> shares) {
  EXPECT(weights.size() == shares.size() && weights.size() <= kMaxAccounts);
  std::ranges::fill(shares, 0);
  const double largest = largest_weight(weights);
  if (largest == 0 || pool.value <= 0) return {};
  const auto whole_weight = [&](std::size_t i) {
    return Int128{weights[i] > 0 ? round_half_even(weights[i] / largest * kWeightScale) : 0};
  };
  Int128 sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += whole_weight(i);
  std::vector<Remainder> remainders;
  std::int64_t left = pool.value;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Int128 exact = pool.value * whole_weight(i);
    shares[i] = static_cast<std::int64_t>(exact / sum);
    left -= shares[i];
    if (const Int128 rest = exact % sum; rest > 0) remainders.push_back({rest, i});
  }
  // The remainders add up to left·sum and each is below sum: there are more of them than µTKN left.
  const auto goes_first = [](const Remainder& a, const Remainder& b) {
    return a.rest != b.rest ? a.rest > b.rest : a.row < b.row;
  };
  std::ranges::nth_element(remainders, remainders.begin() + left, goes_first);
  for (std::int64_t k = 0; k < left; ++k) ++shares[remainders[static_cast<std::size_t>(k)].row];
  return pool;
}

bool pay_shares(Ledger& ledger, AccountId from, std::span<const AccountId> to,
                std::span<const std::int64_t> shares, Posting kind) {
  EXPECT(to.size() == shares.size());
  Int128 sum = 0;
  for (const std::int64_t share : shares) {
    EXPECT(share >= 0);
    sum += share;
  }
  if (sum > ledger.balance(from).value) return false;
  for (std::size_t i = 0; i < to.size(); ++i)
    if (shares[i] > 0) ledger.transfer(from, to[i], {shares[i]}, kind);
  return true;
}

}  // namespace economy
}  // namespace swarm
