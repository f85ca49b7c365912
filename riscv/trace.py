"""A monitor that complains about nothing and writes down every instruction with what it put into its register."""

from collections.abc import Callable

from riscv.disassembler import written
from riscv.emulator import Operands, Step
from riscv.formats import REGISTERS
from riscv.int32 import unsigned
from riscv.isa import Instruction
from riscv.outcome import Violation


class Trace:
    """Passes a line for each step to `write`."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.violations: list[Violation] = []
        self.write = write

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """Watch every instruction, also one that traps."""
        text = f"{pc:08x}: {written(instruction, operands)}"
        rd = operands.get("rd")

        def watched() -> int:
            try:
                return step()
            finally:
                self.write(f"{text:40}# {REGISTERS[rd]} = {unsigned(x[rd]):#x}" if rd else text)

        return watched
