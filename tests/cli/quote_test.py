"""The pricing calculator as somebody uses it who has a table of requests, and as somebody does whose table is wrong."""
import csv
import io
import subprocess

import support
from support import BAD_FILE, BAD_INPUT, DONE, CliTest

HEADER = ("id,region,purpose,tokens,rule,energy_kwh,footprint_g,base_usd,carbon_usd,justice_usd,renewable_usd,credit_usd,"
          "total_usd,impact_score,priority")
RULES = ["flat", "carbon", "justice", "means-tested", "legacy", "legacy-sign-fixed", "legacy-unit-fixed",
         "cap-and-trade", "per-capita"]
PROTOTYPE = """id,region,purpose,tokens,renewable_share,carbon_intensity
bd,BD,climate_adaptation,2000,0.40,300
us,US,luxury,2000,0.25,600
ke,KE,disaster_response,1500,0.40,300
"""
# The first prototype's figures, to the last digit that it printed.
TOTALS = {"legacy": "181.8836 1.534 136.4127", "justice": "1.2836 2.334 0.9627", "carbon": "2.0036 2.009 1.5027",
          "legacy-sign-fixed": "0 2.334 0", "legacy-unit-fixed": "2.0636 1.534 1.5477", "flat": "2 2 1.5"}


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def column(text, name):
    return [row[name] for row in rows(text)]


class QuoteTest(CliTest):
    def pipe(self, table, *arguments):
        return subprocess.run([support.EXECUTABLE, "quote", *arguments, "-"], input=table.encode(), cwd=self.folder,
                              env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)

    def quote(self, table, *arguments):
        done = self.pipe(table, *arguments)
        self.assertEqual(done.returncode, DONE, done.stderr.decode())
        return done.stdout.decode()

    def bad(self, table, *problems, exactly=True):
        """The table is refused with these problems, one line each, in this order; the output stays empty."""
        self.write("x.csv", table)
        done = self.refuse(BAD_INPUT, "quote", "--rule", "justice", "x.csv")
        lines = done.stderr.splitlines()
        if exactly:
            self.assertEqual(len(lines), len(problems), done.stderr)
        for line, words in zip(lines, problems):
            for part in [words] if isinstance(words, str) else words:
                self.assertIn(part, line)


class Prototype(QuoteTest):
    def test_totals_to_the_last_digit(self):
        self.write("p.csv", PROTOTYPE)
        for rule, totals in TOTALS.items():
            text = self.succeed("quote", "--rule", rule, "p.csv").stdout
            self.assertEqual(column(text, "total_usd"), totals.split(), rule)
            self.assertEqual(set(column(text, "rule")), {rule})

    def test_scores_grams_and_priorities(self):
        text = self.quote(PROTOTYPE, "--rule", "legacy")
        self.assertEqual(column(text, "impact_score"), ["60016.4", "3.5", "45017.3"])
        self.assertEqual(column(text, "footprint_g"), ["36", "90", "27"])
        self.assertEqual(column(text, "energy_kwh"), ["0.2", "0.2", "0.15"])
        # 5 × 2 × 1.2, 0.2 × 1 × 1.125, 4 × 2 × 1.2
        self.assertEqual(column(text, "priority"), ["12", "0.225", "9.6"])

    def test_one_line_in_full(self):
        text = self.quote(PROTOTYPE, "--rule", "justice")
        self.assertEqual(text.splitlines()[:2], [
            HEADER, "bd,BD,climate_adaptation,2000,justice,0.2,36,2,0.0036,-0.6,0.12,0,1.2836,76.4,12"])

    def test_items_add_up_and_never_below_zero(self):
        for row in rows(self.quote(PROTOTYPE, "--rule", "all")):
            total = (float(row["base_usd"]) + float(row["carbon_usd"]) + float(row["justice_usd"])
                     - float(row["renewable_usd"]) + float(row["credit_usd"]))
            self.assertAlmostEqual(float(row["total_usd"]), max(0.0, total), places=9, msg=row)
            self.assertEqual(row["credit_usd"], "0")

    def test_all_rules_side_by_side(self):
        text = self.quote(PROTOTYPE, "--rule", "all")
        self.assertEqual([(r["id"], r["rule"]) for r in rows(text)], [(i, r) for i in ("bd", "us", "ke") for r in RULES])
        one = self.quote(PROTOTYPE, "--rule", "means-tested").splitlines()[1:]
        self.assertEqual([line for line in text.splitlines() if ",means-tested," in line], one)

    def test_text_explains_each_item(self):
        text = self.quote(PROTOTYPE, "--rule", "legacy-sign-fixed", "--format", "text")
        for words in ("bd: 2000 tok from BD (Bangladesh) for climate_adaptation, rule legacy-sign-fixed",
                      "0.2 kWh x 300 g/kWh x (1 - 0.4) = 36 g, at 100 USD/t", "-0.09 USD/tok on 2000 tok",
                      "0.2 of base", "0.15 x share 0.4 of base", "the items come to -178.1164",
                      "impact score 60016.4, priority 12"):
            self.assertIn(words, text)
        for line in text.splitlines():
            self.assertEqual(line, line.rstrip())
        self.assertNotIn("the items come to", self.quote(PROTOTYPE, "--rule", "justice", "--format", "text"))


