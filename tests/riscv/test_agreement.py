"""What two runs must have in common: all lines and the trap, or what was printed before a resource ended."""

import pytest

from riscv.agreement import disagreement
from riscv.outcome import Outcome, Trap


def ended(*output, trap=None):
    return Outcome(output, trap and Trap(trap, None, f"{trap}: why\nwhere"), (), 0)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (ended(), ended()),
        (ended("1", "2"), ended("1", "2")),
        (ended("1", trap="type-error"), ended("1", trap="type-error")),
        (ended("1", trap="step-limit"), ended("1", "2")),
        (ended("1", "2"), ended("1", trap="out-of-memory")),
        (ended("1", "23"), ended("1", "2", trap="step-limit")),
        (ended("1", "23", trap="step-limit"), ended("1", "2", trap="stack-overflow")),
        (ended("1", "2", trap="step-limit"), ended("1", "23", trap="output-limit")),
        (ended("1", trap="index-error"), ended(trap="step-limit")),
    ],
)
def test_runs_that_did_the_same_as_far_as_they_got_agree(expected, got):
    assert disagreement(expected, got) == ""


@pytest.mark.parametrize(
    ("expected", "got", "message"),
    [
        (ended("1", "2"), ended("1", "3"), "output[1]: expected 2, got 3"),
        (ended("1 2"), ended("1", "2"), "output[0]: expected 1 2, got 1"),
        (ended("1", "2"), ended("1"), "output[1]: expected 2, got nothing"),
        (ended("1"), ended("1", "2"), "output[1]: expected nothing, got 2"),
        (
            ended("1", "2"),
            ended("1", trap="type-error"),
            "output[1]: expected 2, got nothing (type-error: why)",
        ),
        (ended("1"), ended("1", trap="type-error"), "trap: expected none, got type-error (type-error: why)"),
        (ended("1", trap="type-error"), ended("1"), "trap: expected type-error, got none"),
        (
            ended(trap="type-error"),
            ended(trap="index-error"),
            "trap: expected type-error, got index-error (index-error: why)",
        ),
        (ended("1"), ended("1", "2", trap="step-limit"), "output[1]: expected nothing, got 2 (step-limit: why)"),
        (ended("1", "2", trap="step-limit"), ended("1"), "output[1]: expected 2, got nothing"),
        (
            ended("1", "2", trap="step-limit"),
            ended("1", "3", "4", trap="step-limit"),
            "output[1]: expected 2, got 3 (step-limit: why)",
        ),
    ],
)
def test_the_first_difference_is_named(expected, got, message):
    assert disagreement(expected, got) == message
