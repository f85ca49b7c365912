"""What the compiler emits, line by line for a small program, and the hard cases of frames and distances."""

import pytest

import riscv
from riscv.compiler import SAVED, Function
from riscv.resolver import Local


def code(text):
    """The lines of assembly of a text, without indentation."""
    return [line.strip() for line in riscv.compile_source(text).assembly.splitlines()]


def run(text):
    """The output in the emulator; it must have been silent, and the interpreter must agree."""
    outcome = riscv.run_program(riscv.compile_source(text), step_limit=20_000)
    assert (outcome.trap, outcome.violations) == (None, ())
    assert riscv.interpret(text, 10_000).output == outcome.output
    return outcome.output


START = ["main:", "lui sp, 512", "addi sp, sp, -16", "li ra, 0", "li s0, 0"]
PROLOGUE = ["addi sp, sp, -64", "sw ra, 60(sp)", "sw s0, 56(sp)", "addi s0, sp, 64"]
EPILOGUE = ["mv t0, s0", "lw ra, -4(s0)", "lw s0, -8(s0)", "mv sp, t0"]
EXIT = ["li a0, 0", "li a7, 93", "ecall"]


def test_the_empty_program_sets_up_its_stack_and_exits():
    assert code("") == [*START, *PROLOGUE, "main.end:", *EPILOGUE, *EXIT]


def test_a_functions_saves_are_spliced_in_behind_its_own_prologue():
    assert code("let f = fn(x) { let y = 2; return x }; let a = f(1)") == [
        *START,
        *PROLOGUE,
        "sw s1, -12(s0)",
        "li a0, 1",
        "addi sp, sp, -16",
        "sw a0, 0(sp)",
        "lw a0, 0(sp)",
        "addi sp, sp, 16",
        "call f.1",
        "mv s1, a0",
        "main.end:",
        "lw s1, -12(s0)",
        *EPILOGUE,
        *EXIT,
        "f.1:",
        *PROLOGUE,
        "sw s1, -12(s0)",
        "sw s2, -16(s0)",
        "mv s1, a0",
        "li a0, 2",
        "mv s2, a0",
        "mv a0, s1",
        "j f.1.end",
        "li a0, 0",
        "f.1.end:",
        "lw s1, -12(s0)",
        "lw s2, -16(s0)",
        *EPILOGUE,
        "ret",
    ]


def test_statements_and_operators_have_their_shapes():
    lines = code("while (1) { if (2) { 3 } else { 4 } } -5 && !6 || 7; puts(8)")
    assert lines[9 : lines.index("main.end:")] == [
        ".while.1:",
        "li a0, 1",
        "beqz a0, .end.2",
        "li a0, 2",
        "beqz a0, .else.3",
        "li a0, 3",
        "j .end.4",
        ".else.3:",
        "li a0, 4",
        ".end.4:",
        "j .while.1",
        ".end.2:",
        "li a0, 5",
        "neg a0, a0",
        "snez a0, a0",
        "beqz a0, .end.6",
        "li a0, 6",
        "seqz a0, a0",
        "snez a0, a0",
        ".end.6:",
        "snez a0, a0",
        "bnez a0, .end.5",
        "li a0, 7",
        "snez a0, a0",
        ".end.5:",
        "li a0, 8",
        "li a7, 1",
        "ecall",
        "li a0, 10",
        "li a7, 11",
        "ecall",
        "li a0, 0",
    ]


def test_assembly_is_indented_except_for_labels():
    lines = riscv.compile_source("puts(1)").assembly.split("\n")
    assert lines[0] == "main:"
    assert lines[1] == "    lui sp, 512"
    assert lines[-2:] == ["    ecall", ""]


def test_a_program_record_holds_all_stages():
    program = riscv.compile_source("let f = fn() { }", "name")
    assert program.name == "name"
    assert program.labels == {"main": 0x10000, "main.end": 0x10020, "f.1": 0x1003C, "f.1.end": 0x10050}
    assert len(program.words) == 25
    assert program.assembly.startswith("main:\n")


def test_functions_of_one_name_have_labels_of_their_own():
    text = "let f = fn() { let g = fn() { return 1 }; return g() }; "
    assert run(f"{text}{text.replace('f =', 'h =').replace('1', '2')}puts(f(), h())") == ("1", "2")


