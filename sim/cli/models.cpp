#include <fmt/format.h>

#include <algorithm>

#include "agents/tasks/base_models.hpp"
#include "sim/cli/model_table.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/paths.hpp"
#include "sim/cli/progress_line.hpp"
#include "sim/cli/values.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/csv.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/io/onnx_file.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> device_words() {
  std::vector<std::string> words;
  for (const auto& d : hardware::device_catalogue()) words.push_back(d.name);
  return words;
}

const hardware::Device& device_named(const scenario::Scenario& s, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& d : s.devices) {
    if (d.name == name) return d;
    names.push_back(d.name);
  }
  const std::string near = nearest_spelling(name, names);
  usage_error("models", fmt::format("unknown device '{}'", name),
              near.empty() ? "'swarmsim list devices' lists them." : fmt::format("did you mean '{}'?", near));
}

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

void print_text(const std::vector<ModelRow>& rows, const std::string& device) {
  fmt::print("{:<10}{:<13}{:<13}{:<10}", "family", "format", "pruning", "learnt");
  for (const auto type : EnumNames<workload::ProblemType>::names) fmt::print("{:>10}", type);
  fmt::print("{:>8}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "all", "moved", "size", "ops", "bytes", "alone", "in 64", "energy");
  fmt::print("{:<46}{:>48}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", "right answers of held-out problems [%]", "[%]", "[kB]", "[k]", "[kB]", "[µs]", "[µs]",
             "[µJ]");
  std::string_view family;
  for (const ModelRow& r : rows) {
    if (r.family != family && !family.empty()) fmt::print("\n");
    family = r.family;
    fmt::print("{:<10}{:<13}{:<13}{:<10}", r.family, r.format, r.pruning, r.teaching);
    for (const double a : r.accuracy_by_type) fmt::print("{:>10}", percent(a));
    fmt::print("{:>8}{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}{:>9.3g}\n", percent(r.accuracy), 100 * r.conversion_error, r.stored_bytes / 1e3,
               r.operations / 1e3, r.bytes / 1e3, r.us_alone, r.us_in_64, 1e6 * r.joules);
  }
  fmt::print("\nmoved: weights by their format, root mean square. size: parameters as they run. ops, bytes: of an answer asked for alone.\n"
             "alone, in 64: time measured here on one thread. energy: modelled on {}, all else executed.\n"
             "teacher: as wide as the one that taught the distilled.\n\n{:<44}{:<22}measured against the same family in fp32\n",
             device, "what the founding papers claim", "");
  for (const ModelClaim& c : claims_about(rows)) fmt::print("{:<44}{:<22}{}\n", c.subject, c.claimed, c.measured);
}

void print_csv(const std::vector<ModelRow>& rows) {
  fmt::print("family,format,pruning,learnt,accuracy_{},accuracy,conversion_error,stored_bytes,operations,bytes,us_alone,us_in_64,joules\n",
             fmt::join(EnumNames<workload::ProblemType>::names, ",accuracy_"));
  for (const ModelRow& r : rows) {
    fmt::print("{},{},{},{}", csv_cell(r.family), csv_cell(r.format), csv_cell(r.pruning), csv_cell(r.teaching));
    for (const double a : r.accuracy_by_type) fmt::print(",{}", csv_number(a));
    for (const double x : {r.accuracy, r.conversion_error, r.stored_bytes, r.operations, r.bytes, r.us_alone, r.us_in_64, r.joules})
      fmt::print(",{}", csv_number(x));
    fmt::print("\n");
  }
}

void print_json(const std::vector<ModelRow>& rows, const std::string& device) {
  std::vector<std::string> items, claims;
  for (const ModelRow& r : rows) {
    std::vector<std::string> accuracies;
    for (std::size_t t = 0; t < r.accuracy_by_type.size(); ++t)
      accuracies.push_back(fmt::format("\"{}\":{}", EnumNames<workload::ProblemType>::names[t], json_number(r.accuracy_by_type[t])));
    items.push_back(fmt::format(
        "{{\"family\":{},\"format\":{},\"pruning\":{},\"learnt\":{},\"accuracy_by_type\":{{{}}},\"accuracy\":{},\"conversion_error\":{},"
        "\"stored_bytes\":{},\"operations\":{},\"bytes\":{},\"us_alone\":{},\"us_in_64\":{},\"joules\":{}}}",
        json_text(r.family), json_text(r.format), json_text(r.pruning), json_text(r.teaching), fmt::join(accuracies, ","), json_number(r.accuracy),
        json_number(r.conversion_error), json_number(r.stored_bytes), json_number(r.operations), json_number(r.bytes), json_number(r.us_alone),
        json_number(r.us_in_64), json_number(r.joules)));
  }
  for (const ModelClaim& c : claims_about(rows))
    claims.push_back(fmt::format("{{\"subject\":{},\"claimed\":{},\"measured\":{}}}", json_text(c.subject), json_text(c.claimed), json_text(c.measured)));
  fmt::print("{{\"device\":{},\"models\":[{}],\"claims\":[{}]}}\n", json_text(device), fmt::join(items, ","), fmt::join(claims, ","));
}

scenario::Scenario load(const std::vector<std::string>& files, const std::vector<std::string>& overrides) {
  return files.empty() ? scenario::load_text("regions = [\"DE\"]\n", "swarmsim models", overrides) : scenario::load(files[0], overrides);
}

/// The base specialists of a run of the scenario, as files: TYPE.LINEAGE.onnx.
void write_specialists(const scenario::Scenario& s, const fs::path& folder) {
  const auto models = tasks::base_models(s.specialists, static_cast<std::uint64_t>(s.run.seed), cache_folder(s), nullptr,
                                         tasks::read_given_models(s.specialists, io::read_onnx));
  std::vector<fs::path> files;
  std::vector<Diagnostic> there;
  for (const tasks::BaseModel& base : models) {
    files.push_back(folder / fmt::format("{}.{}.onnx", enum_name(base.type), base.lineage));
    if (std::error_code none; fs::exists(fs::symlink_status(files.back(), none)))
      there.push_back({.file = files.back().string(), .problem = "this file exists already", .why = "it would be overwritten",
                       .suggestion = "choose another folder."});
  }
  if (!there.empty()) throw InputError(std::move(there));
  for (std::size_t i = 0; i < models.size(); ++i) {
    io::write_onnx(models[i].model, files[i]);
    fmt::print("{}\n", files[i].string());
  }
}

}  // namespace

