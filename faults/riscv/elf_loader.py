"""Faults of riscv.elf_loader: files as images."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-elf-odd-segment",
        title="A segment that begins between two words is loaded at the word before",
        why="Its content is not moved along.",
        symptom="constants are two bytes too low",
        pattern="off-by-one",
        source=review("p_vaddr need not be a multiple of 4"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_loader:Loader.segment",
                correct="content = bytes(before) + self.content",
                faulty="content = self.content",
            )
        ],
    ),
    Fault(
        id="riscv-elf-one-flag-of-two",
        title="A file for floating-point registers is loaded if it asks for one kind",
        why="The field of two bits is compared as a whole.",
        symptom="a program for rv32imf starts and meets illegal instructions",
        pattern="mask",
        source=review("psABI: e_flags 0x6 is the floating-point ABI"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_loader:Loader.file_header",
                correct='if header["flags"] & flags:',
                faulty='if header["flags"] & flags == flags:',
            )
        ],
    ),
    Fault(
        id="riscv-elf-end-unchecked",
        title="A segment that reaches beyond the file is filled with zeros",
        why="Its offset is not added to its size.",
        symptom="a file that was cut off is loaded",
        pattern="dropped-statement",
        source=review("every segment lies in the file"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_loader:Loader.segment",
                correct='if size and entry["offset"] + size > len(self.content):',
                faulty="if size > len(self.content):",
            )
        ],
    ),
    Fault(
        id="riscv-elf-entry-anywhere",
        title="A program may begin in its data",
        why="Any segment will do for the entry.",
        symptom="a file with a wrong entry traps at its start",
        pattern="dropped-statement",
        source=review("the entry is the address of an instruction"),
        killed_by="elf",
        edits=[
            Edit(
                target="riscv.elf_loader:Loader.load",
                correct="any(s.executable and s.address <= entry < s.address + s.size for s in segments)",
                faulty="any(s.address <= entry < s.address + s.size for s in segments)",
            )
        ],
    ),
]
