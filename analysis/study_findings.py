#!/usr/bin/python3
"""What the shipped studies found: the findings of scenarios/README.md.

usage: study_findings.py SWARMSIM SOURCE_DIR [--write] [--from DIR] [--only NAME]...
       study_findings.py --self-test

Runs every scenarios/studies/NAME.toml, or with --from reads DIR/NAME, which `swarmsim sweep` has left there,
and prints in Markdown: each claim of a study file with every single replicate, and differences paired by seed
with 95 % intervals (Student's t). With --write they replace those in scenarios/README.md. A folder whose runs
are not those that the study file plans now is refused. All of them take about half an hour on two cores; --only takes the studies named, and leaves what the page
says of the others.
"""
import argparse
import csv
import math
import pathlib
import subprocess
import sys
import tempfile

import collaboration_sections
import context_sections
import orchestration_sections
import numpy
import study_sections
from study_sections import claim, crossing, falls, interval, table, used_up
from swarmsim_analysis import ResultError, Study

STUDIES = study_sections.STUDIES + orchestration_sections.STUDIES + context_sections.STUDIES + collaboration_sections.STUDIES

BEGIN, END = "<!-- studies:begin -->\n", "<!-- studies:end -->"

class Refusal(Exception):
    """Why there are no findings."""


# ---- runs --------------------------------------------------------------------------------------------------

