"""The market calculator as somebody uses it who has a table of orders, and as somebody does whose table is wrong."""
import csv
import io
import json
import random
import subprocess
from fractions import Fraction

import support
from support import BAD_FILE, BAD_INPUT, DONE, CliTest

HEADER = "id,side,filled,price,payment"
MECHANISMS = ["uniform", "pay-as-bid", "second-price", "vcg", "cda", "posted"]
IN = "id,side,price,quantity\n"
# The example of docs/models/markets.md.
MARKET = IN + "D,bid,4,3\nX,ask,3,5\nA,bid,10,5\nY,ask,5,3\nB,bid,8,2\nZ,ask,9,6\nC,bid,6,1\n"
# filled, price and payment of D X A Y B Z C; mean price and surplus
EXAMPLE = {
    "uniform": ("0,0,0 5,5.5,27.5 5,5.5,27.5 3,5.5,16.5 2,5.5,11 0,0,0 1,5.5,5.5", 5.5, 42),
    "second-price": ("0,0,0 5,5,25 5,5,25 3,5,15 2,5,10 0,0,0 1,5,5", 5, 42),
    "pay-as-bid": ("0,0,0 5,10,50 5,10,50 3,7.333333333333333333,22 2,8,16 0,0,0 1,6,6", 9, 42),
    "vcg": ("0,0,0 5,4,20 5,4.6,23 3,6,18 2,5,10 0,0,0 1,5,5", 4.75, 42),
    "cda": ("3,4,12 5,3.6,18 5,7.2,36 3,10,30 0,0,0 0,0,0 0,0,0", 6, 32),
    "posted": ("3,3,9 5,3,15 5,4.2,21 3,5,15 0,0,0 0,0,0 0,0,0", 3.75, 32),
}


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


class ClearTest(CliTest):
    def pipe(self, table, *arguments):
        return subprocess.run([support.EXECUTABLE, "clear", *arguments, "-"], input=table.encode(), cwd=self.folder,
                              env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)

    def clear(self, table, mechanism, *arguments):
        done = self.pipe(table, "--mechanism", mechanism, *arguments)
        self.assertEqual(done.returncode, DONE, done.stderr.decode())
        return done.stdout.decode()

    def summary(self, table, mechanism):
        return json.loads(self.clear(table, mechanism, "--summary", "json"))

    def bad(self, table, *problems):
        """The table is refused with these problems, one line each, in this order; the output stays empty."""
        self.write("x.csv", table)
        done = self.refuse(BAD_INPUT, "clear", "--mechanism", "uniform", "x.csv")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), len(problems), done.stderr)
        for line, words in zip(lines, problems):
            for part in [words] if isinstance(words, str) else words:
                self.assertIn(part, line)


class Example(ClearTest):
    def test_settlements(self):
        self.assertEqual(set(EXAMPLE), set(MECHANISMS))
        self.write("m.csv", MARKET)
        for mechanism, (settlements, _, _) in EXAMPLE.items():
            text = self.succeed("clear", "--mechanism", mechanism, "m.csv").stdout
            names = [line.rsplit(",", 2)[0] for line in MARKET.splitlines()[1:]]
            self.assertEqual(text.splitlines(), [HEADER] + [f"{n},{s}" for n, s in zip(names, settlements.split())], mechanism)

    def test_summary(self):
        for mechanism, (_, price, surplus) in EXAMPLE.items():
            self.assertEqual(self.summary(MARKET, mechanism), {"clearing_price": price, "volume": 8, "surplus": surplus,
                                                               "efficiency": surplus / 42}, mechanism)
        self.assertEqual(self.clear(MARKET, "cda", "--summary", "text").split(),
                         "clearing price 6 volume 8 surplus 32 efficiency 76.2 %".split())

    def test_file_and_standard_input_give_the_same(self):
        self.write("m.csv", MARKET)
        for mechanism in MECHANISMS:
            self.assertEqual(self.succeed("clear", "--mechanism", mechanism, "m.csv").stdout, self.clear(MARKET, mechanism))