class Input(QuoteTest):
    def test_file_and_standard_input_give_the_same(self):
        self.write("p.csv", PROTOTYPE)
        self.assertEqual(self.succeed("quote", "--rule", "all", "p.csv").stdout, self.quote(PROTOTYPE, "--rule", "all"))

    def test_missing_intensity_is_the_regions_and_missing_share_is_zero(self):
        # 0.1 kWh at 691 and 369 g/kWh; with a share of 0.5 half of it; an empty cell is a missing one.
        short = "id,region,purpose,tokens\na,BD,luxury,1000\nb,US,luxury,1000\n"
        self.assertEqual(column(self.quote(short, "--rule", "carbon"), "footprint_g"), ["69.1", "36.9"])
        cells = ("id,region,purpose,tokens,renewable_share,carbon_intensity\n"
                 "a,BD,luxury,1000,,\nb,BD,luxury,1000,0.5,\nc,BD,luxury,1000,,100\nd,BD,luxury,1000,1,100\n")
        self.assertEqual(column(self.quote(cells, "--rule", "carbon"), "footprint_g"), ["69.1", "34.55", "10", "0"])

    def test_header_only_prints_the_header_only(self):
        self.assertEqual(self.quote("id,region,purpose,tokens\n", "--rule", "all"), HEADER + "\n")
        self.assertEqual(self.quote("id,region,purpose,tokens\n", "--rule", "flat", "--format", "text"), "")

    def test_order_of_columns_quotes_blanks_and_line_ends(self):
        plain = self.quote('id,region,purpose,tokens\n"x, ""y""",KE,crypto_mining,10\n', "--rule", "justice")
        self.assertIn('"x, ""y""",KE,cryptocurrency_mining,10,justice,', plain)
        odd = 'tokens,purpose,region,id\r\n 1e1 ,Crypto Mining, KE,"x, ""y"""\r\n\r\n'
        self.assertEqual(self.quote(odd, "--rule", "justice"), plain)

    def test_an_alias_is_its_purpose(self):
        table = "id,region,purpose,tokens\n" + "".join(
            f"{i},US,{name},10\n" for i, name in enumerate(["crypto_mining", "Bitcoin-Mining", "cryptocurrency_mining"]))
        text = self.quote(table, "--rule", "flat")
        self.assertEqual(set(column(text, "purpose")), {"cryptocurrency_mining"})
        self.assertEqual(set(column(text, "priority")), {"0.1"})

    def test_a_column_without_meaning_is_named_and_one_that_was_meant_is_refused(self):
        done = self.pipe("id,region,purpose,tokens,note\na,KE,luxury,1,x\n", "--rule", "flat")
        self.assertEqual((done.returncode, done.stderr.decode()), (DONE, 'standard input: column "note" is not used\n'))
        for name, meant in [("renewable_shares", "renewable_share"), ("renewable", "renewable_share"),
                            ("intensity", "carbon_intensity"), ("Carbon_Intensity", "carbon_intensity"),
                            ("carbon_intensity_g_per_kwh", "carbon_intensity")]:
            self.bad(f"id,region,purpose,tokens,{name}\na,KE,luxury,1,0.5\n",
                     ["x.csv:1: unknown column", name, f'did you mean "{meant}"?'])

    def test_many_rows_and_a_reader_that_has_seen_enough(self):
        table = "id,region,purpose,tokens\n" + "".join(f"r{i},KE,luxury,{i + 1}\n" for i in range(100000))
        self.assertEqual(self.quote(table, "--rule", "flat").count("\n"), 100001)
        self.write("big.csv", table)
        piped = subprocess.run(["bash", "-c", 'set -o pipefail; "$0" quote --rule all big.csv | head -n 1', support.EXECUTABLE],
                               cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, timeout=120)
        self.assertEqual((piped.stdout, piped.stderr, piped.returncode), (HEADER + "\n", "", 128 + 13))

    def test_output_that_cannot_be_written(self):
        self.write("p.csv", PROTOTYPE)
        with open("/dev/full", "w") as full:
            done = subprocess.run([support.EXECUTABLE, "quote", "--rule", "all", "p.csv"], cwd=self.folder, stdout=full,
                                  env=self.environment(), stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(done.returncode, BAD_FILE)
        self.assertIn("standard output: cannot be written", done.stderr)


class BadTable(QuoteTest):
    def test_every_problem_of_every_row_at_once(self):
        self.bad("id,region,purpose,tokens,renewable_share,carbon_intensity\n"
                 "a,Bangladesh,climate_adaption,0,40,-3\n"
                 "a,bd,,1.5,-0.1,x\n"
                 ",ZZ,crypto,,0.4,9999\n"
                 "d,,luxury,-5,nope,\n",
                 ["x.csv:2:3: unknown region 'Bangladesh'", "did you mean 'BD' (Bangladesh)?"],
                 ["x.csv:2:14: unknown purpose 'climate_adaption'", "silently", "did you mean 'climate_adaptation'?"],
                 ["x.csv:2:31: 0 tokens", "nothing to quote"],
                 ["x.csv:2:33: renewable share 40", "between 0 and 1", "write 0.4 if 40 percent are meant"],
                 ["x.csv:2:36: carbon intensity -3 g/kWh"],
                 ['x.csv:3:1: id "a" stands already on line 2', "rename"],
                 ["x.csv:3:3: unknown region 'bd'", "did you mean 'BD'?"],
                 ["x.csv:3:6: this row has no purpose", "purposes: climate_adaptation, "],
                 ["x.csv:3:7: 1.5 tokens", "whole", "write 2"],
                 ["x.csv:3:11: renewable share -0.1", "between 0 and 1"],
                 ['x.csv:3:16: "x" in column "carbon_intensity" is not a number'],
                 ["x.csv:4:1: this row has no id"],
                 ["x.csv:4:2: unknown region 'ZZ'"],
                 ["x.csv:4:12: this row has no tokens"],
                 ["x.csv:4:17: carbon intensity 9999 g/kWh", "grams per kWh"],
                 ["x.csv:5:3: this row has no region", "known regions: BD, KE"],
                 ["x.csv:5:11: -5 tokens"],
                 ['x.csv:5:14: "nope" in column "renewable_share" is not a number'])

    def test_numbers_that_are_none(self):
        for cell in ("two", "nan", "inf", "-inf", "1e999", "0x10", "1,0", "2_000", "2 000"):
            quoted = f'"{cell}"' if "," in cell else cell
            self.bad(f"id,region,purpose,tokens\na,KE,luxury,{quoted}\n", ["x.csv:2:13: ", "tokens"])
        self.bad("id,region,purpose,tokens\na,KE,luxury,1e300\n", "x.csv:2:13: 1e+300 tokens")
        self.bad("id,region,purpose,tokens\na,KE,luxury,0.2\n", "write 1")

    def test_a_purpose_is_never_silently_ordinary(self):
        self.bad("id,region,purpose,tokens\na,KE,gaming,5\n", ["x.csv:2:6: unknown purpose 'gaming'", "purposes: "])
        self.bad("id,region,purpose,tokens\na,KE,crypto_minning,5\n", "did you mean 'crypto_mining'?")

    def test_columns(self):
        self.bad("id,Region,purpose\na,KE,luxury\n", ['x.csv:1: there is no column "region"', 'did you mean "Region"?'],
                 ['x.csv:1: there is no column "tokens"', "the columns are id, Region, purpose"])
        self.bad("\n\nid,region,purpose,tokens,intensity\n", "x.csv:3: unknown column")
        self.bad("id,region,purpose,tokens,tokens\na,KE,luxury,1,2\n", 'x.csv:1: column "tokens" appears twice')
        self.bad("id;region;purpose;tokens\na;KE;luxury;1\n", "there is no column", "there is no column", "there is no column",
                 "there is no column")
        self.bad("id,region,purpose,tokens\na,KE,luxury\n", "x.csv:2: this row has 3 cells, the header has 4")

    def test_a_long_list_of_problems_ends(self):
        self.bad("id,region,purpose,tokens\n" + "".join(f"{i},KE,luxury,0\n" for i in range(250)),
                 *["0 tokens"] * 100, "x.csv: and 150 more problems")

    def test_files(self):
        self.bad("", "x.csv:1: there is no header line")
        self.bad("\n \n", "there is no header line")
        self.bad(b"id,region,purpose,tokens\n\xff,KE,luxury,1\n", "x.csv:2:1: byte 0xFF is not UTF-8")
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", "none.csv", says="none.csv: there is no such file")
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", ".", says="this is a folder")

    def test_standard_input(self):
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", "-", says="standard input:1: there is no header line")
        done = self.pipe("id,region,purpose,tokens\na,XX,luxury,1\n", "--rule", "flat")
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, b""))
        self.assertTrue(done.stderr.startswith(b"standard input:2:3: unknown region 'XX'"), done.stderr)


