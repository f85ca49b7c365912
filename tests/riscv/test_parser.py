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
        case syntax.Boolean():
            return str(node.value).lower()
        case syntax.Null():
            return "null"
        case syntax.String():
            return repr(node.value)[1:]
        case syntax.Array():
            return f"[{commas(node.elements)}]"
        case syntax.Hash():
            return f"<{', '.join(f'{show(key)}: {show(value)}' for key, value in node.pairs)}>"
        case syntax.Conditional():
            return f"({show(node.condition)} ? {show(node.then)} : {show(node.otherwise)})"
        case syntax.Index():
            return f"{show(node.object)}[{show(node.index)}]"
        case syntax.Unary():
            return f"({node.operator} {show(node.operand)})"
        case syntax.Binary():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case syntax.Logical():
            return f"[{show(node.left)} {node.operator} {show(node.right)}]"
        case syntax.Call():
            return f"{show(node.function)}({commas(node.arguments)})"
        case syntax.Function():
            return f"fn {node.name} {show(node.parameters)} {show(node.body)}"
    return show_statement(node)


def show_statement(node):
    """A statement or a part of one as text."""
    match node:
        case syntax.Let():
            return f"let {node.name} {show(node.value)}"
        case syntax.Set():
            return f"set {node.name} {show(node.value)}"
        case syntax.Functions():
            return f"({' '.join(show(function) for function in node.functions)})"
        case syntax.SetElement():
            return f"set {show(node.object)}[{show(node.index)}] {show(node.value)}"
        case syntax.DoWhile():
            return f"do {show(node.body)} {show(node.condition)}"
        case syntax.ForIn():
            return f"for {node.name} {show(node.iterable)} {show(node.body)}"
        case syntax.Break():
            return "break"
        case syntax.Continue():
            return "continue"
        case syntax.If():
            return f"if {show(node.condition)} {show(node.then)} {show(node.otherwise)}"
        case syntax.While():
            return f"while {show(node.condition)} {show(node.body)}"
        case syntax.Return():
            return f"return {show(node.value)}"
        case syntax.Evaluate():
            return show(node.expression)


