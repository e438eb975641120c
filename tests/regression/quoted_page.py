#!/usr/bin/python3
"""What a page of the manual says the calculators print is what they print.

usage: quoted_page.py SWARMSIM PAGE.md
       quoted_page.py --self-test            planted faults are found

In a block ```console a line `$ cat NAME` shows a file, which is written for the commands after it; every other line
`$ COMMAND` is run, and what follows must be its output to the letter. A table below the line
"From `COMMAND`, `COLUMN` by rule and id:" holds COLUMN of the CSV that COMMAND prints; a cell may round it.
"""
import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
TABLE = re.compile(r"^From `(?P<command>[^`]+)`, `(?P<column>\w+)` by rule and id:\n\n(?P<rows>(?:\|.*\n)+)", re.M)


def run(command, folder, program):
    """What a command prints where `swarmsim` is the program under test; both streams if it fails."""
    links = pathlib.Path(folder, "bin")
    links.mkdir(exist_ok=True)
    if not (links / "swarmsim").exists():
        (links / "swarmsim").symlink_to(os.path.abspath(program))
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PATH": f"{links}:{os.environ['PATH']}"}, stdin=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}(exit code {done.returncode})\n"


def check_block(text, folder, program):
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, shown = part.split("\n", 1)
        shown = shown.removesuffix("\n") + "\n" if shown.strip() else ""
        if command.startswith("cat "):
            pathlib.Path(folder, command[4:]).write_text(shown, "utf-8")
        elif (said := run(command, folder, program)) != shown:
            yield f"$ {command}\nthe page shows\n{shown}but it prints\n{said}"


def check_table(match, folder, program):
    said = run(match["command"], folder, program)
    values = {(row.get("rule"), row.get("id")): row.get(match["column"]) for row in csv.DictReader(io.StringIO(said))}
    head, _, *lines = [[cell.strip().strip("`") for cell in line.strip("|\n").split("|")]
                       for line in match["rows"].splitlines()]
    for rule, *cells in lines:
        for name, cell in zip(head[1:], cells):
            number = cell.replace(",", "").replace("−", "-")
            value = values.get((rule, name))
            digits = len(number.partition(".")[2])
            if value is None or f"{float(value):.{digits}f}" != number:
                yield f"{match['command']}: {match['column']} of {rule}, {name}: the page shows {cell}, the program says {value}"


def check(text, program):
    """(number of commands and cells that were compared, problems), from top to bottom."""
    problems, compared = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for match in sorted([*BLOCK.finditer(text), *TABLE.finditer(text)], key=lambda m: m.start()):
            if match.re is BLOCK:
                compared += len(re.findall(r"^\$ (?!cat )", match[1], re.M))
                problems += check_block(match[1], folder, program)
            else:
                compared += sum(line.count("|") - 2 for line in match["rows"].splitlines()[2:])
                problems += check_table(match, folder, program)
    return compared, problems


def self_test():
    page = ("```console\n$ cat a.csv\nid,rule,usd\nx,flat,1.25\n$ swarmsim a.csv\nid,rule,usd\nx,flat,1.25\n```\n\n"
            "From `swarmsim a.csv`, `usd` by rule and id:\n\n| rule | x |\n| --- | ---: |\n| `flat` | 1.2500 |\n")
    cases = [(page, 0), (page.replace("1.2500", "1.2501"), 1), (page.replace("1.2500", "1.2"), 0),
             (page.replace("| x |", "| y |"), 1), (page.replace("1.25\n```", "1.26\n```"), 1),
             (page.replace("$ swarmsim a.csv", "$ swarmsim b.csv"), 1), (page.replace("1.25\n$", "-1.25\n$"), 2)]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        fake = pathlib.Path(folder, "fake")
        fake.write_text('#!/bin/sh\ncat "$1"\n', "utf-8")
        fake.chmod(0o755)
        for text, expected in cases:
            compared, problems = check(text, str(fake))
            if compared != 2 or len(problems) != expected:
                failures += 1
                print(f"expected {expected} problems in\n{text}found {problems}, compared {compared}")
    print(f"{failures} of {len(cases)} cases went wrong")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 2:
        print(__doc__)
        return 2
    program, page = arguments
    compared, problems = check(pathlib.Path(page).read_text("utf-8"), program)
    print(*problems, sep="\n")
    print(f"{compared} commands and cells, {len(problems)} problems")
    return 1 if problems or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
