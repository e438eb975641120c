"""`run` and `info`: what goes where, what decides results, signals and resuming."""
import fcntl
import json
import os
import pathlib
import pty
import signal
import struct
import subprocess
import termios

import support
from support import (BAD_FILE, BAD_INPUT, CHECKPOINTED, CliTest, DONE, EXECUTABLE, INTERRUPTED, SMALL, TERMINATED)

# Long enough to be met by a signal, short enough to wait for.
LONG = SMALL.replace('"1h"', '"30d"')


class Streams(CliTest):
    def test_data_on_stdout_messages_on_stderr(self):
        self.write("s.toml", SMALL)
        done = self.succeed("run", "s.toml")
        self.assertEqual(done.stderr, "results: s.h5\n")
        for heading in ("Requests", "Accuracy", "Energy", "By region"):
            self.assertRegex(done.stdout, rf"(?m)^{heading}")
        self.assertNotIn("nan", done.stdout)
        for line in done.stdout.splitlines():
            self.assertEqual(line, line.rstrip())
        self.assertEqual(self.listing(), ["s.h5", "s.toml"])

    def test_summary_as_json(self):
        self.write("s.toml", SMALL)
        text = self.succeed("run", "s.toml", "--summary", "json").stdout

        def refuse(word):
            self.fail(f"{word} is not JSON")

        summary = json.loads(text, parse_constant=refuse)
        self.assertEqual(text.count("\n"), 1)
        self.assertGreater(summary["requests_arrived"], 0)
        self.assertIsNone(summary["served_share_north"])  # Bangladesh and Kenya only: 0 of 0
        self.assertEqual(summary["token_supply"], summary["token_sum_of_accounts"])
        self.assertEqual(self.succeed("info", "s.h5", "--summary", "json").stdout, text)

    def test_timing_goes_to_stderr(self):
        self.write("s.toml", SMALL)
        done = self.succeed("run", "s.toml", "--timing")
        self.assertRegex(done.stderr, r"(?m)^phase +seconds +share$")
        self.assertIn("agent-steps/s", done.stderr)
        self.assertNotIn("agent-steps/s", done.stdout)

    def test_progress(self):
        self.write("s.toml", SMALL)
        for arguments in [(), ("--progress", "auto"), ("--progress", "never")]:
            self.assertEqual(self.succeed("run", "s.toml", *arguments).stderr, "results: s.h5\n")
        bar = self.succeed("run", "s.toml", "--progress", "always").stderr
        self.assertIn("100.0 %", bar)
        lines = self.succeed("run", "s.toml", "--progress", "json").stderr.splitlines()
        last = json.loads(lines[-2])
        self.assertEqual((last["step"], last["steps"]), (12, 12))
        self.assertEqual(set(last), {"step", "steps", "requests", "elapsed_s", "eta_s", "steps_per_s"})

    def on_a_terminal(self, columns):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        run = subprocess.Popen([EXECUTABLE, "run", "s.toml"], cwd=self.folder, env=self.environment(),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        seen = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:  # the last writer has gone
                break
            if not piece:
                break
            seen += piece
        os.close(master)
        self.assertEqual(run.wait(timeout=60), DONE)
        return seen.decode()

    def test_the_bar_appears_on_a_terminal_and_fits_it(self):
        self.write("s.toml", SMALL)
        for columns in (200, 80, 40, 10):
            text = self.on_a_terminal(columns)
            frames = [frame for line in text.split("\n") for frame in line.split("\r")
                      if frame and not frame.startswith("results")]
            self.assertTrue(frames)
            for frame in frames:
                self.assertLess(len(frame), columns, f"{columns} columns: {frame!r}")
            if columns >= 80:
                self.assertIn("100.0 %", frames[-1])
                self.assertTrue(frames[-1].startswith("[#####"), frames[-1])

    def test_a_reader_that_stops_early(self):
        self.write("s.toml", SMALL)
        for arguments in ("list regions", "reference scenario", "run s.toml"):
            command = f'"{EXECUTABLE}" {arguments} | head -1; exit ${{PIPESTATUS[0]}}'
            done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment(), text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            self.assertIn(done.returncode, (DONE, 128 + signal.SIGPIPE), done.stderr)
            self.assertEqual(done.stdout.count("\n"), 1)
            self.assertNotIn("cannot", done.stderr)
        self.digest("s.h5")
        # Nobody reads the progress: the run goes on all the same.
        command = f'"{EXECUTABLE}" run s.toml -o p.h5 --progress json 2>&1 >/dev/null | true; exit ${{PIPESTATUS[0]}}'
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment(), timeout=60)
        self.assertEqual(done.returncode, DONE)
        self.assertEqual(self.digest("p.h5"), self.digest("s.h5"))

    def test_full_or_closed_standard_streams(self):
        self.write("s.toml", SMALL)
        for arguments in ("list regions", "run s.toml"):
            for where in (">/dev/full", ">&-"):
                done = subprocess.run(["bash", "-c", f'"{EXECUTABLE}" {arguments} {where}'], cwd=self.folder,
                                      env=self.environment(), stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, BAD_FILE, (arguments, where))
                self.assertIn("standard output: cannot be written", done.stderr)
        # With all three closed, no message may end in the result file.
        whole = self.digest("s.h5")
        subprocess.run(["bash", "-c", f'"{EXECUTABLE}" run s.toml --progress json <&- >&- 2>&-'], cwd=self.folder,
                       env=self.environment(), timeout=60)
        self.assertEqual(self.digest("s.h5"), whole)


