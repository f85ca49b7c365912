"""abi: sp, ra and s0 to s11 are at each return what they were at the call, and nothing is saved above the frame."""

from nnlab.detectors.programs import outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_keeps)


def _keeps(name: str, source: str) -> None:
    broken = outcome(name, source, "abi").violations
    require(not broken, f"{name}: {broken[0].message if broken else ''}")


DETECTOR = Detector(
    name="abi",
    summary="sp, ra and s0-s11 at every return, alignment at calls, no store above the frame",
    probes=probes,
    example=Fault(
        id="example-abi",
        title="The epilogue restores nothing",
        pattern="missing-save",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.backend.frame:Frame.epilogue", "[*restores, ", "[")],
    ),
)
