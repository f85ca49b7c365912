"""Dead code: what nothing that can be seen depends on."""

from riscv.ir.graph import incoming
from riscv.ir.nodes import BINARY, LOADS, Function, Operand, Value

PURE = BINARY | LOADS | {"copy", "la"}


def remove_dead(function: Function) -> None:
    """Keep what has an effect and what is needed for it; a loop that only feeds itself goes as a whole."""
    ways = incoming(function)
    sources: dict[Value, list[Operand]] = {}
    needed: set[Value] = set()
    for block in function.blocks:
        for index, param in enumerate(block.params):
            sources[param] = [edge.args[index] for _, edge in ways[block]]
        for instruction in block.code:
            if instruction.op in PURE:
                sources[instruction.results[0]] = instruction.args
    todo = [arg for instruction in function.instructions() if instruction.op not in PURE for arg in instruction.args]
    while todo:
        value = todo.pop()
        if isinstance(value, Value) and value not in needed:
            needed.add(value)
            todo += sources.get(value, [])
    for block in function.blocks:
        block.code = [i for i in block.code if i.op not in PURE or i.results[0] in needed]
    for block in function.blocks[1:]:
        kept = [index for index, param in enumerate(block.params) if param in needed]
        block.params = [block.params[index] for index in kept]
        for _, edge in ways[block]:
            edge.args = [edge.args[index] for index in kept]
