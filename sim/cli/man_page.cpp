#include "sim/cli/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agents/nn/isa.hpp"
#include "sim/cli/options.hpp"
#include "sim/io/provenance.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::size_t kSourceWidth = 78;

/// A term with its meaning, as in a list of files.
struct Entry {
  std::string term, meaning;
};

constexpr std::string_view kDescription =
    "swarmsim simulates a swarm of small AI specialists on the world's power grids: what prices, markets and\n"
    "scheduling do to emissions, energy, cost, quality of answers and delay, and who gets served.\n"
    "Equal scenario and seed give equal results, whatever the threads, the instruction set or interruptions.\n\n"
    "The first argument is a verb. Names of options are written in full, in any place after the verb; --help there,\n"
    "or 'swarmsim help VERB', explains it. --version prints versions.\n\n"
    "Results go to standard output or to the file named, progress and messages to standard error. A message reads\n"
    "FILE:LINE:COLUMN: PROBLEM (WHY IT MATTERS) SUGGESTION; all problems of a file are reported at once.";

constexpr std::string_view kExamples =
    "A scenario of one's own, looked at before it is run:\n\n"
    "  swarmsim init my.toml\n"
    "  swarmsim check my.toml\n"
    "  swarmsim run my.toml --set pricing.markup=0.3\n\n"
    "A long run that may be stopped, and goes on where it was:\n\n"
    "  swarmsim run my.toml -o long.h5 --checkpoint-every 1d\n"
    "  swarmsim run my.toml --resume long.h5 --checkpoint-every 1d\n\n"
    "Two scenarios set against each other over five seeds:\n\n"
    "  swarmsim run flat.toml --replicates 5\n"
    "  swarmsim run justice.toml --replicates 5\n"
    "  swarmsim compare flat.r*.h5 justice.r*.h5\n\n"
    "What a key of a scenario means:\n\n"
    "  swarmsim check --explain pricing.markup";

constexpr std::string_view kMore =
    "Every key of a scenario: 'swarmsim reference scenario'. What is assumed: 'swarmsim reference assumptions'. What\n"
    "a result file holds: 'swarmsim reference format'.";

const std::array<Entry, 6> kFiles{{
    {"FILE.h5", "A result. It opens as it is in xarray, h5py and ncdump; 'swarmsim reference format' lists what is in it."},
    {"FILE.h5.partial", "The same while the run is going, or after it was stopped. It can be read at any time."},
    {"FILE.h5.ckpt", "The checkpoint beside it that --resume goes on from. It is removed when the run ends."},
    {"DIR/", "A study: design.csv and manifest.json, its plan; results/, what each worker has written; failures.tsv, the runs that failed with their commands; study.h5, all of it in one file; logs/, checkpoints/, slurm/ and runs/ where there are any."},
    {"$XDG_CACHE_HOME/swarmsim, ~/.cache/swarmsim",
     "Trained networks, so that the next run need not train them again. The key run.cache_dir names another folder. It may be removed."},
    {"PREFIX/share/swarmsim/scenarios", "The shipped scenarios, which 'swarmsim list scenarios' lists; PREFIX is where the program is installed."},
}};

std::vector<Entry> environment() {
  return {{"SWARMSIM_SIMD", fmt::format("Forces an instruction set: {}. Results do not depend on it. Without it the best one of the machine is used.",
                                        fmt::join(EnumNames<nn::Isa>::names, ", "))},
          {"XDG_CACHE_HOME", "The folder of caches."},
          {"HOME", "Caches are in $HOME/.cache where XDG_CACHE_HOME is not set."}};
}

/// The code point at the start of `text`, which is cut off.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC0 ? 2 : 1;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  for (std::size_t i = 1; i < length && i < text.size(); ++i) c = c << 6 | (byte(i) & 0x3Fu);
  text.remove_prefix(std::min(length, text.size()));
  return c;
}

/// `text` on lines that are short in the source; where they break means nothing.
std::string roff_filled(std::string_view text) {
  std::string out, line;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_of(" \n"), text.size());
    const std::string word = roff_line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > kSourceWidth) out += std::exchange(line, "") + '\n';
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + '\n';
}

