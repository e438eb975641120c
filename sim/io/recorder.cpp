#include "sim/io/recorder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sim/core/calendar.hpp"
#include "sim/io/summary.hpp"
#include "sim/world/fields.hpp"

namespace swarm::io {
namespace {

using world::Dim;
using world::FieldSpec;
using world::Plan;
using world::RegionState;

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// Recorded dimensions in the order of their groups.
struct GroupName {
  Dim dim;
  const char* path;
  const char* axis;
};
constexpr std::array<GroupName, 4> kGroups{{{Dim::region, "/region", "region"},
                                            {Dim::site, "/site", "site"},
                                            {Dim::market, "/market", "market"},
                                            {Dim::agent, "/agent", "agent"}}};

std::size_t group_of(Dim dim) {
  for (std::size_t g = 0; g < kGroups.size(); ++g)
    if (kGroups[g].dim == dim) return g;
  return kNone;
}

/// How a column's type is stored: what every reader of the format understands.
template <class T>
constexpr ElementType stored_type() {
  if constexpr (std::is_same_v<T, double>) return ElementType::f64;
  else if constexpr (std::is_same_v<T, float>) return ElementType::f32;
  else if constexpr (sizeof(T) == 8) return ElementType::i64;
  else if constexpr (std::is_same_v<T, std::uint32_t>) return ElementType::u32;
  else if constexpr (std::is_same_v<T, std::uint8_t>) return ElementType::u8;
  else throw ModelError("an output column has a type without a stored form");  // state columns never come here
}

/// A column as the visitor sees it: a scalar is a span of one.
template <class T> std::span<const T> as_span(const T& scalar) { return {&scalar, 1}; }
template <class T> std::span<const T> as_span(const std::vector<T>& column) { return column; }
template <class T> std::span<const T> as_span(std::span<T> column) { return column; }

std::vector<std::string> labels_of(const Plan& plan, Dim dim) {
  std::vector<std::string> labels;
  if (dim == Dim::region)
    for (const auto& r : plan.regions) labels.push_back(r.name);
  if (dim == Dim::site)
    for (const auto& s : plan.sites) labels.push_back(s.name);
  if (dim == Dim::market)
    for (const auto& r : plan.regions)
      for (const auto name : EnumNames<workload::ProblemType>::names) labels.push_back(r.name + "/" + std::string(name));
  return labels;
}

/// Declares every recorded field as a variable of its group.
struct SchemaVisitor {
  std::vector<Group>& groups;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    const std::size_t g = group_of(spec.dim);
    if (!world::is_output(spec.role)) return;
    if (g == kNone) throw ModelError(fmt::format("output column '{}' has no group to be recorded in", spec.name));
    if (g >= groups.size()) return;  // no specialists sampled
    using T = std::remove_const_t<typename decltype(as_span(column))::element_type>;
    groups[g].variables.push_back({.name = std::string(spec.name),
                                   .type = stored_type<T>(),
                                   .axes = {"time", kGroups[g].axis},
                                   .units = std::string(spec.unit),
                                   .long_name = std::string(spec.meaning),
                                   .kind = static_cast<ResultKind>(spec.kind)});
  }
};

}  // namespace

std::vector<Group> result_groups(const Plan& plan) {
  std::vector<Group> groups;
  const std::uint64_t agents =
      std::min(plan.agents(), static_cast<std::uint64_t>(plan.scenario.record.agents));
  for (const auto& [dim, path, axis] : kGroups) {
    if (dim == Dim::agent && agents == 0) continue;
    auto labels = labels_of(plan, dim);
    const std::uint64_t length = dim == Dim::agent ? agents : labels.size();
    groups.push_back({.path = path,
                      .axes = {{.name = "time"}, {.name = axis, .length = length, .labels = std::move(labels)}},
                      .variables = {},
                      .chunk_rows = static_cast<std::uint64_t>(plan.scenario.record.chunk_steps)});
  }
  RegionState model(RegionId{0});
  SchemaVisitor visitor{groups};
  world::describe_fields(visitor, model);
  return groups;
}

/// Copies one region's columns to their places in the rows.
class RowWriter {
 public:
  RowWriter(Recorder& recorder, const Plan& plan, std::size_t region, bool with_agents)
      : recorder_(recorder), plan_(plan), region_(region), with_agents_(with_agents) {}

  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    const std::size_t field = field_++;
    const std::size_t g = recorder_.group_of_field_[field];
    if (g == kNone) return;
    const auto values = as_span(column);
    using T = typename decltype(values)::value_type;
    std::byte* to = recorder_.rows_[g].data() + recorder_.offset_of_field_[field];
    if (spec.dim == Dim::agent) {
      if (with_agents_)
        for (std::size_t j = 0; j < recorder_.agents_.size(); ++j)
          if (recorder_.agents_[j].region == region_)
            std::memcpy(to + j * sizeof(T), &values[recorder_.agents_[j].local], sizeof(T));
      return;
    }
    std::memcpy(to + first_row(spec.dim) * sizeof(T), values.data(), values.size_bytes());
  }

 private:
  std::size_t first_row(Dim dim) const {
    if (dim == Dim::site) return plan_.regions[region_].first_site;
    return dim == Dim::market ? region_ * workload::kProblemTypes : region_;
  }
  Recorder& recorder_;
  const Plan& plan_;
  std::size_t region_;
  bool with_agents_;
  std::size_t field_ = 0;
};

