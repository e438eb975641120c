#include "sim/cli/verbs.hpp"

#include <array>

#include "sim/cli/options.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

Options no_options() { return {}; }

constexpr std::array<Verb, 15> kVerbs{{
    {"run", "SCENARIO.toml [OPTION]...", "simulate a scenario and write an HDF5 file",
     "Simulates a scenario and writes an HDF5 file. The summary goes to standard\n"
     "output, progress and messages to standard error. While it runs the file is\n"
     "called FILE.h5.partial; a finished file of that name is replaced only at the\n"
     "end. Equal scenario and seed give equal results.\n\n"
     "  swarmsim run my.toml -o a.h5 --seed 7 --set pricing.markup=0.2\n"
     "  swarmsim run my.toml --checkpoint-every 1d  # then, if it was stopped:\n"
     "  swarmsim run my.toml --resume my.h5\n\n"
     "With --replicates N the run is repeated with N seeds, each a function of the\n"
     "scenario's seed (the master seed) and the replicate's number alone.\n\n"
     "  swarmsim run my.toml --replicates 5             # my.r0.h5 to my.r4.h5\n"
     "  swarmsim run my.toml --replicates 5 --resume my.h5",
     run_verb, run_options, {.suffix = ".toml"}},
    {"check", "SCENARIO.toml [OPTION]...", "validate a scenario and predict memory, file size and time",
     "Reads a scenario and its data, reports every problem at once, predicts what a\n"
     "run will need, and notes what you may want to know before it. Writes nothing.\n\n"
     "  swarmsim check my.toml\n"
     "  swarmsim check my.toml --resolved > all_keys.toml\n"
     "  swarmsim check --explain pricing.markup",
     check_verb, check_options, {.suffix = ".toml"}},
    {"init", "FILE.toml", "write a commented scenario to start from",
     "Writes a commented scenario to start from. Never overwrites a file.", init_verb, no_options, {.suffix = ".toml"}},
    {"list", "regions|devices|rules|policies|purposes|scenarios", "list what scenarios can name",
     "Lists what scenarios can name: built-in regions and devices, pricing rules,\n"
     "balancing policies, purposes of requests with their other spellings, or the\n"
     "shipped scenarios with their questions.",
     list_verb, no_options, {.words = list_words}},
    {"quote", "--rule NAME FILE.csv [OPTION]...", "price requests of a CSV table under a rule",
     "Prices each request of a CSV table, item by item, on the tariff base; no\n"
     "simulation. '-' reads standard input; the result goes to standard output.\n\n"
     "Columns in:  id,region,purpose,tokens[,renewable_share,carbon_intensity]\n"
     "  renewable_share from 0 to 1, default 0; carbon_intensity in g/kWh,\n"
     "  default that of the region ('swarmsim list regions').\n"
     "Columns out: id,region,purpose,tokens,rule,energy_kwh,footprint_g,\n"
     "  base_usd,carbon_usd,justice_usd,renewable_usd,credit_usd,total_usd,\n"
     "  impact_score,priority; total = base + carbon + justice - renewable +\n"
     "  credit, at least 0.\n\n"
     "--set reaches pricing.tariff_*, carbon_price_usd_per_t, renewable_rebate,\n"
     "south_discount, north_premium and legacy_benefit; policy.need_*, priority_* and\n"
     "vulnerable_from; purpose.NAME.priority; and of region.NAME. the keys\n"
     "global_south, gdp_per_capita_usd, vulnerability and intensity_g_per_kwh.\n\n"
     "  swarmsim quote --rule justice requests.csv\n"
     "  swarmsim quote --rule all requests.csv --set pricing.south_discount=0.3\n"
     "  swarmsim quote --rule legacy requests.csv --format text",
     quote_verb, quote_options, {.suffix = ".csv"}},
    {"clear", "--mechanism NAME FILE.csv [OPTION]...", "clear a market of bids and asks in a CSV table",
     "Says who trades how much at what price when the orders of a CSV table meet\n"
     "under a mechanism; no simulation. '-' reads standard input; the result goes\n"
     "to standard output, in the order of the rows.\n\n"
     "Columns in:  id,side,price,quantity; side is bid or ask.\n"
     "Columns out: id,side,filled,price,payment; payment = price x filled,\n"
     "  which a bid pays and an ask receives; 0 for who does not trade.\n\n"
     "  uniform       one price, in the middle of all that clear the market\n"
     "  second-price  one price, the lowest of these\n"
     "  pay-as-bid    highest bids meet lowest asks and pay what they bid\n"
     "  vcg           bids pay what their presence costs all others\n"
     "  cda           rows arrive in turn and trade at the earlier one's price\n"
     "  posted        bids in turn take the cheapest asks left, at their price\n\n"
     "Orders are divisible; among equal prices earlier rows come first. Numbers are\n"
     "exact, with up to 18 decimals; only a price without end, such as 10 over 3, is\n"
     "rounded.\n\n"
     "  swarmsim clear --mechanism uniform orders.csv\n"
     "  swarmsim clear --mechanism vcg orders.csv --summary json",
     clear_verb, clear_options, {.suffix = ".csv"}},
    {"shift", "--trace FILE.csv --zone COL --jobs FILE.csv [OPTION]...", "move jobs to hours of low carbon intensity",
     "Says what jobs emit if each starts when it arrives, and what if it waits within\n"
     "its deadline for the hours of lowest carbon intensity; no simulation. '-' reads\n"
     "one of the tables from standard input; the result goes to standard output.\n\n"
     "The trace is one of the files that scenarios read (docs/models/grid.md): slots\n"
     "of equal length, counted from the first row. A job of d slots that arrives in\n"
     "slot t has its natural end after slot t+d-1 and its deadline later than that:\n\n"
     "  slack         by --slack\n"
     "  next-workday  Monday to Friday 09:00 to 17:00 the end itself, else the\n"
     "                next 09:00; on a Saturday that of Monday\n"
     "  semi-weekly   on the first Monday or Thursday 09:00\n"
     "  symmetric     no deadline: it starts up to --slack before or after t\n\n"
     "  non-interrupting  earliest start with the least mean over its d slots\n"
     "  interrupting      the d cheapest slots\n"
     "  none              as the baseline, which has no slack\n\n"
     "Summary: baseline_g_per_kwh, shifted_g_per_kwh, saving_pct, jobs, slots.\n"
     "--per-job: job_id,arrival_slot,length,baseline_slot,start_slot,\n"
     "  slots_used,baseline_g_per_kwh,shifted_g_per_kwh; slots_used such as\n"
     "  12-14 20.\n\n"
     "  swarmsim shift --trace ci.csv --zone DE --jobs jobs.csv --slack 4h\n"
     "  swarmsim shift --trace ci.csv --zone DE --jobs jobs.csv \\\n"
     "    --constraint next-workday --strategy interrupting --summary json",
     shift_verb, shift_options},
    {"models", "[SCENARIO.toml] [OPTION]...", "measure what specialists can be made of",
     "Trains specialists of every family, with and without pruning and distillation,\n"
     "puts them into every numeric format, and prints right answers by problem type,\n"
     "size, operations, bytes, time and modelled energy, beside what the founding\n"
     "papers claim. Sizes and seed are the scenario's, or the defaults. Trained\n"
     "networks are kept in the cache; the first time takes minutes.\n\n"
     "  swarmsim models\n"
     "  swarmsim models my.toml --format csv > models.csv\n"
     "  swarmsim models my.toml --export networks  # its own as ONNX files",
     models_verb, models_options, {.suffix = ".toml"}},
    {"info", "FILE.h5 [OPTION]...", "describe a result file",
     "Says where a result file comes from, what is in it, and its summary.", info_verb, info_options, {.suffix = ".h5"}},
    {"compare", "A.h5 B.h5 ... [OPTION]...", "set runs of scenarios against each other, seed by seed",
     "Groups result files by scenario and overrides, pairs the runs of each group by\n"
     "seed with those of the first file's group, and prints differences with 95 %\n"
     "intervals over seeds. Runs must cover the same time and regions.\n\n"
     "  swarmsim run scenarios/baseline.toml --replicates 5\n"
     "  swarmsim run scenarios/pilot.toml --replicates 5\n"
     "  swarmsim compare baseline.r*.h5 pilot.r*.h5",
     compare_verb, compare_options, {.suffix = ".h5"}, {.suffix = ".h5"}},
    {"sweep", "STUDY.toml -o DIR [OPTION]... | ACTION ...", "run a study: many points, many seeds, here or on a cluster",
     "Plans the runs of a study file, does those that are not done yet, and collects\n"
     "what they came to in DIR/study.h5, which opens with xarray. Stopped or killed,\n"
     "the same command goes on. A run that fails stops no other one.\n\n"
     "  swarmsim sweep study.toml -o results         # run it, or go on with it\n"
     "  swarmsim sweep study.toml -o results --backend slurm\n"
     "  swarmsim sweep plan study.toml -o results    # only write the plan\n"
     "  swarmsim sweep part results 0/8              # do runs 0, 8, 16, ...\n"
     "  swarmsim sweep status results                # how many are done\n"
     "  swarmsim sweep retry-failed results          # what failed once more\n"
     "  swarmsim sweep collect results               # what there is by now\n\n"
     "docs/study.md says what a study file holds: 'swarmsim reference study'.",
     sweep_verb, sweep_options, {.words = sweep_words, .suffix = ".toml"}, {.also = Offer::Also::folders}},
    {"version", "", "print versions and the instruction set in use",
     "Prints the versions of program and libraries, and the instruction set in use.", version_verb, no_options},
    {"help", "[VERB]", "explain a verb", "Explains a verb, or lists them.", help_verb, no_options, {.words = help_words}},
    {"reference", "scenario|study|assumptions|format|keys|man", "print a generated page of the manual",
     "Prints a page of the manual, generated from the program itself: scenario,\n"
     "study, assumptions and format as Markdown, keys (every scenario key) as JSON,\n"
     "man as the manual page of all verbs.\n\n"
     "  swarmsim reference man | man -l -",
     reference_verb, no_options, {.words = reference_words}},
    {"completion", "bash|zsh|fish", "print a script that lets a shell complete",
     "Prints a script with which a shell completes verbs, options and their values,\n"
     "files, and the keys of scenarios after --set. For the shells you open:\n\n"
     "  echo 'source <(swarmsim completion bash)' >> ~/.bashrc\n"
     "  echo 'source <(swarmsim completion zsh)' >> ~/.zshrc  # after compinit\n"
     "  swarmsim completion fish > ~/.config/fish/completions/swarmsim.fish\n\n"
     "An installed swarmsim (cmake --install) has put them in place already.",
     completion_verb, no_options, {.words = completion_words}},
}};

constexpr std::array<ExitMeaning, 7> kExits{{
    {"0", "done"},
    {"1", "the model broke one of its own rules"},
    {"2", "what was typed or written is wrong"},
    {"3", "a sweep ended with failed runs"},
    {"4", "a file cannot be read or written"},
    {"75", "stopped by SIGUSR1 after saving a checkpoint"},
    {"130/143", "stopped by SIGINT/SIGTERM"},
}};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }
std::span<const ExitMeaning> exit_meanings() { return kExits; }

std::vector<std::string> help_words() {
  std::vector<std::string> names;
  for (const Verb& v : kVerbs) names.emplace_back(v.name);
  return names;
}

const Verb& require_verb(std::string_view asker, const std::string& name) {
  for (const Verb& v : kVerbs)
    if (v.name == name) return v;
  const std::string near = nearest_spelling(name, help_words());
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
