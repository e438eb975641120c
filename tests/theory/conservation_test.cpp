#include <functional>

#include "sim/world/fields.hpp"
#include "tests/theory/engine_page.hpp"

/// What must hold after every step, checked from outside with everything switched on: five regions, sites of
/// several devices, overload, tight budgets and deadlines, electricity below zero in one region, several
/// shards. Then the same run with damage done between two lines of the page, which the engine's own audit
/// must find.
namespace swarm::theory {
namespace {

using world::Outcome;
using world::RegionState;
using world::World;

const std::string kEverything = std::string(R"(
regions = ["DE", "BD", "KE", "IN", "FR"]
[run]
warmup = "1h"
duration = "5h"
[workload]
requests_per_hour = 30000
load = 1.3
burstiness = 0.3
urgent_share = 0.5
urgent_deadline = "50ms"
[demand]
budget_share = 0.000003
[population]
agents = 500
[grid]
price_ar1_sigma = 1.0
[fund]
endowment = "1min"
carbon_share = 0.6
[futures]
enabled = true
period = "30min"
units_per_contract = 1
forecast_error = 0.2
initial_margin = 0.05
maintenance_margin = 0.04
[prediction]
enabled = true
period = "30min"
payout_utkn = 10
[value]
form = "product"
[market]
transfer_usd_per_kilotoken = 3e-7
[pricing]
rule = "justice"
endowment = "10min"
[quota]
enabled = true
capacity_share = 0.5
[reputation]
enabled = true
weight = 0.2
[[region]]
name = "FR"
price_usd_per_kwh = -0.05
[[region]]
name = "KE"
agents = 200
[[site]]
name = "DE-gpu"
region = "DE"
device = "datacentre-gpu"
servers = 3
contracted_renewable = 0.5
[[site]]
name = "DE-cpu"
region = "DE"
servers = 7
[[site]]
name = "BD-edge"
region = "BD"
device = "raspberry-pi-5"
servers = 400
)") + kQuickSpecialists;

std::shared_ptr<const world::Plan> everything(int shards = 2) {
  return plan_of(kEverything, {"engine.shards=" + std::to_string(shards)});
}

Int128 minted_less_burnt(const economy::Ledger& ledger) {
  using enum economy::Posting;
  Int128 supply = 0;
  for (const auto kind : {endowment, deposit, electricity_receipt, deficit}) supply += static_cast<std::int64_t>(ledger.total(kind));
  for (const auto kind : {withdrawal, electricity, amortisation, transfer}) supply -= static_cast<std::int64_t>(ledger.total(kind));
  return supply;
}

/// Follows a run and checks the laws by its own arithmetic.
class Witness {
 public:
  explicit Witness(std::size_t regions) : arrived_(regions), settled_(regions) {}

  void check(engine::Worlds worlds) {
    Int128 accounts = 0, supply = 0;
    std::vector<Open> open(arrived_.size());
    for (const auto& w : worlds)
      for (const RegionState& r : w->regions)
        for (std::size_t k = 0; k < r.flights.size(); ++k) {
          open[r.flights.asker[k]].reserved += r.flights.reserved[k] + r.flights.reserved_grant[k];
          open[r.flights.asker[k]].grants += r.flights.reserved_grant[k];
          ++open[r.flights.asker[k]].requests;
        }
    for (const auto& w : worlds) {
      for (RegionState& r : w->regions) {
        const std::size_t i = r.id.value;
        const auto& s = r.step;
        for (const std::int64_t balance : r.ledger.balances()) {
          EXPECT_GE(balance, 0);
          accounts += balance;
        }
        supply += minted_less_burnt(r.ledger);
        arrived_[i] += s.requests_arrived;
        settled_[i] += s.requests_served + s.requests_rejected;
        EXPECT_EQ(s.requests_rejected, s.rejected_price + s.rejected_budget + s.rejected_capacity + s.rejected_deadline + s.rejected_carbon + s.rejected_emergency + s.rejected_quota + s.rejected_residency);
        EXPECT_EQ(arrived_[i], settled_[i] + open[i].requests);
        EXPECT_EQ(r.requests_pending, open[i].requests);
        EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, open[i].reserved);
        EXPECT_EQ(r.grants_reserved, open[i].grants);
        check_energy(*w, r);
        granted += s.grants_usd;
        levied += s.carbon_levy_usd + s.premium_usd;
        denied += std::count(r.decisions.granted.begin(), r.decisions.granted.end(), 0);
        rejected_price += s.rejected_price;
        rejected_budget += s.rejected_budget;
        rejected_capacity += s.rejected_capacity;
        rejected_deadline += s.rejected_deadline;
        rejected_quota += s.rejected_quota;
      }
    }
    EXPECT_TRUE(accounts == supply);
  }

