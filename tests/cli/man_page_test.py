"""swarmsim(1): it formats without a warning and says what the program does."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import support
from support import CliTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROFF = {**os.environ, "LC_ALL": "C.UTF-8", "GROFF_NO_SGR": "1"}


def formatted(page):
    """Its text on a terminal of 80 columns, and every complaint of groff."""
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-rLL=78n", "-P-bcou"], input=page, env=ROFF,
                          capture_output=True, text=True, timeout=60)
    return done.stdout, done.stderr


def named_in(section, text):
    """The terms of a section of the formatted page."""
    body = re.search(rf"(?ms)^{section}\n(.*?)(?=^\S|\Z)", text).group(1)
    return re.findall(r"(?m)^ {7}(\S.*?)(?:  .*)?$", body)


class ManPage(CliTest):
    def setUp(self):
        super().setUp()
        self.page = self.succeed("reference", "man").stdout
        self.text, self.complaints = formatted(self.page)

    def test_formats_without_a_complaint(self):
        self.assertEqual(self.complaints, "")
        self.assertTrue(self.page.isascii())
        for mutant in (".NOSUCH macro\n", "C:\\[nosuch]\n", "\\fPa\\*[nosuch]\n"):
            self.assertNotEqual(formatted(self.page + mutant)[1], "", mutant)

    def test_fits_a_terminal(self):
        for line in self.text.splitlines():
            self.assertLessEqual(len(line), 80, line)

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_man_shows_it(self):
        self.write("swarmsim.1", self.page)
        done = subprocess.run(["man", "--warnings", "-l", "swarmsim.1"], cwd=self.folder,
                              env={**ROFF, "MANWIDTH": "80"}, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("SWARMSIM(1)", done.stdout)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_finds_no_fault(self):
        self.write("swarmsim.1", self.page)
        done = subprocess.run(["mandoc", "-T", "lint", "swarmsim.1"], cwd=self.folder, capture_output=True, text=True,
                              timeout=60)
        # A date would be that of the build, and the page would not be the same twice.
        faults = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
        self.assertEqual(faults, [])

    def test_sections(self):
        self.assertEqual(re.findall(r"(?m)^[A-Z][A-Z ]+$", self.text),
                         ["NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES",
                          "SEE ALSO"])

    def test_says_of_each_verb_what_help_says(self):
        def words(text):
            return " ".join(text.split())

        found = 0
        verbs = self.succeed("help").stdout.partition("\n'swarmsim help VERB'")[0]
        for verb in re.findall(r"(?m)^  (\w+) ", verbs):
            usage, _, rest = self.succeed("help", verb).stdout.partition("\n\n")
            explanation, _, options = rest.partition("\nOptions:\n")
            section = re.search(rf"(?ms)^   swarmsim {verb}\b.*?(?=^   \S|^\S)", self.text).group(0)
            self.assertTrue(section.strip().startswith(usage.replace("Usage: ", "")), section)
            self.assertIn(words(explanation), words(section))
            row = r"(?m)^  (?:(-\w, )|    )(--[\w-]+)( \S+)?  +(\S.*)$"
            for short, name, value, meaning in re.findall(row, options):
                self.assertRegex(section, rf"(?m)^ {{7}}{short}{name}{re.escape(value)}$")
                self.assertIn(words(meaning), words(section))
                found += 1
        self.assertGreater(found, 15)

    def test_exit_codes_are_those_of_help_and_of_the_source(self):
        codes = named_in("EXIT STATUS", self.text)
        self.assertEqual(codes, re.findall(r"(?m)^  ([\d/]+) ", self.succeed("help").stdout))
        source = (ROOT / "sim/cli/verbs.hpp").read_text("utf-8")
        declared = re.search(r"enum class ExitCode.*?};", source, re.S).group(0)
        self.assertEqual(re.findall(r"\d+", "/".join(codes)), re.findall(r"= (\d+),", declared))

    def test_environment_is_what_the_source_reads(self):
        sources = [path for folder in ("sim", "agents") for path in (ROOT / folder).rglob("*.[ch]pp")]
        read = {name for path in sources for name in re.findall(r'getenv\(\s*(\w+|"\w+")', path.read_text("utf-8"))}
        self.assertGreater(len(read), 2)
        self.assertEqual({f'"{name}"' for name in named_in("ENVIRONMENT", self.text)}, read)

    def test_files(self):
        files = named_in("FILES", self.text)
        for name in ("FILE.h5", "FILE.h5.partial", "FILE.h5.ckpt", "$XDG_CACHE_HOME/swarmsim, ~/.cache/swarmsim"):
            self.assertIn(name, files)


if __name__ == "__main__":
    support.main()
