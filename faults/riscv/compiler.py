"""Faults of riscv.compiler."""

from faults.sources import backend, post
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-prologue-save-index",
        title="The prologue saves registers at another function's index",
        why="The index of the hole for the saves is that of the function emitted last, so others save their registers "
        "before they lower sp, above their frame, or behind code that has overwritten them.",
        symptom="a program with a nested function stores outside memory, or its caller's variables change",
        pattern="state-not-restored",
        source=post("bug 6"),
        groups=frozenset({"seven"}),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.compiler:emit_all",
                correct="frame.finish(frame.hole)",
                faulty="frame.finish(frames[-1].hole)",
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
                target="riscv.backend.frame:Frame.epilogue",
                correct="for register in self.saved",
                faulty="for register in overwritten(self.code)",
            )
        ],
    ),
    Fault(
        id="riscv-spill-aliases-saves",
        title="Spilled locals share the slots of the saved registers",
        why="With more values in a function than registers, those in the frame overwrite what it saves of its caller.",
        symptom="a caller's variable changes when the function called has more of them than registers",
        pattern="wrong-address",
        source=backend("miscompile B"),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.offset",
                correct="return 4 * (self.outgoing + len(self.saved) + index)",
                faulty="return 4 * (self.outgoing + index)",
            )
        ],
    ),
]
