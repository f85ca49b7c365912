"""Shapes of syntax trees, written as nested text, and the tokens they are made of."""

import pytest

from riscv import syntax
from riscv.errors import Source
from riscv.lexer import Token, tokenize
from riscv.parser import parse


def show(node):
    """A node as text; blocks in braces."""
    match node:
        case tuple():
            return "{" + " ".join(show(part) for part in node) + "}"
        case None:
            return "-"
        case syntax.Number():
            return str(node.value)
        case syntax.Name() | syntax.Parameter():
            return node.name
        case syntax.Unary():
            return f"({node.operator} {show(node.operand)})"
        case syntax.Binary():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case syntax.Logical():
            return f"[{show(node.left)} {node.operator} {show(node.right)}]"
        case syntax.Call():
            return f"{node.name}({', '.join(show(argument) for argument in node.arguments)})"
        case syntax.Let():
            return f"let {node.name} {show(node.value)}"
        case syntax.Set():
            return f"set {node.name} {show(node.value)}"
        case syntax.Function():
            return f"fn {node.name} {show(node.parameters)} {show(node.body)}"
        case syntax.If():
            return f"if {show(node.condition)} {show(node.then)} {show(node.otherwise)}"
        case syntax.While():
            return f"while {show(node.condition)} {show(node.body)}"
        case syntax.Return():
            return f"return {show(node.value)}"
        case syntax.Evaluate():
            return show(node.expression)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", "{}"),
        ("1 + 2 * 3", "{(1 + (2 * 3))}"),
        ("1 * 2 + 3", "{((1 * 2) + 3)}"),
        ("(1 + 2) * 3", "{((1 + 2) * 3)}"),
        ("1 - 2 - 3", "{((1 - 2) - 3)}"),
        ("8 / 4 % 3 * 2", "{(((8 / 4) % 3) * 2)}"),
        ("a < b == c >= d", "{((a < b) == (c >= d))}"),
        ("a <= b != c > d", "{((a <= b) != (c > d))}"),
        ("a || b && c || d", "{[[a || [b && c]] || d]}"),
        ("a == b && c < d + 1", "{[(a == b) && (c < (d + 1))]}"),
        ("-a * !b", "{((- a) * (! b))}"),
        ("- -1 - -1", "{((- (- 1)) - (- 1))}"),
        ("!f(1)", "{(! f(1))}"),
        ("f(); g(a); h(a + 1, g(2), 3)", "{f() g(a) h((a + 1), g(2), 3)}"),
        ("true; false", "{1 0}"),
        ("0xffffffff; 0x7FFFFFFF; 010", "{-1 2147483647 10}"),
        ("let a = 1; set a = 2", "{let a 1 set a 2}"),
        ("let f = fn() { }", "{fn f {} {}}"),
        ("let f = fn(a, b) { return a; };", "{fn f {a b} {return a}}"),
        ("let f = fn(a) { return a } f(1)", "{fn f {a} {return a} f(1)}"),
        ("if (a) { 1 }", "{if a {1} -}"),
        ("if (a) { 1; 2 } else { 3 }; 4", "{if a {1 2} {3} 4}"),
        ("if (a) { } else if (b) { 1 } else { 2 } 4", "{if a {} {if b {1} {2}} 4}"),
        ("while (a < 3) { set a = a + 1; } while (b) { }", "{while (a < 3) {set a (a + 1)} while b {}}"),
        ("1 // one\n// nothing\n + 2 // two", "{(1 + 2)}"),
        ("1//2", "{1}"),
        ("letter; _x1", "{letter _x1}"),
    ],
)
def test_a_text_has_its_tree(text, tree):
    assert show(parse(Source("test", text)).body) == tree


def test_tokens_have_kind_text_and_position():
    assert tokenize(Source("test", " if(a1<=0x1F){}//end")) == [
        Token("if", "if", 1),
        Token("(", "(", 3),
        Token("name", "a1", 4),
        Token("<=", "<=", 6),
        Token("number", "0x1F", 8),
        Token(")", ")", 12),
        Token("{", "{", 13),
        Token("}", "}", 14),
        Token("end", "end of the program", 20),
    ]


def test_nodes_know_where_they_start():
    body = parse(Source("test", "let f = fn(p) { return 1 }; while (a) { -b } set x = 3 + 4; y(5); if (6) { }")).body
    function, loop, assignment, call, branch = body
    assert (function.position, function.parameters[0].position, function.body[0].position) == (4, 11, 16)
    assert function.body[0].value.position == 23
    assert (loop.position, loop.condition.position, loop.body[0].position) == (28, 35, 40)
    assert (loop.body[0].expression.position, loop.body[0].expression.operand.position) == (40, 41)
    assert (assignment.position, assignment.value.position) == (49, 55)
    assert (call.position, call.expression.position, call.expression.arguments[0].position) == (60, 60, 62)
    assert branch.position == 66
    assert parse(Source("test", "1; if (6) { } else { }")).body[1].position == 3
    inner = parse(Source("test", "let a = true && (1)")).body[0]
    assert (inner.position, inner.value.position, inner.value.left.position) == (4, 13, 8)


def test_the_tree_keeps_its_source():
    source = Source("test", "1")
    assert parse(source).source is source
