"""Faults of riscv.formats: immediates and their places."""

from faults.sources import pattern_of, public
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-imm12-unsigned",
        title="Immediates of 12 bits are taken to be 0 to 4095",
        why="Negative ones are refused, and those from 2048 on become negative.",
        symptom="addi a0, a0, 2048 subtracts",
        pattern="signedness",
        source=public(
            "QBE commit 45df856", "https://github.com/michaelforney/qbe/commit/45df8561fbfa9f0deea21d735353a647f1a1e158"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct='fitting = self.immediate if operand == "imm" else range(2 << high)',
                faulty='signed = operand == "imm" and self.immediate != range(-2048, 2048)\n'
                "fitting = self.immediate if signed else range(2 << high)",
            )
        ],
    ),
    Fault(
        id="riscv-imm12-thirteen-bits",
        title="Immediates up to 0x2000 are accepted and cut off",
        why="The check is two bits too wide.",
        symptom="lw a0, 4096(sp) loads from sp",
        pattern="range",
        source=public(
            "TinyCC commit 279dbb9", "https://github.com/TinyCC/tinycc/commit/279dbb94e24e04444d37e968f45bb4380f66b880"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty="if value not in fitting and not 2048 <= value < 0x2000:",
            )
        ],
    ),
    Fault(
        id="riscv-negative-immediates-refused",
        title="Negative immediates do not fit",
        why="The range is checked on the unsigned number.",
        symptom="lw a0, -24(sp) is refused",
        pattern="signedness",
        source=public(
            "TinyCC commit 04365dd", "https://github.com/TinyCC/tinycc/commit/04365dd4c91f78361c7cf3169fe5fab3ccb9bfbf"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty="if value & 0xFFFFFFFF not in fitting:",
            )
        ],
    ),
    Fault(
        id="riscv-shift-amount-unchecked",
        title="A shift amount of 32 is accepted and cut off",
        why="Only the low five bits go into the word.",
        symptom="slli a0, a0, 32 shifts by 0",
        pattern="range",
        source=public("go issue #57755", "https://github.com/golang/go/issues/57755"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty='if value not in fitting and self.name != "shift":',
            )
        ],
    ),
    Fault(
        id="riscv-jump-offsets-odd",
        title="An odd offset of a jump is accepted",
        why="The range is checked, the step is not; bit 0 has no place in the word.",
        symptom="jal ra, 3 goes to 2",
        pattern="range",
        source=public(
            "TinyCC commit 81a32ec", "https://github.com/TinyCC/tinycc/commit/81a32ec305ee871d8129978bf3d57bc108bec46b"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty="if not fitting.start <= value < fitting.stop:",
            )
        ],
    ),
    Fault(
        id="riscv-branch-range-halved",
        title="Branches are taken to reach half as far as they do",
        why="The offset is counted as 12 bits with sign; it has 13, of which one is always 0.",
        symptom="beq over 2 KiB is refused",
        pattern="range",
        source=public("runtime issue #86482", "https://github.com/dotnet/runtime/issues/86482"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty="if value not in (range(-2048, 2048, 2) if fitting == range(-4096, 4096, 2) else fitting):",
            )
        ],
    ),
    Fault(
        id="riscv-jump-immediate-shifted",
        title="The offset of a jump is encoded shifted by a bit",
        why="Bit 0, which is not encoded, is left out twice.",
        symptom="jumps go half as far",
        pattern="off-by-one",
        source=public("riscv-python-model issue #5", "https://github.com/wallento/riscv-python-model/issues/5"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="word |= (value >> low) % (2 << high - low) << at",
                faulty='word |= (value >> low + (self.name == "jal" and operand == "imm")) % (2 << high - low) << at',
            )
        ],
    ),
    Fault(
        id="riscv-store-offset-shifted",
        title="The offset of a store is encoded shifted by a bit",
        why="The two parts of the immediate are joined with a bit too many.",
        symptom="sw ra, 4(zero) stores to 8",
        pattern="off-by-one",
        source=public("riscv-assembler issue #26", "https://github.com/kcelebi/riscv-assembler/issues/26"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.formats:Format.pack",
                correct="(value >> low)",
                faulty='(value << (self.name == "store" and operand == "imm") >> low)',
            )
        ],
    ),
    Fault(
        id="riscv-branch-immediate-twelve-bits",
        title="The offset of a branch is decoded as 12 bits",
        why="The sign is taken from bit 11: only branches that go far forward are wrong.",
        symptom="a branch over 2 KiB goes backwards",
        pattern="range",
        source=public("coreblocks issue #361", "https://github.com/kuznia-rdzeni/coreblocks/issues/361"),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.formats:Format.unpack",
                correct='if operands.get("imm", 0) >= self.immediate.stop:\n'
                '    operands["imm"] -= 2 * self.immediate.stop',
                faulty='if self.name == "branch":\n'
                '    operands["imm"] = (operands["imm"] & 0xFFF ^ 0x800) - 0x800\n'
                'elif operands.get("imm", 0) >= self.immediate.stop:\n'
                '    operands["imm"] -= 2 * self.immediate.stop',
            )
        ],
    ),
    Fault(
        id="riscv-immediate-printed-unsigned",
        title="Immediates are printed as unsigned numbers",
        why="What is printed is not what the assembler takes.",
        symptom="addi sp, sp, 4080",
        pattern="signedness",
        source=pattern_of(
            "QBE commit 45df856", "https://github.com/michaelforney/qbe/commit/45df8561fbfa9f0deea21d735353a647f1a1e158"
        ),
        killed_by="isa",
        edits=[
            Edit(
                target="riscv.formats:spell",
                correct="return str(value)",
                faulty="return str(value & 0xFFF if value < 0 else value)",
            )
        ],
    ),
]