class Trade(ClearTest):
    def test_no_trade_is_no_error(self):
        for table in (IN, IN + "a,bid,5,1\n", IN + "a,ask,5,1\n", IN + "a,bid,4.999999999999999999,1\nb,ask,5,1\n",
                      IN + "a,bid,9,0\nb,ask,1,0\n"):
            for mechanism in MECHANISMS:
                expected = [{"id": r["id"], "side": r["side"], "filled": "0", "price": "0", "payment": "0"} for r in rows(table)]
                self.assertEqual(rows(self.clear(table, mechanism)), expected)
                self.assertEqual(self.summary(table, mechanism),
                                 {"clearing_price": None, "volume": 0, "surplus": 0, "efficiency": None})
        self.assertEqual(self.clear(IN, "vcg"), HEADER + "\n")
        self.assertEqual(self.clear(IN, "vcg", "--summary", "text").split(),
                         "clearing price – volume 0 surplus 0 efficiency –".split())

    def test_equal_prices_trade_and_earlier_rows_come_first(self):
        table = IN + "a,bid,5,1\nb,bid,5,1\nc,bid,5,1\nd,ask,5,1.5\n"
        for mechanism in MECHANISMS:
            self.assertEqual([r["filled"] for r in rows(self.clear(table, mechanism))], ["1", "0.5", "0", "1.5"], mechanism)
            self.assertEqual(self.summary(table, mechanism),
                             {"clearing_price": 5, "volume": 1.5, "surplus": 0, "efficiency": 1})

    def test_decimals_are_exact(self):
        table = IN + "a,bid,0.3,0.1\nb,bid,0.1,1e-9\nc,ask,0.2,0.3\n"
        self.assertEqual(self.clear(table, "uniform").splitlines()[1:], ["a,bid,0.1,0.2,0.02", "b,bid,0,0,0", "c,ask,0.1,0.2,0.02"])
        # The middle of two neighbours needs a digit more, of the finest there are none.
        table = IN + "a,bid,1.000000000001,1\nb,ask,1,1\n"
        self.assertEqual(self.clear(table, "uniform").splitlines()[1], "a,bid,1,1.0000000000005,1.0000000000005")
        table = IN + "a,bid,0.000000000000000003,1\nb,ask,0,1\n"
        self.assertEqual(self.clear(table, "uniform").splitlines()[1], "a,bid,1,0.000000000000000002,0.000000000000000002")
        table = IN + "a,bid,9223372036854775807,9.223372036854775807\nb,ask,0,9.223372036854775807\n"
        text = self.clear(table, "pay-as-bid")
        self.assertEqual(Fraction(rows(text)[1]["payment"]), Fraction(9223372036854775807 ** 2, 10 ** 18))
        self.assertNotIn("e", text.replace(HEADER, ""))

    def test_random_markets_balance(self):
        draw = random.Random(5)
        for _ in range(15):
            orders = [(draw.choice(["bid", "ask"]), draw.randrange(300), draw.randrange(90)) for _ in range(60)]
            table = IN + "".join(f"r{i},{side},{p / 100},{q / 10}\n" for i, (side, p, q) in enumerate(orders))
            for mechanism in MECHANISMS:
                paid = {"bid": Fraction(0), "ask": Fraction(0)}
                units, surplus = dict(paid), Fraction(0)
                for row, (side, p, q) in zip(rows(self.clear(table, mechanism)), orders):
                    filled, payment, limit = Fraction(row["filled"]), Fraction(row["payment"]), Fraction(p, 100)
                    self.assertTrue(0 <= filled <= Fraction(q, 10))
                    self.assertTrue(payment <= limit * filled if side == "bid" else payment >= limit * filled, mechanism)
                    self.assertLess(abs(Fraction(row["price"]) * filled - payment), Fraction(1, 10 ** 16))
                    paid[side] += payment
                    units[side] += filled
                    surplus += limit * filled if side == "bid" else -limit * filled
                self.assertEqual((paid["bid"], units["bid"]), (paid["ask"], units["ask"]), mechanism)
                self.assertAlmostEqual(self.summary(table, mechanism)["surplus"], float(surplus), places=9)


