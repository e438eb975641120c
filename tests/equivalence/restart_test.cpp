#include <set>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/digest.hpp"
#include "sim/io/recorder.hpp"
#include "support.hpp"

/// A run that is interrupted and resumed, wherever and however often, is the run that was not. The checkpoint
/// holds all of the state and nothing else is state.
namespace swarm::equivalence {
namespace {

using world::RegionState;

/// Restores from the checkpoint in `folder`, goes on for `steps` steps, checkpoints, and dies one step later,
/// so that the file holds more than the checkpoint knows. True when the end was reached.
bool leg(const PlanPtr& plan, const Folder& folder, std::uint32_t steps, History& history) {
  Simulation sim(plan);
  std::vector<std::uint64_t> rows;
  const bool resumed = std::filesystem::exists(folder / "run.h5.ckpt");
  if (resumed) rows = io::read_checkpoint(folder / "run.h5.ckpt", sim);
  io::Recorder recorder(sim, folder / "run.h5", {}, resumed ? &rows : nullptr);
  for (; steps > 0 && !sim.done(); --steps) {
    sim.step();
    recorder.record(sim);
    history.steps.push_back(columns_of(sim));
  }
  if (sim.done()) {
    recorder.finish(sim, {});
    history.digest = io::digest(folder / "run.h5");
    return true;
  }
  io::write_checkpoint(folder / "run.h5.ckpt", sim, recorder.flush());
  sim.step();
  recorder.record(sim);
  recorder.abandon();
  return false;
}

/// The whole run in legs of `every` steps, each with the next of `shards`.
History run_in_legs(const std::string& toml, std::uint32_t every, const std::vector<std::string>& shards) {
  const Folder folder;
  History history;
  for (std::size_t n = 0;
       !leg(plan_of(toml, {"engine.shards=" + shards[n % shards.size()]}), folder, every, history);)
    ++n;
  return history;
}

class Restart : public ::testing::TestWithParam<Scene> {
 protected:
  std::string toml() const { return toml_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(, Restart, ::testing::ValuesIn(kScenes), [](const auto& p) { return name_of(p.param); });

TEST_P(Restart, EveryFewStepsChangesNothing) {
  const History whole = run(plan_of(toml()));
  for (const std::uint32_t every : {1u, 5u, 7u, 35u})
    EXPECT_EQ(first_difference(whole, run_in_legs(toml(), every, {"1"})), "") << "every " << every;
}

TEST_P(Restart, WithOtherShardsChangesNothing) {
  const History whole = run(plan_of(toml()));
  EXPECT_EQ(first_difference(whole, run_in_legs(toml(), 4, {"1", "2", "0"})), "");
  EXPECT_EQ(first_difference(whole, run_in_legs(toml(), 11, {"3", "1"})), "");
}

/// State that posted prices without credit and without a cap leave as it is: Restart's other scenes have it.
bool of_markets(const ColumnInfo& column) {
  static const std::set<std::string> names{"region/next_bid", "market/reference_price", "bidder/margin",
                                           "bidder/momentum", "agent/margin", "agent/margin_momentum",
                                           "agent/posted", "agent/oversold", "flight/market_price", "flight/work",
                                           "agent/bills_per_day", "agent/earned_lately", "agent/demurrage_remainder",
                                           "agent/pool_shares", "agent/loan_principal", "agent/loan_interest",
                                           "agent/loan_remainder", "agent/loan_due", "agent/barred_until",
                                           "region/defaulted_principal", "region/total_lent_usd",
                                           "region/total_repaid_usd", "region/total_interest_usd",
                                           "region/total_recovered_usd", "region/total_written_off_usd",
                                           "region/total_demurrage_usd", "region/total_bonuses_usd",
                                           "region/total_loan_defaults", "region/total_dividends_usd",
                                           "region/total_rejected_carbon",
                                           "region/permits_held_mg", "region/permits_reserved_mg",
                                           "region/permits_used_mg", "region/permits_lapsed_mg",
                                           "region/permits_beyond_mg", "flight/permits_mg", "flight/permits_used_mg"};
  return column.dim == world::Dim::waiting || column.dim == world::Dim::resting ||
         column.dim == world::Dim::price_bin || names.contains(column.name);
}

/// The checkpoint of a run of everything_on() that is half done.
class Checkpointed : public ::testing::Test {
 protected:
  /// In turn, so that the count of turns matters; with queues everywhere; with nothing about agents
  /// unrecorded.
  static PlanPtr plan(const std::string& change = "engine.shards=1") {
    return plan_of(everything_on(), {"balance.policy=round-robin", "workload.load=1.6", "record.agents=240",
                                     "record.agent_interval='10min'", "demand.budget_share=6e-6", "fund.revenue_neutral=false", "fund.endowment='1min'", change});
  }
  /// At the end of the first step that leaves something in flight everywhere and no state column at zero.
  void SetUp() override {
    Simulation sim(plan());
    for (std::string missing = "all"; !missing.empty(); missing = idle_state(sim)) {
      ASSERT_FALSE(sim.done()) << missing;
      sim.step();
    }
    steps_ = sim.steps_done();
    History history;
    ASSERT_FALSE(leg(plan(), folder_, steps_, history));
  }
  /// A state column that is empty in some region or zero in all, if there is one.
  static std::string idle_state(const Simulation& sim) {
    const auto columns = registry();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!world::is_state(columns[c].role) || of_markets(columns[c])) continue;
      bool empty = false, zero = true;
      sim.each_region([&](RegionState& r) {
        const auto bytes = column_bytes(r, c);
        empty |= bytes.empty();
        for (const std::byte b : bytes) zero &= b == std::byte{0};
      });
      if (empty || zero) return columns[c].name;
    }
    return "";
  }
  std::filesystem::path checkpoint() const { return folder_ / "run.h5.ckpt"; }

