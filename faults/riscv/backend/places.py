"""Faults of riscv.backend.places: the calling convention."""

from faults.sources import public, review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-tail-call-through-saved-register",
        title="The target of a tail call is kept in a saved register",
        why="The epilogue restores the register before the jump goes through it.",
        symptom="a tail call by address jumps to wherever the caller's value points",
        pattern="order-of-operations",
        source=public("ir issue #115", "https://github.com/dstogov/ir/issues/115"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.places:wanted",
                correct="return [TARGET, *passed(len(instruction.args) - 1, Outgoing)]",
                faulty='target = "s1" if instruction.op == "tailr" else TARGET\n'
                "return [target, *passed(len(instruction.args) - 1, Outgoing)]",
            ),
            Constant(
                target="riscv.backend.emit:LEAVING",
                correct='("jr", TARGET)',
                faulty='("jr", "s1")',
            ),
        ],
    ),
    Fault(
        id="riscv-indirect-call-keeps-temporaries",
        title="Calls by address are taken to leave all registers alone",
        why="What a call may overwrite is listed for direct calls only.",
        symptom="values change across calls of closures",
        pattern="missing-save",
        source=review('RISC-V ABI, "Integer Register Convention": t and a registers are the callee\'s'),
        killed_by="frame",
        edits=[
            Edit(
                target="riscv.backend.places:overwritten",
                correct='instruction.op in ("call", "callr")',
                faulty='instruction.op == "call"',
            )
        ],
    ),
    Fault(
        id="riscv-request-keeps-a7",
        title="A request is taken to leave a7 alone",
        why="The number of the request is moved into a7, where another value may live.",
        symptom="a value turns into the number of a request after puts",
        pattern="missing-save",
        source=review("what a request is passed in is overwritten before it"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.places:overwritten",
                correct="return REQUEST[: len(instruction.args)]",
                faulty="return REQUEST[1 : len(instruction.args)]",
            )
        ],
    ),
    Fault(
        id="riscv-eighth-argument-on-stack",
        title="The eighth argument is passed on the stack",
        why="Seven registers are counted for arguments; caller and callee agree, the convention does not.",
        symptom="none among functions of one compiler; calls to others get a wrong argument",
        pattern="off-by-one",
        source=review('RISC-V ABI, "Integer Calling Convention": a0 to a7'),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.places:passed",
                correct="ARGUMENTS[n] if n < len(ARGUMENTS) else beyond(n - len(ARGUMENTS))",
                faulty="ARGUMENTS[n] if n < 7 else beyond(n - 7)",
            )
        ],
    ),
]