def commas(nodes):
    """Several expressions as text."""
    return ", ".join(show(node) for node in nodes)


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
        ("true; false", "{true false}"),
        ("0xffffffff; 0x7FFFFFFF; 010", "{-1 2147483647 10}"),
        ("let a = 1; set a = 2", "{let a 1 set a 2}"),
        ("let f = fn() { }", "{(fn f {} {})}"),
        ("let f = fn(a, b) { return a; };", "{(fn f {a b} {return a})}"),
        ("let f = fn(a) { return a } f(1)", "{(fn f {a} {return a}) f(1)}"),
        ("if (a) { 1 }", "{if a {1} -}"),
        ("if (a) { 1; 2 } else { 3 }; 4", "{if a {1 2} {3} 4}"),
        ("if (a) { } else if (b) { 1 } else { 2 } 4", "{if a {} {if b {1} {2}} 4}"),
        ("while (a < 3) { set a = a + 1; } while (b) { }", "{while (a < 3) {set a (a + 1)} while b {}}"),
        ("1 // one\n// nothing\n + 2 // two", "{(1 + 2)}"),
        ("1//2", "{1}"),
        ("letter; _x1", "{letter _x1}"),
        (
            "a || b && c == d < e | f ^ g & h << i + j * k",
            "{[a || [b && (c == (d < (e | (f ^ (g & (h << (i + (j * k))))))))]]}",
        ),
        (
            "a * b + c >> d & e ^ f | g > h != i && j || k",
            "{[[((((((((a * b) + c) >> d) & e) ^ f) | g) > h) != i) && j] || k]}",
        ),
        ("a << b >> c >>> d & e & f | g | h ^ i ^ j", "{(((((((a << b) >> c) >>> d) & e) & f) | g) | ((h ^ i) ^ j))}"),
        ("~a + ~-b", "{((~ a) + (~ (- b)))}"),
        ("a ? b : c ? d : e", "{(a ? b : (c ? d : e))}"),
        ("a || b ? c ? 1 : 2 : d + 1", "{([a || b] ? (c ? 1 : 2) : (d + 1))}"),
        ("let x = if (a) { 1 } else { 2; }", "{let x (a ? 1 : 2)}"),
        ("1 + if (a) { b } else if (c) { d } * 2", "{(1 + ((a ? b : (c ? d : null)) * 2))}"),
        ("null; [null, [], [1, 2][0]]", "{null [null, [], [1, 2][0]]}"),
        ('{}; {1: 2}; {true ? 1 : 2: "a", f: {3: 4}}[5]', "{<> <1: 2> <(true ? 1 : 2): 'a', f: <3: 4>>[5]}"),
        ("a[1][b + 2](3)[4]; -a[0]; (a)[0]", "{a[1][(b + 2)](3)[4] (- a[0]) a[0]}"),
        ("f(1)(2, 3)(); fn(x) { x }(4)", "{f(1)(2, 3)() fn fn {x} {return x}(4)}"),
        ("set a[1] = 2; set a[1][2] = 3; set f(4)[5] = 6", "{set a[1] 2 set a[1][2] 3 set f(4)[5] 6}"),
        ("let f = fn() { } let g = fn() { }; 1; let h = fn() { }", "{(fn f {} {} fn g {} {}) 1 (fn h {} {})}"),
        ("let f = fn() { 1 }()", "{let f fn fn {} {return 1}()}"),
        ("f(fn(a, b) { }, fn() { return })", "{f(fn fn {a b} {}, fn fn {} {return null})}"),
        ("let f = fn() { return; 1 }", "{(fn f {} {return null return 1})}"),
        ("let f = fn() { 1; 2; }", "{(fn f {} {1 return 2})}"),
        ("let f = fn() { if (a) { 1; 2 } else if (b) { 3 } 4; }", "{(fn f {} {if a {1 2} {if b {3} -} return 4})}"),
        ("let f = fn() { if (a) { 1; 2 } else if (b) { 3 } }", "{(fn f {} {if a {1 return 2} {if b {return 3} -}})}"),
        ("let f = fn() { if (a) { } }", "{(fn f {} {if a {} -})}"),
        ("let f = fn() { while (a) { 1 } }", "{(fn f {} {while a {1}})}"),
        ("do { 1 } while (a); do { } while (b)", "{do {1} a do {} b}"),
        ("for (x in a) { break } for (y in [1]) { continue; }", "{for x a {break} for y [1] {continue}}"),
        (r'''"a b"; "\n\t\"\\\x41\xff"; ""; "é"; "//"''', r"""{'a b' '\n\t"\\A\xff' '' '\xc3\xa9' '//'}"""),
        ("0" * 5000 + "7", "{7}"),
        ('"\ud800"', r"{'\xed\xa0\x80'}"),
        ("4294967295; 2147483648", "{-1 -2147483648}"),
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
    functions, loop, assignment, call, branch = body
    assert functions.position == 4
    function = functions.functions[0]
    assert (function.position, function.parameters[0].position, function.body[0].position) == (4, 11, 16)
    assert function.body[0].value.position == 23
    assert (loop.position, loop.condition.position, loop.body[0].position) == (28, 35, 40)
    assert (loop.body[0].expression.position, loop.body[0].expression.operand.position) == (40, 41)
    assert (assignment.position, assignment.value.position) == (49, 55)
    assert (call.position, call.expression.position, call.expression.arguments[0].position) == (60, 60, 62)
    assert branch.position == 66
    assert parse(Source("test", "1; if (6) { } else { }")).body[1].position == 3
    (bare,) = parse(Source("test", "let f = fn() { return }")).body[0].functions[0].body
    assert (bare.position, bare.value.position) == (15, 15)
    tree = parse(
        Source("test", "a(1)[2](3); set b[4] = c ? 5 : 6; for (d in e) { break } do { continue } while (f)")
    ).body
    chain, element, each, do = tree
    assert (chain.expression.position, chain.expression.function.position) == (4, 4)
    assert chain.expression.function.object.position == 0
    assert (element.position, element.object.position, element.value.position) == (17, 16, 25)
    assert (each.position, each.body[0].position, do.position, do.body[0].position) == (39, 49, 57, 62)
    inner = parse(Source("test", 'fn() { 1 }; [1]; {2: 3}; "s"; if (4) { 5 } ')).body
    assert [statement.position for statement in inner] == [0, 12, 17, 25, 30]
    assert inner[0].expression.body[0].position == 7
    assert [statement.expression.position for statement in inner[:4]] == [0, 12, 17, 25]
    either = parse(Source("test", "1 + if (2) { 3 } else if (4) { 5 }")).body[0].expression.right
    assert (either.position, either.otherwise.position, either.otherwise.otherwise.position) == (4, 22, 22)
    inner = parse(Source("test", "let a = true && (1)")).body[0]
    assert (inner.position, inner.value.position, inner.value.left.position) == (4, 13, 8)


def test_the_tree_keeps_its_source():
    source = Source("test", "1")
    assert parse(source).source is source
