#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "agents/nn/isa.hpp"
#include "sim/cli/completion.hpp"
#include "sim/cli/format_page.hpp"
#include "sim/cli/keys_page.hpp"
#include "sim/cli/man_page.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/paths.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/hardware/roofline.hpp"
#include "sim/io/provenance.hpp"
#include "sim/policy/rule.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"
#include "sim/study/study_page.hpp"
#include "sim/workload/purpose.hpp"

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
  fmt::print("{:<24}{:>10}{:>10}{:>8}{:>8}{:>9}{:>9}\n", "name", "fp32 op/s", "B/s", "max W", "idle W", "pJ/MAC", "USD");
  for (const auto& d : hardware::device_catalogue())
    fmt::print("{:<24}{:>10.3g}{:>10.3g}{:>8.4g}{:>8.3g}{:>9.3g}{:>9.5g}\n", d.name, d.peak_fp32, d.bandwidth, d.max_w, d.idle_w,
               hardware::joules_per_mac(d) * 1e12, d.price_usd);
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

void list_rules() {
  for (std::size_t i = 0; i < EnumNames<economy::PricingRule>::names.size(); ++i) {
    const auto rule = static_cast<economy::PricingRule>(i);
    fmt::print("{:<19}{}\n", enum_name(rule), policy::rule_meaning(rule));
  }
}

void list_purposes() {
  fmt::print("{:<31}{:>6}{:>10}  {}\n", "name", "share", "priority", "also known as");
  for (const auto& p : workload::purpose_table()) {
    std::vector<std::string_view> aliases;
    for (const auto spelling : workload::purpose_spellings())
      if (spelling != p.name && enum_name(*workload::find_purpose(spelling)) == p.name) aliases.push_back(spelling);
    fmt::print("{:<31}{:>6.4g}{:>10.4g}  {}\n", p.name, p.share, p.priority, aliases.empty() ? "-" : fmt::format("{}", fmt::join(aliases, ", ")));
  }
}

struct Listing {
  std::string_view what;
  void (*print)();
};
constexpr std::array<Listing, 6> kListings{{{"regions", list_regions},
                                            {"devices", list_devices},
                                            {"rules", list_rules},
                                            {"policies", list_names<dispatch::BalancePolicy>},
                                            {"purposes", list_purposes},
                                            {"scenarios", list_scenarios}}};

struct Page {
  std::string_view name;
  std::string (*text)();
};
constexpr std::array<Page, 6> kPages{{{"scenario", scenario::reference_markdown}, {"study", study::study_reference_markdown},
                                      {"assumptions", scenario::assumptions_markdown},
                                      {"format", format_markdown},
                                      {"keys", keys_json},
                                      {"man", [] { return man_page(verbs()); }}}};
constexpr std::array<Page, 3> kShells{{{"bash", [] { return bash_completion(verbs()); }},
                                       {"zsh", [] { return zsh_completion(verbs()); }},
                                       {"fish", [] { return fish_completion(verbs()); }}}};

template <class Table, class Name>
std::vector<std::string> names_of(const Table& table, Name name) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.*name);
  return names;
}

/// The entry of a table whose name is the only argument.
template <class Table, class Name>
const auto& choose(std::string_view verb, const Arguments& arguments, const Table& table, Name name) {
  const auto words = parse_words(verb, arguments, 1);
  for (const auto& entry : table)
    if (!words.empty() && entry.*name == words[0]) return entry;
  const auto names = names_of(table, name);
  const std::string near = words.empty() ? "" : nearest_spelling(words[0], names);
  usage_error(verb, words.empty() ? "nothing named" : fmt::format("cannot {} '{}'", verb == "list" ? "list" : "print", words[0]),
              near.empty() ? fmt::format("choose one of {}.", fmt::join(names, ", ")) : fmt::format("did you mean '{}'?", near));
}

}  // namespace

std::vector<std::string> list_words() { return names_of(kListings, &Listing::what); }
std::vector<std::string> reference_words() { return names_of(kPages, &Page::name); }
std::vector<std::string> completion_words() { return names_of(kShells, &Page::name); }

ExitCode list_verb(const Arguments& arguments) {
  choose("list", arguments, kListings, &Listing::what).print();
  return ExitCode::done;
}

ExitCode reference_verb(const Arguments& arguments) {
  fmt::print("{}", choose("reference", arguments, kPages, &Page::name).text());
  return ExitCode::done;
}

ExitCode completion_verb(const Arguments& arguments) {
  fmt::print("{}", choose("completion", arguments, kShells, &Page::name).text());
  return ExitCode::done;
}

ExitCode init_verb(const Arguments& arguments) {
  const auto words = parse_words("init", arguments, 1);
  if (words.empty()) usage_error("init", "no file named", "write 'swarmsim init FILE.toml'.");
  const std::string& name = words[0];
  std::error_code error;
  if (fs::exists(fs::symlink_status(name, error)))
    throw InputError(Diagnostic{.file = name, .problem = "this file exists already",
                                .why = "it would be overwritten", .suggestion = "choose another name."});
  std::ofstream out(name);
  const bool created = out.is_open();
  out << scenario::starter_toml();
  out.close();
  if (!out) {
    const int reason = errno;
    if (created) fs::remove(name, error);
    throw FileError({.file = name, .problem = "cannot write the scenario", .why = std::strerror(reason),
                     .suggestion = "check the folder and its permissions."});
  }
  fmt::print("{0} written; try: swarmsim run {0}\n", name);
  return ExitCode::done;
}

ExitCode version_verb(const Arguments& arguments) {
  parse_words("version", arguments, 0);
  fmt::print("swarmsim {} ({})\ncompiler: {}\nlibraries: {}\ninstruction set: {} (SWARMSIM_SIMD=portable|avx2|avx512 forces one)\n",
             io::program_version(), io::source_revision(), io::compiler_text(), io::library_versions(), enum_name(nn::active_isa()));
  return ExitCode::done;
}

ExitCode help_verb(const Arguments& arguments) {
  const auto words = parse_words("help", arguments, 1);
  if (!words.empty()) {
    const Verb& verb = require_verb("swarmsim help", words[0]);
    fmt::print("Usage: swarmsim {}{}{}\n\n{}\n", verb.name, verb.usage.empty() ? "" : " ", verb.usage, verb.explanation);
    if (const std::string options = options_text(verb.options()); !options.empty()) fmt::print("\n{}", options);
    return ExitCode::done;
  }
  fmt::print("swarmsim simulates a swarm of small AI specialists on the world's power grids.\n\nUsage: swarmsim VERB ...\n\n");
  for (const Verb& v : verbs()) fmt::print("  {:<12}{}\n", v.name, v.purpose);
  fmt::print("\n'swarmsim help VERB' explains one. To start:\n"
             "  swarmsim init my.toml\n"
             "  swarmsim run my.toml\n\n"
             "Exit codes:\n");
  for (const ExitMeaning& e : exit_meanings()) fmt::print("  {:<9}{}\n", e.codes, e.meaning);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