namespace {

/// record.agents specialists, evenly spread over the population.
std::vector<SampledAgent> sample_agents(const Plan& plan) {
  const std::uint64_t all = plan.agents();
  const std::uint64_t n = std::min(all, static_cast<std::uint64_t>(plan.scenario.record.agents));
  std::vector<SampledAgent> sampled;
  for (std::uint64_t j = 0; j < n; ++j) {
    std::uint64_t row = (2 * j + 1) * all / (2 * n);
    std::size_t region = 0;
    while (row >= plan.regions[region].agents) row -= plan.regions[region++].agents;
    sampled.push_back({region, row});
  }
  return sampled;
}

/// Where each field of the registry lies in its group's row.
struct LayoutVisitor {
  const std::vector<Group>& groups;
  std::vector<std::size_t>& group;
  std::vector<std::size_t>& offset;
  std::vector<std::size_t> used;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    using T = std::remove_const_t<typename decltype(as_span(column))::element_type>;
    const std::size_t g = group_of(spec.dim);
    const bool recorded = g < groups.size() && world::is_output(spec.role);
    group.push_back(recorded ? g : kNone);
    offset.push_back(recorded ? used[g] : 0);
    if (recorded) used[g] += groups[g].axes[1].length * sizeof(T);
  }
};

ResultFile open_file(const Plan& plan, const std::vector<Group>& groups, const std::filesystem::path& final_name,
                     const std::vector<Attribute>& root, const std::vector<std::uint64_t>* rows) {
  const std::string start = utc_text(plan.start_utc);
  const auto level = static_cast<int>(plan.scenario.record.compression);
  return rows ? ResultFile::reopen(final_name, groups, *rows, start, level)
              : ResultFile::create(final_name, groups, root, start, level);
}

}  // namespace

Recorder::Recorder(const engine::Simulation& sim, const std::filesystem::path& final_name,
                   const std::vector<Attribute>& root, const std::vector<std::uint64_t>* rows)
    : groups_(result_groups(sim.plan())),
      agents_(sample_agents(sim.plan())),
      agent_stride_(static_cast<std::uint32_t>(std::max<std::int64_t>(
          1, round_half_even(sim.plan().scenario.record.agent_interval.seconds / sim.plan().step_s)))),
      file_(open_file(sim.plan(), groups_, final_name, root, rows)) {
  RegionState model(RegionId{0});
  LayoutVisitor layout{groups_, group_of_field_, offset_of_field_, std::vector<std::size_t>(groups_.size(), 0)};
  world::describe_fields(layout, model);
  for (const std::size_t bytes : layout.used) rows_.emplace_back(bytes);
}

void Recorder::record(const engine::Simulation& sim) {
  const Plan& plan = sim.plan();
  const std::uint32_t step = sim.steps_done() - 1;
  const bool with_agents = !agents_.empty() && step % agent_stride_ == 0;
  sim.each_region([&](RegionState& r) {
    RowWriter writer(*this, plan, r.id.value, with_agents);
    world::describe_fields(writer, r);
  });
  for (std::size_t g = 0; g < groups_.size(); ++g)
    if (kGroups[g].dim != Dim::agent || with_agents) file_.append(g, plan.step_s * step, step, rows_[g]);
}

StaticGroup agent_description(const engine::Simulation& sim) {
  std::vector<std::string> region, site, type;
  std::vector<std::uint32_t> model;
  std::vector<double> markup;
  std::vector<const RegionState*> states;
  sim.each_region([&](const RegionState& r) { states.push_back(&r); });
  for (const auto& a : sample_agents(sim.plan())) {
    const auto& columns = states[a.region]->agents;
    region.push_back(sim.plan().regions[a.region].name);
    site.push_back(sim.plan().sites[columns.site[a.local]].name);
    type.emplace_back(enum_name(static_cast<workload::ProblemType>(columns.type[a.local])));
    model.push_back(columns.model[a.local]);
    markup.push_back(static_cast<double>(columns.markup[a.local]));
  }
  const std::vector<std::string> along{"agent"};
  return {.path = "/agent",
          .variables = {{"agent_region", region, along, "1", "home region", ResultKind::accounting},
                        {"agent_site", site, along, "1", "home site", ResultKind::accounting},
                        {"agent_type", type, along, "1", "problem type it answers", ResultKind::accounting},
                        {"agent_model", model, along, "1", "row of the weight store", ResultKind::executed},
                        {"agent_markup", markup, along, "1", "profit share it adds to its cost", ResultKind::accounting}}};
}

void Recorder::finish(const engine::Simulation& sim, const std::vector<Attribute>& closing) {
  std::vector<StaticGroup> groups{summary_group(sim)};
  if (!agents_.empty()) groups.push_back(agent_description(sim));
  file_.finish(groups, closing);
}

}  // namespace swarm::io
