"""The optimiser: what each rule makes of a function, and that every rule keeps its meaning."""

import pytest

from riscv.ir.nodes import BINARY, Instruction, Program, text
from riscv.ir.verify import verify
from riscv.optimize import optimize, simplify
from riscv.optimize.control import merge_blocks, thread_jumps
from riscv.optimize.dead import remove_dead
from riscv.optimize.fold import ABOVE_ZERO, ABSORBING, BELOW_ONE, COMMUTATIVE, DECIDES, NEUTRAL, SAME, fold
from riscv.optimize.tail import tail_calls
from tests.riscv.passes import WORDS, after, meaning
from tests.riscv.written import function, lines


def test_the_tables_of_the_algebra_are_true():
    for word in WORDS:
        for op, number in NEUTRAL:
            assert meaning(op, word, number) == word, op
        for (op, number), outcome in ABSORBING.items():
            assert meaning(op, word, number) == outcome, op
        for op, outcome in SAME.items():
            assert meaning(op, word, word) == outcome, op
        for other in WORDS:
            for op in COMMUTATIVE:
                assert meaning(op, word, other) == meaning(op, other, word)
            for (op, branch), direct in DECIDES.items():
                assert meaning(branch, meaning(op, word, other), 0) == meaning(direct, word, other)
        for op, equal in BELOW_ONE.items():
            assert meaning(op, word, 1) == meaning(equal, word, 0)
        for op, unequal in ABOVE_ZERO.items():
            assert meaning(op, 0, word) == meaning(unequal, word, 0)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("add v0, 0", "v0"),
        ("add 0, v0", "v0"),
        ("sub v0, 0", "v0"),
        ("mul v0, 1", "v0"),
        ("mul 1, v0", "v0"),
        ("mul v0, 0", "0"),
        ("div v0, 1", "v0"),
        ("div v0, 0", "-1"),
        ("rem v0, 0", "v0"),
        ("rem v0, -1", "0"),
        ("and v0, v0", "v0"),
        ("or v0, v0", "v0"),
        ("xor v0, v0", "0"),
        ("sub v0, v0", "0"),
        ("slt v0, v0", "0"),
        ("add 2147483647, 1", "-2147483648"),
        ("div -7, 2", "-3"),
        ("rem -7, 2", "-1"),
        ("sltu -1, 1", "0"),
        ("copy v0", "v0"),
        ("copy 5", "5"),
    ],
)
def test_an_instruction_folds_to(code, expected):
    source = f"entry0(v0):\nv1 = {code}\nreturn v1"
    assert after(source, simplify) == lines(f"entry0(v0):\nreturn {expected}")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("v1 = add 5, v0", "v1 = add v0, 5"),
        ("v1 = xor 5, v0", "v1 = xor v0, 5"),
        ("v1 = sub v0, 5", "v1 = add v0, -5"),
        ("v1 = sub 5, v0", "v1 = sub 5, v0"),
        ("v1 = sub v0, -2147483648", "v1 = add v0, -2147483648"),
        ("v2 = add v0, 5\nv1 = add v2, 6", "v1 = add v0, 11"),
        ("v2 = add v0, 2147483647\nv1 = add v2, 1", "v1 = add v0, -2147483648"),
        ("v2 = mul v0, 5\nv1 = add v2, 6", "v2 = mul v0, 5\nv1 = add v2, 6"),
        ("v2 = slt v0, 5\nv1 = sltu 0, v2", "v1 = slt v0, 5"),
        ("v2 = sltu v0, 5\nv1 = sltu 0, v2", "v1 = sltu v0, 5"),
        ("v2 = add v0, 5\nv1 = sltu 0, v2", "v2 = add v0, 5\nv1 = sltu 0, v2"),
        ("v1 = div v0, v0", "v1 = div v0, v0"),
        ("v1 = sltu v0, 1", "v1 = sltu v0, 1"),
    ],
)
def test_an_instruction_becomes_simpler(code, expected):
    found = after(f"entry0(v0):\n{code}\nreturn v1", simplify)
    assert found == lines(text(function(f"entry0(v0):\n{expected}\nreturn v1")))


