"""Faults of riscv.compiler."""

from faults.sources import backend, post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-prologue-save-index",
        title="The prologue saves registers at another function's index",
        why="After a nested function the index of the hole for the saves is that function's, so the enclosing "
        "program saves its registers before it lowers sp: above its frame, outside memory.",
        symptom="a program with a nested function stores outside memory, or its caller's variables change",
        pattern="state-not-restored",
        source=post("bug 6"),
        groups=frozenset({"seven"}),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.compiler:Compiler.nested_function",
                correct="self.function = outer",
                faulty="outer.hole, self.function = self.function.hole, outer",
            )
        ],
    ),
    Fault(
        id="riscv-epilogue-early-return",
        title="An early return restores only the registers in use when it was emitted",
        why="The prologue saves all registers that the function will use, a return inside a loop restores those "
        "allocated so far; the caller's later variables are overwritten, silently.",
        symptom="a caller's variable has another value after a call that returns from inside a loop",
        pattern="missing-save",
        source=backend("miscompile A"),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.compiler:Compiler.statement",
                correct='self.function.emit(f"j {self.function.end}")',
                faulty='self.function.emit(*self.function.epilogue(), "ret")',
            )
        ],
    ),
    Fault(
        id="riscv-spill-aliases-saves",
        title="Spilled locals share the slots of the saved registers",
        why="With more than eleven locals in a function the spilled ones overwrite the caller's saved registers.",
        symptom="a caller's variable changes when the function called has more than eleven",
        pattern="wrong-address",
        source=backend("miscompile B"),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.compiler:Function.allocate",
                correct="self.home[local] = -(SAVE_AREA + 4 * self.slots)",
                faulty="self.home[local] = -(8 + 4 * self.slots)",
            )
        ],
    ),
]
