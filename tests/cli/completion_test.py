"""What real shells complete, against the help of the program. zsh and fish are tried where they are installed."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import unittest

import support
from support import BAD_INPUT, CliTest

PROMPT = b"ready> "


class Terminal:
    """A program on a terminal of its own; `folder` is also its home."""

    def __init__(self, folder, command, **variables):
        self.screen, inner = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=inner, stdout=inner, stderr=inner,
                                        start_new_session=True)
        os.close(inner)
        self.shown = b""

    def read(self):
        """More of what it shows; False at its end."""
        ready, _, _ = select.select([self.screen], [], [], 60)
        if not ready:
            raise TimeoutError(f"nothing shown for a minute; before that: {self.shown[-500:]!r}")
        try:
            more = os.read(self.screen, 65536)
        except OSError:  # its side of the terminal is closed
            more = b""
        self.shown += more
        return bool(more)

    def type(self, keys, until):
        """Types the keys and waits until `until` is shown after that."""
        self.shown = b""
        os.write(self.screen, keys)
        self.wait(until)

    def wait(self, until):
        while until not in self.shown:
            if not self.read():
                raise EOFError(f"ended without showing {until!r}: {self.shown[-500:]!r}")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.screen)


def sections(path):
    """{line: what was offered}, {line: what the line became} from a file of '=== LINE', words and '--- BECAME|'."""
    offered, became, line = {}, {}, None
    with open(path, encoding="utf-8") as file:
        for row in file.read().splitlines():
            if row.startswith("=== "):
                line = row[4:]
                offered[line] = set()
            elif row.startswith("--- "):
                became[line] = row[4:-1]
            elif row:
                offered[line].add(row.replace("\\", "").rstrip("/"))
    return offered, became


class Completion:
    """The same for each shell. A shell says `shell`, `complete(script, lines)` and `without_timing(script)`."""

    def setUp(self):
        super().setUp()
        for name in ("a.toml", "b c.toml", "r.h5", "stopped.h5.partial", "q.csv", "other.txt"):
            self.write(name, "")
        os.mkdir(self.path("folder"))
        self.write("folder/x.toml", "")

    def script(self):
        return self.succeed("completion", self.shell).stdout

    def offered(self, *lines):
        return self.complete(self.script(), lines)[0]

    def values(self, *lines):
        """What is offered, without what stands before the last '='."""
        return [{word.rpartition("=")[2] for word in words} for words in self.offered(*lines).values()]

    def verbs(self):
        return set(re.findall(r"(?m)^  (\w+) ", self.succeed("help").stdout.partition("\n'swarmsim help VERB'")[0]))

    def differences(self, script):
        """Verbs and options that stand in the help and are not offered, or the other way round."""
        expected = {"swarmsim ": self.verbs(), "swarmsim -": {"-h", "--help", "--version"}}
        for verb in self.verbs():
            options = re.findall(r"(?m)^  (?:(-\w), |    )(--[\w-]+)", self.succeed("help", verb).stdout)
            expected[f"swarmsim {verb} -"] = {word for pair in options for word in pair if word} | {"-h", "--help"}
        found = self.complete(script, expected)[0]
        return sorted((line, *(words ^ found[line])) for line, words in expected.items() if words != found[line])

    def test_syntax(self):
        self.write("script", self.script())
        done = subprocess.run([self.shell, "-n", self.path("script")], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_verb_and_every_option(self):
        self.assertGreater(len(self.verbs()), 9)
        self.assertEqual(self.differences(self.script()), [])

    def test_an_option_that_is_missing_is_noticed(self):
        script = self.script()
        mutant = self.without_timing(script)
        self.assertNotEqual(mutant, script)
        self.assertEqual(self.differences(mutant), [("swarmsim run -", "--timing")])

    def test_words(self):
        lines = {f"swarmsim {verb} ": set(self.succeed("help", verb).stdout.split()[3].split("|"))
                 for verb in ("list", "reference", "completion")}
        lines.update({
            "swarmsim he": {"help"},
            "swarmsim help in": {"init", "info"},
            "swarmsim run --progress ": {"auto", "always", "never", "json"},
            "swarmsim run a.toml --timing --summary j": {"json"},
            "swarmsim compare r.h5 --format ": {"text", "csv", "json"},
            "swarmsim quote --format ": {"csv", "text"},
            "swarmsim quote --rule m": {"means-tested"},
            "swarmsim clear --mechanism p": {"pay-as-bid", "posted"},
            "swarmsim clear --summary ": {"text", "json"},
            "swarmsim shift --strategy n": {"none", "non-interrupting"},
            "swarmsim shift --constraint s": {"slack", "symmetric", "semi-weekly"},
            "swarmsim shift --forecast ": {"perfect", "noise:0.05"},
            "swarmsim check --explain pricing.mark": {"pricing.markup", "pricing.markup_spread"},
            "swarmsim check --explain site.pu": {"site.pue"},
            "swarmsim run --threads ": set(),
            "swarmsim list regions r": set(),
        })
        self.assertEqual(self.offered(*lines), lines)
        self.assertEqual(self.values("swarmsim run --progress=a", "swarmsim run --summary="),
                         [{"auto", "always"}, {"text", "json"}])

    def test_files(self):
        scenarios, results = {"a.toml", "b c.toml", "folder"}, {"r.h5", "folder"}
        lines = {
            "swarmsim run ": scenarios,
            "swarmsim run --seed 7 -o r.h5 ": scenarios,
            "swarmsim run folder/": {"folder/x.toml"},
            "swarmsim check --resolved a": {"a.toml"},
            "swarmsim run -o ": results,
            "swarmsim run --resume ": results | {"stopped.h5"},
            "swarmsim info ": results,
            "swarmsim compare r.h5 r.h5 ": results,
            "swarmsim quote --rule all ": {"q.csv", "folder"},
            "swarmsim clear --mechanism vcg ": {"q.csv", "folder"},
            "swarmsim shift --slack 4h --trace ": {"q.csv", "folder"},
        }
        found = self.offered(*lines)
        # zsh tells where a name begins by itself.
        found["swarmsim run folder/"] = {"folder/" + name.rpartition("/")[2]
                                         for name in found["swarmsim run folder/"]}
        self.assertEqual(found, lines)
        self.assertEqual(self.values("swarmsim run --output=r"), [{"r.h5"}])

    def test_overrides(self):
        defaults = {key["key"]: key["default"] for key in json.loads(self.succeed("reference", "keys").stdout)}
        keys = [key for key in defaults if not key.endswith(".NAME.name")]
        plain = {key + "=" for key in keys if ".NAME." not in key} | {"regions="}
        of_regions = {key.replace(".NAME.", ".DE.") + "=" for key in keys if key.startswith("region.NAME.")}
        of_sites = {key.replace(".NAME.", ".my-site.") + "=" for key in keys if key.startswith("site.NAME.")}
        every, pricing, region, site, quote = self.offered(
            "swarmsim run --set ", "swarmsim check a.toml --set pric", "swarmsim run --set region.DE.",
            "swarmsim run --set site.my-site.", "swarmsim quote --set ").values()
        self.assertEqual({word for word in every if word.endswith("=")}, plain)
        self.assertLess({"region.DE.", "device.apple-m2.", "purpose.luxury.", "site."}, every)
        self.assertEqual(pricing, {key for key in plain if key.startswith("pricing.")})
        self.assertGreater(len(pricing), 9)
        self.assertEqual(region, of_regions)
        self.assertEqual(site, of_sites)
        self.write("small.toml", support.SMALL.replace("KE", "DE"))
        values = [(word, defaults.get(word[:-1].replace(".DE.", ".NAME."), "[DE]")) for word in plain | of_regions]
        said = self.swarmsim("check", "small.toml", *(part for word, value in values for part in ("--set", word + value)))
        for problem in ("cannot be overridden", "unknown"):
            self.assertNotIn(problem, said.stderr)
        self.write("none.csv", "id,region,purpose,tokens\n")
        of_tables = {"purpose.luxury.priority=": "1", "region.KE.global_south=": "true",
                     "region.KE.intensity_g_per_kwh=": "50"}
        taken = {word for word in quote if word.endswith("=")}
        self.assertIn("pricing.carbon_price_usd_per_t=", taken)
        self.assertNotIn("pricing.rule=", taken)
        for key, value in [(key, "0.5") for key in sorted(taken)] + sorted(of_tables.items()):
            said = self.swarmsim("quote", "--rule", "all", "none.csv", "--set", key + value)
            self.assertNotIn("changes no quote", said.stderr)

    def test_values_of_overrides(self):
        rules = {line.split()[0] for line in self.succeed("list", "rules").stdout.splitlines()}
        found = self.values("swarmsim run --set pricing.rule=", "swarmsim run --set=pricing.rule=leg",
                            "swarmsim run --set region.DE.global_south=", "swarmsim run --set pricing.markup=")
        self.assertEqual(found, [rules, {rule for rule in rules if rule.startswith("leg")}, {"true", "false"}, set()])

    def became(self, line):
        return self.complete(self.script(), [line])[1][line]


class Bash(Completion, CliTest):
    shell = "bash"
    before = ""  # what the shell runs before the script

    def complete(self, script, lines):
        self.write("script", script)
        self.write("rc", f"PS1='{PROMPT.decode()}'\n{self.before}\nsource ./script\n"
                         "probe() { _swarmsim \"$@\"; printf '%s\\n' \"${COMPREPLY[@]}\" >> offered; }\n"
                         "complete -F probe swarmsim\n"
                         "record() {\n  printf -- '--- %s|\\n' \"$READLINE_LINE\" >> offered\n"
                         "  READLINE_LINE= READLINE_POINT=0; echo recorded\n}\n"
                         "bind -x '\"\\C-t\": record'\nbind 'set enable-bracketed-paste off'\n")
        if os.path.exists(self.path("offered")):
            os.remove(self.path("offered"))
        terminal = Terminal(self.folder, ["bash", "--noprofile", "--rcfile", "./rc", "-i"])
        try:
            terminal.wait(PROMPT)
            for line in lines:
                with open(self.path("offered"), "a", encoding="utf-8") as out:
                    out.write(f"=== {line}\n")
                terminal.type(line.encode() + b"\t\x14", b"recorded")
        finally:
            terminal.close()
        found = sections(self.path("offered"))
        for name in ("script", "rc", "offered"):
            os.remove(self.path(name))
        return found

    def without_timing(self, script):
        return script.replace(" --timing ", " ")

    def test_what_stands_on_the_line(self):
        for typed, line in [("swarmsim run --prog", "swarmsim run --progress "),
                            ("swarmsim run --set pric", "swarmsim run --set pricing."),
                            ("swarmsim run --set pricing.markup_", "swarmsim run --set pricing.markup_spread="),
                            ("swarmsim run --set pricing.rule=fl", "swarmsim run --set pricing.rule=flat "),
                            ("swarmsim run --set=pricing.rule=fl", "swarmsim run --set=pricing.rule=flat "),
                            ("swarmsim run --output=r", "swarmsim run --output=r.h5 "),
                            ("swarmsim run b", "swarmsim run b\\ c.toml "),
                            ("swarmsim run f", "swarmsim run folder/"),
                            ("cd . ; swarmsim   list  po", "cd . ; swarmsim   list  policies ")]:
            self.assertEqual(self.became(typed), line)


class BashWithoutBreaks(Bash):
    before = "COMP_WORDBREAKS=${COMP_WORDBREAKS//[=:]}"


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(Completion, CliTest):
    shell = "zsh"

    def complete(self, script, lines):
        settings = os.path.join(self.root, "settings")
        os.makedirs(settings, exist_ok=True)
        files = {"script": script, "lines": "\n".join(lines), "offered": "", ".zshrc": r"""
