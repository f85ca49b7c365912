"""What holds after every instruction, whatever the program; a violation is a fault of the emulator or of sp.

invariant-x0             x0 is not 0
invariant-register       a register is not a signed 32-bit number
invariant-pc             the next pc is outside of the text
invariant-stack-pointer  sp points outside of the stack
"""

from typing import Final

from riscv.emulator import Operands, Step
from riscv.formats import REGISTERS, SP, UPPER
from riscv.int32 import unsigned
from riscv.isa import Instruction
from riscv.memory import STACK_TOP, TEXT_BASE, TEXT_SIZE
from riscv.reports import Reports

TEXT_END: Final = TEXT_BASE + TEXT_SIZE  # from here to the stack an overflow passes on the way to its trap


class Invariant(Reports):
    """Looks at the registers and the pc after each step."""

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """Watch every instruction; only what writes sp can break the rule about it."""
        writes_sp = operands.get("rd") == SP and instruction.format is not UPPER  # lui makes half of a constant

        def watched() -> int:
            target = step()
            if x[0] != 0:
                self.report("invariant-x0", pc, f"x0 is {x[0]}")
            for number, value in enumerate(x[:32]):
                if not -0x8000_0000 <= value < 0x8000_0000:
                    self.report("invariant-register", pc, f"{REGISTERS[number]} is {value}")
            if not TEXT_BASE <= target < TEXT_END:
                self.report("invariant-pc", pc, f"the next pc is {target:#010x}")
            if writes_sp and not TEXT_END <= unsigned(x[SP]) <= STACK_TOP:
                self.report("invariant-stack-pointer", pc, f"sp is {unsigned(x[SP]):#010x}")
            return target

        return watched
