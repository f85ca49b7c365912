"""The whole compiler: the exact code of small programs, the boundaries of frames and distances, the six of the post."""

import pytest

import riscv
from riscv.compiler import LEVELS


def code(text, level=1):
    """The lines of assembly of a text, without indentation."""
    return [line.strip() for line in riscv.compile_source(text, level=level, check=True).assembly.splitlines()]


def run(text, steps=60_000):
    """The output in the emulator at both levels; it must have been silent, and the interpreter must agree."""
    expected = riscv.interpret(text, 30_000)
    assert expected.trap is None
    for level in LEVELS:
        program = riscv.compile_source(text, level=level, check=True)
        outcome = riscv.run_program(program, ("abi", "frame", "memory"), steps)
        assert (outcome.output, outcome.trap, outcome.violations) == (expected.output, None, ()), level
    return expected.output


START = ["_start:", "li sp, 2097136", "call main", "li a0, 0", "li a7, 93", "ecall", "main:"]


def test_the_empty_program_sets_up_its_stack_calls_main_and_exits():
    assert code("", 0) == code("", 1) == [*START, "li a0, 0", "ret"]


SMALL = "let f = fn(x) { let y = x * 8; return f(y) + y }; f(1)"


def test_at_o0_every_value_lives_in_the_frame():
    assert code(SMALL, 0) == [
        *START,
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "li a0, 1",
        "call f.1",
        "sw a0, 4(sp)",
        "li a0, 0",
        "lw ra, 0(sp)",
        "addi sp, sp, 16",
        "ret",
        "f.1:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "sw a0, 4(sp)",
        "lw t0, 4(sp)",
        "li t1, 8",
        "mul t0, t0, t1",
        "sw t0, 4(sp)",
        "lw a0, 4(sp)",
        "call f.1",
        "sw a0, 8(sp)",
        "lw t0, 8(sp)",
        "lw t1, 4(sp)",
        "add t0, t0, t1",
        "sw t0, 4(sp)",
        "lw a0, 4(sp)",
        "lw ra, 0(sp)",
        "addi sp, sp, 16",
        "ret",
    ]


def test_at_o1_values_live_in_registers():
    assert code(SMALL) == [
        *START,
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "li a0, 1",
        "call f.1",
        "li a0, 0",
        "lw ra, 0(sp)",
        "addi sp, sp, 16",
        "ret",
        "f.1:",
        "addi sp, sp, -16",
        "sw ra, 0(sp)",
        "sw s0, 4(sp)",
        "slli s0, a0, 3",
        "mv a0, s0",
        "call f.1",
        "add a0, a0, s0",
        "lw ra, 0(sp)",
        "lw s0, 4(sp)",
        "addi sp, sp, 16",
        "ret",
    ]


def test_a_branch_is_laid_out_at_each_level():
    text = "let f = fn(a) { if (a) { puts(1) } return 2 }; f(3)"
    puts = ["li a7, 1", "li a0, 1", "ecall", "li a7, 11", "li a0, 10", "ecall"]
    body = code(text)[code(text).index("f.1:") :]
    assert body == ["f.1:", "beq a0, zero, .f.1.2.end", *puts, ".f.1.2.end:", "li a0, 2", "ret"]
    plain = code(text, 0)
    assert plain[plain.index("f.1:") :] == [
        "f.1:",
        "addi sp, sp, -16",
        "sw a0, 0(sp)",
        "lw t0, 0(sp)",
        "beq t0, zero, .f.1.2.else",
        ".f.1.1.then:",
        *puts,
        "j .f.1.3.end",
        ".f.1.2.else:",
        ".f.1.3.end:",
        "li a0, 2",
        "addi sp, sp, 16",
        "ret",
    ]


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("1 == true", "no"),
        ("null != 0", "yes"),
        ('one + "b" == "ab"', "yes"),
        ('one + "b" != "ab"', "no"),
        ('one == "a"', "yes"),
        ("[] == []", "no"),
        ("list == list", "yes"),
        ("list[0] == 1", "yes"),
        ("list[1] == 1", "no"),
        ("list[1] == list[2]", "no"),
        ("list[1] != list[1]", "no"),
    ],
)
def test_a_branch_on_equality_looks_at_kinds_and_bytes(condition, held):
    text = 'let one = "a"; let list = [1, true, 1, "s"];'
    assert run(f'{text} if ({condition}) {{ puts("yes") }} else {{ puts("no") }}') == (held,)


def test_only_o1_makes_no_frame_before_it_is_needed():
    source = "let f = fn(k) { if (k <= 1) { return k } return f(k - 1) * k }; f(9)"
    found = {level: code(source, level) for level in LEVELS}
    assert [lines[lines.index("f.1:") + 1].split()[0] for lines in found.values()] == ["addi", "li"]
    assert found[1][found[1].index("f.1:") + 2].split()[0] in ("blt", "bge")
    at_once = code("let g = fn() { }; let f = fn() { if (false) { return g() } }; f()", 0)
    assert at_once[at_once.index("f.1:") + 1] == "addi sp, sp, -16"


