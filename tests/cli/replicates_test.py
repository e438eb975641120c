"""`run --replicates`: seeds, files, the table of means, resuming, signals, refusals."""
import json
import os
import re
import shutil
import signal

import support
from support import BAD_FILE, BAD_INPUT, CHECKPOINTED, CliTest, INTERRUPTED, SMALL, TERMINATED

LONG = SMALL.replace('"1h"', '"20d"')
# Training alone would take hours: an answer within the time limit shows that nothing was run before it.
ENDLESS = SMALL.replace("training_samples = 200", "training_samples = 1000000000")
RUN_SEED_STREAM = 32


def derived_seed(master, replicate, point=0):
    """The seed from the definition: SplitMix64's finaliser over (master, stream) keys Philox4x32-10 (Salmon et al., SC 2011)
    at the counter (0, point, replicate); 53 bits of its first two words."""
    mask64, mask32 = (1 << 64) - 1, (1 << 32) - 1
    z = (master + 0x9E3779B97F4A7C15 * (RUN_SEED_STREAM + 1)) & mask64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask64
    z ^= z >> 31
    key = [z & mask32, z >> 32]
    c = [0, point & mask32, point >> 32, replicate]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ key[0], p1 & mask32, (p0 >> 32) ^ c[3] ^ key[1], p0 & mask32]
        key = [(key[0] + 0x9E3779B9) & mask32, (key[1] + 0xBB67AE85) & mask32]
    return (c[0] << 32 | c[1]) >> 11


class Replicates(CliTest):
    def attribute(self, name, attribute):
        import h5py
        with h5py.File(self.path(name), "r") as file:
            return file.attrs.get(attribute)

    def seed_of(self, name):
        return int(re.search(r"(?m)^  seed +(\d+)$", self.succeed("info", name).stdout).group(1))


class Counterfactual(Replicates):
    """Carbon credits against the counterfactual of each replicate's own seed (docs/models/instruments.md)."""

    CREDITS = ("--set", "credits.enabled=true", "--set", "credits.period='20min'", "--set", "pricing.rule=carbon")

    def test_each_finds_that_of_its_seed(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "--replicates", "2", "-o", "flat.h5")
        numbered = f"credits.counterfactual={self.path('flat.r{replicate}.h5')}"
        self.succeed("run", "s.toml", *self.CREDITS, "--set", numbered, "--replicates", "2", "-o", "all.h5")
        for k in range(2):
            one = f"credits.counterfactual={self.path(f'flat.r{k}.h5')}"
            self.succeed("run", "s.toml", *self.CREDITS, "--set", one, "--seed", str(derived_seed(1, k)), "-o", "one.h5")
            self.assertEqual(self.digest(f"all.r{k}.h5"), self.digest("one.h5"))

    def test_that_of_another_seed_is_refused_with_the_recipe_before_any_run(self):
        self.write("s.toml", SMALL)
        self.write("long.toml", ENDLESS)
        self.succeed("run", "s.toml", "-o", "flat.h5")
        seed = derived_seed(1, 0)
        self.refuse(BAD_INPUT, "run", "long.toml", *self.CREDITS, "--set", f"credits.counterfactual={self.path('flat.h5')}", "--replicates", "2",
                    says=[f"the counterfactual has the seed 1, this run {seed}", f"'swarmsim run SCENARIO --replicates N -o {self.path('flat.h5')}'",
                          f"credits.counterfactual = \"{self.path('flat.r{replicate}.h5')}\""])
        self.succeed("run", "s.toml", "--replicates", "1", "-o", "flat.h5")
        self.refuse(BAD_INPUT, "run", "long.toml", *self.CREDITS, "--set", f"credits.counterfactual={self.path('flat.r{replicate}.h5')}", "--replicates", "2",
                    says=[f"none of 1 counterfactual runs has the seed {derived_seed(1, 1)} of this run"])