class Input(ClearTest):
    def test_order_of_columns_quotes_blanks_and_line_ends(self):
        plain = self.clear(IN + '"x, ""y""",bid,2,3\nz,ask,1,3\n', "uniform")
        self.assertIn('"x, ""y""",bid,3,1.5,4.5', plain)
        odd = 'quantity,price,side,id\r\n 3e0 ,+2.00, bid ,"x, ""y"""\r\n\r\n3.,1,ask,z\r\n'
        self.assertEqual(self.clear(odd, "uniform"), plain)

    def test_a_column_without_meaning_is_named(self):
        done = self.pipe("id,side,price,quantity,note\na,bid,1,1,x\n", "--mechanism", "vcg")
        self.assertEqual((done.returncode, done.stderr.decode()), (DONE, 'standard input: column "note" is not used\n'))

    def test_many_rows_and_a_reader_that_has_seen_enough(self):
        table = IN + "".join(f"r{i},{'bid' if i % 2 else 'ask'},{i % 1000},{i % 7}\n" for i in range(100000))
        for mechanism in MECHANISMS:
            self.assertEqual(self.clear(table, mechanism).count("\n"), 100001)
        self.write("big.csv", table)
        piped = subprocess.run(["bash", "-c", 'set -o pipefail; "$0" clear --mechanism vcg big.csv | head -n 1', support.EXECUTABLE],
                               cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, timeout=120)
        self.assertEqual((piped.stdout, piped.stderr, piped.returncode), (HEADER + "\n", "", 128 + 13))

    def test_output_that_cannot_be_written(self):
        self.write("m.csv", MARKET)
        for arguments in ((), ("--summary", "json")):
            with open("/dev/full", "w") as full:
                done = subprocess.run([support.EXECUTABLE, "clear", "--mechanism", "cda", "m.csv", *arguments], cwd=self.folder,
                                      stdout=full, env=self.environment(), stderr=subprocess.PIPE, text=True, timeout=120)
            self.assertEqual(done.returncode, BAD_FILE)
            self.assertIn("standard output: cannot be written", done.stderr)


