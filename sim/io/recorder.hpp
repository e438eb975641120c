#pragma once
#include <filesystem>
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/result_file.hpp"
#include "sim/io/static_group.hpp"

/// From the field registry to a result file: one row per step for every output column.
namespace swarm::io {

/// The groups that a plan's run writes, in the order of their rows: /region, /site, /purpose, /market, and where any are
/// sampled /decision and /agent.
std::vector<Group> result_groups(const world::Plan& plan);

/// What does not change about the sampled specialists: their home, type, network and markup.
StaticGroup agent_description(const engine::Simulation& sim);

/// A specialist whose trajectory is recorded.
struct SampledAgent {
  std::size_t region;
  std::uint64_t local;
};

class Recorder {
 public:
  /// A new file, or, with `rows`, the continuation of an interrupted one.
  Recorder(const engine::Simulation& sim, const std::filesystem::path& final_name, const std::vector<Attribute>& root,
           const std::vector<std::uint64_t>* rows);

  /// Adds the step that `sim` has just completed.
  void record(const engine::Simulation& sim);
  /// Everything recorded is on disk when this returns; rows per group.
  std::vector<std::uint64_t> flush() { return file_.flush(); }
  /// Writes /summary and the closing attributes and gives the file its final name.
  void finish(const engine::Simulation& sim, const std::vector<Attribute>& closing);
  void abandon() noexcept { file_.abandon(); }
  RecordingCost cost() const { return file_.cost(); }

 private:
  friend class RowWriter;

  std::vector<Group> groups_;
  std::vector<SampledAgent> agents_;
  std::vector<std::size_t> group_of_field_, offset_of_field_;  ///< per field of the registry; none: not recorded
  std::vector<std::vector<std::byte>> rows_;
  std::vector<std::size_t> row_bytes_;
  std::size_t purpose_group_ = 0, decision_group_ = 0, agent_group_ = 0;
  std::uint32_t agent_stride_ = 1;
  ResultFile file_;
};

}  // namespace swarm::io
