"""Faults of riscv.backend.moves: many moves at once."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-moves-cycle-scratch",
        title="A cycle of moves is broken with the register that moves between words of memory use",
        why="The value that was put aside is overwritten by the first move from memory to memory.",
        symptom="arguments that live in memory and change places arrive as two copies of one",
        pattern="aliasing",
        source=public("ruby issue #1032", "https://github.com/Shopify/ruby/issues/1032"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.moves:in_order",
                correct="done.append((THIRD, aside))\n"
                "pending = [(to, THIRD if source == aside else source) for to, source in pending]",
                faulty='done.append(("t0", aside))\n'
                'pending = [(to, "t0" if source == aside else source) for to, source in pending]',
            )
        ],
    ),
    Fault(
        id="riscv-moves-cycle-not-broken",
        title="Moves that wait for each other are done one after the other",
        why="The first move of a cycle overwrites what the last one reads.",
        symptom="f(b, a) inside f(a, b) calls f(b, b)",
        pattern="aliasing",
        source=pattern_of("ruby issue #1032", "https://github.com/Shopify/ruby/issues/1032"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.moves:in_order",
                correct="aside = pending[0][1]\n"
                "done.append((THIRD, aside))\n"
                "pending = [(to, THIRD if source == aside else source) for to, source in pending]",
                faulty="done.append(pending.pop(0))",
            )
        ],
    ),
    Fault(
        id="riscv-moves-ready-by-itself",
        title="A move is taken to be ready if it does not wait for itself",
        why="Only its own source is looked at, not those of the moves still to come.",
        symptom="arguments that change places arrive wrong",
        pattern="order-of-operations",
        source=review("a parallel move must read every source before it is overwritten"),
        killed_by="allocation",
        edits=[
            Edit(
                target="riscv.backend.moves:in_order",
                correct="if move[0] not in read",
                faulty="if move[0] != move[1]",
            )
        ],
    ),
]
