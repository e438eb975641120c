"""Verbs, options and help as somebody meets them who has never seen the program."""
import json
import re

import support
from support import BAD_FILE, BAD_INPUT, CliTest, SMALL

VERBS = ["run", "check", "init", "list", "quote", "clear", "shift", "info", "compare", "sweep", "version", "help", "reference", "completion"]


class Help(CliTest):
    def test_without_arguments_lists_the_verbs(self):
        for arguments in [(), ("help",), ("--help",), ("-h",)]:
            text = self.succeed(*arguments).stdout
            for verb in VERBS:
                self.assertRegex(text, rf"(?m)^  {verb} ")
            for code in ("0", "1", "2", "3", "4", "75", "130/143"):
                self.assertRegex(text, rf"(?m)^  {code} ")

    def test_every_verb_has_a_page_wherever_help_is_asked(self):
        for verb in VERBS:
            page = self.succeed("help", verb).stdout
            self.assertTrue(page.startswith(f"Usage: swarmsim {verb}"), page)
            self.assertEqual(page, self.succeed("--help", verb).stdout)
            self.assertEqual(page, self.succeed(verb, "--help").stdout)
            self.assertEqual(page, self.succeed(verb, "anything", "--nonsense", "-h").stdout)

    def test_pages_fit_a_terminal_and_have_no_loose_ends(self):
        for page in [self.succeed("help").stdout] + [self.succeed("help", verb).stdout for verb in VERBS]:
            for line in page.splitlines():
                self.assertLessEqual(len(line), 80, line)
                self.assertEqual(line, line.rstrip())

    def test_run_names_all_its_options(self):
        page = self.succeed("help", "run").stdout
        for option in ("-o, --output", "--set", "--seed", "--duration", "--threads", "--progress", "--summary",
                       "--timing", "--checkpoint-every", "--resume", "--replicates"):
            self.assertIn(option, page)

    def test_help_on_nothing_known(self):
        self.refuse(BAD_INPUT, "help", "rnu", says="did you mean 'run'?")
        self.refuse(BAD_INPUT, "help", "run", "check", says="unexpected argument 'check'")


