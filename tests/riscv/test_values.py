"""Values and operations where programs of the corpus cannot look: kinds, identities and the texts of complaints."""

import pytest

from riscv import operations, syntax
from riscv.values import MAX_SHOWN, Closure, Misuse, equal, key, kind, show, truth

FUNCTION = Closure(syntax.Function(0, "f", (syntax.Parameter(0, "a"),), ()), {})
EACH = [1, True, None, b"s", [1], {(int, 1): 2}, FUNCTION]
KINDS = ["integer", "boolean", "null", "string", "array", "hash", "function"]


def complaint(operation, *operands):
    """Kind and text of the misuse."""
    with pytest.raises(Misuse) as error:
        operation(*operands)
    return error.value.kind, error.value.detail


def test_every_value_has_a_kind():
    assert [kind(value) for value in EACH] == KINDS


def test_only_false_null_and_0_do_not_hold():
    assert [value for value in (False, None, 0) if truth(value)] == []
    assert all(truth(value) for value in (True, 1, -1, b"", b"\0", [], {}, FUNCTION))


def test_values_of_two_kinds_are_never_equal():
    zero = [0, False, None, b"", [], {}, FUNCTION]
    assert [(i, j) for i, a in enumerate(zero) for j, b in enumerate(zero) if i != j and equal(a, b)] == []
    assert not equal(1, True)


def test_containers_are_equal_by_identity_and_the_rest_by_value():
    array, table = [1], {}
    assert equal(array, array)
    assert equal(table, table)
    assert not equal(array, [1])
    assert not equal(table, {})
    assert equal(bytes([65, 66]), b"AB")
    assert not equal(b"A", b"a")
    assert equal(-5, -5)
    assert not equal(True, False)
    assert equal(None, None)


def test_two_functions_cannot_be_compared():
    expected = ("type-error", "two functions cannot be compared")
    assert complaint(equal, FUNCTION, FUNCTION) == expected
    assert complaint(operations.binary, "!=", FUNCTION, FUNCTION) == expected


def test_keys_of_two_kinds_are_two_keys():
    assert len({key(value) for value in (1, True, 0, False, b"1", b"")}) == 6
    assert complaint(key, []) == ("type-error", "a key is an integer, a boolean or a string, not array")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-5, "-5"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (b"a b", "a b"),
        (FUNCTION, "fn"),
        ([], "[]"),
        ([1, [b"x", None]], "[1, [x, null]]"),
        ({}, "{}"),
        ({(int, 1): True, (bytes, b"k"): [2], (bool, True): {}}, "{1: true, k: [2], true: {}}"),
    ],
)
def test_values_have_a_text(value, text):
    assert b"".join(show(value)).decode() == text


def test_the_text_of_a_value_ends_at_some_depth():
    endless = []
    endless.append(endless)
    assert b"".join(show(endless)) == b"[" * MAX_SHOWN + b"..." + b"]" * MAX_SHOWN
    table = {}
    table[(int, 1)] = [table, 5]
    assert b"".join(show(table)) == b"{1: [" * 4 + b"..." + b", 5]}" * 4
    deep = 1
    for _ in range(MAX_SHOWN):
        deep = [deep]
    assert b"".join(show(deep)) == b"[" * MAX_SHOWN + b"1" + b"]" * MAX_SHOWN


def test_a_complaint_names_what_it_was_given():
    assert complaint(operations.binary, "+", 1, None) == (
        "type-error",
        "'+' takes two integers or two strings, not integer and null",
    )
    assert complaint(operations.binary, "<<", b"", True) == (
        "type-error",
        "'<<' takes two integers, not string and boolean",
    )
    assert complaint(operations.unary, "~", []) == ("type-error", "'~' takes an integer, not array")
    assert complaint(operations.element, 1, 1) == (
        "type-error",
        "integer has no elements; arrays, strings and hashes have",
    )
    assert complaint(operations.set_element, b"a", 0, b"b") == (
        "type-error",
        "string has no elements that can be set; arrays and hashes have",
    )
    assert complaint(operations.element, [1], True) == ("type-error", "the index is an integer, not boolean")
    assert complaint(operations.element, b"ab", 2) == ("index-error", "index 2 is outside of 0 to 1")
    assert complaint(operations.element, [], 0) == ("index-error", "index 0 of an empty array")
    assert complaint(operations.element, b"", -1) == ("index-error", "index -1 of an empty string")
    assert complaint(operations.elements, 7) == (
        "type-error",
        "for goes through arrays, strings and hashes, not integer",
    )
    assert complaint(operations.callee, True, 1) == ("type-error", "boolean cannot be called")
    assert complaint(operations.callee, FUNCTION, 2) == ("argument-error", "the function takes 1 arguments, not 2")
    assert complaint(operations.length, 1) == ("type-error", "'len' takes an array, a string or a hash, not integer")


@pytest.mark.parametrize("name", ["first", "last", "rest"])
def test_the_builtins_of_arrays_take_arrays(name):
    assert complaint(operations.BUILTINS[name], b"abc") == ("type-error", f"'{name}' takes an array, not string")
    assert complaint(operations.push, {}, 1) == ("type-error", "'push' takes an array, not hash")


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>", "<", "<=", ">", ">="])
def test_an_operator_takes_integers_or_says_what_it_takes(operator):
    assert type(operations.binary(operator, 7, 2)) in (int, bool)
    for left in EACH:
        for right in EACH:
            kinds = (kind(left), kind(right))
            allowed = kinds == ("integer", "integer") or (operator == "+" and kinds == ("string", "string"))
            if not allowed:
                assert complaint(operations.binary, operator, left, right)[0] == "type-error"


@pytest.mark.parametrize(
    ("operator", "result"),
    [
        *[("+", 9), ("-", 5), ("*", 14), ("/", 3), ("%", 1), ("&", 2), ("|", 7), ("^", 5)],
        *[("<<", 28), (">>", 1), (">>>", 1)],
        *[("<", False), ("<=", False), (">", True), (">=", True), ("==", False), ("!=", True)],
    ],
)
def test_an_operator_does_what_its_sign_says(operator, result):
    value = operations.binary(operator, 7, 2)
    assert (value, type(value)) == (result, type(result))


def test_a_builtin_makes_a_new_array():
    array = [1, 2]
    assert operations.push(array, 3) == [1, 2, 3]
    assert operations.rest(array) == [2]
    assert array == [1, 2]
    assert operations.elements(array) is not array


def test_setting_an_element_tells_of_growth():
    table = {}
    assert [operations.set_element(table, 1, value) for value in (5, 6)] == [1, 0]
    assert operations.set_element([0], 0, 1) == 0
    assert table == {(int, 1): 6}
