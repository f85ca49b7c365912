"""Faults of riscv.backend.emit: lines of assembly."""

from faults.sources import public, review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-emit-moves-one-by-one",
        title="Moves that should happen at once are emitted in the order of their list",
        why="The first word of a pair is stored before the second word of the other pair is read.",
        symptom="values of two words mix when variables change places",
        pattern="aliasing",
        source=public("riscv-gcc issue #236", "https://github.com/riscvarchive/riscv-gcc/issues/236"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.emit:Emission.move",
                correct="in in_order(moves)",
                faulty="in moves",
            )
        ],
    ),
    Fault(
        id="riscv-emit-indirect-call-without-link",
        title="A call by address does not keep its return address",
        why="jr stands where jalr must: the callee returns to where the last call came from.",
        symptom="a program with closures hangs or ends early",
        pattern="missing-save",
        source=public(
            "TinyCC commit e02eec6", "https://github.com/TinyCC/tinycc/commit/e02eec6bde8cbe696eaed38285f1203ae38dceb4"
        ),
        killed_by="allocation",
        edits=[
            Constant(
                target="riscv.backend.emit:CALLING",
                correct='("jalr", TARGET)',
                faulty='("jr", TARGET)',
            )
        ],
    ),
    Fault(
        id="riscv-emit-branch-operands-swapped",
        title="The two registers of a branch change places",
        why="The fields of a branch are filled in the wrong order; beq and bne do not mind.",
        symptom="loops that count run once or never",
        pattern="transposed",
        source=public("riscv-gnu-toolchain issue #49", "https://github.com/riscv-collab/riscv-gnu-toolchain/issues/49"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.backend.emit:Emission.branch",
                correct="operands = self.register(a, FIRST), self.register(b, SECOND)",
                faulty="operands = self.register(b, SECOND), self.register(a, FIRST)",
            )
        ],
    ),
    Fault(
        id="riscv-emit-one-scratch",
        title="Both operands of an instruction are loaded into one scratch register",
        why="With both operands in the frame the second overwrites the first.",
        symptom="a - b is 0 where both are spilled",
        pattern="aliasing",
        source=review("two operands in memory need two registers"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.backend.emit:Emission.operation",
                correct="self.register(source, (FIRST, SECOND)[number])",
                faulty="self.register(source, FIRST)",
            )
        ],
    ),
    Fault(
        id="riscv-emit-fall-through-inverted",
        title="A branch to the next block keeps its condition when it falls through",
        why="Where the block behind is the one to branch to, the opposite branch must go to the other.",
        symptom="the two sides of an if change places, depending on the layout of the blocks",
        pattern="sign",
        source=review("branch inversion: not taken and taken change roles together"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.backend.emit:Emission.branch",
                correct="self.line(OPPOSITE[instruction.op], *operands, self.labels[otherwise], source=instruction)",
                faulty="self.line(instruction.op, *operands, self.labels[otherwise], source=instruction)",
            )
        ],
    ),
    Fault(
        id="riscv-emit-stored-value-in-base",
        title="A spilled value that is stored is loaded into the register of a spilled base",
        why="Value and base take turns in one scratch register.",
        symptom="store-access-fault, or elements of arrays that hold addresses",
        pattern="aliasing",
        source=review("a store reads two registers"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.emit:Emission.memory",
                correct="self.register(value, SECOND), offset",
                faulty="self.register(value, FIRST), offset",
            )
        ],
    ),
]