class Files(Replicates):
    def test_names_seeds_and_what_goes_where(self):
        self.write("s.toml", SMALL)
        done = self.succeed("run", "s.toml", "--replicates", "3")
        self.assertEqual(self.listing(), ["s.r0.h5", "s.r1.h5", "s.r2.h5", "s.toml"])
        seeds = [self.seed_of(f"s.r{k}.h5") for k in range(3)]
        self.assertEqual(seeds, [derived_seed(1, k) for k in range(3)])
        self.assertEqual(done.stderr, "".join(f"replicate {k + 1} of 3: seed {seed}\nresults: s.r{k}.h5\n" for k, seed in enumerate(seeds)))
        self.assertRegex(done.stdout, r"(?m)^carbon_location_g +g +\d")
        for line in done.stdout.splitlines():
            self.assertEqual(line, line.rstrip())

    def test_each_is_the_ordinary_run_of_its_seed(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "--replicates", "2", "-o", "a.h5")
        for k in range(2):
            self.succeed("run", "s.toml", "--seed", str(derived_seed(1, k)), "-o", "b.h5")
            self.assertEqual(self.digest(f"a.r{k}.h5"), self.digest("b.h5"))
        self.assertNotEqual(self.digest("a.r0.h5"), self.digest("a.r1.h5"))

    def test_seeds_depend_on_master_and_number_only(self):
        self.write("s.toml", SMALL)
        self.write("other.toml", SMALL.replace("agents = 50", "agents = 40"))
        self.succeed("run", "s.toml", "--replicates", "1", "-o", "one")
        self.succeed("run", "s.toml", "--replicates", "2", "-o", "two.h5")
        self.succeed("run", "other.toml", "--replicates", "2")
        self.assertEqual(self.digest("one.r0.h5"), self.digest("two.r0.h5"))
        self.assertEqual([self.seed_of(f"other.r{k}.h5") for k in range(2)], [self.seed_of(f"two.r{k}.h5") for k in range(2)])
        self.assertNotEqual(self.digest("other.r0.h5"), self.digest("two.r0.h5"))
        self.succeed("run", "s.toml", "--replicates", "1", "--seed", "7", "-o", "seven")
        self.assertEqual(self.seed_of("seven.r0.h5"), derived_seed(7, 0))
        self.assertNotEqual(derived_seed(7, 0), derived_seed(1, 0))

    def test_attributes(self):
        try:
            import h5py  # noqa: F401
        except ImportError:
            self.skipTest("h5py is absent")
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "--replicates", "2", "--seed", "5")
        self.succeed("run", "s.toml")
        self.assertEqual([self.attribute("s.r1.h5", name) for name in ("seed", "master_seed", "replicate")], [derived_seed(5, 1), 5, 1])
        self.assertEqual([self.attribute("s.h5", name) for name in ("seed", "master_seed", "replicate")], [1, None, None])

    def test_progress_says_which(self):
        self.write("s.toml", SMALL)
        lines = self.succeed("run", "s.toml", "--replicates", "2", "--progress", "json").stderr.splitlines()
        seen = [json.loads(line) for line in lines if line.startswith("{")]
        self.assertEqual({(p["replicate"], p["replicates"]) for p in seen}, {(0, 2), (1, 2)})
        self.assertIn("2/2 100.0 %", self.succeed("run", "s.toml", "--replicates", "2", "--progress", "always").stderr)


class Means(Replicates):
    def test_mean_and_interval_follow_from_the_files(self):
        self.write("s.toml", SMALL)
        said = json.loads(self.succeed("run", "s.toml", "--replicates", "3", "--summary", "json").stdout)
        self.assertEqual((said["replicates"], said["master_seed"]), (3, 1))
        self.assertEqual(said["seeds"], [derived_seed(1, k) for k in range(3)])
        summaries = [json.loads(self.succeed("info", file, "--summary", "json").stdout) for file in said["files"]]
        for name in ("energy_kwh", "spend_usd", "served_share", "accuracy"):
            values = [s[name] for s in summaries]
            mean = sum(values) / 3
            half = 4.302653 * (sum((x - mean) ** 2 for x in values) / 2 / 3) ** 0.5  # t(0.975, 2)
            figure = said["figures"][name]
            self.assertAlmostEqual(figure["mean"] / mean, 1, 12)
            self.assertGreater(half, 0)
            self.assertAlmostEqual((figure["high95"] - figure["low95"]) / 2 / half, 1, 5)
            self.assertEqual(figure["runs"], 3)
        self.assertEqual(said["figures"]["served_share_north"], {"units": "1", "mean": None, "low95": None, "high95": None, "runs": 0})

    def test_one_replicate_says_that_nothing_is_known_of_uncertainty(self):
        self.write("s.toml", SMALL)
        text = self.succeed("run", "s.toml", "--replicates", "1").stdout
        self.assertIn("One replicate: no uncertainty can be stated.", text)
        self.assertNotIn("nan", text)