  /// How a run ended: its digest, or the law that was broken, and its columns.
  struct Ending {
    std::string digest;
    Columns columns;
    friend bool operator==(const Ending&, const Ending&) = default;
  };
  /// Resumes a copy of the file after `change` of the restored state.
  Ending ending_after(const std::function<void(Simulation&)>& change) {
    const Folder copy;
    std::filesystem::copy_file(folder_ / "run.h5.partial", copy / "run.h5.partial");
    Simulation sim(plan());
    const auto rows = io::read_checkpoint(checkpoint(), sim);
    change(sim);
    sim.resume_at(steps_);
    try {
      io::Recorder recorder(sim, copy / "run.h5", {}, &rows);
      while (!sim.done()) {
        sim.step();
        recorder.record(sim);
      }
      recorder.finish(sim, {});
    } catch (const ModelError& broken_law) {
      return {broken_law.what(), {}};
    }
    return {io::digest(copy / "run.h5"), columns_of(sim)};
  }

  Folder folder_;
  std::uint32_t steps_ = 0;
};

/// Random bytes in every state column come back bit for bit, into other shards as well, and nothing else
/// changes.
TEST_F(Checkpointed, RestoresEveryStateColumnBitForBit) {
  const auto columns = registry();
  Simulation sim(plan());
  io::read_checkpoint(checkpoint(), sim);
  RandomSequence random(Random(1, Stream::experiment), 0, 0);
  std::map<std::string, std::vector<std::byte>> written;
  sim.each_region([&](RegionState& r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!world::is_state(columns[c].role)) continue;
      auto bytes = column_bytes(r, c);
      EXPECT_TRUE(of_markets(columns[c]) || !bytes.empty()) << columns[c].name;
      for (auto& b : bytes) b = static_cast<std::byte>(random.word());
      EXPECT_TRUE(set_column_bytes(r, c, bytes)) << columns[c].name;
      written[std::to_string(r.id.value) + columns[c].name] = bytes;
    }
  });
  io::write_checkpoint(folder_ / "random.ckpt", sim, {1, 2, 3, 4});
  for (const char* shards : {"engine.shards=1", "engine.shards=2", "engine.shards=0"}) {
    Simulation restored(plan(shards));
    EXPECT_EQ(io::read_checkpoint(folder_ / "random.ckpt", restored),
              (std::vector<std::uint64_t>{1, 2, 3, 4}));
    restored.each_region([&](RegionState& r) {
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (!world::is_state(columns[c].role)) continue;
        EXPECT_EQ(column_bytes(r, c), written[std::to_string(r.id.value) + columns[c].name])
            << columns[c].name;
      }
    });
  }
}

