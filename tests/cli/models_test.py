"""What specialists can be made of, as somebody reads it who must choose; and their networks as files, there and back."""
import csv
import io
import json
import os

import support
from support import BAD_FILE, BAD_INPUT, CliTest

FAMILIES = ["mlp", "conv", "attention"]
FORMATS = ["fp32", "bf16", "fp16", "int8 dynamic", "int8 static", "int4 dynamic", "int4 static"]
PRUNINGS = ["none", "unstructured", "structured"]
TYPES = ["vision", "language", "reasoning", "memory"]
# Networks that hardly learn, so that the tests take seconds.
QUICK = [x for key in ["lineages=1", "training_samples=1500", "finetune_samples=300"] for x in ("--set", "specialists." + key)]


class ModelsTest(CliTest):
    def table(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.succeed("models", *QUICK, "--format", "csv", *arguments).stdout)))

    def test_every_family_format_pruning_and_teaching(self):
        rows = self.table()
        found = {(r["family"], r["format"], r["pruning"], r["learnt"]) for r in rows}
        for family in FAMILIES:
            self.assertIn((family, "fp32", "none", "teacher"), found)
            for form in FORMATS:
                for pruning in PRUNINGS:
                    for learnt in "labels", "distilled":
                        self.assertIn((family, form, pruning, learnt), found)
        self.assertEqual(len(found), len(rows))
        for r in rows:
            for name in "accuracy", *("accuracy_" + t for t in TYPES):
                self.assertTrue(0 < float(r[name]) <= 1, r)
            for name in "stored_bytes", "operations", "bytes", "us_alone", "us_in_64", "joules":
                self.assertGreater(float(r[name]), 0, r)
            self.assertAlmostEqual(float(r["accuracy"]), sum(float(r["accuracy_" + t]) for t in TYPES) / 4, places=9)

    def test_figures_that_follow_from_the_format(self):
        rows = {(r["family"], r["format"], r["pruning"], r["learnt"]): r for r in self.table()}
        of = lambda what, form="fp32", pruning="none": float(rows["mlp", form, pruning, "labels"][what])
        # 64-128-64-10: 17,024 weights, 202 outputs. A pass reads and writes 64 + 2 (128 + 64) + 10 numbers.
        self.assertEqual(of("stored_bytes"), 4 * (17024 + 202))
        self.assertEqual(of("stored_bytes", "fp16"), 2 * 17024 + 4 * 202)
        self.assertEqual(of("stored_bytes", "int8 static"), 17024 + 12 * 202)
        self.assertEqual(of("stored_bytes", "int4 dynamic"), 17024 / 2 + 12 * 202)
        self.assertEqual(of("bytes"), of("stored_bytes") + 4 * (64 + 2 * 192 + 10))
        self.assertEqual(of("operations"), 2 * 17024)
        self.assertEqual(of("operations", pruning="unstructured"), 17024)
        self.assertEqual(of("operations", pruning="structured"), 2 * (64 * 90 + 90 * 45 + 45 * 10))
        self.assertEqual(of("conversion_error"), 0)
        self.assertLess(of("conversion_error", "fp16"), of("conversion_error", "bf16"))
        self.assertLess(of("conversion_error", "int8 static"), of("conversion_error", "int4 static"))
        # Read from memory at 17 GB/s, as the Raspberry Pi's 9 W go by.
        self.assertAlmostEqual(of("joules") / (9 * of("bytes") / 17e9), 1, places=1)

    def test_all_but_times_repeats_itself_and_json_agrees(self):
        rows = self.table()
        parsed = json.loads(self.succeed("models", *QUICK, "--format", "json").stdout)
        self.assertEqual(parsed["device"], "raspberry-pi-5")
        self.assertEqual(len(parsed["models"]), len(rows))
        for a, b in zip(rows, parsed["models"]):
            for name in "accuracy", "conversion_error", "stored_bytes", "operations", "bytes", "joules":
                self.assertEqual(float(a[name]), b[name])
            self.assertEqual({t: float(a["accuracy_" + t]) for t in TYPES}, b["accuracy_by_type"])
        self.assertTrue(all(c["claimed"] and all(f in c["measured"] for f in FAMILIES) for c in parsed["claims"]))
        self.assertEqual(len(parsed["claims"]), 11)

    def test_the_page_names_units_claims_and_device(self):
        text = self.succeed("models", *QUICK, "--device", "apple-m2").stdout
        for words in "modelled on apple-m2", "[µJ]", "what the founding papers claim", "4× smaller":
            self.assertIn(words, text)
        self.assertNotIn("-0.0 %", text)

    def test_scenario_keys_count(self):
        self.write("my.toml", 'regions = ["KE"]\n[specialists]\nhidden_1 = 32\nhidden_2 = 0\n')
        rows = self.table("my.toml")
        self.assertEqual(float(rows[0]["stored_bytes"]), 4 * (65 * 32 + 33 * 10))

    def test_bad_input(self):
        self.assertIn("did you mean 'apple-m2'?", self.refuse(BAD_INPUT, "models", "--device", "aple-m2").stderr)
        self.assertIn("list devices", self.refuse(BAD_INPUT, "models", "--device", "abacus").stderr)
        self.refuse(BAD_INPUT, "models", "--format", "xml")
        self.refuse(BAD_INPUT, "models", "--set", "specialists.heads=5")
        self.refuse(BAD_INPUT, "models", "absent.toml")
        self.refuse(BAD_FILE, "models", *QUICK, "--export", "absent")

    def test_networks_go_out_and_come_back(self):
        os.mkdir(self.path("nets"))
        said = self.succeed("models", *QUICK, "--set", "specialists.family=attention", "--export", "nets").stdout.split()
        self.assertEqual(said, [f"nets/{t}.0.onnx" for t in TYPES])
        self.assertIn("this file exists already", self.refuse(BAD_INPUT, "models", *QUICK, "--export", "nets").stderr)
        self.write("trained.toml", support.SMALL.replace("training_samples = 200", "training_samples = 1500"))
        keys = ["--set", "specialists.lineages=1"]
        back = [x for t in TYPES for x in ("--set", f"specialists.onnx_{t}=nets/{t}.0.onnx")]
        self.succeed("run", "trained.toml", "-o", "a.h5", *keys, "--set", "specialists.family=attention")
        self.succeed("run", "trained.toml", "-o", "b.h5", *keys, *back)
        a, b = (json.loads(self.succeed("info", f, "--summary", "json").stdout) for f in ("a.h5", "b.h5"))
        self.assertEqual(a["base_accuracy"], b["base_accuracy"])
        self.assertEqual(a["executed_macs"], b["executed_macs"])


if __name__ == "__main__":
    support.main()
