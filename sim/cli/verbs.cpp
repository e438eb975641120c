#include "sim/cli/verbs.hpp"

#include <array>

#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

std::string no_options() { return {}; }

constexpr std::array<Verb, 10> kVerbs{{
    {"run", "SCENARIO.toml [OPTION]...", "simulate a scenario and write an HDF5 file",
     "Simulates a scenario and writes an HDF5 file. The summary goes to standard\n"
     "output, progress and messages to standard error. While it runs the file is\n"
     "called FILE.h5.partial; a finished file of that name is replaced only at the\n"
     "end. Equal scenario and seed give equal results.\n\n"
     "  swarmsim run my.toml -o a.h5 --seed 7 --set pricing.markup=0.2\n"
     "  swarmsim run my.toml --checkpoint-every 1d      # then, if it was stopped:\n"
     "  swarmsim run my.toml --resume my.h5\n\n"
     "With --replicates N the run is repeated with N seeds, each a function of the\n"
     "scenario's seed (the master seed) and the replicate's number alone.\n\n"
     "  swarmsim run my.toml --replicates 5             # my.r0.h5 to my.r4.h5\n"
     "  swarmsim run my.toml --replicates 5 --resume my.h5",
     run_verb, run_options},
    {"check", "SCENARIO.toml [OPTION]...", "validate a scenario and predict memory, file size and time",
     "Reads a scenario and its data, reports every problem at once, predicts what a\n"
     "run will need, and notes what you may want to know before it. Writes nothing.\n\n"
     "  swarmsim check my.toml\n"
     "  swarmsim check my.toml --resolved > all_keys.toml\n"
     "  swarmsim check --explain pricing.markup",
     check_verb, check_options},
    {"init", "FILE.toml", "write a commented scenario to start from",
     "Writes a commented scenario to start from. Never overwrites a file.", init_verb, no_options},
    {"list", "regions|devices|rules|policies|purposes|scenarios", "list what scenarios can name",
     "Lists what scenarios can name: built-in regions and devices, pricing rules,\n"
     "balancing policies, purposes of requests with their other spellings, or the\n"
     "shipped scenarios with their questions.",
     list_verb, no_options},
    {"quote", "--rule NAME FILE.csv [OPTION]...", "price requests of a CSV table under a rule",
     "Prices each request of a CSV table, item by item, on the tariff base; no\n"
     "simulation. '-' reads standard input; the result goes to standard output.\n\n"
     "Columns in:  id,region,purpose,tokens[,renewable_share,carbon_intensity]\n"
     "  renewable_share from 0 to 1, default 0; carbon_intensity in g/kWh, default\n"
     "  that of the region ('swarmsim list regions').\n"
     "Columns out: id,region,purpose,tokens,rule,energy_kwh,footprint_g,base_usd,\n"
     "  carbon_usd,justice_usd,renewable_usd,credit_usd,total_usd,impact_score,\n"
     "  priority; total = base + carbon + justice - renewable + credit, at least 0.\n\n"
     "--set reaches pricing.tariff_*, carbon_price_usd_per_t, renewable_rebate,\n"
     "south_discount, north_premium and legacy_benefit; policy.need_*, priority_* and\n"
     "vulnerable_from; purpose.NAME.priority; and of region.NAME. the keys\n"
     "global_south, gdp_per_capita_usd, vulnerability and intensity_g_per_kwh.\n\n"
     "  swarmsim quote --rule justice requests.csv\n"
     "  swarmsim quote --rule all requests.csv --set pricing.carbon_price_usd_per_t=50\n"
     "  swarmsim quote --rule legacy requests.csv --format text",
     quote_verb, quote_options},
    {"info", "FILE.h5 [OPTION]...", "describe a result file",
     "Says where a result file comes from, what is in it, and its summary.", info_verb, info_options},
    {"compare", "A.h5 B.h5 ... [OPTION]...", "set runs of scenarios against each other, seed by seed",
     "Groups result files by scenario and overrides, pairs the runs of each group by\n"
     "seed with those of the first file's group, and prints differences with 95 %\n"
     "intervals over seeds. Runs must cover the same time and regions.\n\n"
     "  swarmsim run scenarios/baseline.toml --replicates 5\n"
     "  swarmsim run scenarios/pilot.toml --replicates 5\n"
     "  swarmsim compare baseline.r*.h5 pilot.r*.h5",
     compare_verb, compare_options},
    {"version", "", "print versions and the instruction set in use",
     "Prints the versions of program and libraries, and the instruction set in use.", version_verb, no_options},
    {"help", "[VERB]", "explain a verb", "Explains a verb, or lists them.", help_verb, no_options},
    {"reference", "scenario|assumptions|format|keys", "print a generated page of the manual",
     "Prints a page of the manual, generated from the program itself: scenario,\n"
     "assumptions and format as Markdown, keys (every scenario key) as JSON.",
     reference_verb, no_options},
}};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb& require_verb(std::string_view asker, const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& v : kVerbs) {
    if (v.name == name) return v;
    names.emplace_back(v.name);
  }
  const std::string near = nearest_spelling(name, names);
  throw InputError(Diagnostic{.file = std::string(asker),
                              .problem = fmt::format("unknown verb '{}'", name),
                              .why = "",
                              .suggestion = near.empty() ? "see 'swarmsim help'." : fmt::format("did you mean '{}'?", near)});
}

ExitCode dispatch(const Arguments& arguments) {
  if (arguments.empty()) return help_verb({});
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "--help" || arguments[0] == "-h") return help_verb(rest);
  if (arguments[0] == "--version") return version_verb(rest);
  const Verb& verb = require_verb("swarmsim", arguments[0]);
  for (const auto& a : rest) {
    if (a == "--") break;
    if (a == "--help" || a == "-h") return help_verb({std::string(verb.name)});
  }
  return verb.run(rest);
}

}  // namespace cli
}  // namespace swarm
