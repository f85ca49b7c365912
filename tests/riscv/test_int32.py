"""32-bit arithmetic against tables worked out by hand from the M extension's definition."""

import pytest

from riscv import int32

MIN, MAX = -(2**31), 2**31 - 1


@pytest.mark.parametrize(
    ("value", "wrapped"),
    [(0, 0), (MAX, MAX), (MIN, MIN), (MAX + 1, MIN), (MIN - 1, MAX), (2**32, 0), (2**32 - 1, -1), (-(2**32), 0)],
)
def test_wrap_reduces_modulo_two_to_the_32(value, wrapped):
    assert int32.wrap(value) == wrapped


@pytest.mark.parametrize(
    ("value", "bits"), [(0, 0), (-1, 0xFFFFFFFF), (MIN, 0x80000000), (MAX, 0x7FFFFFFF), (2**32 + 5, 5)]
)
def test_unsigned_reads_the_same_bits_without_sign(value, bits):
    assert int32.unsigned(value) == bits


@pytest.mark.parametrize(
    ("operation", "a", "b", "result"),
    [
        (int32.add, 2, 3, 5),
        (int32.add, MAX, 1, MIN),
        (int32.sub, 2, 3, -1),
        (int32.sub, MIN, 1, MAX),
        (int32.mul, -3, 7, -21),
        (int32.mul, 65537, 65535, -1),
        (int32.mul, MIN, -1, MIN),
        (int32.div, 7, 2, 3),
        (int32.div, -7, 2, -3),
        (int32.div, 7, -2, -3),
        (int32.div, -7, -2, 3),
        (int32.div, 0, -5, 0),
        (int32.div, 5, 0, -1),
        (int32.div, -5, 0, -1),
        (int32.div, 0, 0, -1),
        (int32.div, 5, 1, 5),
        (int32.div, 5, 5, 1),
        (int32.div, -5, -5, 1),
        (int32.div, 5, -5, -1),
        (int32.div, 6, 4, 1),
        (int32.div, MIN, -1, MIN),
        (int32.div, MIN, 1, MIN),
        (int32.rem, 7, 3, 1),
        (int32.rem, -7, 3, -1),
        (int32.rem, 7, -3, 1),
        (int32.rem, -7, -3, -1),
        (int32.rem, 0, 3, 0),
        (int32.rem, 1, 3, 1),
        (int32.rem, 5, 0, 5),
        (int32.rem, -5, 0, -5),
        (int32.rem, 5, 1, 0),
        (int32.rem, MIN, -1, 0),
        (int32.and_, 12, 10, 8),
        (int32.and_, -1, MAX, MAX),
        (int32.or_, 12, 10, 14),
        (int32.xor, 12, 10, 6),
        (int32.xor, -1, 1, -2),
        (int32.sll, 1, 31, MIN),
        (int32.sll, 3, 33, 6),
        (int32.sll, 1, -1, MIN),
        (int32.sll, 5, 32, 5),
        (int32.sra, -5, 1, -3),
        (int32.sra, MIN, 31, -1),
        (int32.sra, 256, 36, 16),
        (int32.sra, -8, 32, -8),
        (int32.srl, -1, 28, 15),
        (int32.srl, MIN, 31, 1),
        (int32.srl, -1, 32, -1),
        (int32.srl, -2, 33, MAX),
    ],
)
def test_arithmetic_wraps_and_divides_as_the_machine_does(operation, a, b, result):
    assert operation(a, b) == result


@pytest.mark.parametrize(
    ("operation", "less", "equal", "greater"),
    [
        (int32.lt, 1, 0, 0),
        (int32.le, 1, 1, 0),
        (int32.gt, 0, 0, 1),
        (int32.ge, 0, 1, 1),
        (int32.eq, 0, 1, 0),
        (int32.ne, 1, 0, 1),
    ],
)
def test_comparisons_give_one_or_zero(operation, less, equal, greater):
    assert (operation(-1, 1), operation(4, 4), operation(1, -1)) == (less, equal, greater)
    assert type(operation(4, 4)) is int
