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
constexpr std::array<GroupName, 6> kGroups{{{Dim::region, "/region", "region"},
                                            {Dim::site, "/site", "site"},
                                            {Dim::purpose, "/purpose", "purpose"},
                                            {Dim::market, "/market", "market"},
                                            {Dim::decision, "/decision", "decision"},
                                            {Dim::agent, "/agent", "agent"}}};

const GroupName* group_name(Dim dim) {
  for (const GroupName& name : kGroups)
    if (name.dim == dim) return &name;
  return nullptr;
}

/// Which of a run's groups records columns of this dimension; none where nothing is sampled.
std::size_t group_of(const std::vector<Group>& groups, Dim dim) {
  const GroupName* name = group_name(dim);
  for (std::size_t g = 0; name != nullptr && g < groups.size(); ++g)
    if (groups[g].path == name->path) return g;
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
  if (dim == Dim::purpose)
    for (const auto name : EnumNames<workload::Purpose>::names) labels.emplace_back(name);
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
    if (!world::is_output(spec.role)) return;
    const GroupName* name = group_name(spec.dim);
    if (name == nullptr) throw ModelError(fmt::format("output column '{}' has no group to be recorded in", spec.name));
    const std::size_t g = group_of(groups, spec.dim);
    if (g == kNone) return;  // nothing of it is sampled
    using T = std::remove_const_t<typename decltype(as_span(column))::element_type>;
    std::vector<std::string> axes{name->axis};
    if (spec.dim != Dim::decision) axes.insert(axes.begin(), "time");
    groups[g].variables.push_back({.name = std::string(spec.name),
                                   .type = spec.flags.empty() ? stored_type<T>() : ElementType::i8,
                                   .axes = std::move(axes),
                                   .units = std::string(spec.unit),
                                   .long_name = std::string(spec.meaning),
                                   .kind = static_cast<ResultKind>(spec.kind),
                                   .flag_meanings = {spec.flags.begin(), spec.flags.end()}});
  }
};

}  // namespace

std::vector<Group> result_groups(const Plan& plan) {
  std::vector<Group> groups;
  const std::uint64_t agents =
      std::min(plan.agents(), static_cast<std::uint64_t>(plan.scenario.record.agents));
  for (const auto& [dim, path, axis] : kGroups) {
    if (dim == Dim::agent && agents == 0) continue;
    const auto chunk_rows = static_cast<std::uint64_t>(plan.scenario.record.chunk_steps);
    if (dim == Dim::decision) {
      if (plan.scenario.record.decisions > 0)
        groups.push_back({.path = path, .axes = {{.name = axis}}, .variables = {}, .chunk_rows = chunk_rows});
      continue;
    }
    auto labels = labels_of(plan, dim);
    const std::uint64_t length = dim == Dim::agent ? agents : labels.size();
    groups.push_back({.path = path,
                      .axes = {{.name = "time"}, {.name = axis, .length = length, .labels = std::move(labels)}},
                      .variables = {},
                      .chunk_rows = chunk_rows});
  }
  RegionState model(RegionId{0});
  SchemaVisitor visitor{groups};
  world::describe_fields(visitor, model);
  return groups;
}

/// Copies one region's columns to their places in the rows.
class RowWriter {
 public:
  RowWriter(Recorder& recorder, const Plan& plan, std::size_t region, bool with_agents, std::size_t first_decision)
      : recorder_(recorder), plan_(plan), region_(region), with_agents_(with_agents), first_decision_(first_decision) {}

  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    const std::size_t field = field_++;
    const std::size_t g = recorder_.group_of_field_[field];
    if (g == kNone) return;
    const auto values = as_span(column);
    using T = typename decltype(values)::value_type;
    if (spec.dim == Dim::decision) {
      const std::size_t row_bytes = recorder_.row_bytes_[g];
      std::byte* row = recorder_.rows_[g].data() + first_decision_ * row_bytes + recorder_.offset_of_field_[field];
      for (const T& value : values) {
        std::memcpy(row, &value, sizeof(T));
        row += row_bytes;
      }
      return;
    }
    std::byte* to = recorder_.rows_[g].data() + recorder_.offset_of_field_[field];
    if (spec.dim == Dim::agent) {
      if (with_agents_ && !values.empty())  // columns of what is switched off: their rows stay 0
        for (std::size_t j = 0; j < recorder_.agents_.size(); ++j)
          if (recorder_.agents_[j].region == region_)
            std::memcpy(to + j * sizeof(T), &values[recorder_.agents_[j].local], sizeof(T));
      return;
    }
    if (spec.dim == Dim::purpose) {  // recorded for all regions together, which come in order
      for (std::size_t j = 0; j < values.size(); ++j) {
        T sum;
        std::memcpy(&sum, to + j * sizeof(T), sizeof(T));
        sum += values[j];
        std::memcpy(to + j * sizeof(T), &sum, sizeof(T));
      }
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
  std::size_t first_decision_;
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
    const std::size_t g = group_of(groups, spec.dim);
    const bool recorded = g != kNone && world::is_output(spec.role);
    group.push_back(recorded ? g : kNone);
    offset.push_back(recorded ? used[g] : 0);
    if (recorded) used[g] += (groups[g].axes.size() > 1 ? groups[g].axes[1].length : 1) * sizeof(T);
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
      agent_stride_(static_cast<std::uint32_t>(
          round_half_even(std::clamp(sim.plan().scenario.record.agent_interval.seconds / sim.plan().step_s, 1.0,
                                     double{std::numeric_limits<std::uint32_t>::max()})))),
      file_(open_file(sim.plan(), groups_, final_name, root, rows)) {
  RegionState model(RegionId{0});
  LayoutVisitor layout{groups_, group_of_field_, offset_of_field_, std::vector<std::size_t>(groups_.size(), 0)};
  world::describe_fields(layout, model);
  row_bytes_ = layout.used;
  for (const std::size_t bytes : row_bytes_) rows_.emplace_back(bytes);
  decision_group_ = group_of(groups_, Dim::decision);
  agent_group_ = group_of(groups_, Dim::agent);
  purpose_group_ = group_of(groups_, Dim::purpose);
}

void Recorder::record(const engine::Simulation& sim) {
  const Plan& plan = sim.plan();
  const std::uint32_t step = sim.steps_done() - 1;
  const bool with_agents = !agents_.empty() && step % agent_stride_ == 0;
  std::size_t decisions = 0;
  sim.each_region([&](const RegionState& r) { decisions += r.decisions.size(); });
  if (decision_group_ != kNone) rows_[decision_group_].resize(decisions * row_bytes_[decision_group_]);
  std::fill(rows_[purpose_group_].begin(), rows_[purpose_group_].end(), std::byte{0});
  std::size_t first_decision = 0;
  sim.each_region([&](RegionState& r) {
    RowWriter writer(*this, plan, r.id.value, with_agents, first_decision);
    world::describe_fields(writer, r);
    first_decision += r.decisions.size();
  });
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (g == agent_group_ && !with_agents) continue;
    const std::size_t rows = g == decision_group_ ? decisions : 1;
    for (std::size_t i = 0; i < rows; ++i)
      file_.append(g, plan.step_s * step, step, std::span(rows_[g]).subspan(i * row_bytes_[g], row_bytes_[g]));
  }
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
