"""Requests to the environment: output, its limit, and the ways to end."""

import pytest

from riscv import environment
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.outcome import lines

TEXT = '.rodata\ntext: .ascii "h\\xc3\\xa9llo\\nx"\n.equ length, . - text\n'


def run(source, limit=1000):
    """The outcome of an assembly text."""
    return Emulator(assemble(source)).run(limit)


def write(descriptor="1", address="text", length="length"):
    """A program that writes and then exits with what write gave it."""
    arguments = f"li a0, {descriptor}\nla a1, {address}\nli a2, {length}\n"
    return f"{arguments}li a7, 64\necall\nli a7, 93\necall\nnop\nlast: nop\n{TEXT}"


@pytest.mark.parametrize(
    ("number", "kind"),
    [(1001, "type-error"), (1002, "index-error"), (1003, "argument-error"), (1004, "out-of-memory")],
)
@pytest.mark.parametrize(
    ("line", "where"), [(1, "in line 1"), (0, "in line 0 of the runtime"), (-7, "in line 7 of the runtime")]
)
def test_a_program_may_end_in_an_error_of_the_language(number, kind, line, where):
    trap = run(f"li a7, {number}\nli a0, {line}\necall").trap
    assert (trap.kind, trap.pc) == (kind, 0x10008)
    assert trap.message.splitlines()[0] == f"{kind} at 0x00010008: {where}"


def test_the_numbers_beside_the_errors_are_no_requests():
    assert [run(f"li a7, {number}\necall").trap.kind for number in (1000, 1005)] == ["environment-call"] * 2


@pytest.mark.parametrize("descriptor", [1, 2])
def test_write_prints_bytes_from_memory(descriptor):
    outcome = run(write(descriptor))
    assert (outcome.output, outcome.status, outcome.trap) == (("h\u00e9llo", "x"), 8, None)


@pytest.mark.parametrize("descriptor", [0, 3, -1])
def test_only_standard_output_and_error_are_open(descriptor):
    outcome = run(write(descriptor))
    assert (outcome.output, outcome.status, outcome.trap) == ((), -9, None)


def test_write_traps_where_there_is_no_memory():
    outcome = run(write(address="last", length="5"))
    assert (outcome.trap.kind, outcome.output) == ("load-access-fault", ())
    assert run(write(address="text", length="0")).output == ()
    assert run(write(address="0 - 0x10000", length="0")).status == 0


def test_output_has_a_limit(monkeypatch):
    assert environment.OUTPUT_LIMIT == 2**24
    monkeypatch.setattr(environment, "OUTPUT_LIMIT", 8)
    assert run(write()).trap is None
    outcome = run(write(length="9"))
    assert outcome.trap.message.startswith("output-limit at 0x00010014: write of 9 bytes, 8 are allowed\n")
    outcome = run(write(length="-1"))
    assert outcome.trap.message.split("\n")[0].endswith("write of 4294967295 bytes, 8 are allowed")
    outcome = run("li a7, 1\nli a0, 123\nloop: ecall\nj loop")
    assert outcome.trap.message.startswith("output-limit at 0x00010008: more than 8 bytes of output\n")
    assert outcome.output == ("123123",)


def test_a_program_ends_with_the_status_it_gives():
    assert run("li a0, 300\nli a7, 93\necall").status == 300
    assert run("li a0, -1\nli a7, 93\necall").status == -1
    assert run("ebreak").status == 0


TOHOST = "la t0, tohost\nli t1, {}\nsw t1, 0(t0)\nsw t1, 4(t0)\nloop: j loop\n.data\n.word 0\ntohost: .word 0, 0"


@pytest.mark.parametrize(("value", "status"), [(1, 0), (3, 1), (85, 42), (-1, 2**31 - 1)])
def test_an_odd_number_in_tohost_ends_the_program(value, status):
    outcome = run(TOHOST.format(value), 100)
    assert (outcome.trap, outcome.status, outcome.steps) == (None, status, 4)


def test_another_number_in_tohost_is_a_request_nobody_knows():
    outcome = run(TOHOST.format(8), 100)
    assert outcome.trap.message.startswith("environment-call at 0x0001000c: unknown request 8 in tohost\n")
    assert run(TOHOST.format(0), 100).trap.kind == "step-limit"


def test_without_a_label_tohost_is_a_word_like_any_other():
    assert run(TOHOST.format(1).replace("tohost", "word_"), 100).trap.kind == "step-limit"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (b"", ()),
        (b"\n", ("",)),
        (b"a", ("a",)),
        (b"a\n", ("a",)),
        (b"a\n\nb\r\n", ("a", "", "b\r")),
        (b"\xff\n", ("\ufffd",)),
    ],
    ids=range(6),
)
def test_output_is_split_into_lines(printed, expected):
    assert lines(printed) == expected
