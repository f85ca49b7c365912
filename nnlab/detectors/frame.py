"""frame: a program does the same where each call and return leaves junk in all that it leaves undefined."""

import riscv
from nnlab.detectors.programs import STEP_LIMIT, outcome, program_probes, same_output
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return program_probes(_survives_junk)


def _survives_junk(name: str, source: str) -> None:
    got = outcome(name, source, "frame")
    broken = got.violations
    require(not broken, f"{name}: {broken[0].message if broken else ''}")
    same_output(f"{name} among junk", riscv.interpret(source, STEP_LIMIT), got)


DETECTOR = Detector(
    name="frame",
    summary="nothing below sp is read after a return, no caller-saved register behind a call",
    probes=probes,
    example=Fault(
        id="example-frame",
        title="Values that are needed behind a call stay in registers that the callee may overwrite",
        pattern="missing-save",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.backend.places:overwritten", "CALLER_SAVED if", "() if")],
    ),
)
