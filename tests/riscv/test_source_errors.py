"""Every mistake in a source text: its exact message, and the place the caret points at."""

import pytest

import riscv
from riscv.errors import Source
from riscv.resolver import resolve


def complaint(text):
    """Line, column and message of the error in a text, found by the interpreter and by the compiler."""
    with pytest.raises(riscv.LanguageError) as compiled:
        riscv.compile_source(text)
    with pytest.raises(riscv.LanguageError) as interpreted:
        riscv.interpret(text)
    assert str(compiled.value) == str(interpreted.value)
    return compiled.value.line, compiled.value.column, compiled.value.message


def test_an_error_shows_place_line_and_caret():
    with pytest.raises(riscv.LanguageError) as error:
        riscv.compile_source("let a = 1;\nlet b =\ta + zz;\nputs(b)", "sum.monkey")
    assert str(error.value) == "sum.monkey:2: undefined variable 'zz'\n  let b = a + zz;\n              ^"
    with pytest.raises(riscv.LanguageError, match=r"^<source>:1: undefined variable 'x'\n  x\n  \^$"):
        riscv.interpret("x")
    with pytest.raises(riscv.LanguageError, match=r"^<source>:2: undefined variable 'x'\n    x;\n    \^$"):
        riscv.interpret("1;\n  x;\r\ny;\nz")
    with pytest.raises(riscv.LanguageError, match=r"^p:1: "):
        riscv.interpret("x", name="p")


