"""The expressions of the language by precedence climbing; the docstring of each method is its production."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from riscv import int32, syntax
from riscv.cursor import Cursor
from riscv.lexer import number_value, string_value

PRECEDENCE: Final[Mapping[str, int]] = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "<<": 8,
    ">>": 8,
    ">>>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}


class Expressions(Cursor):
    """The half of the parser that reads expressions; functions in them have blocks, which the other half reads."""

    def block(self) -> syntax.Block:
        """block = "{" statements "}" """
        raise NotImplementedError

    def expression(self) -> syntax.Expression:
        """expression = binary ("?" expression ":" expression)?"""
        before = self.nesting
        value = self.binary(1)
        if self.at("?"):
            position = self.deeper().position
            then = self.expression()
            self.expect(":", "':'")
            value = syntax.Conditional(position, value, then, self.expression())
        self.nesting = before
        return value

    def binary(self, lowest: int) -> syntax.Expression:
        """binary = unary (operator unary)*     (operators bind as PRECEDENCE says, equals from the left)"""
        before = self.nesting
        left = self.unary()
        while (precedence := PRECEDENCE.get(self.token.kind, 0)) >= lowest:
            token = self.deeper()
            right = self.binary(precedence + 1)
            node = syntax.Logical if token.kind in ("&&", "||") else syntax.Binary
            left = node(token.position, token.kind, left, right)
        self.nesting = before
        return left

    def unary(self) -> syntax.Expression:
        """unary = ("-" | "!" | "~") unary | postfix"""
        before = self.nesting
        if self.at("-", "!", "~"):
            token = self.deeper()
            operand: syntax.Expression = syntax.Unary(token.position, token.kind, self.unary())
        else:
            operand = self.postfix(self.primary())
        self.nesting = before
        return operand

    def postfix(self, value: syntax.Expression) -> syntax.Expression:
        """postfix = primary ("(" items ")" | "[" expression "]")*     (the caller restores `nesting`)"""
        while self.at("(", "["):
            token = self.deeper()
            if token.kind == "(":
                value = syntax.Call(value.position, value, self.items(")"))
            else:
                value = syntax.Index(token.position, value, self.expression())
                self.expect("]", "']'")
        return value

    def items(self, end: str) -> tuple[syntax.Expression, ...]:
        """items = (expression ("," expression)*)?     (and the bracket that ends it)"""
        values: list[syntax.Expression] = []
        while not self.at(end):
            if values:
                self.expect(",", f"',' or '{end}'")
            values.append(self.expression())
        self.advance()
        return tuple(values)

    def primary(self) -> syntax.Expression:
        """primary = number | string | "true" | "false" | "null" | name | array | hash | function | if_expr
        | "(" expression ")" """
        token, before = self.token, self.nesting
        value: syntax.Expression
        match token.kind:
            case "fn":
                return self.function()
            case "if":
                value = self.if_expr()
            case "{":
                value = self.hash()
            case "[":
                self.deeper()
                value = syntax.Array(token.position, self.items("]"))
            case "(":
                self.deeper()
                value = self.expression()
                self.expect(")", "')'")
            case _:
                return self.atom()
        self.nesting = before
        return value

    def atom(self) -> syntax.Expression:
        """atom = number | string | "true" | "false" | "null" | name"""
        if not self.at("number", "string", "true", "false", "null", "name"):
            raise self.unexpected("an expression")
        token = self.advance()
        match token.kind:
            case "number":
                return syntax.Number(token.position, int32.wrap(int(number_value(token.text))))
            case "string":
                return syntax.String(token.position, string_value(self.source, token.position, token.text))
            case "name":
                return syntax.Name(token.position, token.text)
            case "null":
                return syntax.Null(token.position)
        return syntax.Boolean(token.position, token.kind == "true")

    def hash(self) -> syntax.Hash:
        """hash = "{" (expression ":" expression ("," expression ":" expression)*)? "}" """
        position = self.deeper().position
        pairs: list[tuple[syntax.Expression, syntax.Expression]] = []
        while not self.at("}"):
            if pairs:
                self.expect(",", "',' or '}'")
            key = self.expression()
            self.expect(":", "':'")
            pairs.append((key, self.expression()))
        self.advance()
        return syntax.Hash(position, tuple(pairs))

    def if_expr(self) -> syntax.Conditional:
        """if_expr = "if" condition "{" expression "}" ("else" (if_expr | "{" expression "}"))?"""
        position = self.deeper().position
        condition = self.condition()
        then = self.braced()
        otherwise: syntax.Expression = syntax.Null(position)
        if self.accept("else"):
            otherwise = self.if_expr() if self.at("if") else self.braced()
        return syntax.Conditional(position, condition, then, otherwise)

    def condition(self) -> syntax.Expression:
        """condition = "(" expression ")" """
        self.expect("(", "'('")
        condition = self.expression()
        self.expect(")", "')'")
        return condition

    def braced(self) -> syntax.Expression:
        """braced = "{" expression ";"? "}" """
        self.expect("{", "'{'")
        value = self.expression()
        self.accept(";")
        self.expect("}", "'}': an if inside an expression has one expression in each block")
        return value

    def function(self) -> syntax.Function:
        """function = "fn" "(" (name ("," name)*)? ")" block"""
        position = self.advance().position
        self.expect("(", "'('")
        parameters: list[syntax.Parameter] = []
        while not self.at(")"):
            if parameters:
                self.expect(",", "',' or ')'")
            parameter = self.expect("name", "a parameter name")
            parameters.append(syntax.Parameter(parameter.position, parameter.text))
        self.advance()
        return syntax.Function(position, "fn", tuple(parameters), returning(self.block()))


def returning(body: syntax.Block) -> syntax.Block:
    """A function's body in which its last statement, if it has a value, returns that value; so do the ends of an if."""
    match body:
        case (*start, syntax.Evaluate(position, expression)):
            return (*start, syntax.Return(position, expression))
        case (*start, syntax.If() as node):
            otherwise = node.otherwise and returning(node.otherwise)
            return (*start, replace(node, then=returning(node.then), otherwise=otherwise))
    return body