class BadTable(ClearTest):
    def test_every_problem_of_every_row_at_once(self):
        self.bad(IN + "a,buy,-3,nan\na,Bid,inf,1e30\n,bid,0.1234567890123456789,x\nd,,,\ne,seller,1,-0.5\n",
                 ["x.csv:2:3: unknown side 'buy'", "did you mean 'bid'?"],
                 ["x.csv:2:7: price -3", "below 0"],
                 ['x.csv:2:10: "nan" in column "quantity" is not a number'],
                 ['x.csv:3:1: id "a" stands already on line 2', "rename"],
                 ["x.csv:3:3: unknown side 'Bid'", "did you mean 'bid'?"],
                 ['x.csv:3:7: "inf" in column "price" is not a number'],
                 ["x.csv:3:11: quantity 1e30 is out of range", "larger units"],
                 ["x.csv:4:1: this row has no id"],
                 ["x.csv:4:6: price 0.1234567890123456789 has too many digits", "18 decimals"],
                 ['x.csv:4:28: "x" in column "quantity" is not a number'],
                 ["x.csv:5:3: this row has no side", "bid for who buys, ask for who sells"],
                 ["x.csv:5:4: this row has no price"],
                 ["x.csv:5:5: this row has no quantity"],
                 ["x.csv:6:3: unknown side 'seller'", "bid for who buys"],
                 ["x.csv:6:12: quantity -0.5", "below 0"])

    def test_numbers_that_are_none(self):
        for cell in ("two", "NaN", "-inf", "Infinity", "0x10", "1,0", "2_000", "2 000", "1e", "--1", "1.2.3", "9" * 60 + "x"):
            quoted = f'"{cell}"' if "," in cell else cell
            self.bad(IN + f"a,bid,{quoted},1\n", ["x.csv:2:7: ", "not a number"])
        for cell in ("1e300", "9" * 400, "9223372036854775808"):
            self.bad(IN + f"a,bid,1,{cell}\n", ["x.csv:2:9: ", "out of range"])
        for cell in ("1e-300", "0." + "1" * 400, "0.1234567890123456789"):
            self.bad(IN + f"a,bid,1,{cell}\n", ["x.csv:2:9: ", "too many digits"])

    def test_digits_that_do_not_fit_together(self):
        self.bad(IN + "a,ask,0.00000000001,1\nb,bid,1e12,1\n",
                 ["x.csv:3:7: price 1e12 is too large beside the 11 decimals on line 2", "round one of them"])

    def test_quantities_that_add_up_to_too_much(self):
        self.bad(IN + "a,bid,1,9223372036854775807\nb,ask,1,9e18\nc,ask,1,9e18\nd,bid,1,0\n",
                 ["x.csv:4:9: the asks down to this one add up to a quantity of 18000000000000000000",
                  "exact up to 9223372036854775807"])
        self.bad(IN + "a,bid,1,9.1\nb,bid,1,0.200000000000000001\n",
                 ["x.csv:3:9: the bids down to this one add up to a quantity of 9.300000000000000001", "with 18 decimals"])

    def test_columns(self):
        self.bad("id,Side,price\na,bid,1\n", ['x.csv:1: there is no column "side"', 'did you mean "Side"?'],
                 ['x.csv:1: there is no column "quantity"', "the columns are id, Side, price"])
        self.bad("id,side,price,quantity,price\na,bid,1,1,2\n", 'x.csv:1: column "price" appears twice')
        self.bad(IN + "a,bid,1\n", "x.csv:2: this row has 3 cells, the header has 4")

    def test_a_long_list_of_problems_ends(self):
        self.bad(IN + "".join(f"{i},bid,-1,1\n" for i in range(250)), *["price -1"] * 100, "x.csv: and 150 more problems")

    def test_files(self):
        self.bad("", "x.csv:1: there is no header line")
        self.bad(b"id,side,price,quantity\n\xff,bid,1,1\n", "x.csv:2:1: byte 0xFF is not UTF-8")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", "none.csv", says="none.csv: there is no such file")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", ".", says="this is a folder")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", "-", says="standard input:1: there is no header line")


class Typed(ClearTest):
    def test_mechanism(self):
        self.write("m.csv", MARKET)
        self.refuse(BAD_INPUT, "clear", "m.csv", says=["swarmsim clear: no mechanism named", "uniform, pay-as-bid, "])
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vgc", "m.csv", says=["unknown mechanism 'vgc'", "did you mean 'vcg'?"])
        self.refuse(BAD_INPUT, "clear", "--mechanism", "pay_as_bid", "m.csv", says="did you mean 'pay-as-bid'?")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "xyzzy", "m.csv", says="choose one of uniform, pay-as-bid, ")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "", "m.csv", says="unknown mechanism ''")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", "--mechanism", "cda", "m.csv", says="more than once")

    def test_other_words(self):
        self.write("m.csv", MARKET)
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", says=["no table given", "- reads standard input"])
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", "m.csv", "n.csv", says="unexpected argument 'n.csv'")
        self.refuse(BAD_INPUT, "clear", "--mechanism", "vcg", "m.csv", "--summary", "csv", says="choose one of text, json")
        self.refuse(BAD_INPUT, "clear", "--mech", "vcg", "m.csv", says=["unknown option '--mech'"])

    def test_help(self):
        text = self.succeed("help", "clear").stdout
        for mechanism in MECHANISMS:
            self.assertRegex(text, rf"(?m)^  {mechanism} +\S")
        self.assertIn(HEADER, text)


if __name__ == "__main__":
    support.main()