  double granted = 0, levied = 0;
  std::int64_t denied = 0;
  std::uint64_t rejected_price = 0, rejected_budget = 0, rejected_capacity = 0, rejected_deadline = 0, rejected_quota = 0;
  double abroad = 0, receipts = 0, arrears = 0, carried = 0;

 private:
  /// In flight anywhere, by asking region.
  struct Open {
    std::int64_t reserved = 0;  ///< users' money and discounts
    std::int64_t grants = 0;
    std::uint32_t requests = 0;
  };

  void check_energy(const World& w, const RegionState& r) {
    const auto& plan = *w.plan;
    const auto& info = plan.regions[r.id.value];
    double kwh_sum = 0, carbon = 0;
    std::int64_t agents_nj = 0;
    for (const std::int64_t nj : r.agents.energy_nj) agents_nj += nj;
    double sites_nj = 0;
    for (std::uint32_t k = 0; k < info.sites; ++k) {
      const auto& site = plan.sites[info.first_site + k];
      const auto& t = r.sites;
      EXPECT_NEAR(t.busy_s[k] + t.idle_s[k] + t.standby_s[k], site.servers * plan.step_s,
                  1e-9 * site.servers * plan.step_s);
      const double busy_j = t.busy_s[k] * site.device.max_w;
      EXPECT_NEAR(static_cast<double>(t.busy_nj[k]) * 1e-9, busy_j, 1e-7 * (busy_j + 1))
          << "flights against clocks";
      const double joules =
          busy_j + t.idle_s[k] * site.device.idle_w + t.standby_s[k] * site.device.standby_w;
      EXPECT_NEAR(t.grid_kwh[k], joules * site.pue / 3.6e6, 1e-7 * (joules + 1) / 3.6e6);
      EXPECT_NEAR(t.carbon_location_g[k], t.grid_kwh[k] * r.step.carbon_intensity,
                  1e-9 * t.carbon_location_g[k]);
      sites_nj += joules * 1e9;
      kwh_sum += t.grid_kwh[k];
      carbon += t.carbon_location_g[k];
    }
    EXPECT_NEAR(r.step.energy_kwh, kwh_sum, 1e-12 * kwh_sum);
    EXPECT_NEAR(r.step.carbon_location_g, carbon, 1e-12 * carbon);
    // Specialists are charged with all of it, but for what did not divide evenly among them (under 1 nJ
    // each).
    EXPECT_NEAR(static_cast<double>(agents_nj), sites_nj, 1e-7 * sites_nj + 2e3);
    arrears = std::max(arrears, r.step.arrears_usd);
    carried += r.step.transfer_usd;
    receipts += usd({static_cast<std::int64_t>(r.ledger.total(economy::Posting::electricity_receipt))});
    abroad = std::max(abroad, std::abs(static_cast<double>(r.ledger.net_abroad())));
  }