def call(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        words = " ".join(map(str, arguments))
        raise Refusal(f"swarmsim {words}: exit {done.returncode}\n{done.stderr.strip()}")


def planned(folder):
    with open(folder / "design.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def check_same_runs(program, file, folder, scratch):
    """Refuses a folder that was made from another version of the study file, its scenarios or the program."""
    call(program, "sweep", "plan", file, "-o", scratch / "plan" / file.stem, "--progress", "never")
    if not (folder / "design.csv").is_file() or planned(folder) != planned(scratch / "plan" / file.stem):
        raise Refusal(f"{folder}: its runs are not those that {file} plans now (study file, scenario or "
                      "program have changed); run it again")


def section(render, file, folder):
    """The study's row in the list, and the lines about what it found."""
    with Study(folder / "study.h5") as study:
        if study.provenance["study"] != file.read_text("utf-8"):
            raise Refusal(f"{folder / 'study.h5'}: was made from another version of {file}; run it again")
        if study.status_counts()["done"] != study.dataset["status"].size:
            raise Refusal(f"{folder / 'study.h5'}: runs are missing or failed ({study.status_counts()})")
        row = [f"[{file.name}](studies/{file.name})", study.question, str(study.dataset["status"].size)]
        return row, [f"### {study.name}", "", *render(study)]


def findings(program, source, ready, only):
    """The row of each study in the list, and its lines, by name; of those in `only`, or of all."""
    files = {file.stem: file for file in (source / "scenarios/studies").glob("*.toml")}
    if set(files) != {render.__name__ for render in STUDIES}:
        raise Refusal(f"scenarios/studies has {', '.join(sorted(files))}; findings are made of "
                      f"{', '.join(sorted(render.__name__ for render in STUDIES))}")
    if unknown := set(only) - set(files):
        raise Refusal(f"--only: no study is called {', '.join(sorted(unknown))}; there are {', '.join(sorted(files))}")
    found = {}
    with tempfile.TemporaryDirectory(prefix="study_findings_") as scratch:
        scratch = pathlib.Path(scratch)
        for render in STUDIES:
            if only and render.__name__ not in only:
                continue
            file = files[render.__name__]
            folder = (ready or scratch) / file.stem
            if ready:
                check_same_runs(program, file, folder, scratch)
            else:
                call(program, "sweep", file, "-o", folder, "--progress", "never")
            found[file.stem] = section(render, file, folder)
    return found


def said_before(page):
    """Rows and lines of the studies that the page tells of, by name."""
    listed, *sections = page.split(BEGIN)[1].split(END)[0].split("\n### ")
    rows = [line.strip("| ").split(" | ") for line in listed.splitlines()[2:] if line.startswith("|")]
    lines = {text.split("\n")[0]: ["### " + line if k == 0 else line for k, line in enumerate(text.split("\n"))]
             for text in sections}
    return {name: (row, lines[name]) for row in rows if (name := row[0][1:].split(".toml")[0]) in lines}


def text_of(found):
    """List and sections, in the order of STUDIES."""
    parts = [found[render.__name__] for render in STUDIES if render.__name__ in found]
    lines = [line for _, section_lines in parts for line in ("\n".join(section_lines).rstrip("\n") + "\n").split("\n")]
    return "\n".join([*table(["study", "question", "runs"], [row for row, _ in parts], " --- |"), *lines])


def written(page, text):
    """The page with the text in place of what stands between its markers."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise Refusal("the page has no place for the findings: one pair of markers is wanted")
    before, rest = page.split(BEGIN)
    return before + BEGIN + text + END + rest.split(END)[1]


def self_test():
    failures, cases = [], 0

    def expect(what, found, wanted):
        nonlocal cases
        cases += 1
        close = isinstance(wanted, float) and not math.isnan(wanted)
        if not (abs(found - wanted) < 1e-12 if close else str(found) == str(wanted)):
            failures.append(f"{what}: expected {wanted}, found {found}")

    # Straight from (100, 1.0) to (200, 1.5): 1.2 lies at 140.
    expect("crossing", crossing([0, 100, 200], [0.5, 1.0, 1.5], 1.2), 140.0)
    expect("at a point", crossing([0, 100, 200], [0.5, 1.0, 1.5], 1.0), 100.0)
    expect("never reached", crossing([0, 100], [0.5, 1.0], 1.2), math.nan)
    expect("above it from the start", crossing([0, 100], [1.5, 2.0], 1.2), math.nan)
    expect("past a fall", crossing([0, 100, 200], [1.0, 0.5, 1.5], 1.2), 170.0)
    # 100 kWh for 10 answers, then 8 kWh each: 20 expected; 12 answers take 96: 4 saved, 16 of 20 used up.
    expect("used up", float(used_up(100.0, 10.0, 96.0, 12.0)), 0.8)
    expect("all of it kept", float(used_up(100.0, 10.0, 80.0, 10.0)), 0.0)
    expect("fewer answers", float(used_up(100.0, 10.0, 72.0, 9.0)), -0.4)
    expect("backfire", float(used_up(100.0, 10.0, 112.0, 14.0)), 1.6)
    expect("no saving", float(used_up(100.0, 10.0, 110.0, 10.0)), math.nan)
    several = used_up(numpy.array([100.0, 100.0]), 10.0, numpy.array([96.0, 80.0]), numpy.array([12.0, 10.0]))
    expect("each replicate", several.round(9), numpy.array([0.8, 0.0]))
    expect("a claim", claim("x falls", [-1.0, 0.0, math.nan, -0.25, -2.0], falls, "t"),
           "- x falls: held in 3 of 5 replicates (-1.00, +0.00, +nan, -0.25, -2.00 t).")
    # 1, 2, 3: s = 1, t(0.975, 2) = 4.30265, half width 4.30265 / sqrt(3) = 2.48414.
    expect("an interval", interval([0.01, 0.02, 0.03], 100), "+2.00 [-0.48, +4.48]")
    expect("between markers", written(f"a\n{BEGIN}old\n{END}\nb\n", "new\n"), f"a\n{BEGIN}new\n{END}\nb\n")
    for page in ("no markers\n", f"{END}\n", f"{BEGIN}{END}{BEGIN}{END}"):
        try:
            written(page, "new\n")
            expect("no place", "written", "refused")
        except Refusal:
            cases += 1
    print(*failures, sep="\n")
    print(f"{len(failures)} of {cases} cases went wrong")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(description=__doc__, usage=argparse.SUPPRESS,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swarmsim", metavar="SWARMSIM", type=pathlib.Path, help="the program")
    parser.add_argument("source", metavar="SOURCE_DIR", type=pathlib.Path, help="the repository")
    parser.add_argument("--write", action="store_true", help="rewrite scenarios/README.md")
    parser.add_argument("--from", dest="ready", metavar="DIR", type=pathlib.Path,
                        help="folder with a finished folder per study")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this study; may be repeated")
    options = parser.parse_args(arguments)
    try:
        page = options.source / "scenarios" / "README.md"
        found = findings(str(options.swarmsim.resolve()), options.source.resolve(),
                         options.ready and options.ready.resolve(), options.only)
        print(text_of(found))
        if options.write:
            before = page.read_text("utf-8")
            text = text_of({**(said_before(before) if options.only else {}), **found})
            page.write_text(written(before, text), "utf-8")
    except (Refusal, ResultError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
