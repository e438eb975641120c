#!/usr/bin/python3
"""Every text file: UTF-8, no tabs, no trailing blanks, Unix line ends, one newline at the end.

usage: check_text.py ROOT
       check_text.py --self-test
"""
import pathlib
import re
import sys

SUFFIXES = {".cpp", ".hpp", ".inc", ".py", ".md", ".toml", ".cmake", ".csv", ".json", ".txt", ".sh", ".html", ".js",
            ".css", ".cff", ".yml", ".yaml", ".1", ".ipynb"}
NAMES = {"CMakeLists.txt", ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore", "Makefile", "LICENSE"}
SKIPPED = {".git", "build", "__pycache__", ".cache"}


def check_text(data, tabs_allowed):
    """(line, problem) for each fault of a file's bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield data.count(b"\n", 0, error.start) + 1, "is not UTF-8"
        return
    if text.startswith("\ufeff"):
        yield 1, "begins with a byte-order mark"
    for n, line in enumerate(text.split("\n"), 1):
        if "\t" in line and not tabs_allowed:
            yield n, "has a tab"
        if "\r" in line:
            yield n, "has a carriage return"
        elif line != line.rstrip():
            yield n, "ends with blanks"
        if re.search(r"^(<{7} |>{7} |={7}$)", line):
            yield n, "is a conflict mark"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "has no newline at the end"
    if text.endswith("\n\n"):
        yield text.count("\n"), "is an empty line at the end"


def files_of(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not SKIPPED.intersection(parts) and (path.suffix in SUFFIXES or path.name in NAMES):
            yield path


def self_test():
    planted = {b"caf\xe9\n": "UTF-8", b"\xef\xbb\xbfa\n": "byte-order", b"\ta\n": "tab", b"a \n": "blanks",
               b"a\r\n": "carriage", b"<<<<<<< HEAD\n": "conflict", b"a": "newline", b"a\n\n": "empty line"}
    failures = [f"{data!r}: expected one '{part}', found {list(check_text(data, False))}" for data, part in planted.items()
                if [part in what for _, what in check_text(data, False)] != [True]]
    failures += [f"{data!r} is rejected" for data in (b"", b"a\n\nb\n", "κ µ\n".encode()) if list(check_text(data, False))]
    failures += ["a tab is rejected in a Makefile"] if list(check_text(b"a:\n\tb\n", True)) else []
    print(*failures, sep="\n")
    print(f"{len(failures)} of {len(planted) + 4} cases went wrong")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__)
        return 2
    root, files, problems = pathlib.Path(arguments[0]), 0, 0
    for path in files_of(root):
        files += 1
        for n, what in check_text(path.read_bytes(), path.name == "Makefile"):
            problems += 1
            print(f"{path.relative_to(root)}:{n}: {what}")
    print(f"{files} files, {problems} faults")
    return 1 if problems or files < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
