#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>

#include "sim/cli/completion.hpp"
#include "sim/cli/man_page.hpp"
#include "sim/cli/options.hpp"

/// What is made from the table of verbs holds all of it. tests/cli/completion_test.py has the scripts run by shells.
namespace {

using namespace swarm;
using namespace swarm::cli;

using Page = std::function<std::string(std::span<const Verb>)>;
const std::vector<std::pair<std::string, Page>> kPages{
    {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}, {"man", man_page}};

bool has_word(const std::string& text, const std::string& word) {
  const auto inside = [&](std::size_t at) { return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '-'); };
  for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; ++at)
    if (!inside(at + word.size()) && (at == 0 || !inside(at - 1))) return true;
  return false;
}

/// Verbs and long options of the real table that a page made from `table` does not name.
std::vector<std::string> missing(const Page& page, std::span<const Verb> table) {
  std::string text = page(table);
  for (std::size_t at = 0; (at = text.find("\\-", at)) != text.npos;) text.erase(at, 1);  // roff's dashes
  for (std::size_t at = 0; (at = text.find("\\fB", at)) != text.npos;) text.erase(at, 3);
  for (std::size_t at = 0; (at = text.find("-l ", at)) != text.npos;) text.replace(at, 3, "--");  // fish's
  std::vector<std::string> out;
  for (const Verb& verb : verbs()) {
    if (!has_word(text, std::string(verb.name))) out.emplace_back(verb.name);
    for (const OptionRow& row : option_rows(verb.options()))
      if (!has_word(text, "--" + row.name)) out.push_back("--" + row.name);
  }
  return out;
}

TEST(Pages, HoldEveryVerbAndEveryOption) {
  for (const auto& [name, page] : kPages) EXPECT_EQ(missing(page, verbs()), std::vector<std::string>()) << name;
}

/// info without --digest, which no other verb has.
Options poorer_info_options() {
  const Options all = info_options();
  Options o;
  for (const auto& option : all.options())
    if (option->long_name() != "digest") o.add(option);
  return o;
}

TEST(Pages, AreMadeFromTheTableAlone) {
  std::vector<Verb> poorer(verbs().begin(), verbs().end());
  std::vector<Verb> shorter = poorer;
  for (Verb& verb : poorer)
    if (verb.name == "info") verb.options = poorer_info_options;
  std::erase_if(shorter, [](const Verb& verb) { return verb.name == "quote"; });
  for (const auto& [name, page] : kPages) {
    EXPECT_EQ(missing(page, poorer), std::vector<std::string>{"--digest"}) << name;
    const auto gone = missing(page, shorter);
    EXPECT_NE(std::find(gone.begin(), gone.end(), "--rule"), gone.end()) << name;
  }
}

Options sweep_options() {
  Options o;
  o.add_options()("output,o", po::value<std::string>()->value_name("DIR"), "folder with a [draft]: 'new' or \\old")(
      "jobs", po::value<std::string>()->value_name("N"), "workers")("backend", offered_value<std::string>("NAME", {.words = completion_words}), "what runs them");
  return o;
}

/// A verb of which the first argument is a word or a file and the others are folders.
TEST(Pages, FirstArgumentsMayBeWordsOrFiles) {
  const std::vector<Verb> table{{"sweep", "STUDY.toml -o DIR", "many runs", "Runs.", version_verb, sweep_options,
                                 {.words = reference_words, .suffix = ".toml"}, {.also = Offer::Also::folders}}};
  const auto expect = [&](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), text.npos) << part << "\n" << text;
  };
  expect(bash_completion(table), {"'sweep first') _swarmsim_words scenario study assumptions format keys man; _swarmsim_files .toml ;;",
                                  "'sweep others' | 'sweep --output' | 'sweep -o') _swarmsim_folders ;;",
                                  "'sweep --backend') _swarmsim_words bash zsh fish ;;",
                                  "sweep) echo '--output= -o= --jobs= --backend= --help -h' ;;"});
  expect(zsh_completion(table), {"'1: : _swarmsim_either .toml scenario study assumptions format keys man'", "'*: :_files -/'",
                                 "'(-o --output)'{-o+,--output=}'[folder with a \\[draft\\]\\: '\\''new'\\'' or \\\\old]:DIR:_files -/'"});
  expect(fish_completion(table), {"'__swarmsim_at sweep first --output -o --jobs --backend' -a 'scenario study assumptions format keys man (__swarmsim_files .toml)'",
                                  "'__swarmsim_at sweep others --output -o --jobs --backend' -a '(__swarmsim_files)'",
                                  "-s o -l output -x -a '(__swarmsim_files)' -d 'folder with a [draft]: \\'new\\' or \\\\old'"});
}

TEST(Pages, OptionsThatTakeNothingSaySo) {
  for (const OptionRow& row : option_rows(run_options())) {
    EXPECT_EQ(row.value.empty(), row.name == "timing") << row.name;
    EXPECT_EQ(row.repeats, row.name == "set") << row.name;
    EXPECT_EQ(row.letter, row.name == "output" ? "o" : "") << row.name;
  }
}

TEST(ManPage, RoffPrintsWhatWasWritten) {
  EXPECT_EQ(roff_line(".TH is no macro"), "\\&.TH is no macro");
  EXPECT_EQ(roff_line("'br"), "\\(aqbr");
  EXPECT_EQ(roff_line("C:\\x \"y\" --z `a` ~ ^"), "C:\\(rsx \\(dqy\\(dq \\-\\-z \\(gaa\\(ga \\(ti \\(ha");
  EXPECT_EQ(roff_line("µ – 𝄞"), "\\[u00B5] \\[u2013] \\[u1D11E]");
  EXPECT_EQ(roff_line(""), "");
}

/// Every code that the shell can learn, in the help and in the manual page.
TEST(ManPage, NamesEveryExitCode) {
  std::string codes;
  for (const ExitMeaning& e : exit_meanings()) codes += std::string(e.codes) + " ";
  EXPECT_EQ(codes, "0 1 2 3 4 75 130/143 ");
  const std::string page = man_page(verbs());
  for (const ExitMeaning& e : exit_meanings()) EXPECT_NE(page.find("\\fB" + std::string(e.codes) + "\\fR\n" + std::string(e.meaning)), page.npos);
}

}  // namespace
