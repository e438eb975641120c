#!/usr/bin/python3
"""The manual against the program and against the files of the repository.

usage: check_docs.py pages SWARMSIM ROOT       generated pages equal what the program prints; with SWARM_UPDATE_DOCS=1
                                               they are rewritten instead
       check_docs.py links ROOT                every link to a file of the repository leads somewhere
       check_docs.py listed ROOT               scenarios/README.md has a row for every shipped scenario and study, and only
                                               for those
       check_docs.py scenario SWARMSIM FILE    the scenario is valid; exit 77 when its real data are absent
       check_docs.py study SWARMSIM FILE       the study can be planned, every point's scenario being valid
       check_docs.py --self-test               planted faults are found
"""
import difflib
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PAGES = {"scenario": "scenario.md", "study": "study.md", "assumptions": "assumptions.md", "format": "format.md", "man": "swarmsim.1"}
SKIPPED = {".git", "build", "__pycache__", ".cache"}
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.M)
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]+`", re.M | re.S)


def program(swarmsim, *arguments):
    return subprocess.run([swarmsim, *arguments], capture_output=True, text=True, timeout=60)


def check_pages(swarmsim, root):
    for page, file in PAGES.items():
        said = program(swarmsim, "reference", page)
        path = root / "docs" / file
        if said.returncode != 0 or not said.stdout:
            yield f"swarmsim reference {page}: exit {said.returncode} {said.stderr.strip()}"
        elif os.environ.get("SWARM_UPDATE_DOCS") == "1":
            path.write_text(said.stdout, "utf-8")
        elif not path.is_file():
            yield f"{path}: is missing (write it with SWARM_UPDATE_DOCS=1)"
        elif (written := path.read_text("utf-8")) != said.stdout:
            changes = difflib.unified_diff(written.splitlines(), said.stdout.splitlines(), str(path), "program", n=0)
            yield "\n".join([f"{path}: is out of date (rewrite it with SWARM_UPDATE_DOCS=1)", *list(changes)[:20]])


def pages_of(root):
    return [path for path in sorted(root.rglob("*.md")) if not SKIPPED.intersection(path.relative_to(root).parts)]


def anchors_of(text):
    """What a heading can be linked by, as GitHub makes it."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(root):
    for page in pages_of(root):
        text = page.read_text("utf-8")
        prose = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
        for match in LINK.finditer(prose):
            target = match.group(1) or match.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            place = f"{page.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}"
            name, _, anchor = target.partition("#")
            path = (root / name.lstrip("/") if name.startswith("/") else page.parent / name) if name else page
            if not path.exists():
                yield f"{place}: links to {target}, which does not exist"
            elif root.resolve() not in [path.resolve(), *path.resolve().parents]:
                yield f"{place}: links to {target}, outside the repository"
            elif anchor and path.suffix == ".md" and anchor not in anchors_of(path.read_text("utf-8")):
                yield f"{place}: links to {target}, which has no such heading"


def check_listed(root):
    folder = root / "scenarios"
    shipped = {path.relative_to(folder).as_posix() for place in (folder, folder / "studies") for path in place.glob("*.toml")}
    page = folder / "README.md"
    listed = set(re.findall(r"^\| \[[^\]]*\]\(([^)]*\.toml)\) \|", page.read_text("utf-8"), re.M)) if page.is_file() else set()
    if not page.is_file():
        yield f"{page}: is missing"
    yield from (f"scenarios/README.md: does not list {name}" for name in sorted(shipped - listed))
    yield from (f"scenarios/README.md: lists {name}, which is not there" for name in sorted(listed - shipped))


def check_scenario(swarmsim, file):
    """Exit code."""
    said = program(swarmsim, "check", str(file))
    if said.returncode == 0:
        print(said.stdout, end="")
        return 0
    resolved = program(swarmsim, "check", str(file), "--resolved")
    data_dir = re.search(r'^data_dir = "(.*)"$', resolved.stdout, re.M)
    if data_dir and not pathlib.Path(data_dir.group(1)).is_dir():
        print(f"skipped: real data absent: {data_dir.group(1)}")
        return 77
    print(f"{file}: exit {said.returncode}\n{said.stdout}{said.stderr}")
    return 1


def check_study(swarmsim, file):
    """Exit code."""
    with tempfile.TemporaryDirectory() as folder:
        said = program(swarmsim, "sweep", "plan", str(file), "-o", f"{folder}/plan", "--progress", "never")
        design = pathlib.Path(folder, "plan/design.csv")
        runs = len(design.read_text("utf-8").splitlines()) - 1 if design.is_file() else 0
    print(f"{file}: exit {said.returncode}, {runs} runs\n{said.stdout}{said.stderr}")
    return 0 if said.returncode == 0 and runs > 0 else 1


def self_test():
    failures = []

    def expect(what, found, *parts):
        found = list(found)
        if len(found) != len(parts) or not all(part in problem for part, problem in zip(parts, found)):
            failures.append(f"{what}: expected {parts}, found {found}")

    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs", "scenarios", "scenarios/studies"):
            (root / name).mkdir()
        (root / "docs/a.md").write_text("# One thing, µ\n[x](b.md) [y](#one-thing-µ) [z](https://nowhere) `[q](no.md)`\n"
                                        "```\n[q](no.md)\n```\n[w](b.md#two)\n", "utf-8")
        (root / "docs/b.md").write_text("## Two\n[up](/docs/a.md \"title\")\n", "utf-8")
        expect("good links", check_links(root))
        (root / "docs/c.md").write_text("[x](no.md) [y](b.md#three)\n\n[z](../..)\n[ref]: gone.md\n", "utf-8")
        expect("bad links", check_links(root), "c.md:1: links to no.md", "no such heading", "outside", "c.md:4: links to gone.md")
        for name in ("pilot", "studies/price"):
            (root / f"scenarios/{name}.toml").write_text("", "utf-8")
        expect("no list", check_listed(root), "is missing", "does not list pilot.toml", "does not list studies/price.toml")
        (root / "scenarios/README.md").write_text("See pilot.toml.\n| [other](other.toml) | why |\n", "utf-8")
        expect("wrong list", check_listed(root), "does not list pilot.toml", "does not list studies/price.toml", "lists other.toml")
        # A program that prints the name of the page, and scenarios with data in a folder that is not there.
        fake = root / "fake"
        fake.write_text('#!/bin/sh\n[ "$1" = reference ] && echo "$2" && exit 0\n[ "$3" = --resolved ] && cat "$2" && exit 0\n'
                        'echo "$2:1:1: bad" >&2; exit 2\n', "utf-8")
        fake.chmod(0o755)
        os.environ.pop("SWARM_UPDATE_DOCS", None)
        for page, file in PAGES.items():
            (root / "docs" / file).write_text(f"{page}\n", "utf-8")
        expect("good pages", check_pages(str(fake), root))
        (root / "docs/scenario.md").write_text("Scenario\n", "utf-8")
        (root / "docs/format.md").unlink()
        (root / "docs/swarmsim.1").write_text("women\n", "utf-8")
        expect("drifted pages", check_pages(str(fake), root), "scenario.md: is out of date", "is missing", "swarmsim.1: is out of date")
        (root / "no_data.toml").write_text(f'data_dir = "{root}/nothing"\n', "utf-8")
        (root / "wrong.toml").write_text(f'data_dir = "{root}"\n', "utf-8")
        with contextlib.redirect_stdout(io.StringIO()):  # a planted absence must not read like a real one
            codes = [str(check_scenario(str(fake), root / f"{name}.toml")) for name in ("no_data", "wrong")]
        expect("scenarios", codes, "77", "1")
        # Studies: refused, planned without a run, planned with one.
        planner = root / "planner"
        planner.write_text('#!/bin/sh\n[ "$1 $2" = "sweep plan" ] && mkdir "$5" && cp "$3" "$5/design.csv"\n', "utf-8")
        planner.chmod(0o755)
        (root / "none.toml").write_text("run,point\n", "utf-8")
        (root / "one.toml").write_text("run,point\n0,0\n", "utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            codes = [str(check_study(str(root / name), root / file)) for name, file in
                     (("fake", "one.toml"), ("planner", "none.toml"), ("planner", "one.toml"))]
        expect("studies", codes, "1", "1", "0")
    print(*failures, sep="\n")
    print(f"{len(failures)} of 9 cases went wrong")
    return 1 if failures else 0


def main(arguments):
    checks = {"pages": (check_pages, 2), "links": (check_links, 1), "listed": (check_listed, 1)}
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) == 3 and arguments[0] in ("scenario", "study"):
        return (check_scenario if arguments[0] == "scenario" else check_study)(arguments[1], pathlib.Path(arguments[2]))
    if not arguments or arguments[0] not in checks or len(arguments) != 1 + checks[arguments[0]][1]:
        print(__doc__)
        return 2
    *before, root = arguments[1:]
    problems = list(checks[arguments[0]][0](*before, pathlib.Path(root)))
    print(*problems, sep="\n")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
