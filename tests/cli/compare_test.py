"""`compare`: what is set against what, every format, every refusal."""
import csv
import io
import json
import os
import signal

import support
from support import BAD_FILE, BAD_INPUT, CHECKPOINTED, CliTest, SMALL

COLUMNS = ["group", "metric", "units", "reference_mean", "mean", "difference", "relative_pct", "low95", "high95", "seeds", "significant"]
T_975_2 = 4.302653  # two degrees of freedom, any printed table


class Compare(CliTest):
    """Two scenarios, three seeds each, run once for all tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        test.folder = os.path.join(cls.root, "runs")
        os.mkdir(test.folder)
        test.write("flat.toml", SMALL.replace("[run]", '[run]\nname = "flat"'))
        test.write("dear.toml", 'extends = "flat.toml"\n[run]\nname = "dear"\n[pricing]\nmarkup = 0.6\n[balance]\npolicy = "nearest"\n')
        for name in ("flat", "dear"):
            test.succeed("run", f"{name}.toml", "--replicates", "3")
        test.succeed("run", "flat.toml", "--seed", "1", "-o", "flat.one.h5")
        test.succeed("run", "flat.toml", "--replicates", "2", "--set", "pricing.markup=0.6", "--set", "region.KE.population=6e7", "-o", "set")
        for name, change in [("longer", "run.duration=2h"), ("warm", "run.warmup=1h"), ("later", "run.start=2022-01-04T00:00Z"),
                             ("turned", "regions=[KE,BD]"), ("fewer", "regions=[BD]")]:
            test.succeed("run", "flat.toml", "--replicates", "1", "--set", change, "-o", name)
        cls.runs = test.folder

    def runTest(self):
        """Lets setUpClass borrow the helpers."""

    def setUp(self):
        self.folder = self.runs  # refuse() checks that nothing in it changes

    def files(self, *names):
        return [f"{name}.r{k}.h5" for name in names for k in range(3)]

    def rows(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.succeed("compare", *arguments, "--format", "csv").stdout)))

    def summary(self, name):
        return json.loads(self.succeed("info", name, "--summary", "json").stdout)


class Formats(Compare):
    def test_csv_follows_from_the_files(self):
        rows = self.rows(*self.files("flat", "dear"))
        self.assertEqual(list(rows[0]), COLUMNS)
        by_name = {row["metric"]: row for row in rows}
        self.assertEqual(len(by_name), len(rows))
        flat, dear = ([self.summary(name) for name in self.files(group)] for group in ("flat", "dear"))
        checked = 0
        for name in ("carbon_location_g", "energy_kwh", "spend_usd", "served_share", "accuracy", "requests_served", "delay_s"):
            differences = [b[name] - a[name] for a, b in zip(flat, dear)]
            mean = sum(differences) / 3
            half = T_975_2 * (sum((d - mean) ** 2 for d in differences) / 2 / 3) ** 0.5
            row = by_name[name]
            self.assertEqual((row["group"], row["seeds"]), ("dear", "3"))
            self.assertAlmostEqual(float(row["reference_mean"]), sum(s[name] for s in flat) / 3, delta=1e-12 * abs(float(row["reference_mean"])))
            self.assertAlmostEqual(float(row["difference"]), mean, delta=1e-9 * abs(flat[0][name]))
            self.assertAlmostEqual(float(row["low95"]), mean - half, delta=1e-6 * (half + abs(flat[0][name])))
            self.assertAlmostEqual(float(row["high95"]), mean + half, delta=1e-6 * (half + abs(flat[0][name])))
            self.assertEqual(row["significant"], "true" if abs(mean) > half else "false")
            checked += half > 0
        self.assertGreater(checked, 4)
        # Every scalar that is a number, and every table over named things.
        for name, value in flat[0].items():
            if isinstance(value, (int, float)):
                self.assertIn(name, by_name)
        for name in ("served_share_by_income[lower-middle]", "served_share_by_region[BD]", "accuracy_by_type[vision]"):
            self.assertIn(name, by_name)
        self.assertEqual([row["metric"] for row in rows][:2], ["carbon_location_g", "carbon_market_g"])
        self.assertEqual(by_name["spend_usd"]["units"], "USD")
        self.assertEqual(by_name["spend_usd"]["significant"], "true")

    def test_order_of_files_within_groups_does_not_matter(self):
        files = self.files("flat", "dear")
        text = self.succeed("compare", *files, "--format", "csv").stdout
        self.assertEqual(self.succeed("compare", files[0], *reversed(files[1:]), "--format", "csv").stdout, text)
        other = self.succeed("compare", *reversed(files), "--format", "csv").stdout
        self.assertTrue(other.splitlines()[1].startswith("flat,"))  # now dear is the reference

    def test_json_says_the_same_and_more(self):
        files = self.files("flat", "dear")
        text = self.succeed("compare", *files, "--format", "json").stdout

        def refuse(word):
            self.fail(f"{word} is not JSON")

        said = json.loads(text, parse_constant=refuse)
        self.assertEqual(text.count("\n"), 1)
        self.assertEqual((said["reference"]["group"], len(said["reference"]["seeds"])), ("flat", 3))
        group = said["groups"][0]
        self.assertEqual(group["keys"], [{"key": "balance.policy", "reference": '"weighted"', "value": '"nearest"'},
                                         {"key": "pricing.markup", "reference": "0.1", "value": "0.6"}])
        self.assertEqual(sorted(group["common_seeds"]), sorted(said["reference"]["seeds"]))
        self.assertEqual(sorted(group["files"]), self.files("dear"))
        for row, cells in zip(group["rows"], self.rows(*files)):
            self.assertEqual(row["metric"], cells["metric"])
            self.assertEqual(row["difference"], float(cells["difference"]) if cells["difference"] else None)
        missing = {row["metric"]: row for row in group["rows"]}["served_share_north"]
        self.assertEqual((missing["seeds"], missing["mean"], missing["low95"], missing["significant"]), (0, None, None, None))

    def test_text(self):
        done = self.succeed("compare", *self.files("flat", "dear"))
        self.assertEqual(done.stderr, "")
        text = done.stdout
        for words in ("Reference: flat, 3 runs", "dear against flat", "3 runs, of which 3 share a seed",
                      '  balance.policy: "weighted" → "nearest"\n  pricing.markup: 0.1 → 0.6\n', "main figures", "other figures", "by region",
                      "by income_group", "excludes zero", "runs have no value there", "more rows of tables: --format csv"):
            self.assertIn(words, text)
        self.assertRegex(text, r"(?m)^  carbon_location_g +g +\S+ +\S+ +\S+ +\S+ %  \[\S+, \S+\]")
        self.assertRegex(text, r"(?m)^  spend_usd +USD .*\] \*$")
        self.assertRegex(text, r"(?m)^  requests_arrived +1 .*\[0, 0\]$")
        self.assertRegex(text, r"(?m)^  served_share_north +1 +– +– +– +–  –$")
        self.assertNotIn("nan", text)
        for line in text.splitlines():
            self.assertEqual(line, line.rstrip())

    def test_one_common_seed(self):
        files = ("flat.r0.h5", "dear.r0.h5")
        text = self.succeed("compare", *files).stdout
        self.assertRegex(text, r"(?m)^  carbon_location_g .* no uncertainty$")
        self.assertIn("One seed in common: no uncertainty can be stated", text)
        self.assertNotIn("excludes zero", text)
        row = self.rows(*files)[0]
        self.assertEqual((row["low95"], row["high95"], row["seeds"], row["significant"]), ("", "", "1", ""))

    def test_seeds_without_a_partner_are_left_out_and_named(self):
        done = self.succeed("compare", *self.files("flat"), "flat.one.h5", "dear.r0.h5", "dear.r2.h5", "--format", "csv")
        self.assertRegex(done.stderr, r"(?m)^left out: seeds 1, \d+ of flat: dear has no run with them$")
        self.assertEqual(next(csv.DictReader(io.StringIO(done.stdout)))["seeds"], "2")
        self.assertIn("dear: pricing.markup: 0.1 → 0.6\n", done.stderr)

    def test_several_groups_and_overrides(self):
        rows = self.rows(*self.files("flat", "dear"), "set.r0.h5", "set.r1.h5")
        self.assertEqual({row["group"]: row["seeds"] for row in rows if row["metric"] == "energy_kwh"},
                         {"dear": "3", "flat [pricing.markup=0.6, region.KE.population=6e7]": "2"})
        text = self.succeed("compare", "flat.r0.h5", "set.r0.h5").stdout
        self.assertRegex(text, r"(?m)^  region\.KE\.population: \S+ → 6e7$")

    def test_help_names_the_option(self):
        self.assertIn("--format", self.succeed("help", "compare").stdout)


class Refusals(Compare):
    def test_too_little(self):
        self.refuse(BAD_INPUT, "compare", says="no file given")
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", says="only flat.r0.h5 is given")
        self.refuse(BAD_INPUT, "compare", *self.files("flat"), says=["all 3 files are runs of one scenario, flat", "--set"])
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", "dear.r0.h5", "--format", "yaml", says=["--format is 'yaml'", "text, csv, json"])
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", "dear.r0.h5", "--fromat", "csv", says="'--format'")
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", "", says="an argument is empty")

    def test_seeds(self):
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", "dear.r1.h5", says=["dear.r1.h5: flat and dear have no common seed", "--replicates"])
        said = self.refuse(BAD_INPUT, "compare", *self.files("flat"), "flat.r1.h5", "dear.r0.h5", "dear.r0.h5").stderr
        self.assertIn("flat.r1.h5: this run of flat has seed", said)  # all problems at once
        self.assertIn("dear.r0.h5: this run of dear has seed", said)

    def test_other_times_and_places(self):
        for name, words in [("longer", "run.duration is"), ("warm", "run.warmup is"), ("later", "run.start is"),
                            ("turned", "the list of regions is KE, BD, but BD, KE in flat.r0.h5"), ("fewer", "the list of regions is BD")]:
            self.refuse(BAD_INPUT, "compare", "flat.r0.h5", f"{name}.r0.h5", says=[f"{name}.r0.h5: ", words, "flat.r0.h5"])

    def test_no_results(self):
        with open(self.path("flat.r0.h5"), "rb") as file:
            whole = file.read()
        self.write("text.h5", "hello\n")
        self.write("cut.h5", whole[:len(whole) // 2])
        self.addCleanup(lambda: [os.remove(self.path(name)) for name in ("text.h5", "cut.h5")])
        for name, words in [("text.h5", "is not an HDF5 file"), ("cut.h5", "truncated"), ("absent.h5", "there is no such file"),
                            (".", "is a folder"), ("flat.toml", "is not an HDF5 file")]:
            self.refuse(BAD_FILE, "compare", "flat.r0.h5", name, says=[name, words])
        try:
            import h5py
        except ImportError:
            return
        with h5py.File(self.path("text.h5"), "w") as file:
            file["x"] = [1, 2, 3]
        self.refuse(BAD_FILE, "compare", "flat.r0.h5", "text.h5", says="not a result of swarmsim")

    def test_a_run_that_did_not_finish(self):
        run = self.start("run", "flat.toml", "--duration", "60d", "--progress", "json", "-o", "cut.h5")
        run.stderr.readline()
        run.send_signal(signal.SIGUSR1)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, CHECKPOINTED)
        self.addCleanup(lambda: [os.remove(self.path(name)) for name in ("cut.h5.partial", "cut.h5.ckpt")])
        self.refuse(BAD_INPUT, "compare", "flat.r0.h5", "cut.h5.partial", says=["cut.h5.partial: this run has not finished", "--resume"])
        self.refuse(BAD_FILE, "compare", "flat.r0.h5", "cut.h5", says=["there is no such file", "cut.h5.partial"])


del Compare  # abstract: only its heirs are suites

if __name__ == "__main__":
    support.main()
