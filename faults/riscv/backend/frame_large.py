"""Faults of riscv.backend.frame: frames that an immediate of 12 bits does not span."""

from faults.sources import pattern_of, public
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-large-frame-carry",
        title="A large stack adjustment is split into lui and addi without the carry",
        why="addi sign-extends its 12 bits, so the upper part must be one higher when bit 11 is set.",
        symptom="functions with a frame of 2 KiB or more leave sp 4 KiB off",
        pattern="off-by-one",
        source=public(
            "TinyCC commit b006b98",
            "https://github.com/TinyCC/tinycc/commit/b006b9833466933660e1c052454239e4ca3e3f4d",
        ),
        killed_by="abi",
        edits=[
            Edit(
                target="riscv.backend.frame:adjust",
                correct='return [Line("li", (FIRST, amount)), Line("add", ("sp", "sp", FIRST))]',
                faulty="low = (amount & 0xFFF ^ 0x800) - 0x800\n"
                'upper = Line("lui", (FIRST, amount >> 12 & 0xFFFFF))\n'
                'return [upper, Line("addi", (FIRST, FIRST, low)), Line("add", ("sp", "sp", FIRST))]',
            )
        ],
    ),
    Fault(
        id="riscv-large-frame-argument-as-scratch",
        title="The adjustment of a large frame goes through a0",
        why="At the entry a0 holds the first argument, at the exit the result.",
        symptom="functions with a frame of 2 KiB or more return the size of their frame",
        pattern="missing-save",
        source=public("wasmtime issue #6640", "https://github.com/bytecodealliance/wasmtime/issues/6640"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:adjust",
                correct='return [Line("li", (FIRST, amount)), Line("add", ("sp", "sp", FIRST))]',
                faulty='return [Line("li", ("a0", amount)), Line("add", ("sp", "sp", "a0"))]',
            )
        ],
    ),
    Fault(
        id="riscv-large-frame-scratch-after-wrap",
        title="The adjustment of a large frame goes through a register that shrink-wrapping left in use",
        why="t3 is free at the entry of a function, but the frame may be made later, where values live in it.",
        symptom="a function with an early return and a frame of 2 KiB or more computes with the size of its frame",
        pattern="missing-save",
        source=public("llvm-project issue #198699", "https://github.com/llvm/llvm-project/issues/198699"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:adjust",
                correct='return [Line("li", (FIRST, amount)), Line("add", ("sp", "sp", FIRST))]',
                faulty='return [Line("li", ("t3", amount)), Line("add", ("sp", "sp", "t3"))]',
            )
        ],
    ),
    Fault(
        id="riscv-far-slot-scratch-in-use",
        title="A store to a far word of the frame takes its address from a register in use",
        why="The address needs a register, and the one that is taken holds a value.",
        symptom="values change in functions whose frame is larger than 2 KiB",
        pattern="missing-save",
        source=public("llvm-project issue #58027", "https://github.com/llvm/llvm-project/issues/58027"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:far",
                correct='address = register if mnemonic == "lw" else SECOND',
                faulty='address = register if mnemonic == "lw" else "t3"',
            )
        ],
    ),
    Fault(
        id="riscv-far-slot-without-base",
        title="The address of a far word of the frame is its offset alone",
        why="The base is not added on the way that large offsets take.",
        symptom="load-access-fault in functions whose frame is larger than 2 KiB",
        pattern="dropped-statement",
        source=public(
            "QBE commit 294fd66",
            "https://github.com/michaelforney/qbe/commit/294fd66f97c497837c093d73483e5ee898871860",
        ),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:far",
                correct='Line("add", (address, base, address)),',
                faulty="",
            )
        ],
    ),
    Fault(
        id="riscv-far-slot-offset-cut-off",
        title="Offsets in the frame are not checked, and the assembler cuts them off",
        why="Beyond 2047 the address is another one, below sp.",
        symptom="wrong values in functions whose frame is larger than 2 KiB",
        pattern="range",
        source=public("ocaml issue #14943", "https://github.com/ocaml/ocaml/issues/14943"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.resolved",
                correct="if offset in IMMEDIATE.immediate:",
                faulty="if (offset := (offset & 0xFFF ^ 0x800) - 0x800) in IMMEDIATE.immediate:",
            ),
        ],
    ),
    Fault(
        id="riscv-large-frame-adjustment-cut-off",
        title="The size of the frame is not checked, and the assembler cuts it off",
        why="addi holds 12 bits: a frame of 2112 bytes raises sp by 1984.",
        symptom="functions with a frame of 2 KiB or more overwrite those of their callers",
        pattern="range",
        source=public("riscv-ocaml issue #2", "https://github.com/nojb/riscv-ocaml/issues/2"),
        killed_by="memory",
        edits=[
            Edit(
                target="riscv.backend.frame:adjust",
                correct="if amount in IMMEDIATE.immediate:",
                faulty="if (amount := (amount & 0xFFF ^ 0x800) - 0x800) in IMMEDIATE.immediate:",
            )
        ],
    ),
    Fault(
        id="riscv-far-slot-loads-only",
        title="Far words of the frame are reached by loads but not by stores",
        why="The way that large offsets take was added for lw alone; the offset of a sw is cut off.",
        symptom="wrong values in functions whose frame is larger than 2 KiB",
        pattern="range",
        source=public(
            "QBE commit e30daea",
            "https://github.com/michaelforney/qbe/commit/e30daea08b52543624677af3191b09beb7e9ad25",
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:Frame.resolved",
                correct="return far(line.mnemonic, register, offset, base)",
                faulty='cut = Line("sw", (register, (offset & 0xFFF ^ 0x800) - 0x800, base))\n'
                'return [cut] if line.mnemonic == "sw" else far(line.mnemonic, register, offset, base)',
            )
        ],
    ),
    Fault(
        id="riscv-far-slot-base-is-sp",
        title="Far words are loaded by way of the register that they are loaded into, then stored through it",
        why="A store has no register to overwrite: the value is lost to its own address.",
        symptom="addresses in place of values in functions whose frame is larger than 2 KiB",
        pattern="aliasing",
        source=pattern_of(
            "QBE commit e30daea",
            "https://github.com/michaelforney/qbe/commit/e30daea08b52543624677af3191b09beb7e9ad25",
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.frame:far",
                correct='address = register if mnemonic == "lw" else SECOND',
                faulty="address = register",
            )
        ],
    ),
]
