"""Faults of riscv.assembler: sections, labels, branches that reach."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-far-branch-cut-off",
        title="A branch that does not reach is encoded as it is",
        why="Nothing is widened, and what does not fit is cut off.",
        symptom="a branch over 4 KiB goes into the middle of it",
        pattern="range",
        source=public("mach issue #1666", "https://github.com/briar-systems/mach/issues/1666"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.assembler:Assembler.widen",
                correct="return bool(far)",
                faulty="return False",
            ),
            Edit(
                target="riscv.formats:Format.pack",
                correct="if value not in fitting:",
                faulty='if value not in fitting and self.name != "branch":',
            ),
        ],
    ),
    Fault(
        id="riscv-widened-once",
        title="Branches are widened once",
        why="What is widened pushes others out of their range.",
        symptom="a large function is refused by the assembler",
        pattern="state-not-advanced",
        source=public("mach issue #1749", "https://github.com/briar-systems/mach/issues/1749"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.assembler:Assembler.assemble",
                correct='while self.widen(addresses[".text"], symbols):',
                faulty='if self.widen(addresses[".text"], symbols):',
            )
        ],
    ),
    Fault(
        id="riscv-widened-labels-stale",
        title="Labels keep the places that they had before a branch was widened",
        why="Sizes are counted anew, the symbols are not.",
        symptom="every jump over a far branch is 4 bytes short",
        pattern="stale-cache",
        source=pattern_of("wasmtime issue #12811", "https://github.com/bytecodealliance/wasmtime/issues/12811"),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.assembler:Assembler.assemble",
                correct="symbols):\n    addresses = self.layout()\n    symbols = self.symbols(addresses)",
                faulty="symbols):\n    addresses = self.layout()",
            )
        ],
    ),
    Fault(
        id="riscv-addend-of-hi-only",
        title="The addend of a %pcrel_hi does not reach its %pcrel_lo",
        why="The lower half is that of the label alone.",
        symptom="an element of a table is read from its start",
        pattern="dropped-statement",
        source=public(
            "riscv-gnu-toolchain issue #173", "https://github.com/riscv-collab/riscv-gnu-toolchain/issues/173"
        ),
        killed_by="assembly",
        edits=[
            Edit(
                target="riscv.assembler:Assembler.symbols",
                correct="item.immediate, address).number",
                faulty="item.immediate._replace(terms=item.immediate.terms[:1]), address).number",
            )
        ],
    ),
    Fault(
        id="riscv-bss-over-data",
        title=".bss begins with .data",
        why="Both sections have the same base.",
        symptom="variables change when zeros are written",
        pattern="wrong-address",
        source=review(".bss follows .data"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.assembler:Assembler.layout",
                correct='addresses[".data"][-1] + -addresses[".data"][-1] % 16',
                faulty='addresses[".data"][0]',
            )
        ],
    ),
]
