#pragma once
#include <array>
#include <span>

#include "sim/core/rng.hpp"
#include "sim/economy/ledger.hpp"

/// Random pairwise exchange of money (Drăgulescu & Yakovenko, Eur. Phys. J. B 17, 723, 2000): the closed-form
/// case against which the ledger is tested and timed (docs/models/economy.md, "Random exchange").
namespace swarm {
namespace economy {

/// How much an exchange moves. Both rules are independent of the balances, which makes the process
/// reversible and every distribution of the same sum equally likely: wealth is Boltzmann–Gibbs.
enum class ExchangeRule : std::uint8_t {
  fixed,   ///< always Δm
  uniform  ///< an integer drawn uniformly from 1 … Δm µTKN
};

/// Exchange number k picks payer i and payee j ≠ i uniformly and moves the amount if i has it, else nothing.
/// All it draws is a function of (seed, k): half a Philox block per exchange for `fixed`, one for `uniform`.
/// Accounts are the first `accounts` of the ledger (2 … 2²⁹ − 2; the bias of an index is below
/// accounts·2⁻³²).
class RandomExchange {
 public:
  RandomExchange(std::uint64_t seed, std::uint32_t accounts, MicroTkn amount, ExchangeRule rule);

  /// Carries out the next `exchanges` in order, posted as `trade`. Returns how many were not refused.
  std::uint64_t run(Ledger& ledger, std::uint64_t exchanges);
  /// Orders number first … first + out.size() − 1, without carrying them out.
  void draw(std::uint64_t first, std::span<Transfer> out) const;
  /// Number of the next exchange.
  std::uint64_t position() const { return position_; }

 private:
  Transfer order(std::uint32_t payer_word, std::uint32_t payee_word, std::int64_t amount) const {
    const std::uint32_t i = uniform_below(payer_word, accounts_);
    const std::uint32_t other = uniform_below(payee_word, accounts_ - 1);
    return {i, other + (other >= i), amount};
  }
  void draw_fixed(std::uint64_t first, std::span<Transfer> out) const;
  void draw_uniform(std::uint64_t first, std::span<Transfer> out) const;

  Random random_;
  std::uint32_t accounts_;
  std::int64_t amount_;
  ExchangeRule rule_;
  std::uint64_t position_ = 0;
};

}  // namespace economy
}  // namespace swarm
