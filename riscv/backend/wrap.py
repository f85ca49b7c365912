"""Shrink-wrapping: a way through a function that needs no frame does not pay for one.

A frame, once made, is kept until the function is left, so the blocks that have it are those that need it and all that
can follow them. It is made where one comes into these from outside; that must be one place.
"""

from collections.abc import Iterable

from riscv.ir.graph import incoming, reverse_postorder
from riscv.ir.liveness import Values, backwards, live_in, live_out
from riscv.ir.nodes import Block, Function, Instruction, Operand, Value

CALLING = frozenset({"call", "callr"})


def framed(function: Function, needing: Iterable[Block]) -> list[Block]:
    """The blocks that run with a frame, in an order in which the first is where it is made."""
    order = reverse_postorder(function)
    ways = incoming(function)
    inside = following(needing)
    while inside and order[0] not in inside:
        outside = {block: [source for source, _ in ways[block] if source not in inside] for block in inside}
        doors = [block for block in order if outside.get(block)]
        if len(doors) == 1 and len(outside[doors[0]]) == len(ways[doors[0]]):
            break
        inside = following(source for door in doors for source in outside[door])
    return [block for block in order if block in inside]


def following(blocks: Iterable[Block]) -> set[Block]:
    """Some blocks and all that can run after them."""
    found: set[Block] = set()
    todo = list(blocks)
    while todo:
        block = todo.pop()
        if block not in found:
            found.add(block)
            todo += [edge.block for edge in block.end.edges]
    return found


def split_at_door(function: Function) -> None:
    """Give values a second name where the frame is made.

    What is read before that point and needed behind calls could otherwise live only in a register that must be saved,
    which needs the frame.
    """
    inside = framed(function, [block for block in function.blocks if any(i.op in CALLING for i in block.code)])
    out = live_out(function)
    crossing: Values = {}
    for block in inside:
        for instruction, live in backwards(block, dict(out[block])):
            if instruction.op in CALLING:
                crossing.update(live)
    for door in inside[:1]:
        renamed: dict[Value, Operand] = {value: Value() for value in live_in(door, out[door]) if value in crossing}
        for block in inside:
            for instruction in block.code:
                instruction.substitute(renamed)
        door.code[:0] = [Instruction("copy", [old], (new,)) for old, new in renamed.items() if isinstance(new, Value)]
