#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "sim/core/ids.hpp"

/// Keyed random numbers: a draw is a function of its key and of nothing else, so results do not depend on
/// threads, shards, vector width or on where a run was resumed.
/// Generator: Philox4x32-10 (Salmon et al., SC 2011), bit-identical to Random123.
namespace swarm {
inline namespace core {

/// Every stream of the program is numbered here, so that none can collide. Numbers are never reused.
enum class Stream : std::uint32_t {
  arrival_count = 1,      ///< how many requests a region receives in a step
  arrival_burst = 2,      ///< gamma modulation of a region's rate
  request = 3,            ///< what one request is: offset, type, complexity, tok, bank item
  input_noise = 4,        ///< keyed 8-bit noise on a request's input
  grid_profile = 5,       ///< AR(1) innovations of a region's signals
  candidate = 6,          ///< which offers a request looks at
  balance = 7,            ///< random and power-of-d balancing
  service = 8,            ///< exponential service times
  bank = 9,               ///< items of the problem banks
  region_style = 10,      ///< a region's style of problems
  weight_init = 11,       ///< initial weights of base specialists
  training = 12,          ///< order and content of training samples
  population = 13,        ///< agents' parameters at birth
  offer_sample = 14,      ///< which agents a region lists in its bulletin
  experiment = 16,        ///< benchmarks and tests of the library itself
  demand = 17,            ///< purpose of a request and what its users would pay
  forecast_noise = 18,    ///< errors of noisy forecasts
  decision_sample = 19,   ///< which decisions are recorded
  coalition = 20,         ///< who joins a council; orders in which members join a team, for their contributions to it
  hazard = 21,            ///< floods, cyclones and other hazards: when, how long, how bad
  ask = 22,               ///< asks of specialists that bid at random
  ask_moment = 23,        ///< when in a step a specialist renews its ask in an order book
  bid = 24,               ///< bids of users who bid at random
  zip = 25,               ///< what ZIP bidders are like, and the targets they set themselves
  emergency_count = 30,   ///< how many requests a hazard adds in a region and step
  emergency_admission = 31,  ///< which requests give way where capacity is set aside for an emergency
  futures_forecast = 36,  ///< what traders in futures expect a market's price to be
  prediction_order = 37,  ///< which specialists trade in a prediction market, and in which order
  run_seed = 32,          ///< seeds of a study's runs, from its master seed
  design_lhs = 33,        ///< a study's Latin hypercube: order of the strata, place within them
  design_sobol = 34,      ///< a study's Sobol points: scrambling
  allocation = 35,        ///< whether an order is admitted to the last, smaller part of an allocation
  shift_forecast = 38,    ///< errors of the forecasts by which jobs are shifted
  flexibility = 39,       ///< whether a request can wait
  migration = 40,         ///< where in its golden-ratio sequence a region's step begins
  handover = 41,          ///< transfers of context that fail, and snapshots that cannot be read
  fault = 50,             ///< faults: when, where, how long, whom they strike
  fault_answer = 51,      ///< by how many classes a wrong answer is off
};

/// Four 32-bit words: one Philox block.
using RandomBlock = std::array<std::uint32_t, 4>;

/// Murmur3/SplitMix finaliser over (seed, stream): a bijection in the seed for each stream.
constexpr std::uint64_t mix64(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t z = seed + 0x9E3779B97F4A7C15ull * (stream + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/// One stream of one seed. Cheap to copy; holds no state that a draw could change.
class Random {
 public:
  Random(std::uint64_t seed, Stream stream) : key_(mix64(seed, static_cast<std::uint64_t>(stream))) {}

  /// Block number `draw` of `entity` (region:16 | local:48) at `step`.
  RandomBlock block(std::uint32_t step, std::uint64_t entity, std::uint32_t draw = 0) const;

  /// Blocks of entities `first … first + out.size() − 1`, all at one (step, draw): same bits as block(),
  /// several times faster.
  void blocks(std::uint32_t step, std::uint64_t first, std::uint32_t draw, std::span<RandomBlock> out) const;
  /// The same for any entities: out[i] = block(step, entities[i], draw).
  void blocks(std::uint32_t step, std::span<const std::uint64_t> entities, std::uint32_t draw,
              std::span<RandomBlock> out) const;

  std::uint64_t key() const { return key_; }

 private:
  std::uint64_t key_;
};

/// Uniform on the open interval (0, 1) with 52 random bits; never 0 and never 1.
constexpr double uniform_open(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = ((std::uint64_t{high} << 32) | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}
/// Uniform on (0, 1) with 32 random bits.
constexpr double uniform_open(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

/// Uniform integer in [0, n) by multiply-shift (bias below n·2⁻³²).
constexpr std::uint32_t uniform_below(std::uint32_t word, std::uint32_t n) {
  return static_cast<std::uint32_t>((std::uint64_t{word} * n) >> 32);
}

/// Sequence of words of one key, for samplers that need an unknown number of draws.
class RandomSequence {
 public:
  RandomSequence(const Random& random, std::uint32_t step, std::uint64_t entity, std::uint32_t first_draw = 0)
      : random_(random), step_(step), entity_(entity), draw_(first_draw) {}
  std::uint32_t word() {
    if (used_ == 4) {
      block_ = random_.block(step_, entity_, draw_++);
      used_ = 0;
    }
    return block_[used_++];
  }
  double uniform() {
    const std::uint32_t high = word();
    return uniform_open(high, word());
  }

 private:
  Random random_;
  std::uint32_t step_;
  std::uint64_t entity_;
  std::uint32_t draw_;
  RandomBlock block_{};
  unsigned used_ = 4;
};

}  // namespace core
}  // namespace swarm