class Results(CliTest):
    def test_a_premium_beyond_what_is_held_is_no_bid(self):
        """Electricity that pays makes asks of nothing; a premium above all that users hold must not be traded for it."""
        pilot = pathlib.Path(__file__).parents[2] / "scenarios/pilot.toml"
        settings = ("run.duration=12h", "run.warmup=1h", "market.mechanism=cda", "market.minimum_balance_tkn=0",
                    "pricing.rule=justice", "pricing.north_premium=8", "pricing.carbon_price_usd_per_t=0",
                    "region.DE.price_usd_per_kwh=-0.15")
        self.succeed("run", str(pilot), "-o", "s.h5", *(word for key in settings for word in ("--set", key)))

    def test_names_of_the_output(self):
        self.write("s.toml", SMALL)
        os.mkdir(self.path("sub"))
        os.rename(self.path("s.toml"), self.path("sub/my.study.toml"))
        self.succeed("run", "sub/my.study.toml")  # here, not beside the scenario
        self.succeed("run", "sub/my.study.toml", "-o", "sub/a")
        self.succeed("run", "sub/my.study.toml", "--output=b.h5")
        self.assertEqual(self.listing(), ["b.h5", "my.study.h5", "sub"])
        self.assertEqual(sorted(os.listdir(self.path("sub"))), ["a", "my.study.toml"])

    def test_what_decides_results_and_what_does_not(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml")
        same = self.digest("s.h5")
        self.assertRegex(same, r"^[0-9a-f]{32}$")
        for arguments in [("--threads", "1"), ("--threads", "4"), ("--set", "engine.shards=2"), ("--seed", "1"),
                          ("--duration", "1h"), ("--timing",), ("--progress", "always"), ("--checkpoint-every", "10min")]:
            self.succeed("run", "s.toml", "-o", "b.h5", *arguments)
            self.assertEqual(self.digest("b.h5"), same, arguments)
            self.assertNotIn("b.h5.ckpt", self.listing())
        for arguments in [("--seed", "2"), ("--duration", "2h"), ("--set", "pricing.markup=0.7")]:
            self.succeed("run", "s.toml", "-o", "b.h5", *arguments)
            self.assertNotEqual(self.digest("b.h5"), same, arguments)

    def test_info(self):
        self.write("s.toml", SMALL)
        run = self.succeed("run", "s.toml", "--seed", "5", "--set", "pricing.markup=0.2")
        text = self.succeed("info", "s.h5").stdout
        for words in ("s.h5: swarmsim result\n", "run s.toml --seed 5", "pricing.markup=0.2", "/region", "12 rows"):
            self.assertIn(words, text)
        self.assertTrue(text.endswith(run.stdout))
        self.assertEqual(self.succeed("info", "s.h5", "--summary", "text").stdout, run.stdout)


class Signals(CliTest):
    def stopped_by(self, number, *arguments):
        """Exit code and messages of a run that got a signal after its first steps."""
        run = self.start("run", "s.toml", "--progress", "json", *arguments)
        self.assertTrue(run.stderr.readline().startswith("{"))
        run.send_signal(number)
        _, messages = run.communicate(timeout=60)
        return run.returncode, "\n".join(line for line in messages.splitlines() if not line.startswith("{"))

    def test_signals_without_checkpoints(self):
        self.write("s.toml", LONG)
        for number, code in [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)]:
            got, messages = self.stopped_by(number)
            self.assertEqual(got, code)
            self.assertIn(f"stopped by {signal.Signals(number).name} after step", messages)
            self.assertIn("no checkpoint was saved (see --checkpoint-every)", messages)
            self.assertEqual(self.listing(), ["s.h5.partial", "s.toml"])
            self.succeed("info", "s.h5.partial")

    def test_signals_save_a_checkpoint_and_resuming_gives_the_same_bits(self):
        self.write("s.toml", LONG)
        self.succeed("run", "s.toml", "-o", "whole.h5")
        for number, code, arguments in [(signal.SIGINT, INTERRUPTED, ("--checkpoint-every", "20d")),
                                        (signal.SIGTERM, TERMINATED, ("--checkpoint-every", "1d")),
                                        (signal.SIGUSR1, CHECKPOINTED, ())]:
            got, messages = self.stopped_by(number, *arguments)
            self.assertEqual(got, code)
            self.assertIn("continue with: swarmsim run --resume s.h5", messages)
            self.assertEqual(self.listing(), ["s.h5.ckpt", "s.h5.partial", "s.toml", "whole.h5"])
            done = self.succeed("run", "s.toml", "--resume", "s.h5")
            self.assertRegex(done.stderr, r"s\.h5: resuming after step \d+ of 8640\n")
            self.assertEqual(self.listing(), ["s.h5", "s.toml", "whole.h5"])
            self.assertEqual(self.digest("s.h5"), self.digest("whole.h5"))
            os.remove(self.path("s.h5"))

    def test_resume_without_naming_the_scenario(self):
        self.write("s.toml", LONG)
        self.assertEqual(self.stopped_by(signal.SIGUSR1)[0], CHECKPOINTED)
        os.remove(self.path("s.toml"))
        self.succeed("run", "--resume", "s.h5", "--threads", "1")
        done = self.succeed("run", "--resume", "s.h5")
        self.assertIn("this run is finished, there is nothing to resume", done.stderr)

    def test_killed_outright_between_checkpoints(self):
        self.write("s.toml", LONG)
        self.succeed("run", "s.toml", "-o", "whole.h5")
        self.assertEqual(self.stopped_by(signal.SIGKILL, "--checkpoint-every", "1h")[0], -signal.SIGKILL)
        self.succeed("run", "s.toml", "--resume", "s.h5")
        self.assertEqual(self.digest("s.h5"), self.digest("whole.h5"))

    def test_the_earlier_result_stays_until_the_end(self):
        self.write("s.toml", LONG)
        self.succeed("run", "s.toml", "--duration", "1h")
        before = self.read("s.h5")
        self.assertEqual(self.stopped_by(signal.SIGTERM, "--seed", "2")[0], TERMINATED)
        self.assertEqual(self.read("s.h5"), before)