def test_registers_are_taken_in_order_and_then_slots():
    function = Function("f")
    locals_ = [Local(None, 0, None) for _ in range(13)]
    for local in locals_:
        function.allocate(local)
    assert [function.home[local] for local in locals_] == [*SAVED, -56, -60]


@pytest.mark.parametrize("count", [11, 12, 14, 15, 16, 510, 511])
def test_frames_of_every_size_keep_their_locals_apart(count):
    lets = "".join(f"let v{n} = a + {n};" for n in range(1, count))
    total = " + ".join(f"v{n}" for n in (1, count // 2, count - 1, max(1, count - 2)))
    text = f"let f = fn(a) {{ {lets} set v{count - 1} = v{count - 1} + 1; return {total} }}; let x = 7; puts(f(x), x)"
    last = 1 + (count - 1 == count // 2)
    expected = 4 * 7 + 1 + count // 2 + count - 1 + max(1, count - 2) + last
    assert run(text) == (str(expected), "7")


@pytest.mark.parametrize(("slots", "extra"), [(0, 0), (3, 0), (4, 16), (7, 16), (8, 32), (512, 2048)])
def test_a_frame_grows_by_16_bytes_at_a_time(slots, extra):
    function = Function("f")
    function.slots = slots
    assert function.enlarge() == ([f"li t0, {-extra}", "add sp, sp, t0"] if extra else [])


def test_a_slot_that_is_too_far_from_s0_gets_help():
    function = Function("f")
    assert function.slot(-2048) == "-2048(s0)"
    assert function.code == ["f:", *PROLOGUE]
    assert function.slot(-2049) == "0(t0)"
    assert function.code == ["f:", *PROLOGUE, "li t0, -2049", "add t0, t0, s0"]


@pytest.mark.parametrize("statements", [40, 45])
def test_branches_over_long_blocks_reach(statements):
    block = "set x = x + 1; " * statements * 3
    text = (
        f"let x = 0; let i = 0; while (i < 2) {{ if (i == 1) {{ {block} }} else {{ {block} }} set i = i + 1 }} puts(x)"
    )
    assert run(text) == (str(6 * statements),)


def test_operands_wait_on_the_stack_while_calls_are_made():
    text = "let f = fn(a, b, c) { return a * 100 + b * 10 + c };"
    assert run(f"{text} puts(1 + f(2, 3 + f(0, 0, 1), f(0, 0, 5)) * (4 - f(0, 0, 1)))") == (str(1 + 245 * 3),)


def test_operands_left_on_the_stack_are_an_error_of_the_compiler():
    function = Function("f")
    function.push()
    with pytest.raises(AssertionError, match=r"^f\.end: 1 operands left on the stack$"):
        function.finish()
    function.pop("t0")
    assert function.depth == 0


def test_endless_recursion_overflows_the_stack():
    outcome = riscv.run_program(riscv.compile_source("let f = fn(x) { return f(x) + 1 }; f(1)"), step_limit=100_000)
    assert outcome.trap.kind == "stack-overflow"
    assert outcome.violations == ()


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("null", 0),
        ('1; "text"', 3),
        ("[1]", 0),
        ("{1: 2}", 0),
        ("let a = 1; a[0]", 12),
        ("1 & 2", 2),
        ("~1", 0),
        ("1 ? 2 : 3", 2),
        ("fn() { }", 0),
        ("fn(x) { x }(1)", 0),
        ("let f = 1; f(2)", 11),
        ("let f = fn() { }; f() + len(f)", 24),
        ("let f = fn() { }; puts(f)", 23),
        ("let x = 1; let f = fn() { x }", 15),
        ("let f = fn(a, b, c, d, e, f, g, h, i) { }", 4),
        ("for (x in 1) { }", 5),
        ("do { } while (0)", 0),
        ("while (1) { break }", 12),
        ("while (1) { continue }", 12),
        ("let a = 1; set a[0] = 1", 16),
        ("let f = fn() { return }", 15),
    ],
)
def test_what_the_compiler_does_not_know_yet_is_refused_with_its_place(text, column):
    with pytest.raises(riscv.CompileError, match=r"^<source>:1: not compiled yet\n") as error:
        riscv.compile_source(text)
    assert error.value.column == column


def test_a_program_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("riscv.assembler.TEXT_SIZE", 64)
    with pytest.raises(riscv.AssemblyError, match=r"^the text has 88 bytes, 64 are available$"):
        riscv.compile_source("puts(1)")
