#!/usr/bin/python3
"""The architecture as a check: who may include whom, and which words may stand where.

usage: check_layers.py [ROOT]          every violation as FILE:LINE: WHAT, exit 1 if there is one
       check_layers.py --self-test     plants each kind of violation and expects it to be found
"""
import pathlib
import re
import sys
import tempfile

# A file may include its own room and rooms on lower floors; rooms on one floor never include each other.
FLOORS = {
    "sim/core": 0,
    "agents/nn": 1, "sim/grid": 1, "sim/hardware": 1, "sim/workload": 1, "sim/economy": 1,
    "sim/policy": 2, "sim/dispatch": 3, "agents/tasks": 3,
    "sim/scenario": 4, "sim/world": 5, "sim/engine": 6, "sim/io": 7, "sim/study": 8, "sim/cli": 9,
}

# Third-party headers and the only places that may include them.
PACKAGES = [
    ("toml++", r"toml\+\+/", ("sim/scenario/",)),
    ("HDF5", r"(hdf5|H5)\w*\.h$", ("sim/io/",)),
    ("ONNX", r"onnx/|google/protobuf/", ("sim/io/",)),
    ("libdeflate", r"libdeflate\.h$", ("sim/io/",)),
    ("oneTBB", r"(tbb|oneapi)/", ("sim/core/parallel.hpp",)),
    ("oneTBB's version", r"tbb/version\.h$", ("sim/core/parallel.hpp", "sim/io/provenance.cpp")),
    ("Boost", r"boost/", ("sim/cli/", "sim/study/")),
    ("Boost's version", r"boost/version\.hpp$", ("sim/cli/", "sim/study/", "sim/io/provenance.cpp")),
    ("LEMON", r"lemon/", ("sim/dispatch/min_cost_flow.cpp",)),
    ("LEMON's version", r"lemon/config\.h$", ("sim/dispatch/min_cost_flow.cpp", "sim/io/provenance.cpp")),
    ("JSON for Modern C++", r"nlohmann/", ("sim/study/",)),
    ("Random123", r"Random123/", ("sim/core/",)),
    ("xxHash", r"xxhash\.h$", ("sim/core/",)),
    ("xxHash's version", r"xxhash\.h$", ("sim/core/", "sim/io/provenance.cpp")),
]

FUNCTIONS = ("exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh "
             "atanh pow cbrt hypot erf erfc tgamma lgamma").replace(" ", "|")

# (what is wrong, pattern in code without comments and texts, where it applies, where it does not)
ENGINE_ROOMS = tuple(room + "/" for room, floor in FLOORS.items() if 0 < floor < 7)
EVERYWHERE = ("sim/", "agents/")
WORDS = [
    ("a function of the C library whose bits depend on the machine (use sim/core/math.hpp)",
     rf"\bstd::({FUNCTIONS})f?\b|(?<![\w:.>])(::)?({FUNCTIONS})f?\s*\(", EVERYWHERE, ("sim/core/",)),
    ("a random source other than sim/core/rng.hpp",
     r"\bstd::(mt19937\w*|minstd\w*|ranlux\w*|knuth_b|random_\w+|default_random_engine|\w+_distribution|shuffle|"
     r"sample|seed_seq|generate_canonical)\b|\b(s?rand|rand_r|[delmn]rand48|srandom)\s*\(|(?<!\w)::random\s*\(",
     EVERYWHERE, ()),
    ("a container without an order (results would depend on its hash)", r"\bstd::unordered_\w+", EVERYWHERE, ()),
    ("a sum in the order of completion", r"\bstd::(atomic|atomic_ref)<\s*(float|double)\b|\bstd::execution\b",
     EVERYWHERE, ()),
    ("a look at the running thread", r"\bstd::this_thread::get_id\b|\bpthread_self\b|\bcurrent_thread_index\b",
     EVERYWHERE, ()),
    ("a look at the clock", r"\bstd::chrono\b|\bclock_gettime\b|\bgettimeofday\b|(?<![\w:.>])(std::)?time\s*\(\s*(NULL|nullptr|0)",
     ENGINE_ROOMS, ()),
]
FORBIDDEN_HEADERS = [("a random source other than sim/core/rng.hpp", r"^random$"),
                     ("a container without an order", r"^unordered_(map|set)$"),
                     ("a sum in the order of completion", r"^execution$")]
# Words that may not even be named, because the room must not know of them.
UNKNOWN_WORDS = [("the file format", re.compile(r"hdf5|\bh5", re.I), ("sim/engine/", "sim/world/")),
                 ("the scenario's syntax", re.compile(r"toml", re.I), ("sim/engine/", "sim/world/"))]