/// Dimensions of which a new simulation has no rows.
bool is_list(world::Dim dim) {
  return dim == world::Dim::flight || dim == world::Dim::waiting || dim == world::Dim::resting;
}

/// For each state column a mutant that forgets it: the column keeps what a new simulation has there (lists:
/// zeros). The resumed run must show it in its digest, in another column at its end or by a broken law — but
/// for those named.
TEST_F(Checkpointed, ForgettingAnyStateColumnIsCaught) {
  const std::set<std::string> without_effect{
      "agent/model",  // as at birth while nobody retrains
      "flight/arrival_step", "flight/sequence",
      "flight/bank_item"  // only a flight's first step asks for them
  };
  const Ending right = ending_after([](Simulation&) {});
  const History whole = run(plan());
  EXPECT_EQ(right, (Ending{whole.digest, whole.steps.back()}));
  const auto columns = registry();
  std::set<std::string> unseen;
  const Simulation fresh(plan());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!world::is_state(columns[c].role) || of_markets(columns[c])) continue;
    std::vector<std::vector<std::byte>> initial;
    fresh.each_region([&](RegionState& r) { initial.push_back(column_bytes(r, c)); });
    const auto forget = [&](Simulation& sim) {
      sim.each_region([&](RegionState& r) {
        auto bytes = initial[r.id.value];
        if (is_list(columns[c].dim)) bytes.assign(column_bytes(r, c).size(), std::byte{0});
        set_column_bytes(r, c, bytes);
        // A site of another region would be no mutant but a crash.
        for (auto& site : r.flights.site) site = std::max(site, sim.plan().regions[r.id.value].first_site);
      });
    };
    Ending ending = ending_after(forget);
    for (const auto& [name, hash] : right.columns)  // that the column itself differs is no effect yet
      if (name.ends_with(" " + columns[c].name) && !ending.columns.empty()) ending.columns[name] = hash;
    if (ending == right) unseen.insert(columns[c].name);
  }
  EXPECT_EQ(unseen, without_effect);
}

/// A column that is only recorded is no state: rubbish in all of them before every step goes unnoticed.
TEST(Outputs, AreNoState) {
  const auto columns = registry();
  const auto rubbish = [&](bool state_too) {
    return Beside{.before_step = [&columns, state_too](Simulation& sim) {
      sim.each_region([&](RegionState& r) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
          const bool meant =
              columns[c].role == world::Role::output || (state_too && columns[c].name == "site/load");
          if (meant)
            set_column_bytes(r, c, std::vector<std::byte>(column_bytes(r, c).size(), std::byte{0x3F}));
        }
      });
    }};
  };
  const History plain = run(plan_of(everything_on()));
  EXPECT_EQ(first_difference(plain, run(plan_of(everything_on()), rubbish(false))), "");
  EXPECT_NE(first_difference(plain, run(plan_of(everything_on()), rubbish(true))), "");
}

TEST_F(Checkpointed, BelongsToItsScenarioAlone) {
  for (const char* change :
       {"run.seed=8", "balance.policy=random", "site.Dhaka.servers=31", "record.agents=239"}) {
    Simulation sim(plan(change));
    EXPECT_THROW(io::read_checkpoint(checkpoint(), sim), InputError) << change;
  }
}

}  // namespace
}  // namespace swarm::equivalence