BRANCHES = "then1():\nreturn 1\nelse2():\nreturn 2"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("bne {slt}, 0", "blt v0, v1"),
        ("beq {slt}, 0", "bge v0, v1"),
        ("bne {sltu}, 0", "bltu v0, v1"),
        ("beq {sltu}, 0", "bgeu v0, v1"),
        ("bne {xor}, 0", "bne v0, v1"),
        ("beq {xor}, 0", "beq v0, v1"),
        ("bne {sub}, 0", "bne v0, v1"),
        ("beq {sub}, 0", "beq v0, v1"),
        ("bne {slt}, 1", "bge v0, v1"),
        ("beq {slt}, 1", "blt v0, v1"),
        ("beq {sltu}, 1", "bltu v0, v1"),
        ("bltu v0, 1", "beq v0, 0"),
        ("bgeu v0, 1", "bne v0, 0"),
        ("bltu 0, v0", "bne v0, 0"),
        ("bgeu 0, v0", "beq v0, 0"),
        ("bltu v0, 2", "bltu v0, 2"),
    ],
)
def test_a_branch_becomes_simpler(code, expected):
    op = code.partition("{")[2].partition("}")[0]
    branch = code.replace(f"{{{op}}}", "v2")
    first = f"v2 = {op} v0, v1\n" if op else ""
    source = f"entry0(v0, v1):\n{first}{branch}, then1(), else2()\n{BRANCHES}"
    assert after(source, simplify) == lines(f"entry0(v0, v1):\n{expected}, then1(), else2()\n{BRANCHES}")


@pytest.mark.parametrize(
    ("code", "branch", "expected"),
    [
        ("v2 = add v0, 5", "beq v2, 7", "beq v0, 2"),
        ("v2 = add v0, 1", "bne v2, -2147483648", "bne v0, 2147483647"),
        ("v2 = xor v0, 1", "bne v2, 0", "bne v0, 1"),
    ],
)
def test_an_equality_moves_its_numbers_to_one_side(code, branch, expected):
    source = f"entry0(v0, v1):\n{code}\n{branch}, then1(), else2()\n{BRANCHES}"
    assert after(source, simplify) == lines(f"entry0(v0, v1):\n{expected}, then1(), else2()\n{BRANCHES}")


@pytest.mark.parametrize(
    ("code", "branch"),
    [
        ("xor", "bne v2, 1"),
        ("sub", "beq v2, 1"),
        ("slt", "beq v2, 2"),
        ("slt", "blt v2, 0"),
        ("mul", "bne v2, 0"),
        ("add", "bne v2, 4"),
    ],
)
def test_a_branch_on_something_else_stays(code, branch):
    source = f"entry0(v0, v1):\nv2 = {code} v0, v1\n{branch}, then1(), else2()\n{BRANCHES}"
    assert after(source, simplify) == lines(source)


@pytest.mark.parametrize(
    ("branch", "result"),
    [("beq 3, 3", 1), ("beq 3, 4", 2), ("blt -1, 0", 1), ("bltu -1, 0", 2), ("bge v0, v0", 1), ("bne v0, v0", 2)],
)
def test_a_decided_branch_is_no_branch(branch, result):
    source = f"entry0(v0):\n{branch}, then1(), else2()\n{BRANCHES}"
    assert after(source, simplify) == lines(f"entry0(v0):\nreturn {result}")


def test_what_is_found_out_in_a_loop_reaches_the_edge_back():
    f = function("""
        entry0(v0):
            jump test2(v0)
        body1():
            v1 = add 1, 2
            jump test2(v1)
        test2(v2):
            bne v2, 0, body1(), end3()
        end3():
            return v2
    """)
    f.blocks = [f.blocks[0], f.blocks[2], f.blocks[1], f.blocks[3]]
    fold(f)
    assert text(f).splitlines() == lines("""
        entry0(v0):
            jump test1(v0)
        test1(v1):
            bne v1, 0, body2(), end3()
        body2():
            v2 = add 2, 1
            jump test1(3)
        end3():
            return v1
    """)


def test_an_edge_goes_through_blocks_that_only_jump():
    source = """
        entry0(v0):
            beq v0, 0, a1(), b2()
        a1():
            jump c3()
        b2():
            ecall 1, 2
            jump c3()
        c3():
            jump d4(v0)
        d4(v1):
            jump e5(v1)
        e5(v2):
            return v2
    """
    assert after(source, thread_jumps) == lines("""
        entry0(v0):
            beq v0, 0, d2(v0), b1()
        b1():
            ecall 1, 2
            jump d2(v0)
        d2(v1):
            jump e3(v1)
        e3(v2):
            return v2
    """)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_blocks_that_jump_in_a_circle_stay_a_circle(count):
    circle = "".join(f"\na{n}():\njump a{(n % count) + 1}()" for n in range(1, count + 1))
    f = function(f"entry0():\njump a1(){circle}")
    simplify(f)
    verify(Program([f]))
    assert all(block.end.op == "jump" for block in f.blocks)


def test_blocks_that_follow_each_other_alone_become_one():
    source = """
        entry0(v0):
            jump a1()
        a1():
            ecall 1, 1
            jump b2()
        b2():
            jump c3()
        c3():
            beq v0, 0, c3(), d4()
        d4():
            return 0
    """
    assert after(source, merge_blocks) == lines("""
        entry0(v0):
            ecall 1, 1
            jump c1()
        c1():
            beq v0, 0, c1(), d2()
        d2():
            return 0
    """)