MOST_LINES = 450
SHORT_FILES = {"sim/cli/main.cpp": 80, "sim/engine/step.cpp": 80}
SOURCES = {".cpp", ".hpp", ".inc", ".py", ".cmake"}
FOLDERS = ("sim", "agents", "tests", "bench", "cmake", "analysis")

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<fence>[^\s()\\]*)\(.*?\)(?P=fence)"|"(?:\\.|[^"\\\n])*"'
                   r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.M)


def blank(text, keep_texts):
    """The text with comments, and unless kept also texts in quotes, as spaces; lines keep their numbers."""
    def spaces(match):
        token = match.group(0)
        if keep_texts and not token.startswith("/"):
            return token
        return re.sub(r"[^\n]", " ", token)
    return TOKEN.sub(spaces, text)


def room_of(name):
    return next((room for room in FLOORS if name.startswith(room + "/")), None)


def check_include(name, header):
    """What is wrong with a file including a header, or None."""
    room, other = room_of(name), room_of(header)
    if header.startswith(("sim/", "agents/")) and other is None:
        return f"includes {header}, which lies in no room"
    if header.startswith(("tests/", "bench/")):
        return f"includes {header}: the product does not know its tests"
    if other and other != room and FLOORS[other] >= FLOORS[room]:
        return f"includes {header}: {room} is on floor {FLOORS[room]}, {other} on floor {FLOORS[other]}"
    matching = [package for package in PACKAGES if re.search(package[1], header)]
    if matching and not any(name.startswith(places) for _, _, places in matching):
        return f"includes {header}: {matching[0][0]} stays in {', '.join(matching[0][2])}"
    for what, pattern in FORBIDDEN_HEADERS:
        if re.search(pattern, header):
            return f"includes {header}: {what}"
    return None


def check_product_file(name, text):
    """(line, problem) of a file of the product."""
    def line(at):
        return text.count("\n", 0, at) + 1
    if room_of(name) is None:
        yield 1, "lies in no room"
        return
    for match in INCLUDE.finditer(blank(text, keep_texts=True)):
        problem = check_include(name, match.group(1))
        if problem:
            yield line(match.start()), problem
    code = blank(text, keep_texts=False)
    for what, pattern, places, exempt in WORDS:
        if name.startswith(places) and not (exempt and name.startswith(exempt)):
            for match in re.finditer(pattern, code):
                yield line(match.start()), f"{match.group(0).strip()}: {what}"
    for what, pattern, places in UNKNOWN_WORDS:
        if name.startswith(places):
            for match in pattern.finditer(text):
                yield line(match.start()), f"{match.group(0)}: this room must not know {what}"


def check_file(name, text):
    lines = text.count("\n")
    most = SHORT_FILES.get(name, MOST_LINES)
    if lines > most:
        yield lines, f"has {lines} lines, more than {most}"
    if name.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.M):
        yield 1, "has no '#pragma once'"
    if name.startswith(("sim/", "agents/")):
        yield from check_product_file(name, text)


def check_tree(root):
    """All violations, as texts, and the number of files looked at."""
    problems, files = [], 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES or path.name == "CMakeLists.txt":
                name = path.relative_to(root).as_posix()
                files += 1
                problems += [f"{name}:{n}: {what}" for n, what in check_file(name, path.read_text("utf-8"))]
    problems += [f"{name}:1: is missing" for name in SHORT_FILES if not (root / name).is_file()]
    return problems, files


# ---- self-test --------------------------------------------------------------------------------------------------

