#include "sim/scenario/echo.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "helpers.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/sensitivity.hpp"
#include "sim/scenario/text.hpp"

namespace swarm {
namespace scenario {
namespace {

/// Field by field, without going through text: whether two scenarios hold the same values. Values are
/// collected in the order of `describe`, numbers as bits.
class Values {
 public:
  template <class T>
  void operator()(std::string_view name, T& field, const FieldInfo&) {
    std::ostringstream out;
    out << name << '=';
    if constexpr (std::is_same_v<T, double>)
      out << std::bit_cast<std::uint64_t>(field);
    else if constexpr (std::is_same_v<T, Duration>)
      out << std::bit_cast<std::uint64_t>(field.seconds);
    else if constexpr (std::is_enum_v<T>)
      out << static_cast<int>(field);
    else if constexpr (std::is_same_v<T, NameList>)
      for (const std::string& one : field.names) out << one << ';';
    else
      out << field;
    all.push_back(out.str());
  }
  template <class P>
  void section(const char* name, P& params, const char*) {
    all.emplace_back(name);
    describe(*this, params);
  }
  std::vector<std::string> all;
};

std::vector<std::string> values(Scenario s) {
  Values v;
  describe_sections(v, s);
  for (auto& region : s.regions) v.section("region", region, "");
  for (auto& site : s.sites) v.section("site", site, "");
  for (auto& device : s.devices) v.section("device", device, "");
  for (auto& purpose : s.purposes) v.section("purpose", purpose, "");
  for (auto& hazard : s.hazard_records) v.section("hazard", hazard, "");
  for (auto& fault : s.fault_records) v.section("fault", fault, "");
  return v.all;
}

/// Moves the field with number `target` to another value that its range allows.
class Changer {
 public:
  explicit Changer(int target) : target_(target) {}
  template <class T>
  void operator()(std::string_view name, T& field, const FieldInfo& info) {
    if (name == "name" && kind_ != "run") return;  // names of tables tie tables together
    if (name == "region" || name == "site" || name == "device" || name == "default_device" || name == "end") return;
    if (count_++ != target_) return;
    changed = kind_ + "." + std::string(name);
    if constexpr (std::is_same_v<T, double>)
      field = name.starts_with("complexity_") ? field + 1 : between(field, info);  // whole numbers
    else if constexpr (std::is_same_v<T, Duration>)
      field.seconds = field.seconds == 300 ? 600
                      : name == "max_round_trip" ? 1.5  // less than network.base would leave nobody
                      : kind_ == "run" || kind_ == "permits" || kind_ == "credits" ? field.seconds + 1200  // whole seconds
                                                             : between(field.seconds, info);
    else if constexpr (std::is_same_v<T, std::int64_t>)
      field = static_cast<double>(field) < info.max ? field + 1 : field - 1;
    else if constexpr (std::is_same_v<T, bool>)
      field = !field;
    else if constexpr (std::is_same_v<T, std::string>)
      field = name == "start" ? "2023-05-06T07:08:09Z" : "/ä\"quoted\" \\ back\ttab\nline\x7f #'";
    else if constexpr (std::is_same_v<T, NameList>)
      field.names = {"home"};
    else
      field = static_cast<T>((static_cast<std::size_t>(field) + 1) % EnumNames<T>::names.size());
  }
  template <class P>
  void section(const char* name, P& params, const char*) {
    kind_ = name;
    describe(*this, params);
  }
  std::string changed;

