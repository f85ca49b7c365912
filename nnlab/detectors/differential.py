"""differential: the compiled program does exactly what the reference interpreter does, and at -O0 as at -O1.

Compared are the lines printed, the kind of trap and, between the two levels, all that is in the heap at the end.
"""

from collections.abc import Mapping
from functools import partial
from itertools import zip_longest

import riscv
from nnlab.detectors.programs import LEVELS, STEP_LIMIT, assembly, final_heap, outcome, program_probes, same_output
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from riscv import heap
from riscv.outcome import RESOURCES

#: A program that ends in an error, and where that is said to be.
PLACES: Mapping[str, str] = {
    "puts(1)\n-null": "in line 2",
    "puts(1);\n\nlet a = [1];\nputs(a[\n2])": "in line 4",
    "let f = fn(g) {\n g(1) }; puts(f(fn() { 1 }))": "in line 2",
    "puts(1 +\nnull)": "in line 1",
    "puts(rest(1))": "of the runtime",
}
#: A program with code that every stage changes.
ONE = "let f = fn(x) { return x * 8 + 5000 }; puts(f(1))"


def probes() -> list[Probe]:
    places = [Probe(f"{text} {place}", partial(_is_at, text, place), seeded=False) for text, place in PLACES.items()]
    return [*program_probes(_agree), *places, Probe("in one go", _compiles_in_one_go, seeded=False)]


def _agree(name: str, source: str) -> None:
    expected = riscv.interpret(source, STEP_LIMIT)
    heaps = []
    for level in LEVELS:
        got, words = final_heap(name, source, level)
        same_output(f"{name} at -O{level}", expected, got)
        trapped = f" ({got.trap.message.splitlines()[0]})" if got.trap else ""
        kinds = tuple(result.trap.kind if result.trap else "none" for result in (expected, got))
        require(kinds[0] == kinds[1], f"{name} at -O{level}: trap: expected {kinds[0]}, got {kinds[1]}{trapped}")
        heaps.append(words)
    if expected.trap is None or expected.trap.kind not in RESOURCES:
        _same_heap(name, *heaps)


def _is_at(text: str, place: str, seed: int) -> None:
    for level in LEVELS:
        trap = outcome("<places>", text, level=level).trap
        got = trap.message.splitlines()[0] if trap else "no trap"
        require(got.endswith(place), f"{text} at -O{level}: expected a trap {place}, got {got}")


def _compiles_in_one_go(seed: int) -> None:
    """A program is compiled in stages here; a user's call takes all of them."""
    for level in LEVELS:
        expected, got = assembly(ONE, "<one>", level), riscv.compile_source(ONE, "<one>", level).assembly
        differ = next((pair for pair in zip_longest(expected.splitlines(), got.splitlines()) if len({*pair}) > 1), "")
        require(not differ, f"compile_source at -O{level}: expected the stages' code, the first other lines: {differ}")


def _same_heap(name: str, unoptimised: tuple[heap.Word, ...], optimised: tuple[heap.Word, ...]) -> None:
    for index, (want, have) in enumerate(zip(unoptimised, optimised, strict=False)):
        require(want == have, f"{name}: heap[{index}]: expected {want} as at -O0, got {have}")
    sizes = len(unoptimised), len(optimised)
    require(sizes[0] == sizes[1], f"{name}: heap: expected {sizes[0]} words as at -O0, got {sizes[1]}")


DETECTOR = Detector(
    name="differential",
    summary="the compiled program against the reference interpreter, -O0 and -O1: output, trap, final heap",
    probes=probes,
    example=Fault(
        id="example-differential",
        title="Every number is compiled one too large",
        pattern="off-by-one",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "riscv.ir.expressions:Expressions.expression",
                "[node.value]",
                "[node.value + 1]",
            )
        ],
    ),
)
