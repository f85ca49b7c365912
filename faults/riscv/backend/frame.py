"""Faults of riscv.backend.frame: what is where in the frame."""

from faults.sources import pattern_of, public
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-frame-first-save-before-sp",
        title="The first register is saved before sp is lowered",
        why="The save uses an offset into a frame that does not exist yet, so it lands in the caller's.",
        symptom="a caller's spilled value turns into a return address",
        pattern="order-of-operations",
        source=public("llvm-project issue #58286", "https://github.com/llvm/llvm-project/issues/58286"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.finish",
                correct="return [*self.code[:hole], *saves, *self.code[hole:]]",
                faulty="early = hole - 1 if saves else hole\n"
                "return [*self.code[:early], *saves[:1], *self.code[early:hole], *saves[1:], *self.code[hole:]]",
            )
        ],
    ),
    Fault(
        id="riscv-frame-restores-below-sp",
        title="The epilogue raises sp before it restores",
        why="The registers are read back from below sp, where an interrupt may have written since.",
        symptom="none without interrupts; registers change at random with them",
        pattern="order-of-operations",
        source=public("wasmtime issue #8401", "https://github.com/bytecodealliance/wasmtime/issues/8401"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.epilogue",
                correct='restores += self.resolved(Line("lw", (register, Save(register), "sp")), self.size)',
                faulty='restores.append(Line("lw", (register, self.offset(Save(register), 0) - self.size, "sp")))',
            ),
            Edit(
                target="riscv.backend.frame:Frame.epilogue",
                correct="return [*restores, *adjust(self.size)]",
                faulty="return [*adjust(self.size), *restores]",
            ),
        ],
    ),
    Fault(
        id="riscv-frame-saves-below-sp",
        title="The prologue saves below sp and lowers it afterwards",
        why="For a moment the saved registers lie where anyone may write.",
        symptom="none without interrupts; registers change at random with them",
        pattern="order-of-operations",
        source=pattern_of("wasmtime issue #8401", "https://github.com/bytecodealliance/wasmtime/issues/8401"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.finish",
                correct='self.resolved(Line("sw", (r, Save(r), "sp")), self.size)',
                faulty='self.resolved(Line("sw", (r, self.offset(Save(r), 0) - self.size, "sp")), self.size)',
            ),
            Edit(
                target="riscv.backend.frame:Frame.finish",
                correct="return [*self.code[:hole], *saves, *self.code[hole:]]",
                faulty="before = hole - 1 if saves else hole\n"
                "return [*self.code[:before], *saves, *self.code[before:]]",
            ),
        ],
    ),
    Fault(
        id="riscv-frame-incoming-without-save-area",
        title="Arguments on the stack are sought below the save area",
        why="The distance of sp from where it was at entry is taken without the registers that were saved.",
        symptom="the ninth argument has a wrong value in functions that save registers, and only there",
        pattern="state-not-advanced",
        source=public("wasmtime issue #8054", "https://github.com/bytecodealliance/wasmtime/issues/8054"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.offset",
                correct="return size + 4 * index",
                faulty="return size - 4 * len(self.saved) + 4 * index",
            )
        ],
    ),
    Fault(
        id="riscv-frame-save-slot-formula",
        title="The third saved register and those behind it share a slot",
        why="The formula of the slot is right for two registers only.",
        symptom="a caller's variable changes when the function called saves four registers",
        pattern="wrong-formula",
        source=public("riscv-gcc issue #47", "https://github.com/riscvarchive/riscv-gcc/issues/47"),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.offset",
                correct="self.outgoing + self.saved.index(register)",
                faulty="self.outgoing + min(self.saved.index(register), 2)",
            )
        ],
    ),
    Fault(
        id="riscv-frame-save-slot-by-number",
        title="Each saved register has a slot of its own number in a frame that has room for those in use",
        why="A function that saves s11 alone stores it twelve words up, in its caller's frame.",
        symptom="a caller's spilled value changes; without a caller a store outside of the stack",
        pattern="wrong-address",
        source=public("mach issue #957", "https://github.com/briar-systems/mach/issues/957"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.offset",
                correct="self.saved.index(register)",
                faulty="KEPT[::-1].index(register)",
            )
        ],
    ),
    Fault(
        id="riscv-frame-no-outgoing-area",
        title="The frame has no room for arguments on the stack",
        why="The ninth argument of a call is stored over what the function has saved or spilled.",
        symptom="after a call with nine arguments a local or a return address is another",
        pattern="wrong-address",
        source=public(
            "llvm-project issue #164153", "https://github.com/llvm/llvm-project/issues/164153", "open, unconfirmed"
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.__init__",
                correct="max((word.index + 1 for word in words if isinstance(word, Outgoing)), default=0)",
                faulty="0",
            )
        ],
    ),
    Fault(
        id="riscv-frame-outgoing-stride",
        title="Arguments on the stack are stored eight bytes apart and read four apart",
        why="Caller and callee disagree about the size of a word on the stack.",
        symptom="the tenth argument is what lay on the stack before",
        pattern="wrong-address",
        source=public("QBE commit f047375", "https://github.com/michaelforney/qbe/commit/f047375"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.offset",
                correct="case Outgoing(index):\n    return 4 * index",
                faulty="case Outgoing(index):\n    return 8 * index",
            )
        ],
    ),
    Fault(
        id="riscv-frame-size-not-aligned",
        title="The size of a frame is not rounded up to a multiple of 16",
        why="sp is off its alignment at every call that is made from an odd frame.",
        symptom="none here; code that relies on the alignment of the stack fails",
        pattern="domain",
        source=public("andrewchambers/c issue #15", "https://github.com/andrewchambers/c/issues/15"),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.__init__",
                correct="self.size = -(-4 * (self.outgoing + len(self.saved) + slots) // 16) * 16",
                faulty="self.size = 4 * (self.outgoing + len(self.saved) + slots)",
            )
        ],
    ),
    Fault(
        id="riscv-frame-size-aligned-to-8",
        title="The size of a frame is rounded up to a multiple of 8",
        why="Half of the frames keep sp aligned by luck; no output shows the other half.",
        symptom="none: the test suite of a book passes on misaligned stacks",
        pattern="domain",
        source=public(
            "writing-a-c-compiler-tests issue #16",
            "https://github.com/nlsandler/writing-a-c-compiler-tests/issues/16",
        ),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.__init__",
                correct="// 16) * 16",
                faulty="// 8) * 8",
            )
        ],
    ),
    Fault(
        id="riscv-frame-incoming-without-frame",
        title="A block that runs without a frame reads its stack arguments as if it had one",
        why="Shrink-wrapping leaves blocks in which sp is still what it was at entry.",
        symptom="an early return that uses the ninth argument gives a wrong value",
        pattern="wrong-address",
        source=pattern_of("wasmtime issue #8054", "https://github.com/bytecodealliance/wasmtime/issues/8054"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.fill_in",
                correct="size = self.size if inside else 0",
                faulty="size = self.size",
            )
        ],
    ),
]
