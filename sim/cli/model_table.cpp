#include "sim/cli/model_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "agents/tasks/base_models.hpp"
#include "agents/tasks/input.hpp"
#include "agents/tasks/measure.hpp"
#include "sim/core/parallel.hpp"
#include "sim/hardware/roofline.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace cli {
namespace {

using tasks::Pruning;

constexpr std::string_view kLabels = "labels", kDistilled = "distilled", kTeacher = "teacher";

struct FormatChoice {
  nn::Format format;
  tasks::Calibration calibration;

  std::string text() const {
    const std::string name(enum_name(format));
    return nn::Numerics{format}.integers() ? fmt::format("{} {}", name, enum_name(calibration)) : name;
  }
};

std::vector<FormatChoice> format_choices() {
  using enum tasks::Calibration;
  std::vector<FormatChoice> all;
  for (const nn::Format f : {nn::Format::fp32, nn::Format::bf16, nn::Format::fp16}) all.push_back({f, dynamic});
  for (const nn::Format f : {nn::Format::int8, nn::Format::int4})
    for (const tasks::Calibration c : {dynamic, fixed}) all.push_back({f, c});
  if (nn::bf16_dot_supported()) all.push_back({nn::Format::bf16_dot, dynamic});
  return all;
}

/// One way of training and the formats that its networks are put into.
struct Way {
  tasks::SpecialistParams params;
  std::string_view teaching;
  std::vector<FormatChoice> formats;
};

std::vector<Way> ways_of(const tasks::SpecialistParams& base) {
  std::vector<Way> ways;
  const auto formats = format_choices();
  for (std::size_t f = 0; f < EnumNames<tasks::Family>::names.size(); ++f) {
    tasks::SpecialistParams params = base;
    params.family = static_cast<tasks::Family>(f);
    params.format = nn::Format::fp32;
    for (std::size_t p = 0; p < EnumNames<Pruning>::names.size(); ++p)
      for (const bool distilled : {false, true}) {
        params.pruning = static_cast<Pruning>(p);
        params.distillation = distilled;
        ways.push_back({params, distilled ? kDistilled : kLabels, formats});
      }
    params.pruning = Pruning::none;
    params.distillation = false;
    for (std::int64_t* width : {&params.hidden_1, &params.hidden_2, &params.channels}) *width *= base.teacher_width;
    ways.push_back({params, kTeacher, {formats.front()}});
  }
  return ways;
}

/// Median time per answer of all models together, each asked n at a time, on this thread [µs].
double microseconds(const nn::WeightStore& store, std::uint32_t n) {
  constexpr std::size_t kTurns = 21;
  constexpr double kLeastSeconds = 2e-4;
  using Clock = std::chrono::steady_clock;
  const auto ids = store.ids();
  const std::vector<float> inputs(std::size_t{n} * tasks::kInputs, 0.5f);
  std::vector<float> outputs(std::size_t{n} * tasks::kClasses);
  std::vector<nn::Group> groups;
  for (const ModelId id : ids) groups.push_back({id, inputs.data(), outputs.data(), n});
  std::size_t repeats = 1;
  std::vector<double> turns;
  while (turns.size() < kTurns) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < repeats; ++i) nn::infer_groups(store, groups);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (seconds < kLeastSeconds && turns.empty()) {
      repeats *= 2;
      continue;
    }
    turns.push_back(1e6 * seconds / static_cast<double>(repeats * ids.size() * n));
  }
  std::nth_element(turns.begin(), turns.begin() + kTurns / 2, turns.end());
  return turns[kTurns / 2];
}

ModelRow measure_row(const Way& way, const FormatChoice& format, std::uint64_t seed, const hardware::Device& device,
                     const std::filesystem::path& cache_dir) {
  tasks::SpecialistParams params = way.params;
  params.format = format.format;
  params.calibration = format.calibration;
  ModelRow row;
  row.family = enum_name(params.family);
  row.format = format.text();
  row.pruning = enum_name(params.pruning);
  row.teaching = way.teaching;
  const auto models = tasks::base_models(params, seed, cache_dir);
  const double share = 1.0 / static_cast<double>(models.size());
  nn::WeightStore store;
  for (const tasks::BaseModel& base : models) {
    const tasks::Measurement m = tasks::measure(base);
    const nn::WorkCount pass = m.pass.of(1);
    const double operations = 2.0 * static_cast<double>(pass.macs), bytes = static_cast<double>(pass.bytes);
    row.accuracy_by_type[static_cast<std::size_t>(base.type)] += m.accuracy / static_cast<double>(params.lineages);
    row.accuracy += share * m.accuracy;
    row.conversion_error += share * m.conversion.relative;
    row.stored_bytes += share * static_cast<double>(m.pass.parameter_bytes);
    row.operations += share * operations;
    row.bytes += share * bytes;
    row.joules += share * device.max_w * hardware::roofline_seconds(device, operations, bytes, world::arithmetic_of(format.format));
    store.add(base.model, base.numerics, base.ranges);
  }
  ThreadLimit(1).execute([&] {
    row.us_alone = microseconds(store, 1);
    row.us_in_64 = microseconds(store, 64);
  });
  return row;
}

