"""Faults of riscv.backend.allocate: which register holds what."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-allocate-ra",
        title="ra is given to values like any other register",
        why="In the convention of the allocator ra is just a number; nobody restores it before the return.",
        symptom="a function with many values returns its return address, or nowhere",
        pattern="missing-save",
        source=public("jasmin issue #923", "https://github.com/jasmin-lang/jasmin/issues/923"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:Colouring.register",
                correct="for register in registers if register not in forbidden",
                faulty='for register in (*registers, *["ra"][: len(registers)]) if register not in forbidden',
            )
        ],
    ),
    Fault(
        id="riscv-allocate-hint-without-interference",
        title="A value gets the register that it would like, taken or not",
        why="Two values at a block's edge are merged without asking whether both are needed.",
        symptom="a variable takes the value of another behind a loop or an if",
        pattern="aliasing",
        source=public(
            "QBE commit ce0ab53", "https://github.com/8l/qbe/commit/ce0ab53ed73fb24f9537cab762467efad56f2664"
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:Colouring.register",
                correct="wish for wish in wishes if wish in free",
                faulty="wish for wish in wishes if wish in allowed",
            )
        ],
    ),
    Fault(
        id="riscv-allocate-params-together",
        title="Parameters of a block do not get in each other's way",
        why="A block's parameters come into being at once, but each is placed as if it were alone.",
        symptom="two variables of a loop share a register",
        pattern="aliasing",
        source=pattern_of(
            "QBE commit ce0ab53", "https://github.com/8l/qbe/commit/ce0ab53ed73fb24f9537cab762467efad56f2664"
        ),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:Colouring.define",
                correct="choose(value, active)\nactive.update(dict.fromkeys([value]))",
                faulty="choose(value, dict(active))\n"
                "active.update({value: None} if len(values) == 1 else {})\n"
                "if value is values[-1]:\n"
                "    active.update(dict.fromkeys(values))",
            )
        ],
    ),
    Fault(
        id="riscv-allocate-slots-shared",
        title="Spilled values past the twentieth share one word of the frame",
        why="The search for a free word ends at a limit, whatever it has found.",
        symptom="spilled values take each other's place",
        pattern="wrong-address",
        source=review("values that are needed at once must not share a word"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:Colouring.slot",
                correct="if Slot(index) not in taken",
                faulty="if index > 20 or Slot(index) not in taken",
            )
        ],
    ),
    Fault(
        id="riscv-allocate-dies-too-early",
        title="What a block reads last is taken to be dead when the block begins",
        why="The values that die at the end of a block are dropped from those in use too early.",
        symptom="an operand is overwritten by another",
        pattern="off-by-one",
        source=review("a value is needed up to and including its last use"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:Colouring.walk",
                correct="active = dict(self.facts.entering[block])",
                faulty="active = dict.fromkeys(self.facts.entering[block].keys() - self.facts.dying[block.code[-1]])",
            )
        ],
    ),
    Fault(
        id="riscv-allocate-results-lost-too",
        title="A call's own results keep away from what the call overwrites, its neighbours do not",
        why="The set of values that a call threatens is that of its results.",
        symptom="values change across calls",
        pattern="wrong-operand",
        source=review("what lives across a call must not be in a register that the call overwrites"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.allocate:collect",
                correct="for value in behind.keys() - {*instruction.results}:",
                faulty="for value in behind.keys() & {*instruction.results}:",
            )
        ],
    ),
]