def test_code_is_optimised_and_checked_unless_told_otherwise(monkeypatch):
    assert riscv.compile_source("puts(1 + 2)").assembly == riscv.compile_source("puts(1 + 2)", level=1).assembly
    assert riscv.compile_source("puts(1 + 2)", level=0).assembly != riscv.compile_source("puts(1 + 2)").assembly
    monkeypatch.setattr("riscv.backend.places.CALLER_SAVED", ())
    broken = "let f = fn(x) { return f(x) + x }; f(1)"
    assert riscv.compile_source(broken)
    with pytest.raises(riscv.CompilerError, match=r"^f\.1: line 5, add a0, t3, a0: a0 does not hold the operand"):
        riscv.compile_source(broken, check=True)


@pytest.mark.parametrize("level", [-1, 2])
def test_a_level_that_is_not_there_is_refused(level):
    message = f"the compiler knows -O0 and -O1, not -O{level}; pass level=0 or level=1"
    with pytest.raises(riscv.RiscvError, match=f"^{message}$"):
        riscv.compile_source("", level=level)


@pytest.mark.parametrize(
    ("level", "stage"),
    [
        (0, "riscv.compiler.lower"),
        (1, "riscv.compiler.lower"),
        (0, "riscv.compiler.select"),
        (1, "riscv.compiler.optimize"),
    ],
)
def test_a_stage_that_breaks_the_ir_is_caught_on_request(level, stage, monkeypatch):
    import riscv.compiler

    name = stage.rpartition(".")[2]
    right = getattr(riscv.compiler, name)

    def wrong(thing):
        result = right(thing)
        target = result or thing
        first = target.functions[0] if hasattr(target, "functions") else target
        first.blocks[0].code[-1].op = "fly"
        return result

    monkeypatch.setattr(stage, wrong)
    with pytest.raises(riscv.CompilerError, match=r"^main: entry: one instruction must end it"):
        riscv.compile_source("", level=level, check=True)


def test_a_program_record_holds_all_stages():
    program = riscv.compile_source("let f = fn() { f() }; f()", "name")
    assert program.name == "name"
    assert program.labels["_start"] == 0x10000
    assert set(program.labels) == {"_start", "main", "f.1"}
    assert program.assembly.startswith("_start:\n    li sp, 2097136\n")
    assert riscv.compile_source("").name == "<source>"


def test_functions_of_one_name_have_labels_of_their_own():
    text = "let f = fn() { let g = fn() { return 1 }; return g() }; "
    assert run(f"{text}{text.replace('f =', 'h =').replace('1', '2')}puts(f(), h())") == ("1", "2")


FRAMES = [504, 505, 508, 1021]


@pytest.mark.slow
@pytest.mark.parametrize("count", FRAMES)
def test_frames_of_every_size_keep_their_values_apart(count):
    lets = "".join(f"let v{n} = a * {n};" for n in range(count))
    total = "".join(f"set t = t * 3 + v{n};" for n in range(count))
    text = f"let g = fn(x) {{ return x + 1 }}; let f = fn(a) {{ {lets} let t = g(a); {total} return t }}; puts(f(g(6)))"
    value = 8
    for n in range(count):
        value = value * 3 + 7 * n
    assert run(text, 100_000) == (str((value + 2**31) % 2**32 - 2**31),)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 10, 11, 17])
def test_any_number_of_arguments_arrives(count):
    names = [f"p{n}" for n in range(count)]
    total = " + ".join(f"{name} * {n + 2}" for n, name in enumerate(names))
    swapped = ", ".join([*names[1:], names[0]])
    numbers = ", ".join(str(n * n + 1) for n in range(count))
    text = f"""
        let f = fn({", ".join(names)}) {{ return {total} }};
        let g = fn({", ".join(names)}) {{ let r = f({swapped}); return r * 1000 + f({", ".join(names)}) }};
        let h = fn({", ".join(names)}) {{ if (p0 == 0) {{ return 5 }} return h({", ".join(["p0 - 1", *names[1:]])}) }};
        puts(g({numbers}), f({numbers}), h({numbers}))
    """
    values = [n * n + 1 for n in range(count)]
    expected = sum(value * (n + 2) for n, value in enumerate(values))
    turned = sum(value * (n + 2) for n, value in enumerate([*values[1:], values[0]]))
    assert run(text) == (str(turned * 1000 + expected), str(expected), "5")


