"""Scenarios and data that are wrong: exit code 2, the place, the reason, what to do, and nothing left behind."""

import support
from support import BAD_INPUT, CliTest, SMALL


def trace(rows, scale=1.0):
    """A carbon trace of these (day, hour, BD, KE) rows."""
    text = "datetime,BD,KE\n"
    for day, hour, first, second in rows:
        text += f"2022-01-{day:02}T{hour:02}:00:00Z,{first * scale:g},{second * scale:g}\n"
    return text


HOURS = [(day, hour, 400 + hour, 100 + hour) for day in (3, 4, 5) for hour in range(24)]


class BadScenario(CliTest):
    def check_text(self, text, *words, verb="run"):
        self.write("x.toml", text)
        return self.refuse(BAD_INPUT, verb, "x.toml", says=words)

    def test_unknown_key_section_and_choice(self):
        self.check_text('[run]\nduraton = "1d"\n', "x.toml:2:1: unknown key 'run.duraton'", "did you mean 'duration'?")
        self.check_text("[prcing]\nmarkup = 0.1\n", "x.toml:1:2: unknown section 'prcing'", "did you mean 'pricing'?")
        self.check_text('[pricing]\nrule = "falt"\n', "x.toml:2:8:", "'falt'", "flat")
        self.check_text('[balance]\npolicy = "roundrobin"\n', "x.toml:2:10:", "did you mean 'round-robin'?")

    def test_unknown_region_device_and_place(self):
        self.check_text('regions = ["BD", "Kenya"]\n', "x.toml:1:18: unknown region 'Kenya'", "did you mean 'KE' (Kenya)?")
        self.check_text('[hardware]\ndefault_device = "cpu-servr"\n', "x.toml:2:18: unknown device 'cpu-servr'",
                        "did you mean 'cpu-server'?")
        self.check_text('regions = ["BD"]\n[[site]]\nname = "a"\nregion = "KE"\n', "x.toml:4:10:",
                        "which is not part of the scenario")

    def test_hazards(self):
        start = 'regions = ["BD", "KE"]\n[[hazard]]\nname = "f"\n'
        self.check_text(start, "x.toml:3:8: hazard 'f' has no region", "strike nobody")
        self.check_text(start + 'region = "BDD"\n', "x.toml:4:10: hazard 'f' is in region 'BDD', which is not part of the scenario",
                        "did you mean 'BD'?")
        self.check_text(start + 'region = "BD"\nkind = "floods"\n', "x.toml:5:8:", "did you mean 'flood'?")
        self.check_text(start + 'region = "BD"\nseverity = 0\n', "x.toml:5:12:", "out of range")
        self.check_text(start + 'region = "BD"\nduration = "0s"\n', "x.toml:5:12:", "out of range")
        self.check_text("[[hazard]]\nregion = \"BD\"\n", "x.toml:1:1: [[hazard]] without a name")
        self.check_text("[hazards]\nleast_severity = 0.9\ngreatest_severity = 0.5\n", "x.toml:2:18:", "0.9, more than", "swap them")
        self.check_text("[emergency]\ndisaster_demand = 0.5\n", "x.toml:2:19:", "out of range")
        self.check_text('[emergency]\nprotocol = "maybe"\n', "x.toml:2:12:", "'maybe'")

    def test_types_and_ranges(self):
        self.check_text('[run]\nseed = "a"\n', "x.toml:2:8: 'run.seed' is \"a\", text (it must be an integer)")
        self.check_text("[run]\nseed = -1\n", "x.toml:2:8: 'run.seed' is -1, out of range", "from 0 to 9e18")
        self.check_text("[pricing]\nmarkup = nan\n", "x.toml:2:10:", "not a finite number")
        self.check_text("[pricing]\nmarkup = inf\n", "x.toml:2:10:", "not a finite number")
        self.check_text("[run]\nseed = 99999999999999999999999\n", "x.toml:2:", "64 bits")
        self.check_text("[run]\nstep = 1e400\n", "x.toml:2:", "not valid TOML")
        self.check_text("[workload]\nrequests_per_hour = 1e300\n", "x.toml:2:21:", "out of range", "at most 1e12")
        self.check_text("[population]\nagents = 99999999999\n", "x.toml:2:10:", "from 1 to 1e9")

    def test_empty_population_and_zero_capacity(self):
        self.check_text("[population]\nagents = 0\n", "x.toml:2:10:", "an empty population answers nothing")
        self.check_text('regions = ["BD"]\n[[region]]\nname = "BD"\nagents = 0\n', "x.toml:4:10:", "0 agents")
        self.check_text('regions = ["BD"]\n[[site]]\nname = "a"\nregion = "BD"\nservers = 0\n', "x.toml:5:11:",
                        "a site with zero capacity serves nothing")

    def test_more_money_than_can_be_counted(self):
        self.check_text(SMALL + '[energy]\nscale = "executed"\n', "x.toml: the ", "USD a day", "one simulated request stands for",
                        "set workload.multiplicity")

    def test_end_before_start(self):
        self.check_text('[run]\nstart = "2022-01-03"\nend = "2022-01-01"\n', "x.toml:3:7:", "is not after 'run.start'")

    def test_duplicate_table_and_broken_syntax(self):
        self.check_text("[run]\nseed = 1\n[run]\nstep = 60\n", "x.toml:3:1: cannot redefine", "only one of the two")
        self.check_text("[run]\nseed = 1\nseed = 2\n", "x.toml:3:8: cannot redefine")
        self.check_text("[run\n", "x.toml:1:5: not valid TOML")
        self.check_text('[run]\nname = "open\n', "x.toml:2:", "close the text with a quote")

    def test_not_utf8(self):
        self.check_text(b'[run]\nname = "\xff"\n', "x.toml:2:9: byte 0xFF is not UTF-8", "UTF-8 encoding")

    def test_all_problems_of_a_file_at_once_from_top_to_bottom(self):
        done = self.check_text('[run]\nduraton = "1d"\nseed = "a"\n[population]\nagents = 0\n')
        places = [line.split(" ")[0] for line in done.stderr.splitlines()]
        self.assertEqual(places, ["x.toml:2:1:", "x.toml:3:8:", "x.toml:5:10:"])

    def test_check_says_the_same_as_run(self):
        text = '[run]\nduraton = "1d"\nseed = "a"\n'
        self.assertEqual(self.check_text(text).stderr, self.check_text(text, verb="check").stderr)

    def test_extends(self):
        self.check_text('extends = "nope.toml"\n', "x.toml:1:11: cannot read scenario 'nope.toml'")
        self.check_text('extends = "x.toml"\n', "x.toml:1:11:", "in a circle")

    def test_scenario_that_cannot_be_read(self):
        self.refuse(BAD_INPUT, "run", "absent.toml", says=["absent.toml: cannot read scenario", "no such file", "swarmsim init"])
        self.refuse(BAD_INPUT, "run", ".", says="it is a folder")
        self.write("noise.toml", bytes(range(128, 256)) * 100)
        self.refuse(BAD_INPUT, "run", "noise.toml", says="noise.toml:1:1: byte 0x80 is not UTF-8")
        self.write("nul.toml", b"\0" * 1000)
        self.refuse(BAD_INPUT, "run", "nul.toml", says="nul.toml:1:")


