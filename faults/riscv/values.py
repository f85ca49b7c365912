"""Faults of riscv.values: truth, equality, keys, text."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-empty-does-not-hold",
        title="Empty strings, arrays and hashes do not hold",
        why="That is Python's rule.",
        symptom='if ("") takes the other way in the interpreter',
        pattern="tie-rule",
        source=review("everything but false, null and 0 holds"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.values:truth",
                correct="return value is not None and value != 0",
                faulty="return bool(value)",
            )
        ],
    ),
    Fault(
        id="riscv-true-is-one",
        title="1 and true are the same key",
        why="To Python they are equal, and the key of a hash forgets the kind.",
        symptom="h[true] reads what was put in under 1",
        pattern="domain",
        source=review("values of two kinds are never equal"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.values:key",
                correct="return type(value), value",
                faulty="return (bytes if isinstance(value, bytes) else int), value",
            )
        ],
    ),
    Fault(
        id="riscv-arrays-equal-by-content",
        title="Two arrays are equal if their elements are",
        why="Arrays and hashes are shared and equal to themselves only.",
        symptom="[1] == [1] holds in the interpreter",
        pattern="wrong-formula",
        source=review("an array is equal to itself only"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.values:equal",
                correct="return a is b if isinstance(a, list | dict) else a == b",
                faulty="return a == b",
            )
        ],
    ),
    Fault(
        id="riscv-depth-of-text",
        title="Arrays are printed one level deeper than they should",
        why="The depth is compared with the limit after it has been passed.",
        symptom="[[…]] shows one bracket more",
        pattern="off-by-one",
        source=review("what is nested in more than 8 arrays and hashes is printed as ..."),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.values:show",
                correct="case _ if depth == MAX_SHOWN:",
                faulty="case _ if depth > MAX_SHOWN:",
            )
        ],
    ),
]
