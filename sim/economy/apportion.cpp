#include "sim/economy/apportion.hpp"

#include <algorithm>

#include "sim/core/apportion.hpp"

namespace swarm {
namespace economy {
namespace {

/// Weight of the largest in whole numbers.
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

}  // namespace

MicroTkn apportion(MicroTkn pool, std::span<const double> weights, std::span<std::int64_t> shares) {
  EXPECT(weights.size() == shares.size() && weights.size() <= kMaxAccounts);
  std::ranges::fill(shares, 0);
  const double largest = largest_weight(weights);
  if (largest == 0 || pool.value <= 0) return {};
  std::vector<std::int64_t> whole;
  for (const double weight : weights)
    whole.push_back(weight > 0 ? round_half_even(weight / largest * kWeightScale) : 0);
  swarm::apportion(pool.value, whole, shares);
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
