#!/usr/bin/python3
"""The innermost loops of the kernels that multiply and add keep what they work on in registers: nothing goes to the stack
or comes from it, vectors least of all. What does is listed in ALLOWED, with the reason.

usage: check_inner_loops.py BUILD-TYPE OBJECT...   kernel_<set>.cpp.o, disassembled by objdump; only Release is looked at
       check_inner_loops.py --self-test COMPILER   compiles loops that spill and loops that do not
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, namedtuple

SKIPPED = 77

# By object, the functions that must have innermost loops which multiply and add, and at least how many of these: what
# finds nothing proves nothing. About two thirds of what GCC 12 makes of them.
MATRICES = {"ForwardBlocks": 60, "InputGradientBlocks": 16, "GradientBlocks": 16, "UpdateBlocks": 16, "ScoreBlocks": 16,
            "MixBlocks": 40, "MixAcrossBlocks": 16, "DepthwiseGradientBlocks": 20, "depthwise": 4, "norm": 2, "softmax": 2,
            "sparse": 4, "IntegerBlocks": 24}
NEEDED = {"portable": MATRICES, "avx2": MATRICES, "avx512": MATRICES, "bf16_dot": {"ForwardBlocks": 20, "HiddenBlocks": 20}}

# What may use the stack: objects, compiler (any if empty), functions, and "vectors" (stored and loaded again), "constants"
# (vectors that are only loaded) or "numbers" (no vectors), and why.
ALLOWED = [
    ("avx512 avx2 portable", "", r"^(DepthwiseGradientBlocks|depthwise)", "numbers", "a pointer for each tap of the window"),
    ("bf16_dot", "", r"::block<1[01]ul", "numbers", "eleven rows need more pointers than there are registers"),
    # Sixteen registers.
    ("avx2 portable", "", r"^(activat|softmax)", "vectors constants", "more coefficients than registers"),
    ("avx2 portable", "", r"^DepthwiseGradientBlocks::block<(2ul, 6|1ul, 9)ul>", "vectors", "twelve sums, and two loads each"),
    ("avx2", "", r"^ForwardBlocks<DenseForward<unsigned short>", "vectors", "twelve sums, and weights that are widened first"),
    ("avx2", "", r"^(IntegerBlocks<.*(2ul, 4|4ul, 2|1ul, 8)ul|forward_int4)", "vectors constants",
     "eight sums, and bytes that are widened first"),
    ("portable", "", r"^(ForwardBlocks<DenseForward<unsigned short>|IntegerBlocks|forward_int|sparse)", "vectors constants numbers",
     "widens in plain arithmetic, which takes more registers than there are"),
    # Clang 14 gives each vector of weights a register where GCC reads it from memory in the multiply-add.
    ("avx2 portable", "clang", r"", "vectors constants numbers", "weights in registers of their own"),
    ("avx512", "clang", r"^IntegerBlocks<true>::block<6ul, 4ul>", "vectors", "the same"),
    ("avx512", "clang", r"^(IntegerBlocks<false>::block<[1-4]ul|forward_int8)", "numbers", "pointers of every turn"),
    ("bf16_dot", "clang", r"::block<1[01]ul", "vectors", "the same as above"),
]

Instruction = namedtuple("Instruction", "address text")
Loop = namedtuple("Loop", "function instructions frame")

FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(.*)$")
JUMP = re.compile(r"^(?:(?:bnd|notrack) )*(j\w+) +(?:\w+ ptr )?([0-9a-f]+)\b")
ENDS = re.compile(r"^(?:(?:bnd|notrack) )*(jmp|ret|ud2|hlt)")
MULTIPLY_ADD = re.compile(r"^(\{\w+\} )?(vfn?m(add|sub)|vpdp|vdpbf16|vpmadd|vpmull[dw])")
FRAME = re.compile(r"^mov +rbp,rsp$")
VECTOR = re.compile(r"\b[xyz]mm\d|\bk[0-7]\b")
CALL = re.compile(r"push|pop|call")
STORE = re.compile(r"^v?\w+ +([A-Z]+ PTR )?\[")


def functions(text):
    """(name, instructions) of what `objdump -d -M intel --no-show-raw-insn -C` prints."""
    name, body = None, []
    for line in text.splitlines():
        begin, instruction = FUNCTION.match(line), INSTRUCTION.match(line)
        if begin:
            if body:
                yield name, body
            name, body = begin.group(1), []
        elif instruction:
            code = re.sub(r" *(#.*|<.*)$", "", instruction.group(2)).strip()
            body.append(Instruction(int(instruction.group(1), 16), code))
    if body:
        yield name, body


def flow(body):
    """Basic blocks as ranges of instructions, and for each the blocks that may follow it."""
    at = {instruction.address: i for i, instruction in enumerate(body)}
    targets, leaders = {}, {0}
    for i, instruction in enumerate(body):
        jump = JUMP.match(instruction.text)
        if jump and int(jump.group(2), 16) in at:
            targets[i] = at[int(jump.group(2), 16)]
            leaders.add(targets[i])
        if jump or ENDS.match(instruction.text):
            leaders.add(i + 1)
    starts = sorted(i for i in leaders if i < len(body))
    blocks = [range(a, b) for a, b in zip(starts, starts[1:] + [len(body)])]
    number = {block.start: n for n, block in enumerate(blocks)}
    follow = []
    for n, block in enumerate(blocks):
        last = block[-1]
        nexts = {number[targets[last]]} if last in targets else set()
        if not ENDS.match(body[last].text) and n + 1 < len(blocks):
            nexts.add(n + 1)
        follow.append(nexts)
    return blocks, follow


def components(nodes, follow):
    """Sets of nodes that reach each other, single ones only if they follow themselves (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []
    for root in sorted(nodes):
        if root in index:
            continue
        path = [(root, iter(follow[root] & nodes))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while path:
            node, nexts = path[-1]
            following = next(nexts, None)
            if following is not None:
                if following not in index:
                    index[following] = low[following] = len(index)
                    stack.append(following)
                    path.append((following, iter(follow[following] & nodes)))
                elif following in stack:
                    low[node] = min(low[node], index[following])
                continue
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[node])
            if low[node] == index[node]:
                at = stack.index(node)
                group = set(stack[at:])
                del stack[at:]
                if len(group) > 1 or node in follow[node]:
                    found.append(group)
    return found


def innermost(nodes, follow):
    """The loops that hold no other: what is left of a component without the way back to its first block."""
    for group in components(nodes, follow):
        entries = {after for n, nexts in enumerate(follow) if n not in group for after in nexts & group} or {min(group)}
        cut = [nexts - entries if n in group else nexts for n, nexts in enumerate(follow)]
        inner = list(innermost(group, cut))
        yield from inner or [group]


def loops(text):
    """The innermost loops that multiply and add."""
    for name, body in functions(text):
        blocks, follow = flow(body)
        frame = any(FRAME.match(instruction.text) for instruction in body)
        for group in innermost(set(range(len(blocks))), follow):
            instructions = [body[i] for n in sorted(group) for i in blocks[n]]
            if any(MULTIPLY_ADD.match(instruction.text) for instruction in instructions):
                yield Loop(name, [instruction.text for instruction in instructions], frame)


def traffic(loop):
    """Instructions of a loop that touch the stack, by kind; where no vector is stored, those loaded are constants."""
    stack = re.compile(r"\[(rsp|rbp)\b|\+r[sb]p\b" if loop.frame else r"\[rsp\b|\+rsp\b")
    found = {"vectors": [], "constants": [], "numbers": []}
    for instruction in loop.instructions:
        if not CALL.match(instruction) and (instruction.startswith("lea") or not stack.search(instruction)):
            continue
        if not VECTOR.search(instruction):
            found["numbers"].append(instruction)
        else:
            found["vectors" if STORE.match(instruction) else "constants"].append(instruction)
    if found["vectors"]:
        found["vectors"] += found["constants"]
        found["constants"] = []
    return {kind: instructions for kind, instructions in found.items() if instructions}


def short(function):
    """ForwardBlocks<…>::block<8ul, 2ul> of its whole signature."""
    name = re.sub(r"swarm::nn::isa::|\(anonymous namespace\)::|^void ", "", function)
    return re.sub(r"\(.*", "", name)


def reason(name, compiler, function, kind):
    """Why a function of an object may use the stack, or None."""
    for objects, by, functions, kinds, why in ALLOWED:
        if name in objects.split() and by in ("", compiler) and re.search(functions, function) and kind in kinds.split():
            return why
    return None


def check(name, compiler, found, needed):
    """What is wrong with the loops of an object, as texts."""
    for family, least in needed.items():
        count = sum(short(loop.function).startswith(family) for loop in found)
        if count < least:
            yield f"{name}: {count} innermost loops of {family} multiply and add, fewer than {least}: are they still seen?"
    for loop in found:
        function = short(loop.function)
        for kind, instructions in traffic(loop).items():
            if reason(name, compiler, function, kind) is None:
                marked = "\n".join(f"  {'->' if i in instructions else '  '} {i}" for i in loop.instructions)
                yield f"{name}: {function} has {kind} on the stack in an innermost loop:\n{marked}"


def disassemble(path):
    """The text of an object's code and the compiler that made it."""
    code = subprocess.run(["objdump", "-d", "-M", "intel", "--no-show-raw-insn", "-C", path], check=True,
                          capture_output=True, text=True).stdout
    made = subprocess.run(["objdump", "-s", "-j", ".comment", path], capture_output=True, text=True).stdout
    made = "".join(line[-16:] for line in made.splitlines() if re.match(r" [0-9a-f]{4} ", line))
    return code, "clang" if "clang" in made else "gcc"


def check_objects(paths):
    problems = []
    for path in paths:
        name = re.search(r"kernel_(\w+)\.cpp", pathlib.Path(path).name).group(1)
        code, compiler = disassemble(path)
        found = list(loops(code))
        problems += check(name, compiler, found, NEEDED[name])
        listed = Counter(short(loop.function) for loop in found for kind in traffic(loop))
        print(f"{name}, {compiler}: {len(found)} innermost loops that multiply and add, {len(listed)} functions listed")
    return problems


# Loops of the self-test: those that must be found to use the stack, and how, and those that must not.
PLANTED = {"sums_in_memory": "vectors", "factor_in_memory": "constants", "counter_in_memory": "numbers"}
CLEAN = ("sums_in_registers", "spilled_between_loops")
SOURCE = """
#include <immintrin.h>
#include <cstddef>
extern "C" {
float sums_in_memory(const float* x, const float* w, std::size_t n) {
  volatile __m256 sum = _mm256_setzero_ps();
  for (std::size_t i = 0; i < n; ++i) sum = _mm256_fmadd_ps(_mm256_set1_ps(x[i]), _mm256_loadu_ps(w + 8 * i), sum);
  return _mm256_cvtss_f32(sum);
}
float factor_in_memory(const float* w, std::size_t n) {
  volatile __m256 factor = _mm256_setzero_ps();
  __m256 sum = factor;
  for (std::size_t i = 0; i < n; ++i) sum = _mm256_fmadd_ps(factor, _mm256_loadu_ps(w + 8 * i), sum);
  return _mm256_cvtss_f32(sum);
}
float counter_in_memory(const float* x, const float* w, std::size_t n) {
  __m256 sum = _mm256_setzero_ps();
  for (volatile std::size_t i = 0; i < n; ++i)
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(x), _mm256_loadu_ps(w + 8 * i), sum);
  return _mm256_cvtss_f32(sum);
}
float sums_in_registers(const float* x, const float* w, std::size_t n) {
  __m256 sum = _mm256_setzero_ps();
  for (std::size_t i = 0; i < n; ++i) sum = _mm256_fmadd_ps(_mm256_set1_ps(x[i]), _mm256_loadu_ps(w + 8 * i), sum);
  return _mm256_cvtss_f32(sum);
}
float spilled_between_loops(const float* x, const float* w, std::size_t n, std::size_t rounds) {
  volatile __m256 kept = _mm256_setzero_ps();
  for (std::size_t r = 0; r < rounds; ++r) {
    __m256 sum = kept;
    for (std::size_t i = 0; i < n; ++i) sum = _mm256_fmadd_ps(_mm256_set1_ps(x[i]), _mm256_loadu_ps(w + 8 * i), sum);
    kept = sum;
  }
  return _mm256_cvtss_f32(kept);
}
}
"""

# What objdump prints, for cases that no compiler can be relied on to produce.
BODY = """
0000000000000000 <f>:
   0:\t{frame}
   4:\tvmovups ymm0,YMMWORD PTR [rbp+0x8]
   8:\tvfmadd231ps ymm1,ymm0,ymm2
   c:\t{inside}
  10:\tjne    {target} <f+0x4>
  14:\tret
"""
FRAMED = "mov    rbp,rsp"


def text_cases():
    """(what, disassembly, what of the stack its only loop must be found to use)"""
    return [("rbp as a frame", BODY.format(frame=FRAMED, inside="nop", target=4), {"constants": 1}),
            ("rbp as a pointer", BODY.format(frame="nop", inside="nop", target=4), {}),
            ("a store", BODY.format(frame=FRAMED, inside="vmovaps YMMWORD PTR [rsp+0x20],ymm1", target=4), {"vectors": 2}),
            ("a broadcast from an index", BODY.format(frame="nop", inside="vbroadcastss ymm3,DWORD PTR [rax+rsp*1]", target=4),
             {"constants": 1}),
            ("a mask", BODY.format(frame="nop", inside="kmovw  k1,WORD PTR [rsp+0x6]", target=4), {"constants": 1}),
            ("an address alone", BODY.format(frame="nop", inside="lea    rax,[rsp+0x20]", target=4), {}),
            ("a call", BODY.format(frame="nop", inside="call   99 <g>", target=4), {"numbers": 1}),
            ("no loop", BODY.format(frame="nop", inside="nop", target=14), None)]


def self_test(compiler):
    failures = []
    for what, text, expected in text_cases():
        found = [{kind: len(of_kind) for kind, of_kind in traffic(loop).items()} for loop in loops(text)]
        if found != ([] if expected is None else [expected]):
            failures.append(f"{what}: expected {expected}, found {found}")
    nested = BODY.format(frame="nop", inside="nop", target=4).replace("14:\tret", "14:\tjmp    0 <f>\n  18:\tret")
    if [len(loop.instructions) for loop in loops(nested)] != [4]:
        failures.append(f"of two nested loops the inner one is expected, not {list(loops(nested))}")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "planted.cpp").write_text(SOURCE)
        flags = ["-std=c++17", "-O3", "-march=x86-64-v3"]
        subprocess.run([compiler, *flags, "-c", path / "planted.cpp", "-o", path / "planted.o"], check=True)
        code, made_by = disassemble(path / "planted.o")
    found = list(loops(code))
    for function in (*PLANTED, *CLEAN):
        kinds = [list(traffic(loop)) for loop in found if loop.function == function]
        if not kinds or any(kind != [PLANTED[function]] if function in PLANTED else kind for kind in kinds):
            failures.append(f"{function}: expected {PLANTED.get(function, 'nothing')}, found {kinds}")
    named = list(check("planted", made_by, found, {"sums_in": 2}))
    if len(named) < len(PLANTED) or not all(any(f in problem and "->" in problem for problem in named) for f in PLANTED):
        failures.append(f"not all of {list(PLANTED)} are named with their instructions: {named}")
    if not any("fewer than" in problem for problem in check("planted", made_by, found, {"sums_in": 99})):
        failures.append("few loops are not complained of")
    print(*failures, f"{len(failures)} cases went wrong", sep="\n")
    return 1 if failures else 0


def main(arguments):
    if shutil.which("objdump") is None:
        print("skipped: there is no objdump (package binutils)")
        return SKIPPED
    if arguments[0] == "--self-test":
        return self_test(arguments[1])
    if arguments[0] != "Release":
        print(f"skipped: a build of type {arguments[0]} is not what users run")
        return SKIPPED
    problems = check_objects(arguments[1:])
    print(*problems, f"{len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
