"""Syntax tree to intermediate representation: the exact functions for small programs."""

import pytest

from riscv.errors import Source
from riscv.ir.lower import lower
from riscv.ir.nodes import text
from riscv.ir.verify import verify
from riscv.resolver import resolve
from tests.riscv.written import lines


def lowered(source):
    """The functions of a program as texts, by label."""
    program = lower(resolve(Source("test", source)))
    verify(program)
    return {function.label: text(function).splitlines() for function in program.functions}


def main(source):
    return lowered(source)["main"]


PRINTED = "let r = fn() { return 9 }; let x = r(); let y = r(); "
BEFORE = "v0 = call r.1\nv1 = call r.1\n"


@pytest.mark.parametrize(
    ("expression", "code", "result"),
    [
        ("x + y", "v2 = add v0, v1", "v2"),
        ("x - y", "v2 = sub v0, v1", "v2"),
        ("x * y", "v2 = mul v0, v1", "v2"),
        ("x / y", "v2 = div v0, v1", "v2"),
        ("x % y", "v2 = rem v0, v1", "v2"),
        ("-x", "v2 = sub 0, v0", "v2"),
        ("x >>> y", "v2 = srl v0, v1", "v2"),
        ("~x", "v2 = xor v0, -1", "v2"),
        ("7", "", "7"),
        ("x", "", "v0"),
    ],
)
def test_an_expression_becomes_these_instructions(expression, code, result):
    expected = f"entry0():\n{BEFORE}{code}\necall 1, {result}\necall 11, 10\nreturn 0".replace("\n\n", "\n")
    assert main(f"{PRINTED}puts({expression})") == lines(expected)


@pytest.mark.parametrize(
    ("expression", "code", "result", "tag"),
    [
        ("!x", "v2 = sltu v0, 1", "v2", 1),
        ("x < y", "v2 = slt v0, v1", "v2", 1),
        ("x > y", "v2 = slt v1, v0", "v2", 1),
        ("x <= y", "v2 = slt v1, v0\nv3 = xor v2, 1", "v3", 1),
        ("x >= y", "v2 = slt v0, v1\nv3 = xor v2, 1", "v3", 1),
        ("x == y", "v2 = xor v0, v1\nv3 = sltu v2, 1", "v3", 1),
        ("x != y", "v2 = xor v0, v1\nv3 = sltu 0, v2", "v3", 1),
        ("true", "", "1", 1),
        ("false", "", "0", 1),
        ("null", "", "0", 5),
        ("puts(x)", "ecall 1, v0\necall 11, 10", "0", 5),
    ],
)
def test_a_value_that_is_no_integer_is_shown_by_the_runtime(expression, code, result, tag):
    found = main(f"{PRINTED}puts({expression})")
    shown = f"call runtime.show.1, {result}, {tag}, 0"
    assert [line.partition("= ")[2] if "show" in line else line for line in found] == [
        shown if "show" in line else line
        for line in lines(f"entry0():\n{BEFORE}{code}\n{shown}\necall 11, 10\nreturn 0".replace("\n\n", "\n"))
    ]


@pytest.mark.parametrize(
    ("condition", "branch"),
    [
        ("x", "bne v0, 0, then1(), else2()"),
        ("x == y", "beq v0, v1, then1(), else2()"),
        ("x != y", "bne v0, v1, then1(), else2()"),
        ("x < y", "blt v0, v1, then1(), else2()"),
        ("x >= y", "bge v0, v1, then1(), else2()"),
        ("x > y", "blt v1, v0, then1(), else2()"),
        ("x <= y", "bge v1, v0, then1(), else2()"),
        ("!(x < y)", "blt v0, v1, else2(), then1()"),
        ("!x", "bne v0, 0, else2(), then1()"),
    ],
)
def test_a_condition_becomes_a_branch(condition, branch):
    ending = "then1():\necall 1, 3\necall 11, 10\njump end3()\nelse2():\njump end3()\nend3():\nreturn 0"
    assert main(f"{PRINTED}if ({condition}) {{ puts(3) }}") == lines(f"entry0():\n{BEFORE}{branch}\n{ending}")


