"""The runtime: it is well-typed for one word a value, and every part of it can be reached."""

import pytest

import riscv
from riscv.backend.data import HEAP_SIZE
from riscv.compiler import LEVELS
from riscv.errors import Source
from riscv.ir import runtime
from riscv.ir.kinds import ANY, BOOLEAN, FUNCTION, INTEGER, KEYS, NULL, STRING, infer
from riscv.ir.unit import Pair, Unit, closures, tag, words
from riscv.resolver import resolve


def test_every_value_of_the_runtime_is_one_word():
    resolved = runtime.load()
    facts = infer(resolved, frozenset({INTEGER}))
    assert set(facts.results.values()) == {frozenset({INTEGER})}
    assert {kinds for local, kinds in facts.locals.items() if local.function is None} == {frozenset({INTEGER})}
    assert (facts.values, closures(resolved)) == (set(), set())


def test_the_compiler_knows_that_the_runtime_is_given_integers():
    unit = Unit(resolve(Source("test", "")), infer(resolve(Source("test", ""))), {})
    assert unit.helper("equal") == "runtime.equal.1"
    known = unit.library.facts.locals
    assert {kinds for local, kinds in known.items() if local.function is None} == {frozenset({INTEGER})}


def test_the_runtime_uses_all_that_it_can_say_beyond_the_language():
    assert set(runtime.load().builtins.values()) == set(runtime.INTRINSICS)


def test_a_function_of_the_runtime_is_found_by_its_name():
    resolved = runtime.load()
    assert resolved.program.source.name == "runtime.monkey"
    for name in ("allocate", "equal", "show_hash"):
        assert runtime.function(resolved, name).name == name


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("puts(1)", []),
        ("let a = []", ["allocate"]),
        ("let h = {}", ["table", "allocate"]),
        ("len(null)", ["length", "sized"]),
    ],
)
def test_only_what_is_called_is_compiled(source, names):
    labels = riscv.compile_source(source).labels
    assert [label for label in labels if label.startswith("runtime.")] == [
        f"runtime.{name}.{number}" for number, name in enumerate(names, 1)
    ]


def trap(source, level):
    """The kind of trap that a program ends in, run without monitors, which take time."""
    found = riscv.run_program(riscv.compile_source(source, level=level), (), 3_000_000).trap
    return found and found.kind


@pytest.mark.slow
def test_a_full_heap_is_a_trap():
    zeros = ", ".join(["0"] * 250)
    source = f"let i = 0; while (i < {{}}) {{{{ [{zeros}]; set i = i + 1 }}}}"
    room = HEAP_SIZE // (4 + 8 * 250)
    assert trap(source.format(room), 1) is None
    assert trap(source.format(room + 1), 1) == "out-of-memory"


@pytest.mark.parametrize("level", LEVELS)
def test_endless_recursion_through_values_is_a_trap(level):
    assert trap("let f = fn(n) { [f, f, f, f, f, f][0](n + 1) + n }; f(0)", level) == "stack-overflow"


def test_a_call_of_a_value_in_tail_position_takes_no_stack():
    source = "let f = fn(g, n) { if (n == 0) { return 7 } return g(g, n - 1) }; puts(f(f, 30000))"
    outcome = riscv.run_program(riscv.compile_source(source), ("abi", "frame", "memory"), 3_000_000)
    assert (outcome.output, outcome.trap, outcome.violations) == (("7",), None, ())


@pytest.mark.parametrize("level", LEVELS)
def test_what_an_offset_does_not_reach_is_captured_and_stored(level):
    names = [f"v{n}" for n in range(512)]
    source = "".join(f"let {name} = {n};\n" for n, name in enumerate(names))
    source += f"let f = fn() {{ {'; '.join(names)}; [v0, v509, v510, v511] }};\nputs(f());\n"
    source += f"let a = [{', '.join(str(n) for n in range(257))}]; puts(a[254], a[255], a[256])"
    outcome = riscv.run_program(riscv.compile_source(source, level=level), ("abi", "frame", "memory"))
    assert (outcome.output, outcome.violations) == (("[0, 509, 510, 511]", "254", "255", "256"), ())


