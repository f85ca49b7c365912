"""runs (weak): the compiled program ends without a trap and prints something."""

from nnlab.detectors.programs import outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_ends)


def _ends(name: str, source: str) -> None:
    result = outcome(name, source)
    require(result.trap is None, f"{name}: trap: {result.trap.message.splitlines()[0] if result.trap else ''}")
    require(bool(result.output), f"{name}: prints nothing")


DETECTOR = Detector(
    name="runs",
    summary="the compiled program ends without a trap and prints something",
    weak=True,
    probes=probes,
    example=Fault(
        id="example-runs",
        title="puts makes a request that the environment does not know",
        pattern="wrong-constant",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit("riscv.ir.lower:Lowering.call", "[PRINT_INTEGER, self.value(argument)]", "[7, self.value(argument)]")
        ],
    ),
)