def test_a_block_with_parameters_is_not_merged_and_a_circle_is_no_follower():
    kept = "entry0():\njump a1(1)\na1(v0):\nreturn v0"
    assert after(kept, merge_blocks) == lines(kept)
    circle = "entry0():\njump a1()\na1():\njump a1()"
    assert after(circle, merge_blocks) == lines(circle)


def test_dead_code_goes_with_what_only_it_needs():
    source = """
        entry0(v0):
            v1 = mul v0, 3
            v2 = add v1, 1
            v9 = call h
            jump loop1(0, v0, 5)
        loop1(v3, v4, v5):
            v6 = add v3, 1
            v7 = sub v4, 1
            v8 = copy v5
            ecall 1, v8
            bne v7, 0, loop1(v6, v7, v8), end2(v6)
        end2(v10):
            return 0
    """
    assert after(source, remove_dead) == lines(
        """
        entry0(v0):
            v1 = call h
            jump loop1(v0, 5)
        loop1(v2, v3):
            v4 = add v2, -1
            v5 = copy v3
            ecall 1, v5
            bne v4, 0, loop1(v4, v5), end2()
        end2():
            return 0
    """.replace("add v2, -1", "sub v2, 1")
    )


def test_parameters_of_the_function_stay_though_nothing_reads_them():
    source = "entry0(v0, v1):\nreturn 0"
    assert after(source, remove_dead) == lines(source)


def test_a_call_in_tail_position_leaves_the_frame_first():
    start = "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\n"
    source = f"{start}v1 = call f, 7\nreturn v1\nb2():\nv2 = call f, 1\nv3 = call h\nreturn v2"
    assert after(source, tail_calls) == lines(
        "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\ntail f, 7\nb2():\nv1 = call f, 1\nv2 = call h\nreturn v1"
    )
    for kept in ("v1 = call h\nreturn 0", "return v0", "v1 = add v0, 1\nreturn v1", "v1 = call h\nreturn v0"):
        assert after(f"entry0(v0):\n{kept}", tail_calls) == lines(f"entry0(v0):\n{kept}")


@pytest.mark.parametrize(("count", "op"), [(8, "tailr"), (9, "callr")])
def test_a_call_by_address_in_tail_position_leaves_the_frame_first(count, op):
    params = ", ".join(f"v{n}" for n in range(count))
    f = function(f"entry0({params}):\nx, y = callr 5, {params}\nreturn x, y", results=2)
    tail_calls(f)
    assert f.blocks[0].code[0].op == op
    assert len(f.blocks[0].code[0].results) == (2 if op == "callr" else 0)


def test_words_of_a_result_in_another_order_are_no_tail_call():
    f = function("entry0():\nx, y = callr 5\nreturn y, x", results=2)
    tail_calls(f)
    assert f.blocks[0].code[0].op == "callr"


def test_what_is_loaded_in_vain_goes_and_what_is_stored_stays():
    source = "entry0(v0):\nv1 = lw v0, 4\nv2 = lbu v1, 0\nv3 = la f\nv4 = la g\nsw v4, v0, 0\nsb 1, v0, 5\nreturn 0"
    kept = "entry0(v0):\nv1 = la g\nsw v1, v0, 0\nsb 1, v0, 5\nreturn 0"
    f = function(source)
    remove_dead(f)
    assert text(f).splitlines() == lines(kept)


@pytest.mark.parametrize(("count", "op"), [(8, "tail"), (9, "call")])
def test_a_tail_call_has_no_place_for_arguments_on_the_stack(count, op):
    params = ", ".join(f"v{n}" for n in range(count))
    f = function(f"entry0({params}):\nx = call f, {params}\nreturn x")
    tail_calls(f)
    assert f.blocks[0].code[0].op == op


def test_the_optimiser_takes_every_function_through_all_passes():
    first = "entry0(v0):\nv1 = mul v0, 8\nv2 = add 1, 2\nv3 = call f, v1\nv4 = copy v3\nreturn v4"
    second = first.replace("8", "4")
    program = Program([function(first), function(second, "k")])
    optimize(program)
    assert [text(f).splitlines() for f in program.functions] == [
        lines(f"entry0(v0):\nv1 = sll v0, {n}\ntail f, v1") for n in (3, 2)
    ]


def test_every_operation_folds_as_the_machine_computes():
    for op in sorted(BINARY):
        for a in WORDS:
            for b in WORDS:
                f = function("entry0():\nreturn x")
                value = f.blocks[0].code[0].args[0]
                f.blocks[0].code.insert(0, Instruction(op, [a, b], (value,)))
                fold(f)
                assert f.blocks[0].end.args == [meaning(op, a, b)]
