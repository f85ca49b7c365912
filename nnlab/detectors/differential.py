"""differential: the compiled program prints and traps exactly as the reference interpreter does, at -O0 and at -O1."""

import riscv
from nnlab.detectors.programs import LEVELS, STEP_LIMIT, outcome, program_probes, same_output
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_agree)


def _agree(name: str, source: str) -> None:
    expected = riscv.interpret(source, STEP_LIMIT)
    for level in LEVELS:
        got = outcome(name, source, level=level)
        same_output(f"{name} at -O{level}", expected, got)
        trapped = f" ({got.trap.message.splitlines()[0]})" if got.trap else ""
        kinds = tuple(result.trap.kind if result.trap else "none" for result in (expected, got))
        require(kinds[0] == kinds[1], f"{name} at -O{level}: trap: expected {kinds[0]}, got {kinds[1]}{trapped}")


DETECTOR = Detector(
    name="differential",
    summary="the compiled program against the reference interpreter, -O0 and -O1: output and trap",
    probes=probes,
    example=Fault(
        id="example-differential",
        title="Every number is compiled one too large",
        pattern="off-by-one",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "riscv.ir.expressions:Expressions.expression",
                "of(node.value, INTEGER)",
                "of(node.value + 1, INTEGER)",
            )
        ],
    ),
)