  std::vector<std::uint64_t> arrived_, settled_;
};

TEST(Conservation, HoldsAfterEveryStepWithEverythingOn) {
  for (const int shards : {1, 2, 0}) {
    engine::Simulation sim(everything(shards));
    Witness witness(sim.plan().regions.size());
    while (!sim.done()) {
      sim.step();
      witness.check(sim.worlds());
      ASSERT_FALSE(::testing::Test::HasFailure()) << "shards " << shards << ", step " << sim.steps_done();
    }
    // Everything was on.
    EXPECT_GT(witness.granted, 0);
    EXPECT_GT(witness.levied, 0);
    EXPECT_GT(witness.denied, 0) << "the fund never ran out";
    EXPECT_GT(witness.rejected_price, 0u);
    EXPECT_GT(witness.rejected_budget, 0u);
    EXPECT_GT(witness.rejected_capacity, 0u);
    EXPECT_GT(witness.rejected_deadline, 0u);
    EXPECT_GT(witness.abroad, 0);
    EXPECT_GT(witness.carried, 0);
    EXPECT_GT(witness.receipts, 0);
    EXPECT_GT(witness.arrears, 0);
  }
}

TEST(Conservation, HoldsAfterEveryStepWhereQuotasRunShort) {
  engine::Simulation sim(plan_of(kEverything, {"engine.shards=2", "quota.capacity_share=0.1"}));
  Witness witness(sim.plan().regions.size());
  while (!sim.done()) {
    sim.step();
    witness.check(sim.worlds());
    ASSERT_FALSE(::testing::Test::HasFailure()) << "step " << sim.steps_done();
  }
  EXPECT_GT(witness.rejected_quota, 0u);
}

/// All state as bytes, through the field registry.
struct StateBytes {
  std::string bytes;
  template <class C>
  void operator()(const world::FieldSpec& spec, C&& column) {
    if (!world::is_state(spec.role)) return;
    if constexpr (requires { column.size(); })
      add(column.data(), column.size() * sizeof(column[0]));
    else
      add(&column, sizeof column);
  }
  void add(const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
};

std::string state_of(engine::Worlds worlds) {
  StateBytes all;
  for (const auto& w : worlds)
    for (RegionState& r : w->regions) {
      world::describe_fields(all, r);
      all.add(r.ledger.balances().data(), r.ledger.balances().size_bytes());
      all.add(r.free_at.data(), r.free_at.size() * sizeof(double));
    }
  return all.bytes;
}

TEST(Conservation, ThePageWithSeamsIsThePage) {
  const auto plan = everything();
  engine::Simulation sim(plan), seamed(plan);
  for (std::uint32_t step = 0; step < 30; ++step) {
    sim.step();
    step_with_seams(seamed.worlds(), step, kUntouched);
    ASSERT_EQ(state_of(sim.worlds()), state_of(seamed.worlds())) << "step " << step;
  }
}

/// Does `damage` at `seam` in step 20 of a run; what the audit of that step says, or "" if it says nothing.
std::string audit_after(Seam seam, const std::function<void(engine::Worlds)>& damage) {
  static const auto plan = everything();
  engine::Simulation sim(plan);
  for (std::uint32_t step = 0; step < 20; ++step) step_with_seams(sim.worlds(), step, kUntouched);
  try {
    step_with_seams(sim.worlds(), 20, [&](engine::Worlds worlds, Seam at) {
      if (at == seam) damage(worlds);
    });
  } catch (const ModelError& e) {
    return e.what();
  }
  return "";
}

/// First non-empty list of an outbox over all worlds, from region a to region b ≠ a if `abroad`.
template <class T>
std::vector<T>& some_mail(engine::Worlds worlds, world::Outbox<T> World::*outbox, bool abroad) {
  for (const auto& w : worlds)
    for (std::size_t s = 0; s < w->regions.size(); ++s)
      for (std::size_t d = 0; d < w->plan->regions.size(); ++d) {
        auto& list = (w.get()->*outbox).from_to(s, d);
        if (!list.empty() && (!abroad || w->first_region + s != d)) return list;
      }
  throw std::logic_error("no mail in this step");
}

RegionState& region_with_flights(engine::Worlds worlds) {
  for (const auto& w : worlds)
    for (RegionState& r : w->regions)
      if (r.flights.size() > 0) return r;
  throw std::logic_error("no flights in this step");
}

/// An answer paid abroad.
std::vector<Outcome>::iterator paid(std::vector<Outcome>& list) {
  return std::find_if(list.begin(), list.end(), [](const Outcome& o) { return o.price > 0; });
}

TEST(Conservation, NoDamageNoComplaint) {
  EXPECT_EQ(audit_after(Seam::start, [](engine::Worlds) {}), "");
}

TEST(Conservation, AMicroTokenTooMuchOrTooLittleIsFound) {
  for (const std::int64_t change : {+1, -1}) {
    const auto what = audit_after(Seam::start, [&](engine::Worlds worlds) {
      worlds[0]->regions[0].ledger.raw_balances()[world::kUsersAccount.value] += change;
    });
    EXPECT_NE(what, "");
  }
}

TEST(Conservation, AnOrderLostOrDoubledIsFound) {
  EXPECT_NE(audit_after(Seam::orders_written,
                        [](engine::Worlds w) { some_mail(w, &World::orders, false).pop_back(); })
                .find("requests are pending"),
            std::string::npos);
  EXPECT_NE(audit_after(Seam::orders_written,
                        [](engine::Worlds w) {
                          auto& list = some_mail(w, &World::orders, false);
                          list.push_back(list.back());
                        }),
            "");
  EXPECT_NE(audit_after(Seam::orders_delivered,
                        [](engine::Worlds w) { w[1]->regions[0].scratch.inbox_orders.clear(); }),
            "");
}

TEST(Conservation, AnOutcomeLostOrDoubledIsFound) {
  for (const bool abroad : {false, true}) {
    EXPECT_NE(audit_after(Seam::sellers_settled,
                          [&](engine::Worlds w) { some_mail(w, &World::outcomes, abroad).pop_back(); }),
              "");
    EXPECT_NE(audit_after(Seam::sellers_settled,
                          [&](engine::Worlds w) {
                            auto& list = some_mail(w, &World::outcomes, abroad);
                            list.push_back(list.back());
                          }),
              "");
  }
}

TEST(Conservation, APaymentThatDiffersByAMicroTokenIsFound) {
  EXPECT_NE(audit_after(Seam::sellers_settled,
                        [](engine::Worlds worlds) {
                          for (const auto& w : worlds)
                            for (std::size_t s = 0; s < w->regions.size(); ++s)
                              for (std::size_t d = 0; d < w->plan->regions.size(); ++d) {
                                auto& list = w->outcomes.from_to(s, d);
                                if (w->first_region + s == d || paid(list) == list.end()) continue;
                                --paid(list)->price;
                                return;
                              }
                          throw std::logic_error("nothing was paid abroad");
                        })
                .find("not received"),
            std::string::npos);
}

TEST(Conservation, AFlightMeteredTwiceOrNotAtAllIsFound) {
  EXPECT_NE(audit_after(Seam::placed,
                        [](engine::Worlds w) {
                          auto& f = region_with_flights(w).flights;
                          for (std::size_t k = 0; k < f.size(); ++k)
                            if (f.metered_nj[k] > 0)
                              return static_cast<void>(f.metered_nj[k] = 0);  // what was metered counts again
                        })
                .find("busy energy"),
            std::string::npos);
  EXPECT_NE(audit_after(Seam::placed,
                        [](engine::Worlds w) {
                          auto& f = region_with_flights(w).flights;
                          f.start_s = f.finish_s;
                        }),
            "");
}

TEST(Conservation, ALostFlightIsFound) {
  EXPECT_NE(audit_after(Seam::placed,
                        [](engine::Worlds w) {
                          auto& f = region_with_flights(w).flights;
                          std::vector<std::uint8_t> gone(f.size(), 0);
                          gone[0] = 1;
                          f.erase(gone);
                          --region_with_flights(w).scratch.first_new_flight;
                        }),
            "");
}

TEST(Conservation, ARequestThatIsCountedTwiceIsFound) {
  EXPECT_NE(audit_after(Seam::end, [](engine::Worlds w) { ++w[0]->regions[0].step.requests_served; }), "");
  EXPECT_NE(
      audit_after(Seam::end, [](engine::Worlds w) { w[0]->regions[0].step.requests_served += 1'000'000; })
          .find("more requests settled than arrived"),
      std::string::npos);
}

}  // namespace
}  // namespace swarm::theory
