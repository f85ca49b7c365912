"""Control flow: ways through blocks that do nothing, and blocks that always follow one another."""

from riscv.ir.graph import incoming, prune_blocks
from riscv.ir.nodes import Block, Function


def thread_jumps(function: Function) -> None:
    """An edge to a block that only jumps on goes where that block goes; blocks that jump in a circle stay."""
    empty = {block: block.end for block in function.blocks if len(block.code) == 1 and not block.params}
    onward = {block: end.edges[0] for block, end in empty.items() if end.op == "jump"}
    for block in function.blocks:
        for edge in block.end.edges:
            seen: set[Block] = set()
            while edge.block in onward and edge.block not in seen:
                seen.add(edge.block)
                through = onward[edge.block]
                edge.block, edge.args = through.block, list(through.args)
    prune_blocks(function)


def merge_blocks(function: Function) -> None:
    """A block whose only way in is a jump is the rest of the block it comes from; its parameters are gone by now."""
    ways = incoming(function)
    for block in function.blocks:
        while block.code and block.end.op == "jump":
            follower = block.end.edges[0].block
            if len(ways[follower]) > 1 or follower is function.blocks[0] or follower.params:
                break
            block.code = block.code[:-1] + follower.code
            follower.code.clear()
    function.blocks = [block for block in function.blocks if block.code]
