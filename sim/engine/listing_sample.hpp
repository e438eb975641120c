#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/dispatch/balance.hpp"
#include "sim/world/world.hpp"

/// Which listed specialists a request looks at.
namespace swarm {
namespace engine {

/// Listings outside a region that may answer its requests, per problem type. Looked up once in a step, and only where
/// something stands between regions at all.
class Elsewhere {
 public:
  Elsewhere(const world::World& w, RegionId asker) {
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const auto& market = w.bulletin.markets[t];
      for (std::uint16_t other = 0; other < w.plan->regions.size(); ++other)
        if (other != asker.value && w.plan->barrier(asker, RegionId{other}) == world::Barrier::none)
          for (std::uint32_t row = market.first[other]; row < market.first[other + 1u]; ++row) rows_[t].push_back(row);
    }
  }
  const std::vector<std::uint32_t>& rows(std::size_t type) const { return rows_[type]; }

 private:
  std::array<std::vector<std::uint32_t>, workload::kProblemTypes> rows_;
};

/// Half of the listings looked at are at home, the rest elsewhere, each half spread evenly over its list from a keyed
/// start; more from one side where the other has too few.
class ListingSample {
 public:
  /// `elsewhere`: rows of the market that are to be taken for the rest of the world; null: all that are not at home.
  ListingSample(const world::Bulletin::Market& market, RegionId home, const std::vector<std::uint32_t>* elsewhere,
                std::size_t wanted, const RandomBlock& draw) {
    const std::size_t first = market.first[home.value], last = market.first[home.value + 1u];
    const std::size_t here = last - first, away = elsewhere != nullptr ? elsewhere->size() : market.listings.size() - here;
    const std::size_t from_away = std::min(away, std::max(wanted / 2, wanted - std::min(wanted, here)));
    const std::size_t from_here = std::min(here, wanted - from_away);
    take(here, from_here, draw[0], [&](std::size_t k) { return first + k; });
    if (elsewhere != nullptr)
      take(away, from_away, draw[1], [&](std::size_t k) { return std::size_t{(*elsewhere)[k]}; });
    else
      take(away, from_away, draw[1], [&](std::size_t k) { return k < first ? k : k + here; });
    wanted_ = wanted;
  }
  std::size_t size() const { return n_; }
  std::size_t operator[](std::size_t i) const { return rows_[i]; }

  /// Makes sure that the listing is looked at: as one more, or instead of the last one where there are as many as wanted.
  void include(std::size_t row) {
    if (std::find(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(n_), row) != rows_.begin() + static_cast<std::ptrdiff_t>(n_)) return;
    if (n_ < wanted_) ++n_;
    rows_[n_ - 1] = row;
  }

 private:
  template <class Row>
  void take(std::size_t length, std::size_t wanted, std::uint32_t word, Row&& row) {
    if (wanted == 0) return;
    const double stride = static_cast<double>(length) / static_cast<double>(wanted);
    const double start = uniform_open(word) * stride;
    for (std::size_t j = 0; j < wanted; ++j)
      rows_[n_++] = row(static_cast<std::size_t>(start + stride * static_cast<double>(j)));
  }
  std::array<std::size_t, dispatch::kMaxCandidates> rows_{};
  std::size_t n_ = 0, wanted_ = 0;
};

}  // namespace engine
}  // namespace swarm