/// Of each family, a figure of one row beside one of another.
using Figure = std::function<std::string(const ModelRow& from, const ModelRow& to)>;

struct Comparison {
  std::string subject, claimed;
  std::string_view from_teaching, format, pruning, teaching;
  Figure figure;
};

std::string faster(const ModelRow& from, const ModelRow& to) {
  return fmt::format("{:.2f}× alone, {:.2f}× in 64", from.us_alone / to.us_alone, from.us_in_64 / to.us_in_64);
}
std::string smaller(const ModelRow& from, const ModelRow& to) { return fmt::format("{:.2f}×", from.stored_bytes / to.stored_bytes); }
std::string loss(const ModelRow& from, const ModelRow& to) {
  const double tenths = std::round(1000 * (from.accuracy - to.accuracy) / from.accuracy);
  return fmt::format("{:.1f} %", tenths / 10 + 0.0);  // + 0.0: no "-0.0"
}

const ModelRow* find(const std::vector<ModelRow>& rows, std::string_view family, std::string_view format, std::string_view pruning,
                     std::string_view teaching) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const ModelRow& r) {
    return r.family == family && r.format == format && r.pruning == pruning && r.teaching == teaching;
  });
  return at != rows.end() ? &*at : nullptr;
}

}  // namespace

std::vector<ModelRow> measure_models(const scenario::Scenario& s, const hardware::Device& device,
                                     const std::filesystem::path& cache_dir,
                                     const std::function<void(std::size_t done, std::size_t all)>& progress) {
  std::vector<ModelRow> rows;
  const auto ways = ways_of(s.specialists);
  for (std::size_t w = 0; w < ways.size(); ++w) {
    for (const FormatChoice& format : ways[w].formats)
      rows.push_back(measure_row(ways[w], format, static_cast<std::uint64_t>(s.run.seed), device, cache_dir));
    progress(w + 1, ways.size());
  }
  return rows;
}

std::vector<ModelClaim> claims_about(const std::vector<ModelRow>& rows) {
  // MODEL §13's speeds of full, fp16, int8, pruned and distilled: 10, 18, 25, 15, 30 tok/s.
  const Comparison comparisons[] = {
      {"int8, size", "4× smaller", kLabels, "int8 static", "none", kLabels, smaller},
      {"int8, speed", "2.5× (2 to 4×)", kLabels, "int8 static", "none", kLabels, faster},
      {"int8, accuracy lost", "2 to 3 % (1 to 5 %)", kLabels, "int8 static", "none", kLabels, loss},
      {"fp16, speed", "1.8×", kLabels, "fp16", "none", kLabels, faster},
      {"fp16, accuracy lost", "below 1 %", kLabels, "fp16", "none", kLabels, loss},
      {"pruned by half its weights, speed", "1.5×", kLabels, "fp32", "unstructured", kLabels, faster},
      {"pruned by half its weights, accuracy lost", "3 to 5 %", kLabels, "fp32", "unstructured", kLabels, loss},
      {"pruned by hidden neurons, speed", "1.5×", kLabels, "fp32", "structured", kLabels, faster},
      {"pruned by hidden neurons, accuracy lost", "3 to 5 %", kLabels, "fp32", "structured", kLabels, loss},
      {"distilled from its teacher, speed", "3×", kTeacher, "fp32", "none", kDistilled, faster},
      {"distilled from its teacher, accuracy lost", "5 to 8 %", kTeacher, "fp32", "none", kDistilled, loss},
  };
  std::vector<ModelClaim> claims;
  for (const Comparison& c : comparisons) {
    std::vector<std::string> measured;
    for (const auto family : EnumNames<tasks::Family>::names) {
      const ModelRow* from = find(rows, family, "fp32", "none", c.from_teaching);
      const ModelRow* to = find(rows, family, c.format, c.pruning, c.teaching);
      if (from != nullptr && to != nullptr) measured.push_back(fmt::format("{} {}", family, c.figure(*from, *to)));
    }
    claims.push_back({c.subject, c.claimed, fmt::format("{}", fmt::join(measured, "; "))});
  }
  return claims;
}

}  // namespace cli
}  // namespace swarm
