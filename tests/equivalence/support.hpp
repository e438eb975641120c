#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/hash.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/world/fields.hpp"

/// What the equivalence tests share: a scenario in which everything happens, and histories of runs that can
/// be compared column by column and step by step.
namespace swarm::equivalence {

using PlanPtr = std::shared_ptr<const world::Plan>;
using engine::Simulation;

/// A folder of its own that vanishes with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Three regions with two or three sites each on different devices, all problem types, bursts, budgets too
/// small, deadlines too short, wallets that run dry; six hours in 10-minute steps across midnight. TOML.
std::string everything_on();
/// The same where capacity is auctioned to users who bid at random, by specialists who learn.
std::string everything_on_at_auction();
/// The same where all trade in order books and learn from what they hear, lend, pay demurrage and get bonuses, hold
/// futures and bet; sellers pay for carbon credits.
std::string everything_on_in_books();
/// The same under a cap on emissions that binds, with permits whose revenue goes back to people; with futures, prediction
/// markets that nobody can fund, carbon credits that buyers pay for, capacity that is allocated, and with quotas and
/// reputation, as at the auction.
std::string everything_on_under_a_cap();
/// The same with services that take several steps and are interrupted.
std::string everything_on_in_pieces();
/// The same with recorded requests, carbon intensities and prices (some negative): synthetic figures made up
/// by hand (tests/regression/traces).
std::string everything_on_from_traces();

/// All of these worlds, for tests that must hold in each.
enum class Scene { Synthetic, Traces, Auction, Books, Cap, Pieces };
inline constexpr Scene kScenes[] = {Scene::Synthetic, Scene::Traces, Scene::Auction, Scene::Books, Scene::Cap, Scene::Pieces};
std::string toml_of(Scene scene);
std::string name_of(Scene scene);

/// The plan of a scenario with overrides as after --set; built once per process.
PlanPtr plan_of(const std::string& toml, const std::vector<std::string>& overrides = {});

/// Hash of each column of each region, by name: "KE flight/agent".
using Columns = std::map<std::string, Hash128>;
Columns columns_of(const Simulation& sim);

/// What a run did: its columns after each step and the digest of its file.
struct History {
  std::vector<Columns> steps;
  std::string digest;
};

/// Where two histories first differ ("step 7: KE flight/agent"), or "" if they are equal.
std::string first_difference(const History& a, const History& b);

/// What a run does beside stepping, if anything.
struct Beside {
  std::function<void(Simulation&)> before_step = {};
  std::function<void(Simulation&)> after_step = {};
};

/// A recorded run from beginning to end.
History run(const PlanPtr& plan, const Beside& beside = {});

/// body() with `n` threads at work, more than the machine's cores if need be.
void with_threads(int n, const std::function<void()>& body);

/// Whether `n` threads take part in one parallel loop (waits for them, for a while).
bool work_together(std::size_t n);

/// The bytes of one column of the registry, by its number. Columns that the ledger owns cannot be changed in
/// place where they are only a view.
std::vector<std::byte> column_bytes(world::RegionState& r, std::size_t number);
/// Writes them back; the length must fit. False if the column is a view.
bool set_column_bytes(world::RegionState& r, std::size_t number, const std::vector<std::byte>& bytes);

/// The registry as a list: name "flight/agent", role, dimension.
struct ColumnInfo {
  std::string name;
  world::Role role;
  world::Dim dim;
};
std::vector<ColumnInfo> registry();

}  // namespace swarm::equivalence