class Mistyped(CliTest):
    def test_verb(self):
        self.refuse(BAD_INPUT, "chekc", says=["swarmsim: unknown verb 'chekc'", "did you mean 'check'?"])
        self.refuse(BAD_INPUT, "xyzzy", says="see 'swarmsim help'")
        self.refuse(BAD_INPUT, "", says="unknown verb ''")
        self.refuse(BAD_INPUT, "-o", says="unknown verb '-o'")

    def test_option(self):
        self.refuse(BAD_INPUT, "run", "s.toml", "--treads", "1", says=["unknown option '--treads'", "'--threads'"])
        self.refuse(BAD_INPUT, "check", "s.toml", "--resolvd", says=["unknown option '--resolvd'", "'--resolved'"])
        self.refuse(BAD_INPUT, "info", "s.h5", "--zzzzzz", says="see 'swarmsim help info'")

    def test_prefix_is_never_guessed(self):
        self.write("s.toml", SMALL)
        for prefix, option in [("--thr", "--threads"), ("--see", "--seed"), ("--dur", "--duration"),
                               ("--check", "--checkpoint-every")]:
            self.refuse(BAD_INPUT, "run", "s.toml", prefix, "1", says=[f"unknown option '{prefix}'", f"'{option}'"])

    def test_verbs_without_options_take_none(self):
        for verb in ("init", "list", "version", "help", "reference", "completion"):
            self.refuse(BAD_INPUT, verb, "--foo", says="unknown option '--foo'")
        self.refuse(BAD_INPUT, "version", "extra", says="unexpected argument 'extra'")
        self.refuse(BAD_INPUT, "--version", "extra", says="unexpected argument 'extra'")
        self.refuse(BAD_INPUT, "run", "--file", "s.toml", says="unknown option '--file'")

    def test_missing_and_surplus_arguments(self):
        self.refuse(BAD_INPUT, "run", says=["no scenario given", "swarmsim init"])
        self.refuse(BAD_INPUT, "check", says="no scenario given")
        self.refuse(BAD_INPUT, "info", says="no file given")
        self.refuse(BAD_INPUT, "init", says="no file named")
        self.refuse(BAD_INPUT, "list", says="choose one of regions, devices, rules, policies, purposes, scenarios")
        self.refuse(BAD_INPUT, "run", "a.toml", "b.toml", says="unexpected argument 'b.toml'")
        self.refuse(BAD_INPUT, "run", "", says="an argument is empty")
        self.refuse(BAD_INPUT, "run", "a.toml", "--threads", says="'--threads'")
        self.refuse(BAD_INPUT, "run", "a.toml", "--seed=1", "--seed=2", says="more than once")
        self.refuse(BAD_INPUT, "run", "a.toml", "--resume", "a.h5", "-o", "b.h5", says="leave out -o")

    def test_values_of_options(self):
        self.write("s.toml", SMALL)
        for option, value, words in [
                ("--threads", "-1", "not a whole number from 0 to 4096"), ("--threads", "two", "'two'"),
                ("--threads", "1.5", "not a whole number"), ("--threads", "", "not a whole number"),
                ("--threads", "4097", "'4097'"), ("--seed", "-1", "--seed is '-1'"), ("--seed", "nan", "'nan'"),
                ("--seed", "99999999999999999999999", "not a whole number"), ("--seed", "1e400", "'1e400'"),
                ("--duration", "nan", "not a span of time"), ("--duration", "-1d", "not a span of time"),
                ("--duration", "0d", "not a span of time"), ("--duration", "soon", "7d, 12h or 90min"),
                ("--checkpoint-every", "0", "not a span of time"), ("--progress", "maybe", "auto, always, never, json"),
                ("--summary", "yaml", "text, json"), ("-o", "", "not the name of a result file"),
                ("--resume", "", "not the name of a result file"), ("-o", "folder/", "not the name of a result file")]:
            self.refuse(BAD_INPUT, "run", "s.toml", option, value, says=words)
        self.refuse(BAD_INPUT, "info", "absent.h5", "--summary", "xml", says="text, json")
        self.refuse(BAD_INPUT, "info", "absent.h5", "--summary", "json", "--digest", says="exclude each other")

    def test_instruction_set(self):
        self.write("s.toml", SMALL)
        env = self.environment(SWARMSIM_SIMD="mmx")
        for arguments in [("run", "s.toml"), ("check", "s.toml"), ("version",)]:
            self.refuse(BAD_INPUT, *arguments, env=env, says=["SWARMSIM_SIMD", "mmx", "portable"])
        self.succeed("help", env=env)
        portable = self.succeed("version", env=self.environment(SWARMSIM_SIMD="portable")).stdout
        self.assertIn("instruction set: portable", portable)


class SmallVerbs(CliTest):
    def test_version(self):
        text = self.succeed("--version").stdout
        self.assertEqual(text, self.succeed("version").stdout)
        self.assertRegex(text, r"^swarmsim \d+\.\d+\.\d+")
        for library in ("HDF5", "TBB", "Boost"):
            self.assertIn(library, text)

    def test_init_writes_a_scenario_that_is_valid(self):
        self.assertIn("my.toml", self.succeed("init", "my.toml").stdout)
        self.assertIn("my.toml: valid", self.succeed("check", "my.toml").stdout)

    def test_init_never_overwrites(self):
        self.write("mine.toml", "precious")
        self.refuse(BAD_INPUT, "init", "mine.toml", says=["mine.toml: this file exists already", "choose another name"])
        self.assertEqual(self.read("mine.toml"), b"precious")
        self.refuse(BAD_FILE, "init", "nowhere/my.toml", says=["cannot write the scenario", "No such file"])

    def test_lists(self):
        for what, word in [("regions", "Bangladesh"), ("devices", "cpu-server"), ("rules", "flat"),
                           ("policies", "round-robin"), ("purposes", "luxury")]:
            self.assertIn(word, self.succeed("list", what).stdout)
        self.succeed("list", "scenarios")
        self.refuse(BAD_INPUT, "list", "region", says="did you mean 'regions'?")
        self.refuse(BAD_INPUT, "list", "xyzzyx", says="choose one of regions")

    def test_columns_of_lists_do_not_touch(self):
        for what, least in [("regions", 5), ("devices", 5), ("purposes", 4)]:
            lines = self.succeed("list", what).stdout.splitlines()
            columns = len(re.split(r"\s{2,}", lines[0].strip()))
            self.assertGreaterEqual(columns, least)
            for line in lines[1:]:
                self.assertRegex(line, r"^\S+ ")

    def test_reference_pages(self):
        for page in ("scenario", "assumptions", "format"):
            self.assertTrue(self.succeed("reference", page).stdout.startswith("# "), page)
        self.refuse(BAD_INPUT, "reference", "formats", says="did you mean 'format'?")

    def test_reference_keys(self):
        keys = {key["key"]: key for key in json.loads(self.succeed("reference", "keys").stdout)}
        self.assertEqual(keys["pricing.markup"], {"key": "pricing.markup", "type": "number", "choices": [], "default": "0.1",
                                                  "unit": "1", "min": 0, "max": 10, "min_open": False, "source": "assumed"})
        self.assertEqual(keys["workload.split"]["choices"], ["population", "equal", "share"])
        self.assertIsNone(keys["workload.deadline"]["max"])
        self.assertIn("region.NAME.population", keys)
        self.assertEqual([key for key in keys if key.startswith("region.") and ".NAME." not in key], [])


