"""What names mean: slots of frames, captures on every level, callees and builtins."""

import pytest

from riscv import syntax
from riscv.errors import Source
from riscv.resolver import Local, resolve


def resolved(text):
    """The resolved program, and its functions by name, in the order of the text."""
    result = resolve(Source("test", text))
    return result, {function.name: function for function in result.frames if function is not None}


def captures(result, function):
    """Slot outside and slot inside of each captured value."""
    return [(outer.slot, inner.slot) for outer, inner in result.frames[function].captures.items()]


def test_every_variable_has_a_slot_of_its_own_in_declaration_order():
    result, functions = resolved(
        "let f = fn(a, b) { let c = a; if (b) { let d = 1 } else { let d = 2 } for (e in c) { let a = e } }; let g = 1"
    )
    f = functions["f"]
    assert [local.slot for local in result.frames[f].locals] == list(range(7))
    assert [result.locals[parameter].slot for parameter in f.parameters] == [0, 1]
    let, branch, loop = f.body
    assert (result.locals[let].slot, result.locals[branch.then[0]].slot, result.locals[branch.otherwise[0]].slot) == (
        2,
        3,
        4,
    )
    assert (result.locals[loop].slot, result.locals[loop.body[0]].slot) == (5, 6)
    assert result.locals[loop.body[0].value] is result.locals[loop]
    assert [local.slot for local in result.frames[None].locals] == [0, 1]
    assert all(local.owner is f for local in result.frames[f].locals)
    assert result.frames[f].captures == {}


def test_a_captured_value_has_one_local_in_each_function_on_the_way():
    result, functions = resolved("let x = 1; let f = fn(p) { let g = fn(q) { fn() { x + p + q + x + x } } }")
    top, f, g, inner = (result.frames[owner] for owner in (None, *functions.values()))
    assert [len(frame.locals) for frame in (top, f, g, inner)] == [2, 3, 3, 3]
    assert captures(result, functions["f"]) == [(0, 2)]
    assert captures(result, functions["g"]) == [(2, 1), (0, 2)]
    assert captures(result, functions["fn"]) == [(1, 0), (2, 1), (0, 2)]
    names = [node for node in result.locals if isinstance(node, syntax.Name)]
    assert [result.locals[node].slot for node in names] == [0, 1, 2, 0, 0]
    assert all(result.locals[node].owner is functions["fn"] for node in names)
    assert list(f.captures) == [top.locals[0]]
    assert list(g.captures) == [f.locals[2], f.locals[0]]


def test_a_name_may_mean_a_variable_and_a_capture_in_one_function():
    result, functions = resolved("let x = 1; let f = fn() { let y = x; let x = y; x }")
    let, hiding, back = functions["f"].body
    assert [result.locals[node].slot for node in (let.value, let, hiding, back.value)] == [0, 1, 2, 2]


def test_functions_that_stand_together_see_each_other_and_themselves():
    result, functions = resolved("let f = fn() { f() + g() }; let g = fn() { f() }")
    f, g = functions.values()
    assert [result.locals[node].function for node in (f, g)] == [f, g]
    assert captures(result, f) == [(0, 0), (1, 1)]
    assert captures(result, g) == [(0, 0)]
    assert [local.function for local in result.frames[f].locals] == [f, g]
    assert list(result.callees.values()) == [f, g, f]


def test_calls_know_their_function_if_it_was_declared():
    result, functions = resolved("let f = fn(x) { x }; let h = f; f(1); h(1); fn(x) { x }(2); f(3)(4); fn() { f(5) }")
    calls = [statement.expression for statement in result.program.body[2:6]]
    f = functions["f"]
    assert [result.callees.get(call) for call in calls] == [f, None, calls[2].function, None]
    assert result.callees[calls[3].function] is f
    assert result.locals[functions["f"]].function is f
    assert result.locals[result.program.body[1]].function is None
    assert result.callees[result.program.body[6].expression.body[0].value] is f


@pytest.mark.parametrize("name", ["puts", "len", "first", "last", "rest", "push"])
def test_a_builtin_is_called_unless_its_name_is_hidden(name):
    arguments = "1, 2" if name == "push" else "1"
    text = f"{name}({arguments}); let f = fn({name}) {{ {name}(1, 2, 3) }}; let {name} = 1; {name}()"
    result, functions = resolved(text)
    call, hidden = result.program.body[0].expression, result.program.body[3].expression
    assert result.builtins == {call: name}
    assert call.function not in result.locals
    assert result.locals[hidden.function] is result.locals[result.program.body[2]]
    assert result.locals[functions["f"].body[0].value.function].slot == 0


def test_puts_takes_any_number_of_arguments():
    result, _ = resolved("puts(); puts(1); puts(1, 2, 3)")
    assert list(result.builtins.values()) == ["puts"] * 3


def test_set_means_the_variable_of_its_own_function():
    result, _ = resolved("let x = 1; if (x) { set x = 2; let x = 3; set x = 4 }")
    let, branch = result.program.body
    first, inner, second = branch.then
    assert result.locals[first] is result.locals[let]
    assert result.locals[second] is result.locals[inner]
    assert isinstance(result.locals[inner], Local)


def test_loops_may_be_left_from_their_blocks_and_conditions_of_functions_start_anew():
    resolved("while (1) { if (1) { break } fn() { while (1) { continue } }; do { break } while (1); continue }")
    resolved("for (x in 1) { for (y in 2) { } break }")
    resolved("do { continue } while (1)")
