#include "sim/io/checkpoint.hpp"

#include <map>

#include "sim/io/container.hpp"
#include "sim/io/resume_key.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/world/fields.hpp"

namespace swarm::io {
namespace {

using world::Dim;
using world::FieldSpec;
using world::RegionState;

/// Part of the key: raised when a change of code changes what a state column means.
constexpr std::int64_t kStateVersion = 10;

/// Dimensions whose columns grow and shrink as the run goes on, and how long those of a region are.
constexpr std::array<Dim, 7> kLists{Dim::flight, Dim::held, Dim::waiting, Dim::resting, Dim::lot, Dim::holding, Dim::upkeep};
std::array<std::size_t, kLists.size()> list_lengths(const RegionState& r) {
  return {r.flights.size(), r.held.size(), r.waiting.size(), r.resting.size(), r.carbon_credits.lot.size(),
          r.carbon_credits.holding_lot.size(), r.context.upkeep_agent.size()};
}

std::string entry_name(const FieldSpec& spec) {
  return fmt::format("{}/{}", enum_name(spec.dim), spec.name);
}

template <class T> std::span<T> as_span(T& scalar) { return {&scalar, 1}; }
template <class T> std::span<T> as_span(std::vector<T>& column) { return column; }
template <class T> std::span<T> as_span(std::span<T>& column) { return column; }

/// Columns of all regions one after the other, as bytes by name.
struct Gather {
  std::map<std::string, std::vector<std::byte>>& columns;
  std::map<std::string, std::uint32_t>& codes;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    if (!world::is_state(spec.role)) return;
    const auto values = as_span(column);
    using T = std::remove_const_t<typename decltype(values)::element_type>;
    const auto bytes = std::as_bytes(values);
    const std::string name = entry_name(spec);
    columns[name].insert(columns[name].end(), bytes.begin(), bytes.end());
    codes[name] = container_code<T>();
  }
};

/// The reverse: takes each region's rows off the front of every column.
struct Scatter {
  const ContainerReader& file;
  std::map<std::string, std::size_t>& taken;
  std::array<std::size_t, kLists.size()> lengths;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    if (!world::is_state(spec.role)) return;
    if constexpr (requires { column.resize(std::size_t{}); })
      for (std::size_t k = 0; k < kLists.size(); ++k)
        if (spec.dim == kLists[k]) column.resize(lengths[k]);
    const auto values = as_span(column);
    using T = std::remove_const_t<typename decltype(values)::element_type>;
    const std::string name = entry_name(spec);
    const auto stored = file.view<T>(name);
    std::size_t& first = taken[name];
    if (first + values.size() > stored.size())
      throw FileError({.file = {}, .problem = fmt::format("checkpoint column '{}' is too short", name),
                       .why = "it was written for another population",
                       .suggestion = "start the run anew without --resume."});
    if constexpr (!std::is_const_v<typename decltype(values)::element_type>)
      std::copy_n(stored.begin() + static_cast<std::ptrdiff_t>(first), values.size(), values.begin());
    first += values.size();
  }
};

}  // namespace

std::filesystem::path checkpoint_name(const std::filesystem::path& final_name) {
  auto name = final_name;
  name += ".ckpt";
  return name;
}

void write_checkpoint(const std::filesystem::path& file, const engine::Simulation& sim,
                      const std::vector<std::uint64_t>& rows) {
  std::map<std::string, std::vector<std::byte>> columns;
  std::map<std::string, std::uint32_t> codes;
  std::vector<std::uint64_t> lengths;
  Gather gather{columns, codes};
  sim.each_region([&](RegionState& r) {
    world::describe_fields(gather, r);
    for (const std::size_t length : list_lengths(r)) lengths.push_back(length);
  });
  std::vector<std::vector<float>> weights;
  for (const auto& model : sim.plan().models) weights.push_back(model.base.model.packed());
  ContainerWriter out;
  out.add("state_version", kStateVersion);
  out.add("scenario", scenario::effective_toml(sim.plan().scenario));
  out.add("resume_key", resume_key(sim.plan().scenario));
  out.add("steps_done", sim.steps_done());
  out.add("rows", rows);
  out.add("lengths", lengths);
  for (std::size_t m = 0; m < weights.size(); ++m) out.add(fmt::format("weights/{}", m), weights[m]);
  for (const auto& [name, bytes] : columns) out.add_bytes(name, codes[name], bytes);
  out.write(file);
}

std::vector<std::uint64_t> read_checkpoint(const std::filesystem::path& file, engine::Simulation& sim) {
  const auto in = ContainerReader::read(file);
  if (in.value<std::int64_t>("state_version") != kStateVersion)
    throw FileError({.file = file.string(), .problem = "this checkpoint was written by another version of swarmsim",
                     .why = "its state would be misread", .suggestion = "finish the run with that version or start it anew."});
  if (auto obstacle = resume_obstacle(in.text("resume_key"), resume_key(sim.plan().scenario)); !obstacle.empty())
    throw InputError(Diagnostic{.file = file.string(), .problem = "the checkpoint belongs to another scenario", .why = std::move(obstacle),
                                .suggestion = "undo the change, leave the scenario out to go on as it was, or start a new run under another name."});
  for (std::size_t m = 0; m < sim.plan().models.size(); ++m)
    if (in.get<float>(fmt::format("weights/{}", m)) != sim.plan().models[m].base.model.packed())
      throw FileError({.file = file.string(), .problem = "the checkpoint's networks differ from those this program trains",
                       .why = "answers after the interruption would come from other specialists",
                       .suggestion = "finish the run with the version that started it."});
  const auto lengths = in.get<std::uint64_t>("lengths");
  std::map<std::string, std::size_t> taken;
  std::size_t next = 0;
  sim.each_region([&](RegionState& r) {
    Scatter scatter{in, taken, {}};
    for (auto& length : scatter.lengths) length = lengths.at(next++);
    world::describe_fields(scatter, r);
  });
  sim.resume_at(in.value<std::uint32_t>("steps_done"));
  return in.get<std::uint64_t>("rows");
}

std::string checkpoint_scenario(const std::filesystem::path& file) {
  return ContainerReader::read(file).text("scenario");
}

}  // namespace swarm::io
