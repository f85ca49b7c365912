"""The intermediate representation: its text, what the verifier refuses, the flow of control, liveness."""

import pytest

from riscv.errors import CompilerError
from riscv.ir.graph import depths, dominators, incoming, prune_blocks, prune_params, reverse_postorder
from riscv.ir.liveness import backwards, live_in, live_out
from riscv.ir.nodes import Program, find, text
from riscv.ir.verify import verify
from tests.riscv.written import function, lines

LOOP = """
    entry0(v0):
        jump test2(v0, 0)
    body1():
        v1 = add v2, v3
        v4 = sub v3, 1
        jump test2(v4, v1)
    test2(v3, v2):
        bne v3, 0, body1(), end3()
    end3():
        v5 = call g, v2, 7
        ecall 1, v5
        return v5
"""
G = function("entry0(v0, v1):\ntail h, v0", "g")
H = function("entry0(v0):\nreturn v0", "h")


def test_the_text_numbers_values_and_blocks_in_the_order_they_stand():
    assert text(function(LOOP)).splitlines() == lines(LOOP)
    renamed = LOOP.replace("v1", "a").replace("v0", "zz").replace("end3", "end9")
    assert text(function(renamed)).splitlines() == lines(LOOP)


def names(blocks):
    return [block.name for block in blocks]


def test_reverse_postorder_has_a_loops_head_before_its_body():
    assert names(reverse_postorder(function(LOOP))) == ["entry", "test", "end", "body"]


def test_unreachable_blocks_are_pruned():
    f = function(LOOP + "left4():\njump right5()\nright5():\njump test2(1, 2)")
    prune_blocks(f)
    assert text(f).splitlines() == lines(LOOP)


def test_incoming_lists_every_edge_with_its_source():
    f = function("entry0(v0):\nbeq v0, 0, a1(1), a1(2)\na1(v1):\njump a1(v1)")
    entry, a = f.blocks
    assert [(block.name, edge.args[0]) for block, edge in incoming(f)[a]] == [
        ("entry", 1),
        ("entry", 2),
        ("a", a.params[0]),
    ]
    assert incoming(f)[entry] == []


def test_parameters_that_stand_for_one_operand_are_pruned_through_loops():
    f = function("""
        entry0(v0):
            jump a1(v0, 5, v0)
        a1(x, y, z):
            t = add x, y
            beq t, z, b2(x, y), c3()
        b2(p, q):
            u = add p, q
            jump a1(p, q, u)
        c3():
            return x
    """)
    prune_params(f)
    assert text(f).splitlines() == lines("""
        entry0(v0):
            jump a1(v0)
        a1(v1):
            v2 = add v0, 5
            beq v2, v1, b2(), c3()
        b2():
            v3 = add v0, 5
            jump a1(v3)
        c3():
            return v0
    """)


def test_parameters_of_the_function_and_of_other_numbers_stay():
    source = "entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\njump c3(1)\nb2():\njump c3(2)\nc3(v1):\nreturn v1"
    f = function(source)
    prune_params(f)
    assert text(f).splitlines() == lines(source)


def test_find_follows_replacements_to_the_end():
    a, b, c = function("entry0(v0, v1, v2):\nreturn v0").params
    assert find({a: b, b: c}, a) is c
    assert find({a: b, b: 7}, a) == 7
    assert find({a: b}, c) is c
    assert find({a: b}, 3) == 3


NESTED = """
    entry0(v0):
        jump outer1()
    outer1():
        jump inner2()
    inner2():
        beq v0, 1, inner2(), next3()
    next3():
        beq v0, 2, outer1(), side4()
    side4():
        beq v0, 3, next3(), end5()
    end5():
        return 0
"""


def test_dominators_stand_on_every_way():
    f = function(NESTED)
    found = {block.name: sorted(names(above)) for block, above in dominators(f).items()}
    assert found == {
        "entry": ["entry"],
        "outer": ["entry", "outer"],
        "inner": ["entry", "inner", "outer"],
        "next": ["entry", "inner", "next", "outer"],
        "side": ["entry", "inner", "next", "outer", "side"],
        "end": ["end", "entry", "inner", "next", "outer", "side"],
    }
    diamond = function("entry0(v0):\nbeq v0, 0, a1(), b2()\na1():\njump c3()\nb2():\njump c3()\nc3():\nreturn 0")
    assert sorted(names(dominators(diamond)[diamond.blocks[3]])) == ["c", "entry"]