 private:
  static double between(double x, const FieldInfo& info) {
    const double next = x * 0.97 + 1e-3 / 3;
    return in_range(next, info) ? next : x * 0.99;
  }
  int target_, count_ = 0;
  std::string kind_;
};

TEST(Effective, LoadsBackEqual) {
  const auto s = read(R"(
regions = ["KE", "DE"]
[run]
end = "2022-01-20"
[network]
base = 0.0123456789
[[region]]
name = "Atlantis"
population = 1000
gdp_per_capita_usd = 2000
intensity_g_per_kwh = 3
[[site]]
name = "x"
region = "DE"
)",
                      {"device.cpu-server.idle_w=1.0000000000000002", "device.cpu-server.standby_w=1",
                       "purpose.crypto_mining.share=0", "purpose.luxury.priority=0.30000000000000004"});
  const auto again = load_text(effective_toml(s), "/elsewhere/other.toml", {});
  EXPECT_EQ(values(again), values(s));
  EXPECT_EQ(effective_toml(again), effective_toml(s));
}

TEST(Effective, CarriesEveryFieldToTheLastBit) {
  // One field after the other takes a new value; a field that the echo left out or rounded would not come
  // back.
  int fields = 0;
  for (int target = 0;; ++target) {
    Scenario s = read("[[hazard]]\nname = \"f\"\nregion = \"BD\"\nstart = 0\n[[fault]]\nname = \"f\"\nregion = \"BD\"\nkind = \"slow-agent\"\n",
                      {"workload.trace=/t.csv", "grid.trace=/g.csv", "specialists.format=int8", "credits.counterfactual=/c.h5",
                       "fund.carbon_share=0.5",  // appreciation needs a treasury
                       "site.BD-1.battery_kwh=2", "site.BD-1.battery_kw=1"});  // each needs the other
    const auto before = values(s);
    Changer change(target);
    describe_sections(change, s);
    change.section("region", s.regions[0], "");
    change.section("site", s.sites[0], "");
    change.section("device", s.devices[0], "");
    change.section("purpose", s.purposes[0], "");
    change.section("hazard", s.hazard_records[0], "");
    change.section("fault", s.fault_records[0], "");
    if (change.changed.empty()) break;
    ++fields;
    const auto after = values(s);
    EXPECT_TRUE(after != before) << change.changed;
    try {
      EXPECT_EQ(values(load_text(effective_toml(s), "/elsewhere/other.toml", {})), after) << change.changed;
    } catch (const InputError& error) {
      ADD_FAILURE() << change.changed << ": " << error.what();
    }
  }
  EXPECT_GT(fields, 90);
}

TEST(Effective, AMutantThatRoundsIsCaught) {
  // The same comparison rejects a text that differs in the last bit of one number.
  Scenario s = read("");
  std::string text = effective_toml(s);
  const auto at = text.find("markup = 0.1\n");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 12, "markup = 0.10000000000000002");
  EXPECT_NE(values(load_text(text, "/studies/pilot.toml", {})), values(s));
}

TEST(Effective, StatesUnits) {
  const auto text = effective_toml(read(""));
  EXPECT_NE(text.find("step = \"5min\"\n"), std::string::npos);
  EXPECT_NE(text.find("intensity_g_per_kwh = "), std::string::npos);
  EXPECT_NE(text.find("  # g/kWh\n"), std::string::npos);
  EXPECT_NE(text.find("tok_scale = 4000  # tok\n"), std::string::npos);
}

TEST(Explain, TellsAllAboutAKey) {
  EXPECT_EQ(explain("pricing.markup"),
            "pricing.markup\n"
            "  Mean profit share that sellers add to their cost.\n"
            "  type     number\n"
            "  default  0.1\n"
            "  range    from 0 to 10\n"
            "  source   assumed\n"
            "  affects  " + sensitivity_text(*find_sensitivity("pricing.markup")) + "\n");
  EXPECT_EQ(explain("run.step").find("affects"), std::string::npos);
  const std::string region = sensitivity_text(*find_sensitivity("region.NAME.population"));
  for (const char* key : {"region.population", "region.DE.population", "region.NAME.population"})
    EXPECT_NE(explain(key).find("  affects  " + region + "\n"), std::string::npos) << key;
  EXPECT_NE(explain("grid.beyond_trace").find("  choices  error, wrap, hold\n"), std::string::npos);
  EXPECT_NE(explain("run.step").find("  default  \"5min\"\n  range    from 1 to 86400\n"), std::string::npos);
  EXPECT_NE(explain("run.step").find("  unit     s\n"), std::string::npos);
}

TEST(Explain, KnowsEveryKeySectionAndTable) {
  for (const auto& key : all_keys()) EXPECT_NO_THROW(explain(key)) << key;
  for (const char* word : {"pricing", "run", "region", "site", "device", "regions", "extends",
                           "region.population", "region.DE.population", "site.a.b.servers", "purpose", "purpose.luxury.share",
                           "hazard", "hazard.f.severity", "hazards", "fault", "fault.f.share", "faults", "breaker.probes", "emergency.decay"})
    EXPECT_NO_THROW(explain(word)) << word;
  EXPECT_NE(explain("pricing").find("markup"), std::string::npos);
}

TEST(Explain, OffersTheNearestSpelling) {
  for (const auto& [asked, meant] : {std::pair<std::string, std::string>{"pricing.markp", "pricing.markup"},
                                     {"pricng", "pricing"},
                                     {"regoin.population", "region.population"}})
    try {
      explain(asked);
      ADD_FAILURE() << asked;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()),
                "unknown key '" + asked + "' (there is nothing to explain) did you mean '" + meant + "'?");
    }
}

TEST(AllKeys, AreUniqueAndCanBeSet) {
  const auto keys = all_keys();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  for (const auto& key : keys) {
    if (key == "extends" || key.find("NAME") != std::string::npos) continue;
    // A list of two numbers fits no key: the complaint must be about the value, not about the key.
    const auto problems = problems_of("", {key + "=[1, 2]"});
    EXPECT_NE(problems, "") << key;
    EXPECT_EQ(problems.find("unknown"), std::string::npos) << problems;
  }
}