class Resume(Replicates):
    def stopped_in_the_second(self, number, *arguments):
        """Exit code and messages of three replicates that got a signal while the second one ran."""
        run = self.start("run", "s.toml", "--replicates", "3", "--progress", "json", *arguments)
        for line in run.stderr:
            if line.startswith('{"replicate":1,'):
                break
        run.send_signal(number)
        out, messages = run.communicate(timeout=60)
        self.assertEqual(out, "")
        return run.returncode, "\n".join(line for line in messages.splitlines() if not line.startswith("{"))

    def test_skips_the_finished_and_goes_on_with_the_interrupted(self):
        self.write("s.toml", LONG)
        whole = self.succeed("run", "s.toml", "--replicates", "3", "-o", "whole").stdout
        for number, code, arguments in [(signal.SIGUSR1, CHECKPOINTED, ()), (signal.SIGINT, INTERRUPTED, ("--checkpoint-every", "1d")),
                                        (signal.SIGTERM, TERMINATED, ())]:
            got, messages = self.stopped_in_the_second(number, *arguments)
            self.assertEqual(got, code, messages)
            self.assertIn(f"s.r1.h5: stopped by {signal.Signals(number).name} after step", messages)
            self.assertIn("continue with: swarmsim run --replicates 3 --resume s.h5", messages)
            self.assertIn("s.r0.h5", self.listing())
            first = os.stat(self.path("s.r0.h5")).st_mtime_ns
            checkpoint = "s.r1.h5.ckpt" in self.listing()
            self.assertEqual(checkpoint, number != signal.SIGTERM)
            # With the scenario, and without: then the first replicate brings it.
            scenario = ("s.toml",) if number == signal.SIGINT else ()
            done = self.succeed("run", *scenario, "--replicates", "3", "--resume", "s.h5")
            self.assertIn("replicate 1 of 3: s.r0.h5 is finished\n", done.stderr)
            self.assertIn("s.r1.h5: resuming after step" if checkpoint else "s.r1.h5: no checkpoint had been reached", done.stderr)
            self.assertEqual(os.stat(self.path("s.r0.h5")).st_mtime_ns, first)
            self.assertEqual(done.stdout, whole)
            for k in range(3):
                self.assertEqual(self.digest(f"s.r{k}.h5"), self.digest(f"whole.r{k}.h5"))
                os.remove(self.path(f"s.r{k}.h5"))
            self.assertEqual(self.listing(), ["s.toml", "whole.r0.h5", "whole.r1.h5", "whole.r2.h5"])

    def test_more_replicates_are_added(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "--replicates", "2")
        done = self.succeed("run", "--replicates", "3", "--resume", "s.h5")
        self.assertIn("replicate 2 of 3: s.r1.h5 is finished", done.stderr)
        self.assertIn(f"replicate 3 of 3: seed {derived_seed(1, 2)}", done.stderr)
        again = self.succeed("run", "--replicates", "3", "--resume", "s.h5")
        self.assertEqual(again.stdout, done.stdout)

    def test_changed_scenario_is_refused_before_anything_runs(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "--replicates", "2")
        shutil.move(self.path("s.r1.h5"), self.path("s.r2.h5"))  # a finished run, but of another seed
        for change in (("--seed", "2"), ("--duration", "2h"), ("--set", "pricing.markup=0.2")):
            self.refuse(BAD_INPUT, "run", "s.toml", "--replicates", "2", "--resume", "s.h5", *change,
                        says="s.r0.h5: this finished run is of another scenario")
        self.refuse(BAD_INPUT, "run", "s.toml", "--replicates", "3", "--resume", "s.h5", says="s.r2.h5: this finished run is of another scenario")

    def test_nothing_to_resume(self):
        self.write("s.toml", SMALL)
        self.refuse(BAD_INPUT, "run", "--replicates", "2", "--resume", "s.h5", says=["s.r0.h5: there is no such replicate", "SCENARIO.toml"])
        self.succeed("run", "s.toml", "-o", "s.r0.h5")
        self.refuse(BAD_INPUT, "run", "--replicates", "2", "--resume", "s.h5", says=["s.r0.h5: this is no replicate", "name the scenario"])


class Refusals(Replicates):
    def test_numbers(self):
        self.write("s.toml", SMALL)
        for n in ("0", "-1", "1.5", "two", "", "nan", "100001", "99999999999999999999"):
            self.refuse(BAD_INPUT, "run", "s.toml", "--replicates", n, says=[f"--replicates is '{n}'", "from 1 to 100000", "write for example 5"])
        self.refuse(BAD_INPUT, "run", "--replicates", "2", says="no scenario given")
        self.refuse(BAD_INPUT, "run", "s.toml", "--replicates", "2", "--replicates", "3", says="more than once")

    def test_outputs_are_looked_at_before_anything_runs(self):
        self.write("s.toml", ENDLESS)
        self.write("a.r2.h5", "precious")
        os.mkdir(self.path("b.r1.h5"))
        for output, *words in [("nowhere/a.h5", "nowhere/a.r0.h5: the output directory does not exist"), ("/proc/a.h5", "cannot create the file"),
                               ("a.h5", "a.r2.h5: the output exists and is not a result file"), ("b.h5", "b.r1.h5: the output is a directory")]:
            self.refuse(BAD_FILE, "run", "s.toml", "--replicates", "3", "-o", output, says=words)
        self.assertEqual(self.read("a.r2.h5"), b"precious")

    def test_bad_scenario(self):
        self.write("s.toml", SMALL + "nonsense = 1\n")
        self.refuse(BAD_INPUT, "run", "s.toml", "--replicates", "3", says="nonsense")


if __name__ == "__main__":
    support.main()
