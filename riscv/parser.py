"""Tokens to syntax tree by recursive descent: the docstring of each parse method is its production."""

from dataclasses import replace
from typing import Final

from riscv import syntax
from riscv.errors import Source
from riscv.expressions import Expressions

# Statements that end in a block need no semicolon behind them.
BLOCK_LIKE: Final = (syntax.Functions, syntax.If, syntax.While, syntax.ForIn)


def parse(source: Source) -> syntax.Program:
    """The syntax tree of a source, or a LanguageError at the first token that does not fit."""
    return Parser(source).program()


class Parser(Expressions):
    """The statements."""

    def program(self) -> syntax.Program:
        """program = statements end"""
        body = self.statements()
        if not self.at("end"):
            raise self.unexpected("a statement")
        return syntax.Program(self.source, body)

    def statements(self) -> syntax.Block:
        """statements = (statement ";")*     (";" is optional at the end and after a statement ending in a block)"""
        body: list[syntax.Statement] = []
        while not self.at("}", "end"):
            statement = self.statement()
            if body and isinstance(statement, syntax.Functions) and isinstance(body[-1], syntax.Functions):
                body[-1] = replace(body[-1], functions=body[-1].functions + statement.functions)
            else:
                body.append(statement)
            if not self.accept(";") and not isinstance(statement, BLOCK_LIKE) and not self.at("}", "end"):
                raise self.unexpected("';'")
        return tuple(body)

    def statement(self) -> syntax.Statement:
        """statement = let | set | if_stmt | while_stmt | do_stmt | for_stmt | return_stmt | "break" | "continue"
        | expression"""
        match self.token.kind:
            case "let":
                return self.let()
            case "set":
                return self.set()
            case "if":
                return self.if_stmt()
            case "while":
                return self.while_stmt()
            case "do":
                return self.do_stmt()
            case "for":
                return self.for_stmt()
            case "return":
                return self.return_stmt()
            case "break":
                return syntax.Break(self.advance().position)
            case "continue":
                return syntax.Continue(self.advance().position)
        return syntax.Evaluate(self.token.position, self.expression())

    def let(self) -> syntax.Let | syntax.Functions:
        """let = "let" name "=" expression     (a function as the expression bears the name)"""
        self.advance()
        name = self.expect("name", "a name")
        self.expect("=", "'='")
        value = self.expression()
        if isinstance(value, syntax.Function):
            return syntax.Functions(name.position, (replace(value, position=name.position, name=name.text),))
        return syntax.Let(name.position, name.text, value)

    def set(self) -> syntax.Set | syntax.SetElement:
        """set = "set" name ("(" items ")" | "[" expression "]")* "=" expression     (not ending in a call)"""
        self.advance()
        name, before = self.expect("name", "a name"), self.nesting
        target = self.postfix(syntax.Name(name.position, name.text))
        self.nesting = before
        if isinstance(target, syntax.Call):
            raise self.unexpected("'[': a call cannot be set")
        self.expect("=", "'='")
        if isinstance(target, syntax.Index):
            return syntax.SetElement(target.position, target.object, target.index, self.expression())
        return syntax.Set(name.position, name.text, self.expression())

    def if_stmt(self) -> syntax.If:
        """if_stmt = "if" condition block ("else" (if_stmt | block))?"""
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
        """while_stmt = "while" condition block"""
        position = self.advance().position
        condition = self.condition()
        return syntax.While(position, condition, self.block())

    def do_stmt(self) -> syntax.DoWhile:
        """do_stmt = "do" block "while" condition"""
        position = self.advance().position
        body = self.block()
        self.expect("while", "'while'")
        return syntax.DoWhile(position, body, self.condition())

    def for_stmt(self) -> syntax.ForIn:
        """for_stmt = "for" "(" name "in" expression ")" block"""
        self.advance()
        self.expect("(", "'('")
        name = self.expect("name", "a name")
        self.expect("in", "'in'")
        iterable = self.expression()
        self.expect(")", "')'")
        return syntax.ForIn(name.position, name.text, iterable, self.block())

    def return_stmt(self) -> syntax.Return:
        """return_stmt = "return" expression?"""
        position = self.advance().position
        value = syntax.Null(position) if self.at(";", "}", "end") else self.expression()
        return syntax.Return(position, value)

    def block(self) -> syntax.Block:
        """block = "{" statements "}" """
        self.enter_block()
        self.expect("{", "'{'")
        body = self.statements()
        self.expect("}", "'}'")
        self.blocks -= 1
        return body
