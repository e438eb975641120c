"""cmake --install: the program finds its scenarios where it was put; what shells and man read is in place."""
import os
import pathlib
import subprocess

import support
from support import CliTest, EXECUTABLE

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRINTED = {"share/man/man1/swarmsim.1": ("reference", "man"),
           "share/bash-completion/completions/swarmsim": ("completion", "bash"),
           "share/zsh/site-functions/_swarmsim": ("completion", "zsh"),
           "share/fish/vendor_completions.d/swarmsim.fish": ("completion", "fish")}


class Install(CliTest):
    def test_everything_is_in_its_place(self):
        place = pathlib.Path(self.path("some where"))
        done = subprocess.run(["cmake", "--install", os.path.dirname(EXECUTABLE), "--prefix", place],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shipped = (ROOT / "scenarios").rglob("*.toml")
        scenarios = {"share/swarmsim/" + path.relative_to(ROOT).as_posix() for path in shipped}
        files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
        self.assertEqual(files, {"bin/swarmsim", *PRINTED, *scenarios})
        for file, arguments in PRINTED.items():
            self.assertEqual((place / file).read_text("utf-8"), self.succeed(*arguments).stdout, file)

        def installed(*arguments):
            said = subprocess.run([place / "bin/swarmsim", *arguments], cwd=self.root, env=self.environment(),
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            return said.stdout

        self.assertEqual(installed("list", "scenarios"), self.succeed("list", "scenarios").stdout)
        self.assertIn("pilot.toml", installed("list", "scenarios"))
        # It reads its own copies, not those of the sources.
        (place / "share/swarmsim/scenarios/flat.toml").unlink()
        self.assertNotIn("\nflat.toml", installed("list", "scenarios"))
        self.assertIn("valid", installed("check", place / "share/swarmsim/scenarios/pilot.toml"))


if __name__ == "__main__":
    support.main()