@pytest.mark.slow
@pytest.mark.parametrize("statements", [345, 680])
def test_branches_over_long_blocks_reach(statements):
    block = "set x = x * 10 + y; set y = y % 7 + x; set z = z * x - y; " * (statements // 3)
    text = f"""
        let f = fn(x, y, z, n) {{
            let i = 0;
            while (i < 2) {{ if (i == n) {{ {block} }} else {{ set y = y + 1; {block} }} set i = i + 1 }}
            return x - y * z
        }};
        puts(f(1, 2, 3, 1), f(3, 2, 1, 0), f(1, 1, 1, 9))
    """
    run(text, 400_000)


@pytest.mark.parametrize("number", [0x7FF, 0x800, 0x801, 0xFFF, 0x1000, 0x7FFFF7FF, 0x7FFFF800, 0x7FFFFFFF, 0x80000000])
def test_constants_at_the_edges_of_immediates(number):
    operations = [f"x {op} {sign}{number}" for op in ("+", "-", "*", "/", "%", "<", ">=", "==") for sign in ("", "-")]
    turned = [f"{number} {op} x" for op in ("-", "/", "%", "<=")]
    shown = [f"({text}) ? 1 : 0" if set(text) & set("<=>") else text for text in operations + turned]
    body = ", ".join(f"({text})" for text in shown)
    run(f"let f = fn(x) {{ puts({body}); return x }}; f({number}); f(-{number}); f(1); f({number} - 1)")


def test_more_values_than_registers_keep_apart_in_loops_and_over_calls():
    names = [f"v{n}" for n in range(40)]
    lets = "".join(f"let {name} = a + {n};" for n, name in enumerate(names))
    body = "".join(f"set {name} = {name} + {names[n * 7 % 40]};" for n, name in enumerate(names))
    text = f"""
        let g = fn(x) {{ puts(x); return x + 1 }};
        let f = fn(a) {{
            {lets} let i = 0; while (i < 3) {{ {body} set v3 = g(v4); set i = i + 1 }} puts({", ".join(names)})
        }};
        f(5)
    """
    run(text)


def test_endless_recursion_overflows_the_stack_and_tail_calls_use_none():
    text = "let f = fn(x) { return f(x) + 1 }; f(1)"
    for level in LEVELS:
        outcome = riscv.run_program(riscv.compile_source(text, level=level), step_limit=200_000)
        assert outcome.trap.kind == "stack-overflow"
        assert outcome.violations == ()
    count = "let f = fn(n, s) { if (n == 0) { return s } return f(n - 1, s + n) }; puts(f(60000, 0))"
    outcome = riscv.run_program(riscv.compile_source(count, check=True), step_limit=400_000)
    assert (outcome.output, outcome.trap) == (("1800030000",), None)
    assert riscv.run_program(riscv.compile_source(count, level=0), step_limit=900_000).trap.kind == "stack-overflow"


@pytest.mark.parametrize("loop", ["while (true) { }", "while (true) { while (true) { } }", "while (true) { puts(1) }"])
def test_endless_loops_are_compiled_and_never_end(loop):
    for level in LEVELS:
        program = riscv.compile_source(loop, level=level, check=True)
        assert riscv.run_program(program, step_limit=1000).trap.kind == "step-limit"


def test_a_program_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("riscv.assembler.TEXT_SIZE", 48)
    with pytest.raises(riscv.AssemblyError, match=r"^the text has 56 bytes, 48 are available$"):
        riscv.compile_source("puts(1)")


# The six programs of the post, its best figure for each, and what this compiler needs.
POST = {
    "fib": ("let f = fn(k) { if (k <= 1) { return k }; return f(k - 1) + f(k - 2) }; puts(f(20))", 612_953, 229_867),
    "sum": ("let s = 0; let k = 1; while (k <= 1000) { set s = s + k; set k = k + 1; }; puts(s)", 26_027, 4018),
    "nested": (
        "let s = 0; let a = 0; while (a < 20) { let b = 0; while (b < 20) { set s = s + a * b; set b = b + 1; }; "
        "set a = a + 1; }; puts(s)",
        12_966,
        2158,
    ),
    "collatz": (
        "let c = fn(k) { let t = 0; while (k != 1) { if (k % 2 == 0) { set k = k / 2 } else { set k = 3 * k + 1 }; "
        "set t = t + 1; }; return t }; puts(c(27))",
        4903,
        1094,
    ),
    "fact": ("let f = fn(k) { if (k <= 1) { return 1 }; return k * f(k - 1) }; puts(f(12))", 374, 166),
}


@pytest.mark.parametrize("name", POST)
def test_the_programs_of_the_post_take_at_most_half_of_its_instructions(name):
    text, best, ours = POST[name]
    steps = riscv.run_program(riscv.compile_source(text), (), 1_000_000).steps
    assert steps == ours
    assert 2 * steps <= best