def test_dominators_are_found_where_a_loop_has_two_ways_in():
    f = function("""
        entry0():
        bne 1, 0, door1(), turn2()
        turn2():
        bne 1, 0, turn2(), middle3()
        head4():
        bne 1, 0, end5(), middle3()
        middle3():
        bne 1, 0, head4(), turn2()
        door1():
        jump head4()
        end5():
        return 0
    """)
    assert {block.name: sorted(names(above)) for block, above in dominators(f).items()} == {
        "entry": ["entry"],
        "door": ["door", "entry"],
        "turn": ["entry", "turn"],
        "head": ["entry", "head"],
        "middle": ["entry", "middle"],
        "end": ["end", "entry", "head"],
    }


def test_depth_counts_the_loops_around_a_block():
    f = function(NESTED)
    assert [depths(f)[block] for block in f.blocks] == [0, 1, 2, 2, 2, 0]
    loop = function(LOOP)
    assert [depths(loop)[block] for block in loop.blocks] == [0, 1, 1, 0]


def test_two_ways_back_are_one_loop():
    f = function("""
        entry0(v0):
            jump a1()
        a1():
            beq v0, 0, a1(), b2()
        b2():
            beq v0, 1, a1(), c3()
        c3():
            return 0
    """)
    assert [depths(f)[block] for block in f.blocks] == [0, 1, 1, 0]


def test_liveness_goes_round_loops():
    f = function("""
        entry0(v0, v1):
            jump test2(v0)
        body1():
            v2 = sub v3, v1
            jump test2(v2)
        test2(v3):
            bne v3, 0, body1(), end3()
        end3():
            return v3
    """)
    entry, body, test, _ = f.blocks
    v0, v1 = entry.params
    (v3,) = test.params
    out = live_out(f)
    assert {block.name: set(live) for block, live in out.items()} == {
        "entry": {v1},
        "body": {v1},
        "test": {v1, v3},
        "end": set(),
    }
    assert set(live_in(body, out[body])) == {v1, v3}
    assert set(live_in(test, out[test])) == {v1}
    assert set(live_in(entry, out[entry])) == set()
    steps = [(i.op, set(live)) for i, live in backwards(body, dict(out[body]))]
    assert steps == [("jump", {v1}), ("sub", {v1, body.code[0].results[0]})]
    assert v0 not in out[entry]


def refusal(source, label="f", results=1):
    """What the verifier says about a function that may call g and h."""
    with pytest.raises(CompilerError) as error:
        verify(Program([function(source, label, results), G, H]))
    return str(error.value).removesuffix("; this is a bug of the compiler")


