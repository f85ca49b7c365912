"""Faults of riscv.environment: requests."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-print-unsigned",
        title="Numbers are printed without their sign",
        why="The register is printed as its bits.",
        symptom="-1 prints as 4294967295",
        pattern="signedness",
        source=review("request 1 prints a0 as a signed number"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.environment:Environment.request",
                correct="str(self.x[A0])",
                faulty="str(unsigned(self.x[A0]))",
            )
        ],
    ),
    Fault(
        id="riscv-write-from-length",
        title="write prints from the wrong end",
        why="Address and length change places in the loop over the bytes.",
        symptom="strings print as other memory, or not at all",
        pattern="off-by-one",
        source=review("write(fd, address, length)"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.environment:Environment.write",
                correct="for index in range(length)",
                faulty="for index in range(1, length + 1)",
            )
        ],
    ),
]