LEXICAL = [
    ("puts(1) @", (1, 8, "unexpected character '@'")),
    ("let a = 1;\n\n  a @ 2", (3, 4, "unexpected character '@'")),
    ('puts("abc)', (1, 5, "the string is not closed on its line")),
    ('puts("abc\\")', (1, 5, "the string is not closed on its line")),
    ('puts("abc\n")', (1, 5, "the string is not closed on its line")),
    (r'puts("ab\q")', (1, 8, r"unknown escape '\q'; there are \n \t \" \\ and \x with two digits")),
    (r'"\x4"', (1, 1, r"unknown escape '\x'; there are \n \t \" \\ and \x with two digits")),
    (f"1; {'9' * 11}", (1, 3, "number '99999999999' does not fit in 32 bits")),
    ("9" * 9999, (1, 0, f"number '{'9' * 9999}' does not fit in 32 bits")),
    ("puts(12ab)", (1, 5, "malformed number '12ab'; write 42 or 0x2a")),
    ("0x", (1, 0, "malformed number '0x'; write 42 or 0x2a")),
    ("puts(4294967296)", (1, 5, "number '4294967296' does not fit in 32 bits")),
    ("0x100000000", (1, 0, "number '0x100000000' does not fit in 32 bits")),
]
GRAMMAR = [
    ("1 2", (1, 2, "expected ';', found '2'")),
    ("let a = 1 puts(a)", (1, 10, "expected ';', found 'puts'")),
    ("}", (1, 0, "expected a statement, found '}'")),
    (";", (1, 0, "expected an expression, found ';'")),
    ("let 1 = 2", (1, 4, "expected a name, found '1'")),
    ("let let = 2", (1, 4, "expected a name, found 'let'")),
    ("let a 2", (1, 6, "expected '=', found '2'")),
    ("set 1 = 2", (1, 4, "expected a name, found '1'")),
    ("set a 2", (1, 6, "expected '=', found '2'")),
    ("let f = fn x", (1, 11, "expected '(', found 'x'")),
    ("let f = fn(1)", (1, 11, "expected a parameter name, found '1'")),
    ("let f = fn(a b) {}", (1, 13, "expected ',' or ')', found 'b'")),
    ("let f = fn(a,) {}", (1, 13, "expected a parameter name, found ')'")),
    ("let f = fn(a) 1", (1, 14, "expected '{', found '1'")),
    ("let f = fn() { 1", (1, 16, "expected '}', found 'end of the program'")),
    ("if 1 { }", (1, 3, "expected '(', found '1'")),
    ("if (1 { }", (1, 6, "expected ')', found '{'")),
    ("if (1) { } else 2", (1, 16, "expected '{', found '2'")),
    ("while 1 { }", (1, 6, "expected '(', found '1'")),
    ("while (1) 2", (1, 10, "expected '{', found '2'")),
    ("do 1", (1, 3, "expected '{', found '1'")),
    ("do { } (1)", (1, 7, "expected 'while', found '('")),
    ("do { } while 1", (1, 13, "expected '(', found '1'")),
    ("do { } while (1) 2", (1, 17, "expected ';', found '2'")),
    ("for x in 1 { }", (1, 4, "expected '(', found 'x'")),
    ("for (1 in 1) { }", (1, 5, "expected a name, found '1'")),
    ("for (x of 1) { }", (1, 7, "expected 'in', found 'of'")),
    ("for (x in 1 { }", (1, 12, "expected ')', found '{'")),
    ("for (x in 1) 2", (1, 13, "expected '{', found '2'")),
    ("break 1", (1, 6, "expected ';', found '1'")),
    ("return", (1, 0, "return outside of a function; move the statements into one and call it")),
    ("return +", (1, 7, "expected an expression, found '+'")),
    ("1 ? 2", (1, 5, "expected ':', found 'end of the program'")),
    ("[1 2]", (1, 3, "expected ',' or ']', found '2'")),
    ("a[1", (1, 3, "expected ']', found 'end of the program'")),
    ("a[]", (1, 2, "expected an expression, found ']'")),
    ("{1}", (1, 2, "expected ':', found '}'")),
    ("{1: 2 3}", (1, 6, "expected ',' or '}', found '3'")),
    ("set a() = 1", (1, 8, "expected '[': a call cannot be set, found '='")),
    ("set [1] = 1", (1, 4, "expected a name, found '['")),
    ("1 + if 1 { }", (1, 7, "expected '(', found '1'")),
    ("1 + if (1) 2", (1, 11, "expected '{', found '2'")),
    ("1 + if (1) { }", (1, 13, "expected an expression, found '}'")),
    (
        "1 + if (1) { 2; 3 }",
        (1, 16, "expected '}': an if inside an expression has one expression in each block, found '3'"),
    ),
    ("fn x", (1, 3, "expected '(', found 'x'")),
    ("if (1) { 1 } + 2", (1, 13, "expected an expression, found '+'")),
    ("1 +", (1, 3, "expected an expression, found 'end of the program'")),
    ("(1", (1, 2, "expected ')', found 'end of the program'")),
    ("puts(1 2)", (1, 7, "expected ',' or ')', found '2'")),
    ("puts(1,)", (1, 7, "expected an expression, found ')'")),
]
CAPTURED = "'x' is captured by value and cannot be set here; share an array and set its element"
NAMES = [
    ("let a = a", (1, 8, "undefined variable 'a'")),
    ("set a = 1", (1, 4, "undefined variable 'a'")),
    ("puts(b); let b = 1", (1, 5, "undefined variable 'b'")),
    ("puts(-c)", (1, 6, "undefined variable 'c'")),
    ("puts(1 + c)", (1, 9, "undefined variable 'c'")),
    ("puts(c + 1)", (1, 5, "undefined variable 'c'")),
    ("puts(1 && c)", (1, 10, "undefined variable 'c'")),
    ("if (c) { }", (1, 4, "undefined variable 'c'")),
    ("while (c) { }", (1, 7, "undefined variable 'c'")),
    ("if (1) { let c = 1 } puts(c)", (1, 26, "undefined variable 'c'")),
    ("if (1) { } else { let c = 1 } puts(c)", (1, 35, "undefined variable 'c'")),
    ("while (0) { let c = 1 } c", (1, 24, "undefined variable 'c'")),
    ("let f = fn(p) { let c = 1 }; c", (1, 29, "undefined variable 'c'")),
    ("let f = fn(p) { }; p", (1, 19, "undefined variable 'p'")),
    ("let f = fn(p) { return c }", (1, 23, "undefined variable 'c'")),
    ("f(1)", (1, 0, "undefined variable 'f'")),
    ("if (1) { let f = fn() { } } f()", (1, 28, "undefined variable 'f'")),
    ("f(); let f = fn() { }", (1, 0, "undefined variable 'f'")),
    ("let f = fn() { g() }; 1; let g = fn() { }", (1, 15, "undefined variable 'g'")),
    ("[1, c]", (1, 4, "undefined variable 'c'")),
    ("{c: 1}", (1, 1, "undefined variable 'c'")),
    ("{1: 2, 3: c}", (1, 10, "undefined variable 'c'")),
    ("c ? 1 : 2", (1, 0, "undefined variable 'c'")),
    ("1 ? c : 2", (1, 4, "undefined variable 'c'")),
    ("1 ? 2 : c", (1, 8, "undefined variable 'c'")),
    ("c[1]", (1, 0, "undefined variable 'c'")),
    ("1[c]", (1, 2, "undefined variable 'c'")),
    ("1(c)", (1, 2, "undefined variable 'c'")),
    ("set c[0] = 1", (1, 4, "undefined variable 'c'")),
    ("let a = 1; set a[c] = 1", (1, 17, "undefined variable 'c'")),
    ("let a = 1; set a[0] = c", (1, 22, "undefined variable 'c'")),
    ("for (c in c) { }", (1, 10, "undefined variable 'c'")),
    ("for (c in 1) { } c", (1, 17, "undefined variable 'c'")),
    ("do { let c = 1 } while (c)", (1, 24, "undefined variable 'c'")),
    ("do { c } while (1)", (1, 5, "undefined variable 'c'")),
    ("fn(p) { p }(p)", (1, 12, "undefined variable 'p'")),
    ("let f = fn() { }; set f = 1", (1, 22, "'f' is a function; set changes variables only")),
    ("let f = fn() { set f = 1 }", (1, 19, "'f' is a function; set changes variables only")),
    ("puts(puts)", (1, 5, "'puts' is built in; it can only be called, as puts(...)")),
    ("set len = 1", (1, 4, "'len' is built in; it can only be called, as len(...)")),
    ("len()", (1, 0, "'len' takes 1 arguments, not 0")),
    ("first(1, 2)", (1, 0, "'first' takes 1 arguments, not 2")),
    ("1 + last()", (1, 4, "'last' takes 1 arguments, not 0")),
    ("rest()", (1, 0, "'rest' takes 1 arguments, not 0")),
    ("push(1)", (1, 0, "'push' takes 2 arguments, not 1")),
    ("fn(x) { x }()", (1, 0, "'fn' takes 1 arguments, not 0")),
    ("let g = fn(h) { let f = fn() { f(1) }; h(1) }", (1, 31, "'f' takes 0 arguments, not 1")),
    ("break", (1, 0, "break outside of a loop")),
    ("while (1) { fn() { continue } }", (1, 19, "continue outside of a loop")),
    ("while (1) { } break", (1, 14, "break outside of a loop")),
    ("do { } while (fn() { break }())", (1, 21, "break outside of a loop")),
    ("for (x in 1) { let x = 2; let x = 3 }", (1, 30, "'x' is already declared in this block; use set to change it")),
    ("let a = 1; let a = 2", (1, 15, "'a' is already declared in this block; use set to change it")),
    ("let f = fn(a) { let a = 2 }", (1, 20, "'a' is already declared in this block; use set to change it")),
    ("let f = fn(a, a) { }", (1, 14, "'a' is already declared in this block; use set to change it")),
    ("let f = fn() { }; let f = 1", (1, 22, "'f' is already declared in this block; use set to change it")),
    ("let f = fn() { }; let f = fn() { }", (1, 22, "'f' is already declared in this block; use set to change it")),
    ("let f = fn(a, b) { }; f(1)", (1, 22, "'f' takes 2 arguments, not 1")),
    ("let f = fn() { }; f(1)", (1, 18, "'f' takes 0 arguments, not 1")),
    ("return 1", (1, 0, "return outside of a function; move the statements into one and call it")),
    (
        "let f = fn() { }; if (1) { return 1 }",
        (1, 27, "return outside of a function; move the statements into one and call it"),
    ),
    ("let f = fn(x) { let g = fn() { set x = 1 } }", (1, 35, CAPTURED)),
    ("let x = 1; fn() { if (1) { set x = 2 } }", (1, 31, CAPTURED)),
]


