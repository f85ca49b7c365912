"""Every mistake in a source text: its exact message, and the place the caret points at."""

import pytest

import riscv


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
    ("let a = 1;\n\n  a & 2", (3, 4, "unexpected character '&'")),
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
    ("return", (1, 6, "expected an expression, found 'end of the program'")),
    ("1 +", (1, 3, "expected an expression, found 'end of the program'")),
    ("(1", (1, 2, "expected ')', found 'end of the program'")),
    ("puts(1 2)", (1, 7, "expected ',' or ')', found '2'")),
    ("puts(1,)", (1, 7, "expected an expression, found ')'")),
    ("puts(fn() {})", (1, 5, "a function needs a name of its own; write let name = fn(...) { ... }")),
]
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
    ("f(1)", (1, 0, "undefined function 'f'")),
    ("if (1) { let f = fn() { } } f()", (1, 28, "undefined function 'f'")),
    ("let f = 1; f()", (1, 11, "'f' is a variable, not a function")),
    ("let f = fn() { }; puts(f)", (1, 23, "'f' is a function; it can only be called, as f(...)")),
    ("let f = fn() { }; set f = 1", (1, 22, "'f' is a function; it can only be called, as f(...)")),
    ("puts(puts)", (1, 5, "'puts' is a function; it can only be called, as puts(...)")),
    ("let puts = 1", (1, 4, "'puts' is built in; choose another name")),
    ("let f = fn(puts) { }", (1, 11, "'puts' is built in; choose another name")),
    ("let a = 1; let a = 2", (1, 15, "'a' is already declared in this block; use set to change it")),
    ("let f = fn(a) { let a = 2 }", (1, 20, "'a' is already declared in this block; use set to change it")),
    ("let f = fn(a, a) { }", (1, 14, "'a' is already declared in this block; use set to change it")),
    ("let f = fn() { }; let f = 1", (1, 22, "'f' is already declared in this block; use set to change it")),
    ("let f = fn() { }; let f = fn() { }", (1, 22, "'f' is already declared in this block; use set to change it")),
    ("let f = fn(a, b) { }; f(1)", (1, 22, "'f' takes 2 arguments, not 1")),
    ("let f = fn() { }; f(1)", (1, 18, "'f' takes 0 arguments, not 1")),
    (
        "let f = fn(a, b, c, d, e, f, g, h, i, j) { }",
        (1, 35, "'f' has more than 8 parameters; split the function"),
    ),
    ("return 1", (1, 0, "return outside of a function; move the statements into one and call it")),
    (
        "let f = fn() { }; if (1) { return 1 }",
        (1, 27, "return outside of a function; move the statements into one and call it"),
    ),
    (
        "let x = 1; let f = fn() { return x }",
        (1, 33, "'x' belongs to the top level and there are no closures yet; pass it as a parameter"),
    ),
    (
        "let f = fn(x) { let g = fn() { set x = 1 } }",
        (1, 35, "'x' belongs to function 'f' and there are no closures yet; pass it as a parameter"),
    ),
    (
        "let f = fn(x) { let g = fn() { }; return x }; let y = 1; let h = fn() { if (1) { puts(y) } }",
        (1, 86, "'y' belongs to the top level and there are no closures yet; pass it as a parameter"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), LEXICAL + GRAMMAR + NAMES)
def test_a_mistake_is_named_and_placed(text, expected):
    assert complaint(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * 61,
        "(" * 61 + "1" + ")" * 61,
        "-" * 61 + "1",
        "puts(" * 61 + "1" + ")" * 61,
        "1 + " + "(" * 60 + "1" + ")" * 60,
    ],
)
def test_an_expression_of_more_than_60_operators_is_refused(text):
    position = {"1": 4 * 60 + 2, "(": 60, "-": 60, "p": 5 * 60 + 4}[text[0]] if "+ (" not in text else 63
    assert complaint(text) == (1, position, "the expression has more than 60 operators; split it with let")


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * 60,
        "(" * 60 + "1" + ")" * 60,
        "-" * 60 + "1",
        "1 + 1 * (2)" + " + 1" * 57,
        "puts(1" + " + 1" * 59 + "); puts(1" + " + 1" * 59 + ")",
    ],
)
def test_an_expression_of_60_operators_is_accepted(text):
    riscv.compile_source(text)


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
