"""codegen: the code of small functions at -O1, read and not run, as gcc's scan-assembler and LLVM's FileCheck do.

An optimisation that is lost changes no output. What is written here was worked out by hand: the shortest code there is
in the order of the source, so that any line more is a step that was left out. Mnemonics are compared; what lies in
which register shows when programs run.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeAlias

import riscv
from nnlab.detectors.lowered import REPRESENTATIONS
from nnlab.detectors.passes import SINGLE
from nnlab.detectors.peephole_lines import PEEPHOLE
from nnlab.detectors.programs import assembly, outcome, program_probes, same_output
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

#: What a function of two integers x and y returns, and its code before `ret`.
EXPRESSIONS: Mapping[str, str] = {
    # computed while compiling
    "2 + 3 * 4 - 7 / 2 << 1": "li",
    "x + 2 + 3": "addi",
    "x - 2 - 3 + 6": "addi",
    "x + 2147483647 + 2147483647 + 2147483647": "li add",
    "(x < y) != false": "slt",
    **dict.fromkeys(("(1 || x) == true", "(0 && x) == false", "(1 ? 2 : x) + 3"), "li"),
    "(x + 0 | 0 ^ 0) - 0 << 0 >> 0 >>> 0": "",
    "x % 0 * 1 / 1 & -1": "",
    "x & x | x": "",
    **dict.fromkeys(("x * 0", "x & 0", "x | -1", "x % 1", "x % -1", "x / 0", "x - x", "x ^ x", "x < x"), "li"),
    # numbers in the instruction
    **dict.fromkeys(("5 + x", "x - 5", "x - -2047"), "addi"),
    **{"7 & x": "andi", "5 | x": "ori", "9 ^ x": "xori", "~x": "xori", "x < 7": "slti", "!x": "sltiu"},
    **{"x << 3": "slli", "x << 35": "slli", "x >> 3": "srai", "x >>> 3": "srli"},
    "5 - x": "li sub",
    "x + 2048": "li add",
    "-x": "sub",
    # no branch where a comparison is a value
    **{"x < y": "slt", "x > y": "slt", "x <= y": "slt xori", "x >= y": "slt xori"},
    **{"x == y": "xor sltiu", "x != y": "xor sltu", "x == null": "li"},
    # shifts and additions for products, quotients and remainders
    **{"x * 8": "slli", "2 * x": "slli", "x * 1073741824": "slli", "x * 9": "slli add", "x * 7": "slli sub"},
    **{"x * -1": "sub", "x / -1": "sub", "x * 100": "li mul", "x / 1": ""},
    **{"x / 2": "srli add srai", "x / 8": "srai srli add srai", "x / 1073741824": "srai srli add srai"},
    **{"x % 2": "srli add andi sub", "x % 8": "srai srli add andi sub"},
    "x % 8 == 0": "andi sltiu",
    # operands that die give their register
    **{"x + y": "add", "x * y": "mul", "x / y": "div", "x % y": "rem", "(x + y) * (x - y)": "add sub mul"},
}
#: A condition on x and y, and its code before `li ret` where it holds and `li ret` where it does not.
CONDITIONS: Mapping[str, str] = {
    **{"x": "beq", "!x": "bne", "x < y": "bge", "x > y": "bge", "x <= y": "blt", "x >= y": "blt"},
    **{"x == y": "bne", "x != y": "beq", "x == 0": "bne", "x < 0": "bge", "x - y": "beq", "x ^ y": "beq"},
    **{"(x < y) == true": "bge", "(x < y) == false": "blt", "(x == y) != false": "bne", "!!(x < y)": "bge"},
    **{
        "x + 3 == 3": "bne",
        "x + 1 == 2147483648": "li bne",
        "x + 3 == 5": "li bne",
        "x % 4 == 0": "andi bne",
        "x % 4": "andi beq",
    },
    **{"(x == 0) == true": "bne", "(x == 0) == false": "beq", "(x != 0) == true": "beq", "(x != 0) == false": "bne"},
    **{"x && y": "beq beq", "x || y": "bne beq", "!(x && y)": "beq bne", "x > 0 && x < y": "bge bge"},
}
#: A function, its arguments, and its code.
FUNCTIONS: Mapping[str, tuple[str, str, str]] = {
    "what is not read is not computed": ("fn(x) { let y = x * x; return x }", "1", "ret"),
    "a loop whose values nothing reads keeps its counter alone": (
        "fn(x) { let s = 1; let i = x; while (i) { set s = s * 3; set i = i - 1 } return 5 }",
        "1",
        "j addi bne li ret",
    ),
    "a loop of nothing": ("fn(x) { while (1) { } return x }", "1", "j"),
    "a branch that is decided is no branch": ("fn(x) { if (x == x) { return 1 } return x }", "1", "li ret"),
    "what follows a return is not there": ("fn(x) { return x; let y = puts(x); return 2 }", "1", "ret"),
    "a round of a loop costs one branch": (
        "fn(n) { let s = 0; let i = 0; while (i < n) { set s = s + i; set i = i + 1 } return s }",
        "3",
        "li li j add addi blt mv ret",
    ),
    "arms that return do not meet": (
        "fn(a, b) { if (a < b) { return b } else { return a } }",
        "1, 2",
        "bge mv ret ret",
    ),
    "one of two numbers": ("fn(x) { return x > 0 ? 3 : 4 }", "1", "bge li j li ret"),
    "arguments of a call that is a jump": (
        "fn(n, s) { if (n == 0) { return s } return f(n - 1, s + n) }",
        "3, 0",
        "bne mv ret addi add mv j",
    ),
    "arguments that change places": (
        "fn(x, y, z) { if (z == 0) { return x } return f(y, x, z - 1) }",
        "1, 2, 3",
        "bne ret addi mv mv mv j",
    ),
    "what is called by address is jumped to": ("fn(g) { return g() }", "fn() { 1 }", "lw bne lw jr li li ecall"),
    "a way that calls nothing makes no frame": (
        "fn(n) { if (n < 2) { return n } return f(n - 1) + f(n - 2) }",
        "3",
        "li bge ret addi sw sw sw mv addi call mv addi call add lw lw lw addi ret",
    ),
    "no frame without need": (
        "fn(a, b, c, d) { return (a + b) * (c + d) - a * d }",
        "1, 2, 3, 4",
        "add add mul mul sub ret",
    ),
    "an array of integers has no tags to ask": (
        "fn(a, i) { return a[i] }",
        "[1], 0",
        "lw bgeu slli add lw ret li li ecall",
    ),
    "the first element has no offset": ("fn(a) { return a[0] }", "[1]", "lw beq lw ret li li ecall"),
    "an element is stored with its tag": (
        "fn(a, i, x) { set a[i] = x }",
        "[1], 0, 7",
        "lw bgeu slli add sw sw li ret li li ecall",
    ),
    "what is printed takes the registers that it needs": (
        "fn(x, y) { puts(x); return y }",
        "1, 2",
        "li ecall li li ecall mv ret",
    ),
    "the length is the first word": ("fn(s) { return len(s) }", '"abc"', "lw ret"),
    "the ninth argument is read where it lies": (
        "fn(a, b, c, d, e, f, g, h, i) { return a + i }",
        "1, 2, 3, 4, 5, 6, 7, 8, 9",
        "lw add ret",
    ),
}
#: A function, its argument, and what its code does without.
ABSENT: Mapping[str, tuple[str, str, str]] = {
    "what nothing reads behind a loop": (
        "fn(x) { let s = 1; do { set s = s * 8; set x = x - 1 } while (x); return 5 }",
        "3",
        "slli",
    ),
    "what stays the same in a loop": (
        "fn(x) { let k = 3; do { set x = x - k } while (x > 0); return x + k }",
        "10",
        "sub",
    ),
}
#: A program, and the functions that its code has.
PROGRAMS: Mapping[str, tuple[str, str]] = {
    "integers need no runtime": ("puts(6 * 7)", "_start main"),
    "what nobody calls is not there": ("let g = fn(x) { puts([x]) }; puts(1)", "_start main"),
    "what is only called needs no closure": (
        "let g = fn(x) { x }; let h = fn(x) { g(x) }; puts(h(1))",
        "_start main h.1 g.2",
    ),
    "what captures nothing is a constant": ("let f = fn(g) { g() }; f(fn() { 1 })", "_start main fn.1 f.2"),
    "constants are no code": ('puts(len("a"))', "_start main"),
    "what only a call behind two returns would want": (
        "let g = fn(x) { return x * 2 }; let f = fn(x) { if (x) { return 1 } else { return 2 } g(x) }; puts(f(1))",
        "_start main f.1",
    ),
}
#: Of both machines; an endless loop ends here.
STEPS = 10_000
#: Nothing behind one of these runs unless it has a label.
LEAVING = ("j", "jr", "ret")
#: More values than there are registers, needed behind a loop that reads none of them.
CROWD = range(11, 131, 3)
CROWDED = (
    "let f = fn(x, n) { "
    + "".join(f"let v{k} = x * {k}; " for k in CROWD)
    + "let w = x - 1; let s = 0; let i = 0; while (i < n) { if (s < 9) { set s = s + i * w } set i = i + 1 } return s"
    + "".join(f" ^ v{k}" for k in CROWD)
    + " }; puts(f(3, 4))"
)
#: A branch whose way on is a jump before the code is made shorter.
DETOUR = """
let f = fn(x, c) { if (c) { set x = x > 5 ? 3 : x } else { set x = x * 7 } return x };
puts(f(1, 2))
"""

#: With operands of both signs, equal ones and multiples.
CALLS = "puts(f(1, 2), f(-8, 8), f(12, -7), f(4, 4), f(-1, 0), f(0, -3))"

#: A mnemonic and its operands, or a label with its colon.
Line: TypeAlias = Sequence[str]


def probes() -> list[Probe]:
    return [
        *(Probe(name, partial(_is_as_short, source, code.split()), seeded=False) for name, source, code in _shortest()),
        *(Probe(name, partial(_does_without, *row), seeded=False) for name, row in ABSENT.items()),
        *(Probe(name, partial(_has_functions, *row), seeded=False) for name, row in PROGRAMS.items()),
        *(Probe(name, check, seeded=False) for name, check in {**REPRESENTATIONS, **SINGLE, **PEEPHOLE}.items()),
        Probe("a frame at -O0", _makes_a_frame_at_once, seeded=False),
        Probe("equal strings", _keeps_equal_strings_once, seeded=False),
        Probe("as many values as registers", _fills_the_registers, seeded=False),
        Probe("a loop among many values", _keeps_a_loop_in_registers, seeded=False),
        Probe("lines of many values", lambda seed: _is_tidy("many values", CROWDED), seeded=False),
        Probe("lines of a detour", lambda seed: _is_tidy("a detour", DETOUR), seeded=False),
        *program_probes(_is_tidy),
    ]


def _shortest() -> Iterator[tuple[str, str, str]]:
    """The name, the program and the code of its function f."""
    for text, code in EXPRESSIONS.items():
        yield text, f"let f = fn(x, y) {{ return {text} }}; {CALLS}", f"{code} ret"
    for text, code in CONDITIONS.items():
        source = f"let f = fn(x, y) {{ if ({text}) {{ return 3 }} return 4 }}; {CALLS}"
        yield f"if ({text})", source, f"{code} li ret li ret"
    for name, (function, given, code) in FUNCTIONS.items():
        yield name, f"let f = {function}; puts(f({given}))", code


def _functions(source: str, level: int = 1, name: str = "<codegen>") -> dict[str, list[Line]]:
    """The lines of each function, by its label."""
    found: dict[str, list[Line]] = {}
    for line in assembly(source, name, level).splitlines():
        words = line.replace(",", " ").split()
        if words[0] in (".rodata", ".data"):
            break
        if line.endswith(":") and not line.startswith("."):
            found[line[:-1]] = []
        else:
            found[list(found)[-1]].append(words)
    return found


def _mnemonics(lines: Iterable[Line]) -> list[str]:
    return [line[0] for line in lines if not _is_label(line)]


def _is_label(line: Line) -> bool:
    return line[0].endswith(":")


def _code_of_f(source: str) -> list[str]:
    """The mnemonics of the function f, whose label ends in a number."""
    found = _functions(source)
    return next((_mnemonics(lines) for label, lines in found.items() if label.startswith("f.")), ["nothing"])


def _does_without(function: str, given: str, mnemonic: str, seed: int) -> None:
    got = _code_of_f(f"let f = {function}; puts(f({given}))")
    require(got[-1:] == ["ret"], f"{function}: expected its code, got {' '.join(got)}")
    require(mnemonic not in got, f"{function}: expected no {mnemonic}, got {' '.join(got)}")


def _is_as_short(source: str, code: Sequence[str], seed: int) -> None:
    """The function f has this code, which gives what the interpreter gives."""
    got = _code_of_f(source)
    require(got == list(code), f"{source}: expected {' '.join(code)}, got {' '.join(got)}")
    same_output(source, riscv.interpret(source, STEPS), outcome("<codegen>", source, limit=STEPS))


def _has_functions(source: str, labels: str, seed: int) -> None:
    got = " ".join(_functions(source))
    require(got == labels, f"{source}: expected the functions {labels}, got {got}")


def _keeps_equal_strings_once(seed: int) -> None:
    lines = assembly('puts(len("a"), len("b"), len("a"))', "<codegen>", 1).splitlines()
    got = sum(line.startswith("constant.text.") for line in lines)
    require(got == 2, f'the constants of "a", "b", "a": expected 2, got {got}')


def _keeps_a_loop_in_registers(seed: int) -> None:
    """What is read most often has a register; what has none is read once, where it is needed."""
    lines = _functions(CROWDED)["f.1"]
    start = next(n for n, line in enumerate(lines) if line[0].endswith("body:"))
    got = " ".join(_mnemonics(lines[start:])[:6])
    require(got == "li bge mul add addi blt", f"the loop: expected li bge mul add addi blt, got {got}")


def _makes_a_frame_at_once(seed: int) -> None:
    """At -O0, also where the first way through a function needs none."""
    got = _mnemonics(_functions("let f = fn(n) { if (n) { return f(n - 1) + 1 } return n }; puts(f(2))", 0)["f.1"])
    require(got[0] == "addi", f"-O0: expected a frame to be made at once, got {' '.join(got)}")


def _fills_the_registers(seed: int) -> None:
    """23 values, with a number beside them, fit into 24 registers, of which parameters that nothing reads take none."""
    names = [f"v{k}" for k in range(23)]
    values = "".join(f"let {name} = a * {k + 11}; " for k, name in enumerate(names))
    source = (
        f"let f = fn(a, b, c, d, e, g, h, i) {{ {values} return {' ^ '.join(names)} }}; puts(f(1, 2, 3, 4, 5, 6, 7, 8))"
    )
    lines = _functions(source)["f.1"]
    words = sum(line[0] in ("lw", "sw") and not line[1].startswith("s") for line in lines)
    require(words == 0, f"23 values: expected none in the frame, got {words} lines that read or write one")


def _is_tidy(name: str, source: str) -> None:
    """No line that the lines beside it make superfluous."""
    for label, lines in _functions(source, name=name).items():
        targets = {word for line in lines if not _is_label(line) for word in line[1:]}
        for line, after in pairwise([*lines, ["end:"]]):
            needless = _needless(line, after, targets)
            require(not needless, f"{name}, {label}: {' '.join(line)}; {' '.join(after)}: {needless}")


def _needless(line: Line, after: Line, targets: Collection[str]) -> str:
    """What is wrong with a line before another in a function some of whose labels are targets; nothing is "" here."""
    name = line[0].removesuffix(":")
    if _is_label(line):
        if name not in targets:
            return "nothing goes to this label"
        if after[0] == "j" and after[1].startswith(".") and after[1] != name:
            return "what comes here can go on at once"
    if line[0] in LEAVING and not _is_label(after):
        return "nothing comes here"
    if line[0] == "j" and f"{line[1]}:" == after[0]:
        return "what follows need not be jumped to"
    if line[0] == "mv" and line[1] == line[2]:
        return "it is there already"
    if (line[0], after[0]) == ("sw", "lw") and line[2] == after[2] and line[2].endswith("(sp)"):
        return "what was just written need not be read"
    return ""


DETECTOR = Detector(
    name="codegen",
    summary="the code of small functions at -O1 is as short as it can be: folded, reduced, without needless lines",
    probes=probes,
    example=Fault(
        id="example-codegen",
        title="No multiplication becomes a shift",
        pattern="dropped-statement",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.optimize:optimize", "reduce_strength(function)", "pass")],
    ),
)
