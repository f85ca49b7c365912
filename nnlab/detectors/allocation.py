"""allocation: the code of each function, run on symbols, does what its intermediate representation says."""

from unittest.mock import patch

import riscv
from nnlab.detectors.programs import LEVELS, assembly, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe


def probes() -> list[Probe]:
    return [*program_probes(_carried_out), Probe("what --check looks at", _looks, seeded=False)]


def _carried_out(name: str, source: str) -> None:
    for level in LEVELS:
        complaint = ""
        try:
            assembly(source, name, level, check=True)
        except riscv.CompilerError as error:
            complaint = str(error)
        require(not complaint, f"{name} at -O{level}: {complaint}")


def _looks(seed: int) -> None:
    """Checked, the representation is verified before and after optimisation, and then the code of each function."""
    for check, expected in ((True, (2, 2)), (False, (0, 0))):
        with patch("riscv.compiler.verify") as verify, patch("riscv.compiler.check") as code:
            riscv.compile_source("let f = fn(x) { x }; puts(f(1))", "<check>", 1, check=check)
        got = verify.call_count, code.call_count
        require(got == expected, f"check={check}: expected {expected} looks at IR and code, got {got}")


DETECTOR = Detector(
    name="allocation",
    summary="registers, frame and calling convention of the code against its IR, by symbolic execution",
    probes=probes,
    example=Fault(
        id="example-allocation",
        title="A register is free although it holds a value that is needed",
        pattern="wrong-address",
        source=Cited("nnlab", "blatant example"),
        edits=[
            Edit(
                "riscv.backend.allocate:Colouring.register",
                "free = [register for register in allowed if register not in taken]",
                "free = allowed",
            )
        ],
    ),
)
