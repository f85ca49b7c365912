"""Faults of riscv.backend.frame: which registers are saved."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-frame-helper-keeps-ra",
        title="A function that calls nothing but the runtime does not save ra",
        why="It is judged a leaf, but the runtime is called like any other function.",
        symptom="the program hangs: a function returns into itself",
        pattern="missing-save",
        source=public("tinygo issue #1071", "https://github.com/tinygo-org/tinygo/issues/1071"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:overwritten",
                correct='line.mnemonic in ("call", "jalr")',
                faulty='line.mnemonic in ("jalr", "call") and "runtime." not in str(line)',
            )
        ],
    ),
    Fault(
        id="riscv-frame-indirect-call-keeps-ra",
        title="A function that calls by address alone does not save ra",
        why="Calls are recognised by their mnemonic, and jalr is not among them.",
        symptom="a function that only calls its argument never returns",
        pattern="missing-save",
        source=pattern_of("tinygo issue #1071", "https://github.com/tinygo-org/tinygo/issues/1071"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:overwritten",
                correct='line.mnemonic in ("call", "jalr")',
                faulty='line.mnemonic in ("call",)',
            )
        ],
    ),
    Fault(
        id="riscv-frame-last-save-missing",
        title="s11 is not among the registers that are saved",
        why="The list of saved registers ends one too early.",
        symptom="a caller with twelve values across a call loses one of them",
        pattern="off-by-one",
        source=review('RISC-V ABI, "Integer Register Convention": s0 to s11 are preserved'),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:overwritten",
                correct="return [register for register in KEPT if register in names]",
                faulty="return [register for register in KEPT[:-1] if register in names]",
            )
        ],
    ),
    Fault(
        id="riscv-frame-restores-all-but-last",
        title="The epilogue leaves out the last register that it should restore",
        why="The loop over the saved registers stops one too early.",
        symptom="a caller's variable changes after a call",
        pattern="missing-save",
        source=review('RISC-V ABI, "Integer Register Convention"'),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.epilogue",
                correct="for register in self.saved:",
                faulty="for register in self.saved[:-1] or self.saved:",
            )
        ],
    ),
    Fault(
        id="riscv-frame-saved-registers-need-none",
        title="A block that overwrites saved registers but spills nothing is given no frame",
        why="Shrink-wrapping looks for words of the frame alone; calls and saved registers need one as well.",
        symptom="a caller's variable changes after a call",
        pattern="missing-save",
        source=review("a register can be saved only while there is a frame to save it to"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:needs_frame",
                correct="return bool(overwritten(code)) or any(isinstance(word, Slot | Outgoing) for word in words)",
                faulty="return any(isinstance(word, Slot | Outgoing) for word in words)",
            )
        ],
    ),
]