GOOD = {
    "sim/cli/main.cpp": "int main() { return 0; }\n",
    "sim/engine/step.cpp": '#include "sim/world/world.hpp"\n// sin(x) and std::unordered_map in words only\n',
    "sim/world/world.hpp": '#pragma once\n#include "agents/tasks/bank.hpp"\n#include "sim/world/plan.hpp"\n',
    "sim/world/plan.hpp": "#pragma once\nconst char* kText = \"std::exp(x) rand()\";\nint n = 1'000; int m = 2'000;\n",
    "agents/tasks/bank.hpp": '#pragma once\n#include "agents/nn/model.hpp"\ndouble y = math::exp(1) + r.sample(2);\n',
    "agents/nn/model.hpp": '#pragma once\n#include "sim/core/math.hpp"\n#include <cmath>\ndouble r = std::sqrt(2);\n',
    "sim/core/math.hpp": "#pragma once\n#include <cmath>\ninline double e() { return std::exp(1.0); }\n",
    "sim/core/parallel.hpp": "#pragma once\n#include <tbb/parallel_for.h>\n",
    "sim/io/provenance.cpp": "#include <tbb/version.h>\n#include <boost/version.hpp>\n#include <hdf5.h>\n",
}
# (file, text that is put at its end, a part of the complaint that must follow)
PLANTED = [
    ("sim/grid/a.hpp", '#pragma once\n#include "sim/hardware/b.hpp"\n', "floor 1"),
    ("sim/grid/a.cpp", '#include "agents/nn/model.hpp"\n', "floor 1"),
    ("sim/dispatch/a.cpp", '#include "agents/tasks/bank.hpp"\n', "floor 3"),
    ("sim/core/a.cpp", '#include "sim/grid/a.hpp"\n', "floor 0"),
    ("sim/world/a.cpp", '  #  include  "sim/engine/step.hpp"\n', "floor 6"),
    ("sim/world/a.cpp", "#include <sim/engine/step.hpp>\n", "floor 6"),
    ("sim/engine/a.cpp", '#include "sim/io/recorder.hpp"\n', "floor 7"),
    ("sim/io/a.cpp", '#include "sim/cli/verbs.hpp"\n', "floor 9"),
    ("sim/study/a.cpp", '#include "sim/cli/verbs.hpp"\n', "floor 9"),
    ("sim/cli/a.cpp", '#include "tests/unit/io/sample.hpp"\n', "does not know its tests"),
    ("sim/cli/a.cpp", '#include "sim/attic/b.hpp"\n', "no room"),
    ("sim/attic/b.cpp", "int b;\n", "no room"),
    ("sim/io/a.cpp", "#include <toml++/toml.h>\n", "toml++ stays"),
    ("sim/cli/a.cpp", "#include <H5Cpp.h>\n", "HDF5 stays"),
    ("sim/cli/a.cpp", "#include <hdf5_hl.h>\n", "HDF5 stays"),
    ("sim/core/stats.cpp", "#include <tbb/parallel_for.h>\n", "oneTBB stays"),
    ("agents/nn/a.cpp", "#include <onnx/onnx_pb.h>\n", "ONNX stays"),
    ("sim/cli/a.cpp", "#include <google/protobuf/message.h>\n", "ONNX stays"),
    ("sim/io/provenance.cpp", "#include <tbb/parallel_for.h>\n", "oneTBB stays"),
    ("sim/io/provenance.cpp", "#include <boost/any.hpp>\n", "Boost stays"),
    ("sim/io/a.cpp", "#include <boost/version.hpp>\n", "Boost stays"),
    ("agents/nn/a.cpp", "#include <Random123/philox.h>\n", "Random123 stays"),
    ("sim/dispatch/a.cpp", "#include <lemon/smart_graph.h>\n", "LEMON stays"),
    ("sim/engine/a.cpp", "// the HDF5 file\n", "the file format"),
    ("sim/world/a.cpp", "std::string to_toml();\n", "the scenario's syntax"),
    ("sim/grid/a.cpp", "double y = std::exp(x);\n", "std::exp"),
    ("sim/grid/a.cpp", "auto f = &std::tanh;\n", "std::tanh"),
    ("sim/grid/a.cpp", "float y = std::powf(x, 2);\n", "std::powf"),
    ("sim/grid/a.cpp", "double y = 1 + erf (x);\n", "erf"),
    ("sim/grid/a.cpp", "double y = ::log(x);\n", "log"),
    ("agents/tasks/a.cpp", "std::mt19937 generator(1);\n", "std::mt19937"),
    ("agents/tasks/a.cpp", "std::uniform_int_distribution<int> d;\n", "std::uniform_int_distribution"),
    ("sim/core/a.cpp", "int x = rand();\n", "rand("),
    ("sim/core/a.cpp", "#include <random>\n", "random source"),
    ("sim/engine/a.cpp", "for (auto& [k, v] : std::unordered_map<int, int>{}) use(k, v);\n", "without an order"),
    ("sim/engine/a.cpp", "#include <unordered_set>\n", "without an order"),
    ("sim/engine/a.cpp", "std::atomic<double> sum;\n", "order of completion"),
    ("sim/engine/a.cpp", "auto id = std::this_thread::get_id();\n", "running thread"),
    ("sim/world/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "the clock"),
    ("sim/grid/b.hpp", "int b();\n", "pragma once"),
    ("sim/grid/a.cpp", "int a;\n" * 451, "451 lines"),
    ("tests/unit/grid/a_test.cpp", "int a;\n" * 451, "451 lines"),
    ("sim/cli/main.cpp", "int a;\n" * 80, "81 lines"),
    ("sim/engine/step.cpp", "int a;\n" * 80, "82 lines"),
]


def self_test():
    def tree_with(extra):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in [*GOOD.items(), *extra]:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a", encoding="utf-8") as file:
                    file.write(text)
            return check_tree(root)[0]

    failures = [f"the good tree is rejected: {problem}" for problem in tree_with([])]
    for name, text, part in PLANTED:
        problems = tree_with([(name, text)])
        if len(problems) != 1 or not problems[0].startswith(name + ":") or part not in problems[0]:
            failures.append(f"planted in {name}: {text.splitlines()[0]!r}: expected one '{part}', found {problems}")
    print(*failures, sep="\n")
    print(f"{len(PLANTED) - len(failures)} of {len(PLANTED)} planted violations found as expected")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) > 1:
        print(__doc__)
        return 2
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    problems, files = check_tree(root)
    print(*problems, sep="\n")
    print(f"{files} files, {len(problems)} violations")
    return 1 if problems or files < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