class Resume(CliTest):
    def interrupted(self):
        self.write("s.toml", LONG)
        run = self.start("run", "s.toml", "--progress", "json")
        run.stderr.readline()
        run.send_signal(signal.SIGUSR1)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, CHECKPOINTED)

    def test_changed_scenario(self):
        self.interrupted()
        for change in (("--seed", "2"), ("--duration", "31d"), ("--set", "pricing.markup=0.2")):
            self.refuse(BAD_INPUT, "run", "s.toml", "--resume", "s.h5", *change,
                        says=["s.h5.ckpt: the checkpoint belongs to another scenario", "undo the change"])

    def test_damaged_checkpoint(self):
        self.interrupted()
        good = self.read("s.h5.ckpt")
        flipped = bytearray(good)
        flipped[len(good) // 2] ^= 1
        for content, words in [(bytes(flipped), "checksum"), (good[:-100], "damaged or truncated"), (b"", "empty"),
                               (b"hello, world, this is text", "not a checkpoint")]:
            self.write("s.h5.ckpt", content)
            self.refuse(BAD_FILE, "run", "s.toml", "--resume", "s.h5", says=["s.h5.ckpt", words])
            self.refuse(BAD_FILE, "run", "--resume", "s.h5", says=["s.h5.ckpt", words])

    def test_missing_checkpoint_starts_at_step_0_and_says_so(self):
        self.write("s.toml", SMALL)
        done = self.succeed("run", "s.toml", "--resume", "new.h5")
        self.assertIn("new.h5: no checkpoint had been reached, starting from step 0", done.stderr)
        self.refuse(BAD_INPUT, "run", "--resume", "other.h5", says=["other.h5: there is no checkpoint", "SCENARIO.toml"])

    def test_finished_run(self):
        self.write("s.toml", SMALL)
        first = self.succeed("run", "s.toml")
        done = self.succeed("run", "s.toml", "--resume", "s.h5")
        self.assertEqual(done.stdout, first.stdout)
        self.refuse(BAD_INPUT, "run", "s.toml", "--seed", "2", "--resume", "s.h5", says="finished run is of another scenario")

    def test_a_new_run_forgets_the_checkpoint_of_an_older_one(self):
        self.interrupted()
        self.succeed("run", "s.toml", "--duration", "1h")
        self.assertEqual(self.listing(), ["s.h5", "s.toml"])


if __name__ == "__main__":
    support.main()
