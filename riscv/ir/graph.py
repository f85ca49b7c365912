"""The flow of control through a function: orders, predecessors, dominators, loops."""

from typing import TypeAlias

from riscv.ir.nodes import Block, Edge, Function, Operand, Value, find

#: For each block the edges that go to it, with the block each comes from.
Incoming: TypeAlias = dict[Block, list[tuple[Block, Edge]]]


def reverse_postorder(function: Function) -> list[Block]:
    """The reachable blocks, each before those it leads to, but for the way back in a loop."""
    order: list[Block] = []
    seen = {function.blocks[0]}
    path = [(function.blocks[0], iter(function.blocks[0].end.edges))]
    while path:
        block, edges = path[-1]
        for edge in edges:
            if edge.block not in seen:
                seen.add(edge.block)
                path.append((edge.block, iter(edge.block.end.edges)))
                break
        else:
            order.append(block)
            path.pop()
    return order[::-1]


def prune_blocks(function: Function) -> None:
    """Drop the blocks that cannot be reached."""
    reachable = set(reverse_postorder(function))
    function.blocks = [block for block in function.blocks if block in reachable]


def incoming(function: Function) -> Incoming:
    """For each block the edges that go to it, with the block each comes from."""
    found: Incoming = {block: [] for block in function.blocks}
    for block in function.blocks:
        for edge in block.end.edges:
            found[edge.block].append((block, edge))
    return found


def prune_params(function: Function) -> None:
    """Drop the parameters of blocks that stand for one operand whichever way one comes.

    All edges to the block give that operand, or the parameter itself (Braun et al. 2013, "Simple and Efficient
    Construction of Static Single Assignment Form", section 3.1).
    """
    edges = incoming(function)
    known: dict[Value, Operand] = {}
    find_params(function, edges, known)
    for block in function.blocks[1:]:
        kept = [index for index, param in enumerate(block.params) if param not in known]
        block.params = [block.params[index] for index in kept]
        for _, edge in edges[block]:
            edge.args = [edge.args[index] for index in kept]
    for instruction in function.instructions():
        instruction.substitute(known)


def find_params(function: Function, edges: Incoming, known: dict[Value, Operand]) -> None:
    """Note what parameters stand for, until nothing more is found out."""
    before = len(known)
    for block in function.blocks[1:]:
        for index, param in enumerate(block.params):
            sources = {find(known, edge.args[index]) for _, edge in edges[block]} - {param}
            if param not in known and len(sources) == 1:
                known[param] = sources.pop()
    if len(known) > before:
        find_params(function, edges, known)


def dominators(function: Function) -> dict[Block, set[Block]]:
    """For each block all that stand on every way to it, itself among them."""
    order = reverse_postorder(function)
    edges = incoming(function)
    found = {order[0]: {order[0]}}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            ways = [found[source] for source, _ in edges[block] if source in found]
            above = set.intersection(*ways) | {block}
            changed |= found.get(block) != above
            found[block] = above
    return found


def depths(function: Function) -> dict[Block, int]:
    """In how many loops each block is. A loop is all that leads to an edge back to a block that dominates it."""
    above = dominators(function)
    edges = incoming(function)
    loops: dict[Block, set[Block]] = {}
    for block in function.blocks:
        for edge in block.end.edges:
            if edge.block in above[block]:
                loop = loops.setdefault(edge.block, {edge.block})
                todo = [block]
                while todo:
                    inside = todo.pop()
                    if inside not in loop:
                        loop.add(inside)
                        todo += [source for source, _ in edges[inside]]
    return {block: sum(block in loop for loop in loops.values()) for block in function.blocks}
