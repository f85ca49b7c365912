"""Faults of riscv.optimize.tail: calls that return for their caller."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-tail-call-with-stack-arguments",
        title="A call with arguments on the stack leaves its frame first",
        why="The arguments lie in the frame that is given back before the jump.",
        symptom="the ninth argument is lost in optimised code",
        pattern="wrong-address",
        source=public("llvm-project issue #185089", "https://github.com/llvm/llvm-project/issues/185089"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.optimize.tail:tail_calls",
                correct="if call.op in TAILS and same and all(isinstance(place, str) for place in wanted(call)):",
                faulty="if call.op in TAILS and same:",
            )
        ],
    ),
    Fault(
        id="riscv-tail-call-of-another-result",
        title="The last call before any return becomes a tail call",
        why="What is returned need not be what the call gave.",
        symptom="a function returns what its last statement called gave",
        pattern="dropped-statement",
        source=review("v = call f; return v, with the same v"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.tail:tail_calls",
                correct="same = [*call.results] == block.end.args",
                faulty="same = len(call.results) == len(block.end.args)",
            )
        ],
    ),
]
