"""differential: the compiled program prints and traps exactly as the reference interpreter does."""

import riscv
from nnlab.detectors.programs import STEP_LIMIT, outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_agree)


def _agree(name: str, source: str) -> None:
    expected = riscv.interpret(source, STEP_LIMIT)
    got = outcome(name, source)
    for line, (want, have) in enumerate(zip(expected.output, got.output, strict=False)):
        require(want == have, f"{name}: output[{line}]: expected {want}, got {have}")
    trapped = f" ({got.trap.message.splitlines()[0]})" if got.trap else ""
    lengths = len(expected.output), len(got.output)
    require(lengths[0] == lengths[1], f"{name}: output: expected {lengths[0]} lines, got {lengths[1]}{trapped}")
    kinds = tuple(result.trap.kind if result.trap else "none" for result in (expected, got))
    require(kinds[0] == kinds[1], f"{name}: trap: expected {kinds[0]}, got {kinds[1]}{trapped}")


DETECTOR = Detector(
    name="differential",
    summary="the compiled program against the reference interpreter: output and trap",
    probes=probes,
    example=Fault(
        id="example-differential",
        title="Every number is compiled one too large",
        pattern="off-by-one",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit("riscv.compiler:Compiler.value", 'f"li a0, {node.value}"', 'f"li a0, {node.value}", "addi a0, a0, 1"')
        ],
    ),
)