/// Lines as they stand; all indented ones keep two columns of it.
std::string roff_literal(std::string_view text, bool all_indented) {
  std::string out = all_indented ? ".RS 2\n.EX\n" : ".EX\n";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    out += roff_line(line.substr(all_indented ? 2 : 0)) + '\n';
  }
  return out + (all_indented ? ".EE\n.RE\n" : ".EE\n");
}

/// Paragraphs with empty lines between them; one in which a line starts with blanks stands as it is.
std::string roff_paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view paragraph = text.substr(0, text.find("\n\n"));
    text.remove_prefix(std::min(paragraph.size() + 2, text.size()));
    const auto lines = std::count(paragraph.begin(), paragraph.end(), '\n') + 1;
    long indented = paragraph.starts_with(' ') ? 1 : 0;
    for (std::size_t at = 0; (at = paragraph.find("\n ", at)) != paragraph.npos; ++at) ++indented;
    if (!out.empty()) out += ".sp\n";
    out += indented > 0 ? roff_literal(paragraph, indented == lines) : roff_filled(paragraph);
  }
  return out;
}

std::string roff_entry(const std::string& term, std::string_view meaning) {
  return fmt::format(".TP\n{}\n{}", term, roff_filled(meaning));
}

std::string roff_usage(const Verb& verb) { return verb.usage.empty() ? "" : fmt::format(" {}", roff_line(verb.usage)); }

std::string roff_verb(const Verb& verb) {
  std::string out = fmt::format(".SS swarmsim {}{}\n", verb.name, roff_usage(verb)) + roff_paragraphs(verb.explanation);
  for (const OptionRow& row : option_rows(verb.options()))
    out += roff_entry(fmt::format("{}\\fB{}\\fR{}", row.letter.empty() ? "" : "\\fB" + roff_line("-" + row.letter) + "\\fR, ", roff_line("--" + row.name),
                                  row.value.empty() ? "" : " \\fI" + roff_line(row.value) + "\\fR"),
                      row.meaning);
  return out;
}

}  // namespace

std::string roff_line(std::string_view text) {
  std::string out = text.starts_with('.') ? "\\&" : "";
  while (!text.empty()) {
    const char32_t c = take_character(text);
    switch (c) {
      case '\\': out += "\\(rs"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '"': out += "\\(dq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default:
        if (c < 0x80)
          out += static_cast<char>(c);
        else
          out += fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(c));
    }
  }
  return out;
}

std::string man_page(std::span<const Verb> verbs) {
  std::string out = ".\\\" Printed by 'swarmsim reference man'; a test compares it with the program.\n";
  out += fmt::format(".TH SWARMSIM 1 \"\" \"swarmsim {}\" \"User Commands\"\n", io::program_version());
  out += ".nr HY 0\n.nh\n.ad l\n";  // most long words are names, which must not be parted
  out += ".SH NAME\nswarmsim \\- simulate a swarm of small AI specialists on power grids\n";
  out += ".SH SYNOPSIS\n.nf\n";
  for (const Verb& verb : verbs) out += fmt::format("\\fBswarmsim {}\\fR{}\n", verb.name, roff_usage(verb));
  out += ".fi\n.SH DESCRIPTION\n" + roff_paragraphs(kDescription) + ".SH VERBS\n";
  for (const Verb& verb : verbs) out += roff_verb(verb);
  out += ".SH EXIT STATUS\n";
  for (const ExitMeaning& e : exit_meanings()) out += roff_entry(fmt::format("\\fB{}\\fR", e.codes), e.meaning);
  out += ".SH FILES\n";
  for (const Entry& e : kFiles) out += roff_entry("\\fI" + roff_line(e.term) + "\\fR", e.meaning);
  out += ".SH ENVIRONMENT\n";
  for (const Entry& e : environment()) out += roff_entry("\\fB" + roff_line(e.term) + "\\fR", e.meaning);
  out += ".SH EXAMPLES\n" + roff_paragraphs(kExamples);
  return out + ".SH SEE ALSO\n.BR ncdump (1),\n.BR h5dump (1)\n.sp\n" + roff_paragraphs(kMore);
}

}  // namespace cli
}  // namespace swarm
