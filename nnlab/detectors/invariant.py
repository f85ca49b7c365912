"""invariant: after every instruction x0 is 0, registers have 32 bits, pc is in the text and sp in the stack."""

from nnlab.detectors.programs import outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_hold)


def _hold(name: str, source: str) -> None:
    broken = outcome(name, source, "invariant").violations
    require(not broken, f"{name}: {broken[0].message if broken else ''}")


DETECTOR = Detector(
    name="invariant",
    summary="x0 = 0, registers of 32 bits, pc in the text, sp in the stack after every instruction",
    probes=probes,
    example=Fault(
        id="example-invariant",
        title="A sum is not wrapped to 32 bits",
        pattern="dropped-statement",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.int32:add", "wrap(a + b)", "a + b")],
    ),
)