class Typed(QuoteTest):
    def test_rule(self):
        self.write("p.csv", PROTOTYPE)
        self.refuse(BAD_INPUT, "quote", "p.csv", says=["swarmsim quote: no rule named", "swarmsim list rules"])
        self.refuse(BAD_INPUT, "quote", "--rule", "legcy", "p.csv", says=["unknown rule 'legcy'", "did you mean 'legacy'?"])
        self.refuse(BAD_INPUT, "quote", "--rule", "xyzzy", "p.csv", says=["choose one of flat, carbon, ", ", all."])
        self.refuse(BAD_INPUT, "quote", "--rule", "", "p.csv", says="unknown rule ''")
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", "--rule", "carbon", "p.csv", says="more than once")

    def test_other_words(self):
        self.write("p.csv", PROTOTYPE)
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", says=["no table given", "- reads standard input"])
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", "p.csv", "q.csv", says="unexpected argument 'q.csv'")
        self.refuse(BAD_INPUT, "quote", "--rule", "flat", "p.csv", "--format", "json", says="choose one of csv, text")
        self.refuse(BAD_INPUT, "quote", "--rul", "flat", "p.csv", says=["unknown option '--rul'", "'--rule'"])

    def test_set(self):
        changes = [("pricing.carbon_price_usd_per_t=50", "carbon", "carbon_usd", ["0.0018", "0.0045", "0.00135"]),
                   ("pricing.tariff_usd_per_tok=1", "flat", "total_usd", ["2000", "2000", "1500"]),
                   ("pricing.south_discount=0", "justice", "justice_usd", ["0", "0.4", "0"]),
                   ("purpose.luxury.priority=8", "flat", "priority", ["12", "9", "9.6"]),
                   ("purpose.emergency-response.priority=1", "flat", "priority", ["12", "0.225", "2.4"]),
                   ("policy.priority_renewable=0", "flat", "priority", ["10", "0.2", "8"]),
                   ("region.US.vulnerability=0.4", "flat", "priority", ["12", "0.3375", "9.6"]),
                   ("region.US.global_south=true", "justice", "justice_usd", ["-0.6", "-0.6", "-0.45"]),
                   ("pricing={south_discount=0.5,north_premium=0}", "justice", "justice_usd", ["-1", "0", "-0.75"])]
        for change, rule, name, expected in changes:
            text = self.quote(PROTOTYPE, "--rule", rule, "--set", change)
            self.assertEqual(column(text, name), expected, change)
        both = self.quote(PROTOTYPE, "--rule", "justice", "--set", "pricing.south_discount=0", "--set", "pricing.north_premium=1")
        self.assertEqual(column(both, "justice_usd"), ["0", "2", "0"])
        rich = self.quote(PROTOTYPE, "--rule", "means-tested", "--set", "region.BD.gdp_per_capita_usd=90000", "--set",
                          "region.BD.vulnerability=0.1")
        self.assertEqual(column(rich, "justice_usd")[0], "0.4")
        local = self.quote("id,region,purpose,tokens\na,KE,luxury,1000\n", "--rule", "carbon", "--set",
                           "region.KE.intensity_g_per_kwh=100")
        self.assertEqual(column(local, "footprint_g"), ["10"])

    def test_set_refuses_what_would_change_nothing(self):
        self.write("p.csv", PROTOTYPE)
        for change, *words in [("pricing.markup=0.2", "'pricing.markup' changes no quote", "swarmsim help quote"),
                               ("pricing.rule=justice", "name the rule with --rule"), ("run.seed=3", "'run.seed' changes no"),
                               ("regions=[BD]", "'regions' changes no quote"), ("site.BD-1.servers=3", "'site.servers'"),
                               ("purpose.luxury.share=0", "'purpose.share'"), ("pricing.base=cost", "'pricing.base'"),
                               ("pricing.souht_discount=1", "did you mean 'south_discount'?"),
                               ("purpose.luxry.priority=1", "did you mean 'luxury'?"),
                               ("pricing.south_discount=2", "from 0 to 1"), ("pricing.south_discount=a", "a number"),
                               ("policy.need_income_low_usd=20000", "more than 'policy.need_income_high_usd'"),
                               ("south_discount=1", "did you mean 'pricing.south_discount'?"), ("=1", "not of the form")]:
            self.refuse(BAD_INPUT, "quote", "--rule", "flat", "p.csv", "--set", change, says=[f"--set: '{change}'", *words])


class Lists(CliTest):
    def test_rules_say_what_they_do(self):
        lines = self.succeed("list", "rules").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], RULES)
        for line in lines:
            self.assertRegex(line, r"^\S+ {2,}\S+( \S+){3,}$")
            self.assertLessEqual(len(line), 100)
            self.succeed("check", self.write("s.toml", f'[pricing]\nrule = "{line.split()[0]}"\n'))

    def test_purposes_with_their_aliases(self):
        text = self.succeed("list", "purposes").stdout
        self.assertRegex(text, r"(?m)^climate_adaptation +0\.05 +5  adaptation, climate_change_adaptation$")
        self.assertRegex(text, r"(?m)^cryptocurrency_mining +0\.08 +0\.1  bitcoin_mining, crypto, ")
        self.assertEqual(len(text.splitlines()), 10)
        self.refuse(BAD_INPUT, "list", "purpose", says="did you mean 'purposes'?")


if __name__ == "__main__":
    support.main()