Options models_options() {
  Options o;
  o.add_options()
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key; may be repeated")
      ("device", offered_value<std::string>("NAME", {.words = device_words})->default_value("raspberry-pi-5"), "device whose energy is modelled ('swarmsim list devices')")
      ("format", choice_value<ModelsFormat>("FORMAT")->default_value("text"), "text (default), csv or json")
      ("export", po::value<std::string>()->value_name("DIR"), "instead write the scenario's own base specialists to DIR as ONNX files, in fp32");
  return o;
}

ExitCode models_verb(const Arguments& arguments) {
  const auto values = parse_options("models", arguments, models_options(), 1);
  const auto files = files_of(values);
  const auto format = parse_choice<ModelsFormat>("models", "format", values["format"].as<std::string>());
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  const scenario::Scenario s = load(files, overrides);
  if (values.count("export")) {
    write_specialists(s, values["export"].as<std::string>());
    return ExitCode::done;
  }
  const hardware::Device& device = device_named(s, values["device"].as<std::string>());
  for (const auto family : EnumNames<tasks::Family>::names) {  // sizes must fit each of them
    std::vector<std::string> with = overrides;
    with.push_back(fmt::format("specialists.family={}", family));
    load(files, with);
  }
  ProgressLine line(ProgressMode::automatic);
  const auto rows = measure_models(s, device, cache_folder(s), [&](std::size_t done, std::size_t all) {
    if (line.due(done == all))
      line.draw(static_cast<double>(done) / static_cast<double>(all), fmt::format("{} of {} ways of training", done, all));
  });
  switch (format) {
    case ModelsFormat::text:
      print_text(rows, device.name);
      break;
    case ModelsFormat::csv:
      print_csv(rows);
      break;
    case ModelsFormat::json:
      print_json(rows, device.name);
      break;
  }
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