TEST(Starter, LoadsAndDiffersFromTheDefaultOnlyWhereItSays) {
  const auto s = read(starter_toml());
  EXPECT_EQ(region_names(s), (std::vector<std::string>{"BD", "KE", "DE"}));
  EXPECT_EQ(site_names(s), (std::vector<std::string>{"BD-1", "KE-1", "DE-large"}));
  EXPECT_EQ(s.run.step, RunParams{}.step);
}

TEST(Starter, CutAnywhereItLoadsOrSaysWhatIsWrong) {
  const std::string whole = starter_toml();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string text = whole.substr(0, length);
    EXPECT_NO_THROW(problems_of(text)) << text;  // anything but InputError would get through
  }
}

TEST(Fields, EveryOneHasADocumentedMeaning) {
  auto sections = section_rows({});
  for (const auto& table : table_rows()) sections.push_back(table);
  for (const auto& section : sections) {
    EXPECT_FALSE(section.doc.empty());
    for (const auto& row : section.rows) {
      EXPECT_TRUE(row.info.doc.ends_with(".")) << section.name << "." << row.name;
      EXPECT_FALSE(row.type.empty());
    }
  }
}

TEST(Fields, DefaultsLieInTheirOwnRange) {
  // Whatever a struct starts from must be accepted when it is written out.
  for (const auto& section : section_rows({}))
    for (const auto& row : section.rows) {
      const auto problems = problems_of("[" + section.name + "]\n" + row.name + " = " + row.value + "\n");
      EXPECT_EQ(problems.find("out of range"), std::string::npos) << problems;
    }
}

TEST(Text, NumbersReadBackToTheSameBits) {
  for (const double x : {0.1, 1.0 / 3, 1e12, 2.5e12, 1e-5, 123456789.0, 12345678901234567890.0, 1e300, 5e-324,
                         36000.0, -0.25, 9e18, 1.7976931348623157e308, 4294967296.5}) {
    EXPECT_EQ(std::strtod(number_text(x).c_str(), nullptr), x) << number_text(x);
    const auto s = read("", {"network.seconds_per_1000_km=" + number_text(std::fmod(std::fabs(x), 10))});
    EXPECT_EQ(s.network.seconds_per_1000_km, std::fmod(std::fabs(x), 10));
  }
  EXPECT_EQ(number_text(1e12), "1e12");
  EXPECT_EQ(number_text(1.438e9), "1438000000");
  EXPECT_EQ(number_text(1e-5), "1e-5");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(86400), "86400");
  EXPECT_EQ(number_text(12345678901234567890.0).find_first_of(".e") == std::string::npos,
            false);  // no TOML integer
}

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class GeneratedPage : public ::testing::TestWithParam<std::pair<const char*, std::string (*)()>> {};

TEST_P(GeneratedPage, IsUpToDate) {
  const auto& [name, generate] = GetParam();
  const std::string file = std::string(SWARM_SOURCE_DIR) + "/docs/" + name;
  if (const char* update = std::getenv("SWARM_UPDATE_DOCS"); update != nullptr && std::string(update) == "1")
    std::ofstream(file, std::ios::binary) << generate();
  EXPECT_EQ(content(file), generate()) << "run this test with SWARM_UPDATE_DOCS=1 to rewrite docs/" << name;
}

INSTANTIATE_TEST_SUITE_P(Docs, GeneratedPage,
                         ::testing::Values(std::pair{"scenario.md", &reference_markdown},
                                           std::pair{"assumptions.md", &assumptions_markdown}));

TEST(Reference, NamesEveryKeyRegionAndDevice) {
  const auto text = reference_markdown();
  auto sections = section_rows({});
  for (const auto& table : table_rows()) sections.push_back(table);
  for (const auto& section : sections)
    for (const auto& row : section.rows)
      EXPECT_NE(text.find("| `" + row.name + "` | "), std::string::npos) << row.name;
  const auto s = read("");
  for (const auto& device : s.devices)
    EXPECT_NE(text.find("| " + device.name + " |"), std::string::npos) << device.name;
  EXPECT_NE(text.find("| BD | BD | Bangladesh |"), std::string::npos);
}

TEST(Assumptions, ListExactlyTheKeysWithASourceAndWhatTheyMove) {
  const auto text = assumptions_markdown();
  EXPECT_EQ(text.substr(0, 25), "# Assumptions and limits\n");
  EXPECT_NE(text.find("| `pricing.markup` | `0.1` | | from 0 to 10 | Mean profit share that sellers add to their cost. | assumed | " +
                      sensitivity_text(*find_sensitivity("pricing.markup")) + " |\n"),
            std::string::npos);
  EXPECT_NE(text.find("| `region.NAME.price_usd_per_kwh` |"), std::string::npos);
  EXPECT_NE(text.find("| GCP inter-zone medians, rounded | "), std::string::npos);  // cited
  EXPECT_EQ(text.find("| `run.step`"), std::string::npos);                         // a choice of the user
  EXPECT_EQ(text.find("not measured |"), std::string::npos);
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
