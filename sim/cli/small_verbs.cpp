#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "agents/nn/isa.hpp"
#include "sim/cli/format_page.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/paths.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/io/provenance.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"

/// The verbs that only print or write one small thing.
namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

void list_regions() {
  fmt::print("{:<8}{:<28}{:>12}{:>10}{:>12}{:>8}\n", "name", "title", "population", "g/kWh", "USD/a", "South");
  for (const auto& r : grid::region_table())
    fmt::print("{:<8}{:<28}{:>12.4g}{:>10.4g}{:>12.5g}{:>8}\n", r.name, r.title, r.population, r.intensity_g_per_kwh,
               r.gdp_per_capita_usd, r.global_south ? "yes" : "no");
}

void list_devices() {
  fmt::print("{:<24}{:>10}{:>10}{:>8}{:>8}{:>9}\n", "name", "fp32 op/s", "B/s", "max W", "idle W", "USD");
  for (const auto& d : hardware::device_catalogue())
    fmt::print("{:<24}{:>10.3g}{:>10.3g}{:>8.4g}{:>8.3g}{:>9.5g}\n", d.name, d.peak_fp32, d.bandwidth, d.max_w, d.idle_w, d.price_usd);
}

void list_scenarios() {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(scenarios_folder(), none))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) fmt::print("{:<20}{}\n", file.filename().string(), scenario::load(file, {}).run.question);
}

template <class E>
void list_names() {
  for (const auto name : EnumNames<E>::names) fmt::print("{}\n", name);
}

struct Listing {
  std::string_view what;
  void (*print)();
};
constexpr std::array<Listing, 5> kListings{{{"regions", list_regions},
                                            {"devices", list_devices},
                                            {"rules", list_names<economy::PricingRule>},
                                            {"policies", list_names<dispatch::BalancePolicy>},
                                            {"scenarios", list_scenarios}}};

struct Page {
  std::string_view name;
  std::string (*text)();
};
constexpr std::array<Page, 3> kPages{{{"scenario", scenario::reference_markdown},
                                      {"assumptions", scenario::assumptions_markdown},
                                      {"format", format_markdown}}};

/// The entry of a table whose name is the only argument.
template <class Table, class Name>
const auto& choose(std::string_view verb, const Arguments& arguments, const Table& table, Name name) {
  std::vector<std::string> names;
  for (const auto& entry : table) {
    if (arguments.size() == 1 && entry.*name == arguments[0]) return entry;
    names.emplace_back(entry.*name);
  }
  usage_error(verb, arguments.empty() ? "nothing named" : fmt::format("cannot {} '{}'", verb, arguments.back()),
              fmt::format("choose one of {}.", fmt::join(names, ", ")));
}

}  // namespace

ExitCode list_verb(const Arguments& arguments) {
  choose("list", arguments, kListings, &Listing::what).print();
  return ExitCode::done;
}

ExitCode reference_verb(const Arguments& arguments) {
  fmt::print("{}", choose("reference", arguments, kPages, &Page::name).text());
  return ExitCode::done;
}

ExitCode init_verb(const Arguments& arguments) {
  if (arguments.size() != 1) usage_error("init", "one file name is needed", "write 'swarmsim init FILE.toml'.");
  if (fs::exists(arguments[0]))
    throw InputError(Diagnostic{.file = arguments[0], .problem = "this file exists already",
                                .why = "it would be overwritten", .suggestion = "choose another name."});
  std::ofstream out(arguments[0]);
  out << scenario::starter_toml();
  if (!out.flush())
    throw FileError({.file = arguments[0], .problem = "cannot write the scenario", .why = "", .suggestion = "check the folder and its permissions."});
  fmt::print("{} written; try: swarmsim run {}\n", arguments[0], arguments[0]);
  return ExitCode::done;
}

ExitCode version_verb(const Arguments&) {
  fmt::print("swarmsim {} ({})\ncompiler: {}\nlibraries: {}\ninstruction set: {} (SWARMSIM_SIMD=portable|avx2|avx512 forces one)\n",
             io::program_version(), io::source_revision(), io::compiler_text(), io::library_versions(), enum_name(nn::active_isa()));
  return ExitCode::done;
}

ExitCode help_verb(const Arguments& arguments) {
  if (!arguments.empty()) {
    const Verb* verb = find_verb(arguments[0]);
    if (!verb) usage_error("help", fmt::format("unknown verb '{}'", arguments[0]), "see 'swarmsim help'.");
    fmt::print("swarmsim {} {}\n\n{}.\n", verb->name, verb->usage, verb->purpose);
    const std::string options = verb->options();
    if (!options.empty()) fmt::print("\n{}", options);
    return ExitCode::done;
  }
  fmt::print("swarmsim simulates a swarm of small AI specialists on the world's power grids.\n\nUsage: swarmsim VERB …\n\n");
  for (const Verb& v : verbs()) fmt::print("  {:<11}{}\n", v.name, v.purpose);
  fmt::print("\n'swarmsim help VERB' explains one. Start with: swarmsim init my.toml && swarmsim run my.toml\n"
             "Exit codes: 0 done, 1 the model failed, 2 wrong input, 4 a file failed, 75 stopped after a checkpoint, 130/143 interrupted.\n");
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