class BadOverride(CliTest):
    def test_keys(self):
        self.write("s.toml", SMALL)
        for change, *words in [("run.sed=3", "unknown key 'run.sed'", "did you mean 'seed'?"),
                               ("prcing.markup=1", "did you mean 'pricing"),
                               ("region.DE.population=3", "no region 'DE' in this scenario"),
                               ("site.BD-9.servers=3", "no site 'BD-9'", "did you mean 'BD-1'?"),
                               ("seed", "not of the form KEY=VALUE"), ("=3", "not of the form KEY=VALUE"),
                               ("run.seed=", "it must be an integer"), ("run.seed=nan", "it must be an integer"),
                               ("run.seed=99999999999999999999999", "give a value from 0 to 9e18"),
                               ("pricing.markup=lots", "it must be a number"), ("pricing.rule=3", "one of")]:
            self.refuse(BAD_INPUT, "run", "s.toml", "--set", change, says=["--set: '" + change, *words])

    def test_two_at_once(self):
        self.write("s.toml", SMALL)
        done = self.refuse(BAD_INPUT, "run", "s.toml", "--set", "run.sed=3", "--set", "pricing.markup=-1")
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)


class BadTrace(CliTest):
    def check_trace(self, content, *words, duration="1d"):
        self.write("s.toml", SMALL)
        self.write("t.csv", content)
        for verb in ("run", "check"):
            self.refuse(BAD_INPUT, verb, "s.toml", "--set", "grid.source=trace", "--set", "grid.trace=t.csv",
                        "--set", f"run.duration='{duration}'", says=["t.csv", *words])

    def test_a_good_one_runs(self):
        self.write("s.toml", SMALL)
        self.write("t.csv", trace(HOURS))
        self.succeed("run", "s.toml", "--set", "grid.source=trace", "--set", "grid.trace=t.csv")

    def test_missing(self):
        self.write("s.toml", SMALL)
        self.refuse(BAD_INPUT, "run", "s.toml", "--set", "grid.source=trace", "--set", "grid.trace=none.csv",
                    says=["none.csv: trace file not found", "run.data_dir"])

    def test_gap(self):
        self.check_trace(trace(HOURS[:10] + HOURS[30:]), "t.csv:12:", "no rows from 2022-01-03T10:00:00Z", "20h are missing")

    def test_wrong_unit(self):
        self.check_trace(trace(HOURS, 0.001), "t.csv:2:", "g/kWh", "probably kg/kWh", "Convert the file")

    def test_unsorted_and_duplicate(self):
        self.check_trace(trace(HOURS[:5] + [HOURS[6], HOURS[5]] + HOURS[7:]), "t.csv:8:", "stamps must ascend", "Sort")
        self.check_trace(trace(HOURS[:6] + [HOURS[5]] + HOURS[7:]), "t.csv:8:", "occurs twice")

    def test_too_few_hours(self):
        self.check_trace(trace(HOURS[:5]), "the run needs", "19 h of the run have no value", "shorten the run")

    def test_no_number_and_unknown_zone(self):
        self.check_trace(trace(HOURS).replace(",403,", ",x,"), "t.csv:5:", '"x"', "is not a number")
        self.check_trace(trace(HOURS).replace("KE", "XX"), 'no zone "KE"', "2 zones: BD, XX")

    def test_feed_of_hazards(self):
        self.write("s.toml", SMALL)
        self.write("h.csv", "start_utc,end_utc,region,kind,severity\n2022-01-03T01:00Z,2022-01-02T01:00Z,BD,flood,0.5\n"
                   "2022-01-03T01:00Z,2022-01-04T01:00Z,BD,wildfires,0.5\n2022-01-03T01:00Z,2022-01-04T01:00Z,BD,flood,2\n")
        for verb in ("run", "check"):
            self.refuse(BAD_INPUT, verb, "s.toml", "--set", "hazards.feed=h.csv", says=["h.csv:2:", "h.csv:3:40", "nearest spelling is wildfire", "h.csv:4:46"])
            self.refuse(BAD_INPUT, verb, "s.toml", "--set", "hazards.feed=none.csv", says="none.csv")

    def test_requests_with_bad_rows(self):
        self.write("s.toml", SMALL)
        change = ("--set", "workload.source=trace", "--set", "workload.trace=r.csv")
        self.write("r.csv", "arrival_s,input_tokens,output_tokens\n0,10,10\n5,x,10\n9,-4,3\n8,1,1\n")
        for verb in ("run", "check"):
            self.refuse(BAD_INPUT, verb, "s.toml", *change, says=["r.csv:3:3:", '"x"', "r.csv:4:3:", "negative: -4",
                                                                  "r.csv:5:1:", "goes back from 9 to 8"])
        self.write("r.csv", "arrival_s,input_tokens\n0,10\n")
        self.refuse(BAD_INPUT, "run", "s.toml", *change, says=["r.csv", "output_tokens"])
        self.refuse(BAD_INPUT, "run", "s.toml", *change[:3], "workload.trace=none.csv", says=["none.csv", "no such file"])


class TooMuchMoney(CliTest):
    """Prices and funds beyond what 64 bits can count are refused before the run, with the key to change."""

    def refuse_sets(self, *sets, says):
        self.write("s.toml", SMALL)
        arguments = [word for one in sets for word in ("--set", one)]
        self.refuse(BAD_INPUT, "run", "s.toml", *arguments, says=says)

    def test_price_of_one_request(self):
        self.refuse_sets("pricing.rule=legacy", "pricing.base=tariff", "workload.multiplicity=10000000", "demand.budget_share=1e-9",
                         says=["one request of region", "stands for 10000000", "lower workload.multiplicity"])

    def test_fund(self):
        self.refuse_sets("pricing.rule=justice", "pricing.base=tariff", "fund.endowment=3.2e7", "demand.budget_share=1e-9",
                         "workload.multiplicity=300000", says=["the justice fund would start with", "shorten fund.endowment"])

    def test_budget(self):
        self.refuse_sets("demand.budget_share=1", "workload.multiplicity=1000000000", says=["would spend up to"])


if __name__ == "__main__":
    support.main()
