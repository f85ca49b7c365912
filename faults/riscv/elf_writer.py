"""Faults of riscv.elf_writer: images as files."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-elf-without-bss",
        title="The size of a segment in memory is that in the file",
        why="Zeros that a file leaves out have no memory.",
        symptom="a program traps at its first variable",
        pattern="wrong-operand",
        source=review("gABI: p_memsz includes what p_filesz leaves out"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_writer:program_header",
                correct="memsz=segment.size",
                faulty="memsz=len(segment.content)",
            )
        ],
    ),
    Fault(
        id="riscv-elf-end-label-homeless",
        title="A label at the end of a section is in none",
        why="The end is left out, as if a label were a byte.",
        symptom="symbols such as end are undefined to other tools",
        pattern="off-by-one",
        source=review("a label may stand behind the last byte"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_writer:add_symbols",
                correct="s.address <= address <= s.address + s.size",
                faulty="s.address <= address < s.address + s.size",
            )
        ],
    ),
    Fault(
        id="riscv-elf-flags-swapped",
        title="What can be written is marked as executable",
        why="The two flags change places.",
        symptom="a loader that protects memory refuses the program",
        pattern="wrong-operand",
        source=review("PF_X is 1, PF_W is 2"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_writer:program_header",
                correct="elf.WRITE * segment.writable | elf.EXECUTE * segment.executable",
                faulty="elf.EXECUTE * segment.writable | elf.WRITE * segment.executable",
            )
        ],
    ),
]