@pytest.mark.parametrize("level", LEVELS)
def test_values_are_passed_on_the_stack_and_in_registers(level):
    source = """
        let f = fn(a, b, c, d, e) { [e, d, c, b, a] };
        puts(f("s", true, null, 4, {1: [f]}), [f][0](1, "t", false, [], null))
    """
    outcome = riscv.run_program(riscv.compile_source(source, level=level, check=True), ("abi", "frame", "memory"))
    assert (outcome.output, outcome.violations) == (("[{1: [fn]}, 4, null, true, s]", "[null, [], false, t, 1]"), ())


def test_the_line_of_an_error_is_that_of_the_program():
    program = riscv.compile_source("puts(1);\n\nputs(1 +\nnull)")
    assert "in line 3" in riscv.run_program(program).trap.message
    program = riscv.compile_source("\nlen(5)")
    assert " of the runtime" in riscv.run_program(program).trap.message


# Units


def unit(source):
    resolved = resolve(Source("test", source))
    return Unit(resolved, infer(resolved), {})


def named(found, name):
    return next(node for node in found.resolved.frames if node and node.name == name)


def test_a_value_of_a_known_kind_is_one_word():
    assert [tag(frozenset()), tag(frozenset({STRING})), tag(frozenset({NULL, INTEGER})), tag(ANY)] == [0, 2, None, None]
    pair = Pair(7, BOOLEAN, frozenset({BOOLEAN}))
    assert words(pair, frozenset({BOOLEAN})) == [7]
    assert words(pair, KEYS) == [7, BOOLEAN]


def test_equal_strings_are_one_datum():
    found = unit("")
    labels = [found.string(text) for text in (b"a", b"b", b"a")]
    assert labels == ["constant.text.1", "constant.text.2", "constant.text.1"]
    assert found.data == {"constant.text.1": (1, b"a"), "constant.text.2": (1, b"b")}


@pytest.mark.parametrize("name", ["text", "constant", "runtime", "heap", "main", "_start", "value", "allocate"])
def test_a_function_may_have_any_name(name):
    source = f"let {name} = fn(f) {{ [f, 'a'] }}; puts({name}({name}))".replace("'", '"')
    assert riscv.run_program(riscv.compile_source(source)).output == ("[fn, a]",)


def test_a_function_as_a_value_has_its_code_and_the_number_of_its_parameters():
    found = unit("let f = fn(a, b) { f }; f")
    assert found.value(named(found, "f")) == "f.1.value"
    assert found.data == {"f.1.value": ("f.1", 2)}


def test_a_function_needs_a_closure_if_it_captures_a_variable_or_one_that_does():
    found = unit("""
        let v = 1;
        let a = fn() { b() };
        let b = fn() { let c = fn() { v }; c() };
        let d = fn() { e() };
        let e = fn() { let g = fn() { d() }; g };
        let h = fn(p) { let k = fn() { p }; let v = 2; v };
    """)
    assert sorted(node.name for node in found.closures) == ["a", "b", "c", "k"]
    assert [found.takes_closure(named(found, name)) for name in "abdeg"] == [True, True, False, False, True]
    assert [outer.function and outer.function.name for outer, _ in found.captures(named(found, "a"))] == ["b"]
    assert [*found.captures(named(found, "g"))] == []
    assert [inner.function for _, inner in found.captures(named(found, "c"))] == [None]


def test_a_function_gives_two_words_if_it_is_a_value_or_may_give_two_kinds():
    found = unit("let f = fn() { 1 }; let g = fn() { 1 }; let h = fn(c) { c ? 1 : null }; [f]; g(); h(1)")
    assert [found.results(named(found, name)) for name in "fgh"] == [2, 1, 2]


def test_a_declared_function_is_a_function():
    found = unit("let f = fn() { }; let x = 1")
    kinds = [found.kinds(local) for local in found.resolved.frames[None].locals]
    assert kinds == [{FUNCTION}, {INTEGER}]
