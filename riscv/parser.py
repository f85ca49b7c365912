"""Tokens to syntax tree by recursive descent: the docstring of each parse method is its production."""

from collections.abc import Mapping
from typing import Final

from riscv import int32, syntax
from riscv.errors import LanguageError, Source
from riscv.lexer import Token, number_value, tokenize

# The stages recurse over the tree, so its depth is bounded here, long before Python's own limit.
MAX_OPERATORS: Final = 60
MAX_BLOCKS: Final = 30

PRECEDENCE: Final[Mapping[str, int]] = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}


def parse(source: Source) -> syntax.Program:
    """The syntax tree of a source, or a LanguageError at the first token that does not fit."""
    return Parser(source).program()


class Parser:
    """A cursor over the tokens of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = iter(tokenize(source))
        self.token = next(self.tokens)
        self.blocks = 0

    # The cursor

    def at(self, *kinds: str) -> bool:
        """Is the next token one of these?"""
        return self.token.kind in kinds

    def advance(self) -> Token:
        """The next token, consumed; never the last one, "end"."""
        token, self.token = self.token, next(self.tokens)
        return token

    def accept(self, kind: str) -> bool:
        """Consume the next token if it is of this kind."""
        found = self.at(kind)
        if found:
            self.advance()
        return found

    def expect(self, kind: str, description: str) -> Token:
        """The next token, which must be of this kind."""
        if not self.at(kind):
            raise self.unexpected(description)
        return self.advance()

    def unexpected(self, description: str) -> LanguageError:
        """The error for a next token that is not what the grammar wants."""
        return self.source.error(self.token.position, f"expected {description}, found '{self.token.text}'")

    # Statements

    def program(self) -> syntax.Program:
        """program = statements end"""
        body = self.statements()
        if not self.at("end"):
            raise self.unexpected("a statement")
        return syntax.Program(self.source, body)

    def statements(self) -> syntax.Block:
        """statements = (statement ";")*     (";" is optional at the end and after a statement ending in "}")"""
        body: list[syntax.Statement] = []
        while not self.at("}", "end"):
            statement = self.statement()
            body.append(statement)
            optional = isinstance(statement, syntax.Function | syntax.If | syntax.While)
            if not self.accept(";") and not optional and not self.at("}", "end"):
                raise self.unexpected("';'")
        return tuple(body)

    def statement(self) -> syntax.Statement:
        """statement = let | set | if_stmt | while_stmt | return_stmt | expression"""
        match self.token.kind:
            case "let":
                return self.let()
            case "set":
                return self.set()
            case "if":
                return self.if_stmt()
            case "while":
                return self.while_stmt()
            case "return":
                return self.return_stmt()
        position = self.token.position
        return syntax.Evaluate(position, self.expression())

    def let(self) -> syntax.Let | syntax.Function:
        """let = "let" name "=" (function | expression)"""
        self.advance()
        name = self.expect("name", "a name")
        self.expect("=", "'='")
        if self.at("fn"):
            return self.function(name)
        return syntax.Let(name.position, name.text, self.expression())

    def set(self) -> syntax.Set:
        """set = "set" name "=" expression"""
        self.advance()
        name = self.expect("name", "a name")
        self.expect("=", "'='")
        return syntax.Set(name.position, name.text, self.expression())

    def function(self, name: Token) -> syntax.Function:
        """function = "fn" "(" (name ("," name)*)? ")" block"""
        self.advance()
        self.expect("(", "'('")
        parameters: list[syntax.Parameter] = []
        while not self.at(")"):
            if parameters:
                self.expect(",", "',' or ')'")
            parameter = self.expect("name", "a parameter name")
            parameters.append(syntax.Parameter(parameter.position, parameter.text))
        self.advance()
        return syntax.Function(name.position, name.text, tuple(parameters), self.block())

    def if_stmt(self) -> syntax.If:
        """if_stmt = "if" "(" expression ")" block ("else" (if_stmt | block))?"""
        position = self.advance().position
        condition = self.condition()
        then = self.block()
        if not self.accept("else"):
            return syntax.If(position, condition, then, None)
        if self.at("if"):
            self.enter_block()
            otherwise: syntax.Block = (self.if_stmt(),)
            self.blocks -= 1
        else:
            otherwise = self.block()
        return syntax.If(position, condition, then, otherwise)

    def while_stmt(self) -> syntax.While:
        """while_stmt = "while" "(" expression ")" block"""
        position = self.advance().position
        condition = self.condition()
        return syntax.While(position, condition, self.block())

    def return_stmt(self) -> syntax.Return:
        """return_stmt = "return" expression"""
        position = self.advance().position
        return syntax.Return(position, self.expression())

    def condition(self) -> syntax.Expression:
        """condition = "(" expression ")" """
        self.expect("(", "'('")
        condition = self.expression()
        self.expect(")", "')'")
        return condition

    def block(self) -> syntax.Block:
        """block = "{" statements "}" """
        self.enter_block()
        self.expect("{", "'{'")
        body = self.statements()
        self.expect("}", "'}'")
        self.blocks -= 1
        return body

    def enter_block(self) -> None:
        """Count a level of blocks (an else-if is one more level of the tree, too)."""
        self.blocks += 1
        if self.blocks > MAX_BLOCKS:
            message = f"blocks are nested more than {MAX_BLOCKS} deep; move the inner ones into a function"
            raise self.source.error(self.token.position, message)

    # Expressions

    def expression(self) -> syntax.Expression:
        """expression = binary"""
        self.operators = 0
        return self.binary(1)

    def binary(self, lowest: int) -> syntax.Expression:
        """binary = unary (operator unary)*     (operators bind as PRECEDENCE says, equals from the left)"""
        left = self.unary()
        while (precedence := PRECEDENCE.get(self.token.kind, 0)) >= lowest:
            token = self.operator()
            right = self.binary(precedence + 1)
            node = syntax.Binary if token.text in int32.OPERATORS else syntax.Logical
            left = node(token.position, token.text, left, right)
        return left

    def unary(self) -> syntax.Expression:
        """unary = ("-" | "!") unary | primary"""
        if self.at("-", "!"):
            token = self.operator()
            return syntax.Unary(token.position, token.text, self.unary())
        return self.primary()

    def primary(self) -> syntax.Expression:
        """primary = number | "true" | "false" | name | call | "(" binary ")" """
        if self.at("("):
            self.operator()
            inner = self.binary(1)
            self.expect(")", "')'")
            return inner
        if self.at("fn"):
            message = "a function needs a name of its own; write let name = fn(...) { ... }"
            raise self.source.error(self.token.position, message)
        if not self.at("number", "true", "false", "name"):
            raise self.unexpected("an expression")
        token = self.advance()
        if token.kind == "number":
            return syntax.Number(token.position, int32.wrap(number_value(token.text)))
        if token.kind != "name":
            return syntax.Number(token.position, int(token.kind == "true"))
        return self.call(token) if self.at("(") else syntax.Name(token.position, token.text)

    def call(self, name: Token) -> syntax.Call:
        """call = name "(" (binary ("," binary)*)? ")" """
        self.operator()
        arguments: list[syntax.Expression] = []
        while not self.at(")"):
            if arguments:
                self.expect(",", "',' or ')'")
            arguments.append(self.binary(1))
        self.advance()
        return syntax.Call(name.position, name.text, tuple(arguments))

    def operator(self) -> Token:
        """Consume a token that makes the expression one level deeper, and count it."""
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            message = f"the expression has more than {MAX_OPERATORS} operators; split it with let"
            raise self.source.error(self.token.position, message)
        return self.advance()