@pytest.mark.parametrize(("text", "expected"), LEXICAL + GRAMMAR + NAMES)
def test_a_mistake_is_named_and_placed(text, expected):
    assert complaint(text) == expected


# Every way to go one level deeper into an expression, and where the 61st level stands.
DEEPER = [
    (" + 1", "", 4 * 60 + 2),
    ("(", ")", 60),
    ("-", "", 60),
    ("[", "]", 60),
    ("{1: ", "}", 4 * 60),
    ("1 ? 2 : ", "", 8 * 60 + 2),
    ("1 ? ", " : 2", 4 * 60 + 2),
    ("puts(", ")", 5 * 60 + 4),
    ("1[", "]", 2 * 60 + 1),
    ("(if (1) { 2 } else { ", " })", 21 * 30),
    ("fn(x) { }(", ")", 10 * 60 + 9),
]
TOO_DEEP = "the expression is nested more than 60 deep; split it with let"


def deep(opening, closing, levels):
    """An expression of some levels."""
    if opening == " + 1":
        return "1" + opening * levels
    if opening.startswith("(if"):
        levels = (levels + 1) // 2
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize(("opening", "closing", "position"), DEEPER, ids=[opening for opening, *_ in DEEPER])
def test_an_expression_nests_60_deep_and_no_deeper(opening, closing, position):
    shallow, too_deep = deep(opening, closing, 60), deep(opening, closing, 61)
    resolve(Source("test", f"{shallow}; {shallow}"))
    assert complaint(too_deep) == (1, position, TOO_DEEP)
    assert complaint(f"fn() {{ ({shallow}) }}")[2] == TOO_DEEP


