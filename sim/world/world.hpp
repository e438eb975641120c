#pragma once
#include <memory>
#include <vector>

#include "agents/nn/weight_store.hpp"
#include "sim/dispatch/council.hpp"
#include "sim/world/plan.hpp"
#include "sim/world/region_state.hpp"

/// One shard: a run of consecutive regions, their weights, and what the other regions published.
namespace swarm {
namespace world {

/// Every region's notices and offers of this step, in region order: what any region may know of the others.
struct Bulletin {
  std::vector<SiteNotice> sites;  ///< row = site
  std::vector<FundNotice> funds;  ///< row = region
  std::vector<MarketNotice> prices;  ///< row = region
  std::vector<PermitNotice> permits; ///< row = region; empty where there is no cap
  CreditBulletin credits;            ///< at the end of a period of carbon credits
  struct Listing {
    Offer offer;
    std::uint16_t region = 0;
  };
  struct Market {
    std::vector<Listing> listings;      ///< of all regions, in region order
    std::vector<std::uint32_t> first;   ///< regions + 1: where each region's listings begin
    std::vector<float> reputation;      ///< of each listing; empty where it has no weight
  };
  std::array<Market, workload::kProblemTypes> markets;
};

/// Messages from the regions of one world: one list per (own region, destination region), in order of sending.
template <class T>
class Outbox {
 public:
  Outbox(std::size_t sources, std::size_t destinations) : destinations_(destinations), lists_(sources * destinations) {}
  std::vector<T>& from_to(std::size_t source, std::size_t destination) {
    return lists_[source * destinations_ + destination];
  }
  void clear() {
    for (auto& list : lists_) list.clear();
  }

 private:
  std::size_t destinations_;
  std::vector<std::vector<T>> lists_;
};

/// Scratch of inference: the step's new flights, grouped by the model that answers them.
struct InferenceBatch {
  struct Row {
    std::uint32_t model, region, flight;  ///< region: row in the world
    std::uint32_t seat;                   ///< row of council_logits; kAlone if nobody else answers
  };
  static constexpr std::uint32_t kAlone = ~0u;
  struct Council {
    std::uint32_t region, flight, first_seat, members;
    std::array<std::uint32_t, dispatch::kMostSeats> agent;
    std::uint32_t right = 0;       ///< which coalitions would be right if all were heard
    std::uint32_t heard = 0;       ///< bit i: member i
    dispatch::Collaboration how;   ///< they worked together
    double coherence = 0;          ///< of their attention; where there is a monitor
  };
  struct ModelRun {
    std::uint32_t model, first, count;
  };
  std::vector<Row> rows, sorted;
  std::vector<ModelRun> models;
  std::vector<Council> councils;
  std::vector<float> inputs, outputs, council_logits;
  std::vector<double> council_probability;  ///< as council_logits
};

struct World {
  World(std::shared_ptr<const Plan> shared, std::size_t first, std::size_t count);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  std::shared_ptr<const Plan> plan;
  std::size_t first_region = 0;
  std::vector<RegionState> regions;
  nn::WeightStore weights;
  Bulletin bulletin;
  Outbox<Order> orders;
  Outbox<Outcome> outcomes;
  Outbox<Order> put_off;  ///< requests that go home to wait for new allowances of energy
  InferenceBatch batch;
  std::uint32_t step = 0;
  std::uint32_t round = 0;  ///< of trade, within the step
  double carbon_usd_per_g = 0;   ///< what the step's quotes charge for carbon
  std::int64_t credit_price = 0; ///< of carbon credits in this step [1e-6 USD/t]; 0 without them
  std::vector<std::uint8_t> cut_off;  ///< per region of all worlds: 1 while a partition cuts it off; empty where none is
  bool permits_unlimited = false; ///< the ceiling is reached: permits are sold beyond the cap

  /// Whether nothing gets from one region to the other in this step.
  bool cut(RegionId a, RegionId b) const { return !cut_off.empty() && a != b && (cut_off[a.value] != 0 || cut_off[b.value] != 0); }
  RegionState& region(RegionId id) { return regions[id.value - first_region]; }
  double now() const { return plan->step_s * step; }
  double step_end() const { return plan->step_s * (step + 1.0); }
};

/// The worlds at the first instant: agents placed and endowed, servers idle, ledgers opened.
std::vector<std::unique_ptr<World>> make_worlds(const std::shared_ptr<const Plan>& plan, std::size_t shards);

}  // namespace world
}  // namespace swarm
