"""Functions of the intermediate representation from the text that `riscv.ir.nodes.text` prints."""

import re

from riscv.ir.nodes import CALLS, Block, Edge, Function, Instruction, Value


def function(source, label="f", results=1):
    """The function with these blocks; a block starts with `name(params):`, any other name is a value."""
    values = {}
    blocks = {}
    lines = [line.strip() for line in source.strip().splitlines()]

    def operand(word):
        return int(word) if re.fullmatch(r"-?\d+", word) else values.setdefault(word, Value())

    def operands(words):
        return [operand(word) for word in re.findall(r"[\w.-]+", words)]

    for line in lines:
        if line.endswith(":"):
            name, params = re.fullmatch(r"(\w+)\((.*)\):", line).groups()
            blocks[name] = Block(re.sub(r"\d+$", "", name), operands(params))
    for line in lines:
        if line.endswith(":"):
            block = blocks[line.partition("(")[0]]
            continue
        results_, _, rest = line.rpartition(" = ")
        op, _, rest = rest.partition(" ")
        edges = [Edge(blocks[name], operands(args)) for name, args in re.findall(r"(\w+)\((.*?)\)", rest)]
        rest = re.sub(r"\w+\(.*?\)", "", rest)
        callee, _, rest = rest.partition(", ") if op in CALLS | {"la"} else ("", "", rest)
        args = operands(rest)
        block.code.append(Instruction(op, args, tuple(operands(results_)), callee, tuple(edges)))
    return Function(label, list(blocks.values()), results)


def lines(source):
    """The lines of a text without its common indentation, as `text` prints them."""
    found = [line.strip() for line in source.strip().splitlines()]
    return [line if line.endswith(":") else f"    {line}" for line in found]