@pytest.mark.parametrize(
    ("operator", "first"), [("&&", "bne v0, 0, right1(), no3()"), ("||", "bne v0, 0, yes2(), right1()")]
)
def test_logical_operators_skip_the_right_side(operator, first):
    assert main(f"{PRINTED}puts(x {operator} y)") == lines(f"""
        entry0():
            {BEFORE}{first}
        right1():
            bne v1, 0, yes2(), no3()
        yes2():
            jump end4(1)
        no3():
            jump end4(0)
        end4(v2):
            v3 = call runtime.show.1, v2, 1, 0
            ecall 11, 10
            return 0
    """)


def test_variables_that_differ_meet_in_parameters_and_inner_ones_end():
    source = f"{PRINTED}let z = 5; if (x) {{ set y = 1; let w = 8 }} else {{ set y = z; set x = 2 }} puts(x, y, z)"
    assert main(source) == lines(f"""
        entry0():
            {BEFORE}bne v0, 0, then1(), else2()
        then1():
            jump end3(v0, 1)
        else2():
            jump end3(2, 5)
        end3(v2, v3):
            ecall 1, v2
            ecall 11, 10
            ecall 1, v3
            ecall 11, 10
            ecall 1, 5
            ecall 11, 10
            return 0
    """)


def test_a_loop_tests_behind_its_body_and_carries_what_changes():
    assert main(f"{PRINTED}while (x < y) {{ let w = x; set x = w + 1 }} puts(x)") == lines(f"""
        entry0():
            {BEFORE}jump test2(v0)
        body1():
            v2 = add v3, 1
            jump test2(v2)
        test2(v3):
            blt v3, v1, body1(), end3()
        end3():
            ecall 1, v3
            ecall 11, 10
            return 0
    """)


def test_nothing_is_lowered_behind_a_return():
    source = "let f = fn(a) { if (a) { return 1; puts(2) } else { return 3 } puts(4); while (1) { } }; f(1)"
    assert lowered(source) == {
        "main": lines("entry0():\nv0 = call f.1, 1\nreturn 0"),
        "f.1": lines("entry0(v0):\nbne v0, 0, then1(), else2()\nthen1():\nreturn 1\nelse2():\nreturn 3"),
    }


def test_a_loop_whose_body_returns_is_left_by_its_test():
    found = lowered("let f = fn(a) { while (a) { return 1 } return a }; f(1)")["f.1"]
    assert found == lines("""
        entry0(v0):
            jump test2()
        body1():
            return 1
        test2():
            bne v0, 0, body1(), end3()
        end3():
            return v0
    """)


def test_one_arm_that_returns_leaves_the_variables_of_the_other():
    found = lowered("let f = fn(a, b) { if (a) { return b } else { set a = 7 } return a }; f(1, 2)")["f.1"]
    assert found == lines("""
        entry0(v0, v1):
            bne v0, 0, then1(), else2()
        then1():
            return v1
        else2():
            jump end3()
        end3():
            return 7
    """)


def test_functions_are_lowered_in_the_order_they_are_called_and_each_once():
    source = "let a = fn() { return b() + c() }; let b = fn() { return a() }; let c = fn() { }; c(); a(); c()"
    found = lowered(source)
    assert list(found) == ["main", "c.1", "a.2", "b.3"]
    assert found["main"] == lines("entry0():\nv0 = call c.1\nv1 = call a.2\nv2 = call c.1\nreturn 0")
    assert found["c.1"] == lines("entry0():\nreturn 0")


def test_arguments_are_passed_in_order():
    found = lowered("let f = fn(a, b, c) { return f(c, a, 4) - b }; f(1, 2, 3)")["f.1"]
    assert found == lines("entry0(v0, v1, v2):\nv3 = call f.1, v2, v0, 4\nv4 = sub v3, v1\nreturn v4")