def test_proper_functions_are_accepted():
    verify(Program([function(LOOP), G, H]))
    verify(Program([function(NESTED), function("entry0():\nreturn 1, 2", "two", 2)]))
    verify(Program([function("entry0(v0):\nv1 = lw v0, 4\nsb v1, v0, 3\necall 64, 1, 2, 3\ntailr v1, 2", results=2)]))
    verify(Program([function("entry0():\nv0, v1 = callr 1, 2, 3\ntrap 1, 2"), G, H]))
    addresses = "entry0():\nv0 = la heap.free\nv1 = la heap.limit\nv2 = la f\nv3 = la text\nreturn v3"
    verify(Program([function(addresses)], {"text": (1,)}))
    verify(Program([function("entry0(v0):\nv1 = copy 5\nv2 = addi v1, 3\nv3 = copy v2\nreturn v3")]))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("entry0():\nv0 = add 1, 2", "entry: one instruction must end it, the last"),
        ("entry0():", "entry: one instruction must end it, the last"),
        ("entry0():\nreturn 0\nreturn 0", "entry: one instruction must end it, the last"),
        ("entry0():\nreturn 0\nv1 = add 1, 2", "entry: one instruction must end it, the last"),
        ("entry0():\njump entry0()", "entry: it may not go to entry"),
        ("entry0():\njump a1(1)\na1():\nreturn 0", "entry: a takes 0 arguments, not 1"),
        ("entry0():\nbeq 1, 2, a1(1), a1()\na1(v0):\nreturn v0", "entry: a takes 1 arguments, not 0"),
        ("entry0():\nv0 = call k, 1\nreturn v0", "entry: there is no function k"),
        ("entry0():\nv0 = call h\nreturn v0", "entry: call has (0, 1, 0) arguments, results and edges, not (1, 1, 0)"),
        ("entry0():\ncall h, 1\nreturn 0", "entry: call has (1, 0, 0) arguments, results and edges, not (1, 1, 0)"),
        ("entry0():\ntail g, 1", "entry: tail has (1, 0, 0) arguments, results and edges, not (2, 0, 0)"),
        ("entry0():\nreturn 0, 1", "entry: return has (2, 0, 0) arguments, results and edges, not (1, 0, 0)"),
        ("entry0():\nv0 = fly 1\nreturn v0", "entry: unknown operation fly"),
        (
            "entry0():\nv0 = add 1\nreturn v0",
            "entry: add has (1, 1, 0) arguments, results and edges, not (2, 1, 0)",
        ),
        (
            "entry0():\nadd 1, 2\nreturn 0",
            "entry: add has (2, 0, 0) arguments, results and edges, not (2, 1, 0)",
        ),
        (
            "entry0():\nv0 = ecall 1, 2\nreturn 0",
            "entry: ecall has (2, 1, 0) arguments, results and edges, not (2, 0, 0)",
        ),
        ("entry0():\necall 1\nreturn 0", "entry: ecall takes a number and one to three arguments"),
        ("entry0():\necall 1, 2, 3, 4, 5\nreturn 0", "entry: ecall takes a number and one to three arguments"),
        ("entry0():\nv0 = la k\nreturn v0", "entry: there is no k"),
        ("entry0():\nv0 = la g, 1\nreturn v0", "entry: la has (1, 1, 0) arguments, results and edges, not (0, 1, 0)"),
        ("entry0():\nv0 = lw 1\nreturn v0", "entry: lw has (1, 1, 0) arguments, results and edges, not (2, 1, 0)"),
        ("entry0():\nlbu 1, 2\nreturn 0", "entry: lbu has (2, 0, 0) arguments, results and edges, not (2, 1, 0)"),
        ("entry0():\nsw 1, 2\nreturn 0", "entry: sw has (2, 0, 0) arguments, results and edges, not (3, 0, 0)"),
        (
            "entry0():\nv0 = sb 1, 2, 3\nreturn 0",
            "entry: sb has (3, 1, 0) arguments, results and edges, not (3, 0, 0)",
        ),
        ("entry0():\ntrap 1", "entry: trap has (1, 0, 0) arguments, results and edges, not (2, 0, 0)"),
        ("entry0():\nv0, v1 = callr\nreturn 0", "entry: callr needs an address"),
        (
            "entry0():\nv0 = callr 1, 2\nreturn v0",
            "entry: callr has (2, 1, 0) arguments, results and edges, not (2, 2, 0)",
        ),
        ("entry0():\ntailr 1", "entry: a function that is called by address returns two words"),
        (
            "entry0():\nv0 = copy 1, 2\nreturn 0",
            "entry: copy has (2, 1, 0) arguments, results and edges, not (1, 1, 0)",
        ),
        (
            "entry0():\njump 1, a1()\na1():\nreturn 0",
            "entry: jump has (1, 0, 1) arguments, results and edges, not (0, 0, 1)",
        ),
        (
            "entry0():\nbeq 1, 2, a1()\na1():\nreturn 0",
            "entry: beq has (2, 0, 1) arguments, results and edges, not (2, 0, 2)",
        ),
        ("entry0(v0):\nv0 = add 1, 2\nreturn v0", "entry: it defines a value again"),
        ("entry0():\njump a1(1)\na1(v0):\nv0 = add 1, 2\nreturn v0", "a: it defines a value again"),
        ("entry0():\nv0 = add v1, 2\nv1 = add 1, 2\nreturn v0", "entry: add reads an undefined value"),
        ("entry0():\nv0 = add v0, 2\nreturn v0", "entry: add reads an undefined value"),
        (
            "entry0():\nbeq 1, 2, a1(), b2()\na1():\nv0 = add 1, 2\njump b2()\nb2():\nreturn v0",
            "b: return reads an undefined value",
        ),
        ("entry0():\njump a1(v0)\na1(v0):\nreturn 0", "entry: jump reads an undefined value"),
    ],
)
def test_a_broken_rule_is_named(source, message):
    assert refusal(source, "broken") == f"broken: {message}"


def test_an_edge_must_stay_in_its_function():
    f, other = function("entry0():\njump a1()\na1():\nreturn 0"), function("entry0():\njump b1()\nb1():\nreturn 0")
    f.blocks[0].end.edges[0].block = other.blocks[1]
    with pytest.raises(CompilerError, match=r"^f: entry: it may not go to b; this is a bug of the compiler$"):
        verify(Program([f]))


def test_a_tail_call_returns_as_many_words_as_its_function():
    assert refusal("entry0():\ntail h, 1", "f", 2) == "f: entry: h returns another number of words"
    verify(Program([function("entry0():\nv0 = call h, 1\nreturn v0, 2", "f", 2), G, H]))


def test_a_later_function_is_verified_too():
    with pytest.raises(CompilerError, match=r"^bad: entry: unknown operation fly"):
        verify(Program([H, function("entry0():\nfly\nreturn 0", "bad")]))
