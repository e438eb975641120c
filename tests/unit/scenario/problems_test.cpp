// Every kind of bad input, with the exact place and wording of the message.
#include "helpers.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string message;
};

/// A table that takes a purpose out of demand.
std::string no_share(const std::string& purpose) { return "[[purpose]]\nname = \"" + purpose + "\"\nshare = 0\n"; }

class BadInput : public ::testing::TestWithParam<Case> {};

TEST_P(BadInput, IsRefusedWithPlaceReasonAndSuggestion) {
  EXPECT_EQ(problems_of(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadInput,
    ::testing::Values(
        Case{
            "unknown_key", "\n[pricing]\n  ruel = \"flat\"\n",
            "pilot.toml:3:3: unknown key 'pricing.ruel' (it would be ignored silently) did you mean 'rule'?"},
        Case{"unknown_key_unicode", "# größer\n[run]\n\"größe\" = 1\n",
             "pilot.toml:3:1: unknown key 'run.größe' (it would be ignored silently) keys: name, question, "
             "start, end, "
             "warmup, duration, step, seed, data_dir, cache_dir"},
        Case{"key_of_another_section", "[population]\nshards = 2\n",
             "pilot.toml:2:1: unknown key 'population.shards' (it would be ignored silently) did you mean "
             "'engine.shards'?"},
        Case{"unknown_section", "[pricng]\nrule = \"flat\"\n",
             "pilot.toml:1:2: unknown section 'pricng' (it would be ignored silently) did you mean "
             "'pricing'?"},
        Case{"key_outside_sections", "seed = 3\n",
             "pilot.toml:1:1: unknown key 'seed' (it would be ignored silently) did you mean 'run.seed'?"},
        Case{"section_is_a_value", "run = 3\n",
             "pilot.toml:1:1: 'run' is an integer (it must be a table of keys) write [run] on a line of its "
             "own"},
        Case{"table_not_in_a_list", "[region]\nname = \"BD\"\n",
             "pilot.toml:1:2: 'region' is a table (there can be several of them) write [[region]] and a line "
             "name = "
             "\"…\""},
        Case{"table_without_name", "[[site]]\nregion = \"BD\"\n",
             "pilot.toml:1:1: [[site]] without a name (tables are told apart by their names) add a line name "
             "= \"…\""},
        Case{"bad_extends", "extends = 3\n",
             "pilot.toml:1:11: 'extends' is 3, not the name of a file (it says which scenario this one "
             "changes) write "
             "extends = \"pilot.toml\""}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadInput,
    ::testing::Values(Case{"not_utf8",
                           "[run]\nname = \"Gr\xF6\xDF"
                           "e\"\n",
                           "pilot.toml:2:11: byte 0xF6 is not UTF-8 (TOML files are UTF-8 text) save the "
                           "file with UTF-8 encoding"},
                      Case{"utf16", std::string("\xFF\xFE[\0r\0", 6),
                           "pilot.toml:1:1: byte 0xFF is not UTF-8 (TOML files are UTF-8 text) save the file "
                           "with UTF-8 encoding"},
                      Case{"overlong_utf8", "# \xC0\xAF\n",
                           "pilot.toml:1:3: byte 0xC0 is not UTF-8 (TOML files are UTF-8 text) save the file "
                           "with UTF-8 encoding"},
                      Case{"integer_too_large", "[run]\nseed = 99999999999999999999\n",
                           "pilot.toml:2:28: not valid TOML: '99999999999999999999' is not representable in "
                           "64 bits (the rest of the file cannot be read)"},
                      Case{"number_too_large", "[pricing]\nmarkup = 1e999\n",
                           "pilot.toml:2:15: not valid TOML: '1e999' could not be interpreted as a value "
                           "(the rest of the file cannot be read)"},
                      Case{"syntax", "[run]\nseed = = 3\n",
                           "pilot.toml:2:8: not valid TOML: could not determine value type (the rest of the "
                           "file cannot be read)"},
                      Case{"unclosed", "[run]\nname = \"x\n",
                           "pilot.toml:2:10: not valid TOML: unescaped control characters other than TAB "
                           "(U+0009) are explicitly prohibited (the rest of the file cannot be read) close "
                           "the text with a quote on the same line"},
                      Case{"duplicate_key", "[run]\nseed = 1\nseed = 2\n",
                           "pilot.toml:3:8: cannot redefine existing integer 'seed' (only one of the two "
                           "could count) remove or rename one of them"},
                      Case{"duplicate_table", "[run]\nseed = 1\n\n[run]\nname = \"x\"\n",
                           "pilot.toml:4:1: cannot redefine existing table 'run' (only one of the two could "
                           "count) remove or rename one of them"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Types, BadInput,
    ::testing::Values(
        Case{"number_for_integer", "[run]\nseed = 3.0\n",
             "pilot.toml:2:8: 'run.seed' is 3, a number with a fraction (it must be an integer) write 3"},
        Case{"text_for_integer", "[run]\nseed = \"3\"\n",
             "pilot.toml:2:8: 'run.seed' is \"3\", text (it must be an integer) remove the quotes"},
        Case{"list_for_number", "[pricing]\nmarkup = [1]\n",
             "pilot.toml:2:10: 'pricing.markup' is a list (it must be a number)"},
        Case{"boolean_for_number", "[pricing]\nmarkup = true\n",
             "pilot.toml:2:10: 'pricing.markup' is true, true or false (it must be a number)"},
        Case{"integer_for_text", "[run]\nname = 3\n",
             "pilot.toml:2:8: 'run.name' is 3, an integer (it must be text) put it in quotes"},
        Case{"integer_for_boolean", "[[region]]\nname = \"BD\"\nglobal_south = 1\n",
             "pilot.toml:3:16: 'region.BD.global_south' is 1, an integer (it must be true or false)"},
        Case{"number_for_choice", "[pricing]\nrule = 1\n",
             "pilot.toml:2:8: 'pricing.rule' is 1, an integer (it must be one of: flat, carbon, justice, "
             "means-tested, legacy, legacy-sign-fixed, legacy-unit-fixed, cap-and-trade, per-capita)"},
        Case{"boolean_for_duration", "[run]\nstep = true\n",
             "pilot.toml:2:8: 'run.step' is true, true or false (it must be a duration: a number of seconds "
             "or text "
             "such as \"7d\")"},
        Case{"bad_duration", "[run]\nstep = \"5 minutes\"\n",
             "pilot.toml:2:8: 'run.step' is \"5 minutes\", not a duration (it must be a number of seconds or "
             "text with "
             "units ms, s, min, h, d, w) write for example \"1.5h\" or \"7d\""},
        Case{"duration_without_unit", "[run]\nstep = \"300\"\n",
             "pilot.toml:2:8: 'run.step' is \"300\", not a duration (it must be a number of seconds or text "
             "with units "
             "ms, s, min, h, d, w) remove the quotes or add a unit"},
        Case{"choice", "[balance]\npolicy = \"nearst\"\n",
             "pilot.toml:2:10: unknown choice 'nearst' for 'balance.policy' (only listed choices have a "
             "meaning) did "
             "you mean 'nearest'? choices: weighted, random, round-robin, nearest, join-shortest-queue, "
             "power-of-d, greedy-carbon, min-total-energy"},
        Case{"far_choice", "[pricing]\nrule = \"progressive\"\n",
             "pilot.toml:2:8: unknown choice 'progressive' for 'pricing.rule' (only listed choices have a "
             "meaning) "
             "choices: flat, carbon, justice, means-tested, legacy, legacy-sign-fixed, legacy-unit-fixed, cap-and-trade, "
             "per-capita"}),
    [](const auto& one) { return one.param.name; });

const char* const kRange = " (the model holds only within its range) give a value ";

INSTANTIATE_TEST_SUITE_P(
    Ranges, BadInput,
    ::testing::Values(
        Case{"too_high", "[pricing]\nmarkup = 11\n",
             std::string("pilot.toml:2:10: 'pricing.markup' is 11, out of range") + kRange + "from 0 to 10"},
        Case{"negative", "[workload]\ntok_in_mean = -5\n",
             std::string("pilot.toml:2:15: 'workload.tok_in_mean' is -5, out of range") + kRange +
                 "from 1 to 1e6 tok"},
        Case{"open_minimum", "[workload]\nload = 0\n",
             std::string("pilot.toml:2:8: 'workload.load' is 0, out of range") + kRange +
                 "more than 0, at most 10"},
        Case{"no_maximum", "[run]\nwarmup = \"-1d\"\n",
             std::string("pilot.toml:2:10: 'run.warmup' is \"-1d\", out of range") + kRange + "at least 0 s"},
        Case{"empty_run", "[run]\nduration = 0\n",
             "pilot.toml:2:12: 'run.duration' is 0, out of range (the run would have no steps) give a value "
             "more than "
             "0 s"},
        Case{"not_a_number", "[pricing]\nmarkup = nan\n",
             "pilot.toml:2:10: 'pricing.markup' is nan, not a finite number (it would spread through every "
             "result) "
             "give a value from 0 to 10"},
        Case{"infinite", "[run]\nduration = inf\n",
             "pilot.toml:2:12: 'run.duration' is inf, not a finite number (it would spread through every "
             "result) give "
             "a value more than 0 s"},
        Case{"empty_population", "[population]\nagents = 0\n",
             "pilot.toml:2:10: 'population.agents' is 0, out of range (an empty population answers nothing) "
             "give a "
             "value from 1 to 1e9"},
        Case{"zero_capacity", "[[site]]\nname = \"a\"\nregion = \"BD\"\nservers = 0\n",
             "pilot.toml:4:11: 'site.a.servers' is 0, out of range (a site with zero capacity serves "
             "nothing) give a "
             "value from 1 to 1e9"},
        Case{"zero_default_capacity", "[hardware]\ndefault_servers = 0\n",
             "pilot.toml:2:19: 'hardware.default_servers' is 0, out of range (a site with zero capacity "
             "serves "
             "nothing) give a value from 1 to 1e9"},
        Case{"large_agents", "[population]\nagents = 2000000000\n",
             "pilot.toml:2:10: 'population.agents' is 2000000000, out of range (the model holds only within its "
             "range) give a value from 1 to 1e9"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, BadInput,
    ::testing::Values(
        Case{"unknown_region", "regions = [\"BD\", \"Kenya\"]\n",
             "pilot.toml:1:18: unknown region 'Kenya' (it is not built in and its [[region]] table does not "
             "give "
             "intensity_g_per_kwh, population, gdp_per_capita_usd) did you mean 'KE' (Kenya)?"},
        Case{"lower_case_region", "regions = [\"in-we\"]\n",
             "pilot.toml:1:12: unknown region 'in-we' (it is not built in and its [[region]] table does not "
             "give "
             "intensity_g_per_kwh, population, gdp_per_capita_usd) did you mean 'IN-WE'?"},
        Case{"region_listed_twice", "regions = [\"BD\", \"KE\", \"BD\"]\n",
             "pilot.toml:1:24: region 'BD' is listed twice (names of regions are unique) remove one of them"},
        Case{"region_defined_twice", "[[region]]\nname = \"BD\"\n[[region]]\nname = \"BD\"\n",
             "pilot.toml:4:8: region 'BD' is defined twice (names are unique) rename or remove one of them"},
        Case{"site_defined_twice",
             "[[site]]\nname = \"a\"\nregion = \"BD\"\n[[site]]\nname = \"a\"\nregion = \"KE\"\n",
             "pilot.toml:5:8: site 'a' is defined twice (names are unique) rename or remove one of them"},
        Case{"device_defined_twice",
             "[[device]]\nname = \"cpu-server\"\nmax_w = 999\n[[device]]\nname = \"cpu-server\"\n",
             "pilot.toml:5:8: device 'cpu-server' is defined twice (names are unique) rename or remove one "
             "of them"},
        Case{"unknown_purpose", "[[purpose]]\nname = \"crypto_minning\"\nshare = 0\n",
             "pilot.toml:2:8: unknown purpose 'crypto_minning' (its requests would silently count as ordinary ones) did "
             "you mean 'crypto_mining'?"},
        Case{"purpose_like_no_other", "[[purpose]]\nname = \"gaming\"\n",
             "pilot.toml:2:8: unknown purpose 'gaming' (its requests would silently count as ordinary ones) purposes: "
             "climate_adaptation, disaster_response, renewable_energy_optimisation, sustainable_agriculture, "
             "climate_science, global_south_education, general_research, luxury, cryptocurrency_mining"},
        Case{"purpose_defined_twice_under_two_aliases",
             "[[purpose]]\nname = \"crypto\"\nshare = 0\n[[purpose]]\nname = \"bitcoin mining\"\nshare = 1\n",
             "pilot.toml:5:8: purpose 'cryptocurrency_mining' is defined twice (names are unique) rename or remove one "
             "of them"},
        Case{"purpose_with_an_unknown_key", "[[purpose]]\nname = \"crypto\"\nshar = 0\n",
             "pilot.toml:3:1: unknown key 'purpose.cryptocurrency_mining.shar' (it would be ignored silently) did you "
             "mean 'share'?"},
        Case{"negative_share", "[[purpose]]\nname = \"luxury\"\nshare = -1\n",
             "pilot.toml:3:9: 'purpose.luxury.share' is -1, out of range (the model holds only within its range) give a "
             "value from 0 to 1e9"},
        Case{"no_regions", "regions = []\n",
             "pilot.toml:1:11: 'regions' is empty (a world needs at least one region) name one, or leave the "
             "key out for BD, KE, DE"},
        Case{"number_among_regions", "regions = [\"BD\", 3]\n",
             "pilot.toml:1:18: 'regions' contains an integer (it must be a list of names) write regions = "
             "[\"BD\", "
             "\"KE\"]"},
        Case{"site_in_unlisted_region", "regions = [\"BD\"]\n[[site]]\nname = \"a\"\nregion = \"KE\"\n",
             "pilot.toml:4:10: site 'a' is in region 'KE', which is not part of the scenario (its grid is "
             "unknown) "
             "regions: BD"},
        Case{"site_without_region", "[[site]]\nname = \"a\"\n",
             "pilot.toml:2:8: site 'a' has no region (its grid is unknown) regions: BD, KE, DE"},
        Case{"unknown_device", "[[site]]\nname = \"a\"\nregion = \"BD\"\ndevice = \"cpu-srver\"\n",
             "pilot.toml:4:10: unknown device 'cpu-srver' in 'site.a.device' (nothing is known of its speed "
             "and power) "
             "did you mean 'cpu-server'?"},
        Case{"unknown_default_device", "[hardware]\ndefault_device = \"cpu-srver\"\n",
             "pilot.toml:2:18: unknown device 'cpu-srver' in 'hardware.default_device' (nothing is known of "
             "its speed "
             "and power) did you mean 'cpu-server'?"},
        Case{"incomplete_device", "[[device]]\nname = \"cpu-srver\"\nidle_w = 50\n",
             "pilot.toml:2:8: unknown device 'cpu-srver' (it is not built in and its [[device]] table does "
             "not give "
             "peak_fp32, peak_fp16, peak_int8, memory_bytes, bandwidth, max_w) did you mean 'cpu-server'?"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Together, BadInput,
    ::testing::Values(
        Case{"weights_of_requests", "[workload]\nvision = 0\nlanguage = 0\nreasoning = 0\nmemory = 0.0\n",
             "pilot.toml:2:10: all four problem-type weights of [workload] are 0 (no request could be drawn) "
             "give one "
             "of them a weight above 0"},
        Case{"weights_of_agents", "[population]\nvision = 0\nlanguage = 0\nreasoning = 0\nmemory = 0\n",
             "pilot.toml:2:10: all four problem-type weights of [population] are 0 (an empty population "
             "answers "
             "nothing) give one of them a weight above 0"},
        Case{"type_without_specialist", "[population]\nvision = 0\n",
             "pilot.toml:2:10: no specialists for vision although 'workload.vision' is 0.25 (requests of "
             "that type "
             "could never be served) give population.vision a weight above 0 or set workload.vision = 0"},
        Case{"fewer_agents_than_types", "[population]\nagents = 3\n",
             "pilot.toml:2:10: 3 agents for 4 requested problem types (requests of some type could never be "
             "served) "
             "use at least 4"},
        Case{"regions_without_agents", "[[region]]\nname = \"BD\"\nagents = 0\n",
             "pilot.toml:3:10: every region has 0 agents (an empty population answers nothing) give one of "
             "them "
             "agents"},
        Case{"step_not_whole", "[run]\nstep = 1.5\n",
             "pilot.toml:2:8: 'run.step' is 1.5s (a step must be whole seconds) write for example \"2s\""},
        Case{"duration_not_a_multiple", "[run]\nduration = \"1h1s\"\n",
             "pilot.toml:2:12: 'run.duration' is 3601s, not a multiple of 'run.step' (5min) (the run would "
             "end within a "
             "step) write \"65min\""},
        Case{"warmup_not_a_multiple", "[run]\nwarmup = 10\n",
             "pilot.toml:2:10: 'run.warmup' is 10s, not a multiple of 'run.step' (5min) (the run would end "
             "within a "
             "step) write \"5min\""},
        Case{"step_does_not_divide", "[run]\nstep = \"7h\"\n",
             "pilot.toml:2:8: 'run.warmup' is 1d, not a multiple of 'run.step' (7h) (the run would end "
             "within a step) write \"28h\""},
        Case{"too_many_steps", "[run]\nduration = 1e15\nstep = 100\n",
             "pilot.toml:2:12: the run has 10000000000864 steps (steps are numbered up to 4294967295) "
             "shorten it or lengthen run.step"},
        Case{"end_before_start", "[run]\nstart = \"2022-01-03\"\nend = \"2022-01-01T12:00Z\"\n",
             "pilot.toml:3:7: 'run.end' 2022-01-01T12:00:00Z is not after 'run.start' 2022-01-03T00:00:00Z "
             "(the run "
             "would have no steps) move one of them"},
        Case{"end_in_warmup", "[run]\nstart = \"2022-01-03\"\nend = \"2022-01-03T12:00Z\"\n",
             "pilot.toml:3:7: 'run.end' 2022-01-03T12:00:00Z is not after the warm-up, which ends at "
             "2022-01-04T00:00:00Z (nothing would be left for results) move run.end or shorten run.warmup"},
        Case{"end_and_duration", "[run]\nduration = \"1d\"\nend = \"2022-01-09\"\n",
             "pilot.toml:3:7: both 'run.end' and 'run.duration' are given (only one of the two could count) "
             "remove one "
             "of them"},
        Case{"workload_without_trace", "[workload]\nsource = \"trace\"\n",
             "pilot.toml:2:10: 'workload.source' is \"trace\" but 'workload.trace' is empty (there is "
             "nothing to read "
             "requests from) name a CSV file in workload.trace"},
        Case{"grid_without_trace",
             "[grid]\nsource = \"trace\"\n[[region]]\nname = \"BD\"\ntrace = \"a.csv\"\n[[region]]\nname = "
             "\"KE\"\n",
             "pilot.toml:2:10: 'grid.source' is \"trace\" but 'grid.trace' is empty (region 'KE' has no "
             "trace of its "
             "own) name a CSV file in grid.trace"},
        Case{"own_traces_suffice",
             "[grid]\nsource = \"trace\"\n[[region]]\nname = \"BD\"\ntrace = \"a.csv\"\n", ""},
        Case{"no_request_shares",
             "[workload]\nsplit = \"share\"\n[[region]]\nname = \"BD\"\nrequest_share = 0\n",
             "pilot.toml:2:9: every region has 'request_share' 0 (no region would ask for anything) give one "
             "of them a "
             "share above 0"},
        Case{"no_purpose_occurs",
             "[[purpose]]\nname = \"climate_adaptation\"\nshare = 0\n" + no_share("disaster_response") +
                 no_share("renewable_energy_optimisation") + no_share("sustainable_agriculture") +
                 no_share("climate_science") + no_share("global_south_education") + no_share("general_research") +
                 no_share("luxury") + no_share("crypto"),
             "pilot.toml:3:9: every purpose has share 0 (requests would be for nothing) give one of them a share above "
             "0"},
        Case{"income_limits_swapped", "[policy]\nneed_income_low_usd = 20000\n",
             "pilot.toml:2:23: 'policy.need_income_low_usd' is 20000, more than 'policy.need_income_high_usd' = 14005 "
             "(discounts would go to those who need them least) swap them"},
        Case{"vulnerability_limits_swapped", "[policy]\nneed_vulnerability_high = 0.25\n",
             "pilot.toml:2:27: 'policy.need_vulnerability_low' is 0.3, more than 'policy.need_vulnerability_high' = "
             "0.25 (discounts would go to those who need them least) swap them"},
        Case{"tariff_at_auction", "[pricing]\nbase = \"tariff\"\n[market]\nmechanism = \"cda\"\n",
             "pilot.toml:2:8: 'pricing.base' is \"tariff\" but 'market.mechanism' is \"cda\" (a price that is fixed "
             "cannot be bid for) use pricing.base = \"cost\" or market.mechanism = \"posted\""},
        Case{"zip_limits_swapped", "[bidding]\nzip_rate_least = 0.6\n",
             "pilot.toml:2:18: 'bidding.zip_rate_least' is 0.6, more than 'bidding.zip_rate_most' = 0.5 (bidders are "
             "drawn from between them) swap them"},
        Case{"limits_may_coincide", "[policy]\nneed_vulnerability_high = 0.3\nneed_income_low_usd = 14005\n", ""},
        Case{"appreciation_without_treasury", "[appreciation]\nenabled = true\n",
             "pilot.toml:2:11: 'appreciation.enabled' is true but 'fund.carbon_share' is 1 (bonuses come out of the "
             "treasury, which gets nothing) lower fund.carbon_share"},
        Case{"appreciation_falls", "[appreciation]\nenabled = true\nfirst_uses = 2000\n[fund]\ncarbon_share = 0.5\n",
             "pilot.toml:3:14: 'appreciation.first_uses' is 2000, more than 'second_uses' = 1000 (both are counted from "
             "the first use, so the later factor would never hold) let them rise"},
        Case{"appreciation_off", "[appreciation]\nfirst_uses = 2000\n", ""},
        Case{"too_many_shards", "[engine]\nshards = 4\n",
             "pilot.toml:2:10: 4 shards for 3 regions (a region is the smallest piece of the world) use 0 to "
             "give each "
             "region its own shard"},
        Case{"idle_above_max", "[[device]]\nname = \"cpu-server\"\nidle_w = 90000\n",
             "pilot.toml:3:10: 'device.cpu-server.idle_w' is 90000 W, more than 'device.cpu-server.max_w' = "
             "700 W (standby, idle and maximum power must rise in this order)"},
        Case{"standby_above_idle", "[[device]]\nname = \"cpu-server\"\nidle_w = 0\nstandby_w = 3\n",
             "pilot.toml:4:13: 'device.cpu-server.standby_w' is 3 W, more than 'device.cpu-server.idle_w' = "
             "0 W "
             "(standby, idle and maximum power must rise in this order)"},
        Case{"beta_not_whole", "[workload]\ncomplexity_alpha = 1.5\n",
             "pilot.toml:2:20: 'workload.complexity_alpha' is 1.5 (it must be a whole number) write 2"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Specialists, BadInput,
    ::testing::Values(
        Case{"static_floats", "[specialists]\nformat = \"bf16\"\ncalibration = \"static\"\n",
             "pilot.toml:3:15: 'specialists.calibration' is \"static\" but 'specialists.format' is \"bf16\" "
             "(only int8 and "
             "int4 have ranges of activations to fix) use int8 or int4, or \"dynamic\""},
        Case{"static_integers", "[specialists]\nformat = \"int4\"\ncalibration = \"static\"\n", ""},
        Case{"heads_that_do_not_divide", "[specialists]\nfamily = \"attention\"\nheads = 3\n",
             "pilot.toml:3:9: 3 heads for 16 channels (each head has the same number of channels) choose "
             "'specialists.heads' as a divisor of 'specialists.channels'"},
        Case{"channels_that_are_not_divided", "[specialists]\nfamily = \"attention\"\nchannels = 18\n",
             "pilot.toml:3:12: 4 heads for 18 channels (each head has the same number of channels) choose "
             "'specialists.heads' as a divisor of 'specialists.channels'"},
        Case{"heads_of_no_matter", "[specialists]\nfamily = \"conv\"\nheads = 3\n", ""},
        Case{"all_sizes_at_once", "[specialists]\nfamily = \"attention\"\nchannels = 1024\nhidden_2 = 4096\n",
             ""},
        Case{"teacher_too_large",
             "[specialists]\nfamily = \"conv\"\nchannels = 1024\nhidden_2 = 4096\ndistillation = "
             "true\nteacher_width = 16\n",
             "pilot.toml:6:17: the teacher cannot be built: layer 6 (linear) after 1 × 131072 numbers is "
             "impossible: it has "
             "too many parameters; choose smaller sizes in [specialists]"},
        Case{"pruned_more_than_all", "[specialists]\npruned_weights = 1.5\n",
             "pilot.toml:2:18: 'specialists.pruned_weights' is 1.5, out of range (the model holds only "
             "within its "
             "range) give a value from 0 to 1"},
        Case{"unknown_family", "[specialists]\nfamily = \"cnn\"\n",
             "pilot.toml:2:10: unknown choice 'cnn' for 'specialists.family' (only listed choices have a "
             "meaning) did you mean "
             "'conv'? choices: mlp, conv, attention"}),
    [](const auto& one) { return one.param.name; });

TEST(Problems, AFormatThatThisMachineLacksIsNamed) {
  const std::string problem = problems_of("[specialists]\nformat = \"bf16-dot\"\n");
  EXPECT_EQ(
      problem,
      nn::bf16_dot_supported()
          ? ""
          : "pilot.toml:2:10: 'specialists.format' is \"bf16-dot\" (this machine has no AVX512_BF16, whose "
            "instruction it is) use \"bf16\", which stores the same weights");
}

TEST(Problems, AreReportedAllAtOnceFromTopToBottom) {
  try {
    load_text(
        "regions = [\"BD\", \"XX\"]\n[run]\nstep = -1\nsed = 1\n[workload]\nload = 99\nsource = \"trace\"\n",
        "pilot.toml", {"pricing.markup=-1"});
    FAIL();
  } catch (const InputError& error) {
    std::vector<int> lines;
    for (const auto& problem : error.problems()) lines.push_back(problem.line);
    EXPECT_EQ(lines, (std::vector<int>{1, 3, 4, 6, 7, 0})) << error.what();
  }
}

TEST(Problems, NewRegionsMustDescribeThemselves) {
  const auto problem = problems_of("[[region]]\nname = \"Qx\"\npopulation = 4\ngdp_per_capita_usd = 9\n");
  EXPECT_EQ(problem.find(
                "pilot.toml:2:8: unknown region 'Qx' (it is not built in and its [[region]] table does not "
                "give intensity_g_per_kwh) known regions: BD, KE, DE"),
            0u)
      << problem;
}

TEST(Problems, StampsThatAreNoTimesAreQuoted) {
  EXPECT_EQ(
      problems_of("[run]\nstart = \"3 January\"\n").find("pilot.toml:2:9: 'run.start': \"3 January\" is not"),
      0u);
  EXPECT_EQ(
      problems_of("[run]\nend = \"2022-02-30\"\n").find("pilot.toml:2:7: 'run.end': \"2022-02-30\" is not"),
      0u);
  EXPECT_EQ(problems_of("[run]\nstart = 12:00:00\n").find("pilot.toml:2:9: 'run.start': \"12:00:00\" is not"),
            0u);
}

TEST(Problems, AValueAtTheEdgeOfItsRangeIsFine) {
  EXPECT_EQ(problems_of("[pricing]\nmarkup = 10\nmarkup_spread = 0\nload_cap = 1\n"), "");
  EXPECT_EQ(problems_of("[run]\nseed = 9000000000000000000\n"), "");
  EXPECT_EQ(problems_of("[engine]\nshards = 3\n"), "");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
