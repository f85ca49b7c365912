"""runs (weak): the compiled program prints something, or ends in an error that a program can make."""

from nnlab.detectors.programs import outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe
from riscv.outcome import PROGRAM_ERRORS


def probes() -> list[Probe]:
    return program_probes(_ends)


def _ends(name: str, source: str) -> None:
    result = outcome(name, source)
    if result.trap is None:
        require(bool(result.output), f"{name}: prints nothing")
    else:
        require(result.trap.kind in PROGRAM_ERRORS, f"{name}: trap: {result.trap.message.splitlines()[0]}")


DETECTOR = Detector(
    name="runs",
    summary="the compiled program prints something, or ends in an error that a program can make",
    weak=True,
    probes=probes,
    example=Fault(
        id="example-runs",
        title="puts makes a request that the environment does not know",
        pattern="wrong-formula",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.ir.expressions:Expressions.puts", "[PRINT_INTEGER, pair.payload]", "[7, pair.payload]")],
    ),
)
