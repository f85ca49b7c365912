"""Which values are needed later."""

from collections.abc import Iterator

from riscv.ir.graph import reverse_postorder
from riscv.ir.nodes import Block, Function, Instruction, Value

#: A set that keeps its order, so that what is compiled twice comes out the same.
Values = dict[Value, None]


def live_out(function: Function) -> dict[Block, Values]:
    """The values needed after each block; the arguments of its edges are read in the block itself."""
    out: dict[Block, Values] = {block: {} for block in function.blocks}
    into: dict[Block, Values] = {block: {} for block in function.blocks}
    order = list(reversed(reverse_postorder(function)))
    changed = True
    while changed:
        changed = False
        for block in order:
            out[block] = {value: None for edge in block.end.edges for value in into[edge.block]}
            needed = live_in(block, out[block])
            changed |= needed != into[block]
            into[block] = needed
    return out


def live_in(block: Block, out: Values) -> Values:
    """The values needed before a block, given those needed after it."""
    live = dict(out)
    for _ in backwards(block, live):
        pass
    return {value: None for value in live if value not in block.params}


def backwards(block: Block, live: Values) -> Iterator[tuple[Instruction, Values]]:
    """Each instruction from the last to the first, with what is needed behind it; `live` moves along."""
    for instruction in reversed(block.code):
        yield instruction, live
        for result in instruction.results:
            live.pop(result, None)
        live.update(dict.fromkeys(instruction.uses()))