autoload -Uz compinit && compinit -u -D
source $ZDOTDIR/script
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  print -rl -- $hits >> $ZDOTDIR/offered
  builtin compadd "$@"
}
zle -C offer complete-word _main_complete
zle-line-init() {
  local line
  for line in "${(@f)$(<$ZDOTDIR/lines)}"; do
    BUFFER=$line CURSOR=$#line
    print -r -- "=== $line" >> $ZDOTDIR/offered
    zle offer
    print -r -- "--- $BUFFER|" >> $ZDOTDIR/offered
  done
  exit
}
zle -N zle-line-init
"""}
        for name, text in files.items():
            with open(os.path.join(settings, name), "w", encoding="utf-8") as out:
                out.write(text)
        terminal = Terminal(self.folder, ["zsh", "-d", "-i"], ZDOTDIR=settings)
        try:
            while terminal.read():
                pass
        finally:
            terminal.close()
        return sections(os.path.join(settings, "offered"))

    def without_timing(self, script):
        return re.sub(r".*'--timing\[.*\n", "", script)

    def test_what_stands_on_the_line(self):
        for typed, line in [("swarmsim run --prog", "swarmsim run --progress="),
                            ("swarmsim run --set pric", "swarmsim run --set pricing."),
                            ("swarmsim run --set pricing.markup_", "swarmsim run --set pricing.markup_spread="),
                            ("swarmsim run --set=pricing.rule=fl", "swarmsim run --set=pricing.rule=flat "),
                            ("swarmsim run b", "swarmsim run b\\ c.toml ")]:
            self.assertEqual(self.became(typed), line)


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(Completion, CliTest):
    shell = "fish"

    def complete(self, script, lines):
        settings = os.path.join(self.root, "settings")
        os.makedirs(settings, exist_ok=True)
        path = os.path.join(settings, "script.fish")
        with open(path, "w", encoding="utf-8") as out:
            out.write(script)
        ask = (f"source {path}; while read -l line; echo \"=== $line\"; "
               "complete -C $line | string replace -r '\\t.*' ''; end; true")
        environment = {"PATH": os.environ["PATH"], "HOME": settings, "LC_ALL": "C.UTF-8"}
        said = subprocess.run(["fish", "--no-config", "-c", ask], input="\n".join(lines) + "\n", cwd=self.folder,
                              env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        with open(os.path.join(settings, "offered"), "w", encoding="utf-8") as out:
            out.write(said.stdout)
        return sections(os.path.join(settings, "offered"))

    def without_timing(self, script):
        return re.sub(r".* -l timing .*\n", "", script)


class Asked(CliTest):
    def test_shells_that_are_not_known(self):
        self.refuse(BAD_INPUT, "completion", says="choose one of bash, zsh, fish")
        self.refuse(BAD_INPUT, "completion", "tcsh", says="cannot print 'tcsh'")
        self.refuse(BAD_INPUT, "completion", "fishh", says="did you mean 'fish'?")


if __name__ == "__main__":
    support.main()
