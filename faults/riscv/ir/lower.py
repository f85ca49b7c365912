"""Faults of riscv.ir.lower: statements."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-lower-arms-share-variables",
        title="Both arms of an if write into one table of variables",
        why="A copy is missing, so what the first arm assigns is there in the second.",
        symptom="set in the first block of an if shows in the second",
        pattern="aliasing",
        source=pattern_of(
            "QBE commit 834b5cb", "https://github.com/8l/qbe/commit/834b5cb08bbf0f4fbc1992a72327dfc2c0a31796"
        ),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.lower:Lowering.if_stmt",
                correct="self.variables = dict(before)",
                faulty="self.variables = before",
            )
        ],
    ),
    Fault(
        id="riscv-lower-return-without-value",
        title="A function that ends without return leaves its result register as it is",
        why="The caller reads what another call left there.",
        symptom="the value of a function without return holds, at times",
        pattern="unset-state",
        source=public(
            "QBE commit bf2a90e", "https://github.com/8l/qbe/commit/bf2a90ef7c183e9e0442d14d6f74fb6d5f79c6bb"
        ),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.lower:Lowering.function",
                correct="self.give(NOTHING)",
                faulty='self.emit(Instruction("return", []))',
            )
        ],
    ),
    Fault(
        id="riscv-lower-captures-one-word-each",
        title="A captured value is sought one word behind the last",
        why="Values whose kind is not known take two words in a closure.",
        symptom="a function inside a function inside a function reads a stale word",
        pattern="wrong-address",
        source=public("klassic issue #502", "https://github.com/klassic/klassic/issues/502"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.lower:Lowering.captured",
                correct="offset += 4 * len(words(NOTHING, kinds))",
                faulty="offset += 4",
            )
        ],
    ),
    Fault(
        id="riscv-lower-for-leaves-out-the-first",
        title="A loop over elements starts at the second",
        why="The length in front of the elements is counted twice.",
        symptom="for skips the first element and reads one behind the last",
        pattern="off-by-one",
        source=review("elements begin behind the word of the length"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.lower:Lowering.for_in_stmt",
                correct='first = self.result("add", array, operators.LENGTH)',
                faulty='first = self.result("add", array, operators.LENGTH + operators.ELEMENT)',
            )
        ],
    ),
    Fault(
        id="riscv-lower-continue-leaves",
        title="continue leaves the loop",
        why="Both ways out of a round are put on one list.",
        symptom="a loop ends at its first continue",
        pattern="wrong-operand",
        source=review("continue leads to the test"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.lower:Lowering.statement",
                correct="self.leave(self.loops[-1].again)",
                faulty="self.leave(self.loops[-1].left)",
            )
        ],
    ),
]