@pytest.mark.parametrize("text", ["1(1)(1)", "1[1][1]", "1(1)[1]"])
def test_a_chain_of_calls_and_indices_is_nesting_too(text):
    resolve(Source("test", "1" + text[1:] * 30))
    assert complaint("1" + text[1:] * 30 + "(1)") == (1, 181, TOO_DEEP)
    assert complaint("set a" + text[1:] * 30 + "[1]") == (1, 185, TOO_DEEP)


SIDE_BY_SIDE = ["[{}, {}]", "puts({}, {})", "{{{}: {}, 1: {}}}", "1[{}] + 1[{}]", "set a[{}] = {}", "({} ? {} : {})"]


@pytest.mark.parametrize("text", [*SIDE_BY_SIDE, "({}) * ({})", "-{} + -{}", "(if ({}) {{ {} }})", "a({})({})"])
def test_what_stands_side_by_side_nests_no_deeper(text):
    def filled(levels):
        part = "(" * levels + "1" + ")" * levels
        return "let a = 1; " + text.format(part, part, part)

    resolve(Source("test", filled(58)))
    with pytest.raises(riscv.LanguageError, match=TOO_DEEP):
        resolve(Source("test", filled(61)))


def test_a_function_in_an_expression_goes_on_counting():
    inner = "-" * 30 + "fn() { let a = " + "-" * 30 + "1; let b = [a] }"
    resolve(Source("test", inner))
    assert complaint(inner.replace("1;", "[1];"))[2] == TOO_DEEP


def nested(opening, levels):
    return opening * levels + "1" + " }" * levels


BLOCKS_TOO_DEEP = "blocks are nested more than 30 deep; move the inner ones into a function"


@pytest.mark.parametrize("opening", ["if (1) { ", "while (0) { ", "let f = fn() { ", "if (1) { } else { "])
def test_blocks_nest_30_deep_and_no_deeper(opening):
    riscv.compile_source("if (1) { " + nested(opening, 29) + " } if (1) { " + nested(opening, 29) + " }")
    line, _, message = complaint(nested(opening, 31))
    assert (line, message) == (1, BLOCKS_TOO_DEEP)


def test_a_chain_of_else_if_counts_as_nesting():
    riscv.compile_source("if (0) { } " + "else if (0) { } " * 29 + "if (0) { } " + "else if (0) { } " * 29)
    text = "if (0) { } " + "else if (0) { } " * 29 + "else { }"
    riscv.compile_source(text)
    complaint("if (0) { } else if (0) { } else if (0) { } " + nested("if (0) { ", 31))
    with_one_more = text.replace("else { }", "else if (0) { }")
    assert complaint(with_one_more) == (1, with_one_more.rindex("{"), BLOCKS_TOO_DEEP)
