"""memory: loads and stores are in bounds, aligned, above sp, and read only what was written."""

from nnlab.detectors.programs import outcome, program_probes
from nnlab.detectors.subjects import require
from nnlab.lab import Cited, Detector, Edit, Fault, Probe

_TRAPS = {
    "load-access-fault",
    "load-address-misaligned",
    "store-access-fault",
    "store-address-misaligned",
    "instruction-access-fault",
    "instruction-address-misaligned",
    "stack-overflow",
}


def probes() -> list[Probe]:
    return program_probes(_in_bounds)


def _in_bounds(name: str, source: str) -> None:
    result = outcome(name, source, "memory")
    trap = result.trap
    require(trap is None or trap.kind not in _TRAPS, f"{name}: {trap.message.splitlines()[0] if trap else ''}")
    broken = result.violations
    require(not broken, f"{name}: {broken[0].message if broken else ''}")


DETECTOR = Detector(
    name="memory",
    summary="bounds, alignment, read-only text, nothing below sp, no uninitialised load",
    probes=probes,
    example=Fault(
        id="example-memory",
        title="Every saved register is stored far above the frame of its function, outside the stack",
        pattern="wrong-address",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("riscv.backend.frame:Frame.offset", "4 * (self.outgoing + self.saved.index(register))", "1 << 20")],
    ),
)
