"""Syntax tree to source text: parsing the text gives the same tree again."""

from typing import Final

from riscv import syntax
from riscv.int32 import unsigned

ESCAPED: Final = b'"\\'


def unparse(body: syntax.Block) -> str:
    """The text of a program, a statement on each line."""
    return block(body, "")


def block(body: syntax.Block, indent: str) -> str:
    """Statements, each on lines of its own."""
    return "".join(f"{indent}{statement(node, indent)};\n" for node in body)


def braced(body: syntax.Block, indent: str) -> str:
    """A block in braces."""
    return f"{{\n{block(body, indent + '    ')}{indent}}}" if body else "{ }"


def statement(node: syntax.Statement, indent: str) -> str:
    """A statement without its semicolon."""
    match node:
        case syntax.Let():
            return f"let {node.name} = {expression(node.value, indent)}"
        case syntax.Functions():
            declarations = (f"let {function.name} = {expression(function, indent)}" for function in node.functions)
            return f";\n{indent}".join(declarations)
        case syntax.Set():
            return f"set {node.name} = {expression(node.value, indent)}"
        case syntax.SetElement():
            target = f"{expression(node.object, indent)}[{expression(node.index, indent)}]"
            return f"set {target} = {expression(node.value, indent)}"
        case syntax.If():
            start = f"if ({expression(node.condition, indent)}) {braced(node.then, indent)}"
            return start if node.otherwise is None else f"{start} else {alternative(node.otherwise, indent)}"
        case syntax.While():
            return f"while ({expression(node.condition, indent)}) {braced(node.body, indent)}"
        case syntax.DoWhile():
            return f"do {braced(node.body, indent)} while ({expression(node.condition, indent)})"
        case syntax.ForIn():
            return f"for ({node.name} in {expression(node.iterable, indent)}) {braced(node.body, indent)}"
        case syntax.Break():
            return "break"
        case syntax.Continue():
            return "continue"
        case syntax.Return():
            return f"return {expression(node.value, indent)}"
        case syntax.Evaluate():
            return expression(node.expression, indent)


def alternative(body: syntax.Block, indent: str) -> str:
    """What stands behind else: a lone if without braces, so that no level is added."""
    match body:
        case (syntax.If() as node,):
            return statement(node, indent)
    return braced(body, indent)


def expression(node: syntax.Expression, indent: str) -> str:
    """An expression, with parentheses around each operator; `indent` is that of the statement it stands in."""
    match node:
        case syntax.Number():
            return str(node.value) if node.value >= 0 else hex(unsigned(node.value))
        case syntax.Boolean():
            return "true" if node.value else "false"
        case syntax.Null():
            return "null"
        case syntax.String():
            return f'"{"".join(character(byte) for byte in node.value)}"'
        case syntax.Name():
            return node.name
        case syntax.Array():
            return f"[{commas(node.elements, indent)}]"
        case syntax.Hash():
            pairs = (f"{expression(key, indent)}: {expression(value, indent)}" for key, value in node.pairs)
            return f"{{{', '.join(pairs)}}}"
        case syntax.Unary():
            return f"({node.operator}{expression(node.operand, indent)})"
        case syntax.Binary() | syntax.Logical():
            return f"({expression(node.left, indent)} {node.operator} {expression(node.right, indent)})"
        case syntax.Conditional():
            condition, then, otherwise = (
                expression(part, indent) for part in (node.condition, node.then, node.otherwise)
            )
            return f"({condition} ? {then} : {otherwise})"
        case syntax.Index():
            return f"{expression(node.object, indent)}[{expression(node.index, indent)}]"
        case syntax.Call():
            return f"{expression(node.function, indent)}({commas(node.arguments, indent)})"
        case syntax.Function():
            parameters = ", ".join(parameter.name for parameter in node.parameters)
            return f"fn({parameters}) {braced(node.body, indent)}"


def commas(nodes: tuple[syntax.Expression, ...], indent: str) -> str:
    """Several expressions."""
    return ", ".join(expression(node, indent) for node in nodes)


def character(byte: int) -> str:
    """A byte of a string as it is written."""
    if byte in ESCAPED:
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
