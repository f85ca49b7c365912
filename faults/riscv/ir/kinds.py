"""Faults of riscv.ir.kinds: which kinds of values there can be."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-kinds-captured-one-level",
        title="What is captured is looked at for functions of the top level only",
        why="The analysis of captures goes one level deep.",
        symptom="a string that an inner function captured prints as a number",
        pattern="dropped-statement",
        source=public("aether issue #1125", "https://github.com/aether-lang-dev/aether/issues/1125"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.kinds:Inference.function",
                correct="for outer, inner in self.resolved.frames[node].captures.items():",
                faulty="for outer, inner in [] if self.owners else self.resolved.frames[node].captures.items():",
            )
        ],
    ),
    Fault(
        id="riscv-kinds-one-walk",
        title="The kinds of values are inferred in one walk over the program",
        why="What a later statement puts into a variable does not reach its earlier uses.",
        symptom="values in loops print as numbers",
        pattern="state-not-advanced",
        source=pattern_of("mach issue #1749", "https://github.com/briar-systems/mach/issues/1749"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.kinds:Inference.settle",
                correct="return self.facts if self.size() == size else self.settle()",
                faulty="return self.facts",
            )
        ],
    ),
    Fault(
        id="riscv-kinds-missing-key",
        title="A hash is taken to have every key",
        why="That an index can give null is forgotten, and the test for it is optimised away.",
        symptom="h[k] == null is false for a key that is not there",
        pattern="domain",
        source=review("a hash has null for a key that it has not"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.kinds:Inference.element",
                correct="found |= self.elements | {NULL}",
                faulty="found |= self.elements",
            )
        ],
    ),
]