class Check(CliTest):
    def test_forecast(self):
        self.write("s.toml", SMALL)
        text = self.succeed("check", "s.toml").stdout
        self.assertTrue(text.startswith("s.toml: valid\n"))
        for word in ("requests", "memory", "file", "time"):
            self.assertRegex(text, rf"(?m)^  {word} +\S")
        self.assertEqual(self.listing(), ["s.toml"])

    def test_resolved_runs_to_the_same_results(self):
        self.write("s.toml", SMALL)
        change = ("--set", "pricing.markup=0.3", "--set", "region.KE.population=1000000")
        self.write("all.toml", self.succeed("check", "s.toml", "--resolved", *change).stdout)
        self.succeed("run", "s.toml", "-o", "a.h5", *change)
        self.succeed("run", "all.toml", "-o", "b.h5")
        self.succeed("run", "s.toml", "-o", "c.h5")
        self.assertEqual(self.digest("a.h5"), self.digest("b.h5"))
        self.assertNotEqual(self.digest("a.h5"), self.digest("c.h5"))
        again = self.succeed("check", "all.toml", "--resolved").stdout
        self.assertEqual(again.encode(), self.read("all.toml"))

    def test_explain(self):
        text = self.succeed("check", "--explain", "pricing.markup").stdout
        for word in ("default", "range", "source", "affects"):
            self.assertIn(word, text)
        self.assertIn("markup", self.succeed("check", "--explain", "pricing").stdout)
        self.refuse(BAD_INPUT, "check", "--explain", "pricing.markpu", says="did you mean 'pricing.markup'?")
        self.refuse(BAD_INPUT, "check", "s.toml", "--explain", "pricing", says="stands alone")

    def test_notes_on_what_is_no_fault(self):
        self.write("s.toml", SMALL)
        self.assertNotIn("Notes", self.succeed("check", "s.toml").stdout)
        self.write("e.toml", SMALL.replace("agents = 50", "agents = 4") + """
[[region]]
name = "KE"
agents = 0
[[site]]
name = "many"
region = "BD"
device = "raspberry-pi-5"
servers = 1000
[[site]]
name = "few"
region = "BD"
device = "raspberry-pi-5"
servers = 1
""")
        text = self.succeed("check", "e.toml").stdout
        self.assertIn("  - region KE has no specialists", text)
        self.assertIn("  - no specialists live at few", text)
        self.assertRegex(text, r"language specialists: .*exceeds the edge limit of .* on raspberry-pi-5")
        executed = self.succeed("check", "e.toml", "--set", "energy.scale=executed", "--set", "workload.multiplicity=1").stdout
        self.assertNotIn("edge limit", executed)

    def test_too_large_for_the_machine_is_said_before_the_run(self):
        self.write("s.toml", SMALL)
        networks = ("specialists.lineages=1000", "specialists.hidden_1=4096", "specialists.hidden_2=4096")
        sizes = [word for change in networks for word in ("--set", change)] + ["--set", "population.agents=900000000"]
        if "will refuse" not in self.succeed("check", "s.toml", *sizes).stdout:
            self.skipTest("this machine has memory for more than the largest scenario")
        self.refuse(BAD_INPUT, "run", "s.toml", *sizes, says=["of memory", "90 %", "lower population.agents"])


if __name__ == "__main__":
    support.main()
