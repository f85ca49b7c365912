"""Checks of a run that no hardware makes: each broken rule is a violation with a name, and the run goes on.

`frame` also changes the run: what a dead word or, behind a call, a caller-saved register holds is replaced by junk, so
that whoever relies on it gets a wrong result.

abi     abi-stack-misaligned      sp is not a multiple of 16 at a call
        abi-store-above-frame     an sp- or s0-based store reaches the caller's frame
        abi-return-without-call   a return with no call left to return from
        abi-return-address        a return to another place than its call came from
        abi-stack-pointer         sp differs between call and return
        abi-callee-saved          s0 to s11 differ between call and return
frame   frame-dead-load           a load of a word that was below sp at a return and not stored since
memory  memory-load-below-sp      a load of what has been given back
        memory-store-below-sp     a store to what was never taken
        memory-uninitialised-load a load from the stack of what nobody stored since the frame was made
invariant                         what no program can break: see `riscv.invariant`
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from riscv.emulator import Monitor, Operands, Step
from riscv.formats import JAL, JALR, LOAD, RA, REGISTERS, S0, SP, STORE
from riscv.int32 import unsigned
from riscv.invariant import Invariant
from riscv.isa import Instruction
from riscv.memory import STACK_BOTTOM, STACK_SIZE, STACK_TOP
from riscv.reports import Reports

IN_STACK: Final = range(STACK_SIZE)
SAVED: Final = tuple(number for number, name in enumerate(REGISTERS) if name[0] == "s" and name != "sp")
TEMPORARY: Final = tuple(number for number, name in enumerate(REGISTERS) if name[0] == "t" and name != "tp")
ARGUMENTS: Final = tuple(number for number, name in enumerate(REGISTERS) if name[0] == "a" and name not in ("a0", "a1"))
JUNK: Final = -0x21524111  # 0xdeadbeef


def is_call(instruction: Instruction, operands: Operands) -> bool:
    """A jump that keeps its return address in ra."""
    return instruction.format in (JAL, JALR) and operands["rd"] == RA


def is_return(instruction: Instruction, operands: Operands) -> bool:
    """A jump to ra that keeps nothing."""
    return instruction.format is JALR and (operands["rd"], operands["rs1"]) == (0, RA)


@dataclass(frozen=True)
class Frame:
    """What a call promises to find again when it returns."""

    return_address: int
    sp: int
    saved: Mapping[int, int]


class Abi(Reports):
    """The calling convention, checked with a shadow stack (RISC-V ABI, "Integer Calling Convention")."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """Watch calls, returns and the stores that address the stack."""
        if is_call(instruction, operands):
            return self.call(x, pc, step)
        if is_return(instruction, operands):
            return self.leave(x, pc, instruction, operands, step)
        if instruction.format is STORE and operands["rs1"] in (SP, S0):
            return self.store(x, pc, instruction, operands, step)
        return step

    def call(self, x: list[int], pc: int, step: Step) -> Step:
        """A call: sp must be aligned, and the registers are remembered."""

        def watched() -> int:
            if x[SP] % 16:
                self.report("abi-stack-misaligned", pc, f"sp is {unsigned(x[SP]):#010x}")
            self.frames.append(Frame(pc + 4, x[SP], {number: x[number] for number in SAVED}))
            return step()

        return watched

    def leave(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A return: everything must be as the call left it; looked at before the jump, which may trap."""
        meaning, imm = instruction.meaning, operands["imm"]

        def watched() -> int:
            target = meaning(x[RA], imm)
            if not self.frames:
                self.report("abi-return-without-call", pc, f"return to {target:#010x}")
                return step()
            frame = self.frames.pop()
            if target != frame.return_address:
                message = f"return to {target:#010x}, called from {frame.return_address - 4:#010x}"
                self.report("abi-return-address", pc, message)
            if x[SP] != frame.sp:
                message = f"sp is {unsigned(x[SP]):#010x}, was {unsigned(frame.sp):#010x}"
                self.report("abi-stack-pointer", pc, message)
            changed = [n for n, value in frame.saved.items() if x[n] != value]
            if changed:
                self.report("abi-callee-saved", pc, f"changed {', '.join(REGISTERS[n] for n in changed)}")
            return step()

        return watched

    def store(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A store: it must end below the stack pointer of the function's caller."""
        base, end = operands["rs1"], operands["imm"] + instruction.size

        def watched() -> int:
            if self.frames and self.frames[-1].sp < x[base] + end <= STACK_TOP:  # s0 may point to other memory
                message = f"the store ends at {unsigned(x[base] + end):#010x}, the frame at {self.frames[-1].sp:#010x}"
                self.report("abi-store-above-frame", pc, message)
            return step()

        return watched


class Stack(Reports):
    """Which bytes of the stack hold a value; a return forgets all below sp."""

    def __init__(self) -> None:
        super().__init__()
        self.initialised = bytearray(STACK_SIZE)
        self.lowest = STACK_SIZE  # below it nothing is initialised

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """Watch loads, stores and returns."""
        if instruction.format is LOAD:
            return self.load(x, pc, instruction, operands, step)
        if instruction.format is STORE:
            return self.store(x, pc, instruction, operands, step)
        if is_return(instruction, operands):
            return self.leave(x, step)
        return step

    def load(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A load from the stack: at or above sp, and of something that was stored."""
        base, imm, size = operands["rs1"], operands["imm"], instruction.size

        def watched() -> int:
            address, sp = unsigned(x[base] + imm), unsigned(x[SP])
            after = step()
            offset = address - STACK_BOTTOM
            if offset not in IN_STACK:
                return after
            if address < sp:
                self.report("memory-load-below-sp", pc, f"load from {address:#010x}, sp is {sp:#010x}")
            elif not all(self.initialised[offset : offset + size]):
                self.report("memory-uninitialised-load", pc, f"load from {address:#010x}")
            return after

        return watched

    def store(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A store to the stack: at or above sp."""
        base, imm, size = operands["rs1"], operands["imm"], instruction.size

        def watched() -> int:
            address, sp = unsigned(x[base] + imm), unsigned(x[SP])
            after = step()
            offset = address - STACK_BOTTOM
            if offset not in IN_STACK:
                return after
            if address < sp:
                self.report("memory-store-below-sp", pc, f"store to {address:#010x}, sp is {sp:#010x}")
            self.initialised[offset : offset + size] = b"\1" * size
            self.lowest = min(self.lowest, offset)
            return after

        return watched

    def leave(self, x: list[int], step: Step) -> Step:
        """A return: what lies below sp is dead, though its bytes are still there."""

        def watched() -> int:
            target = step()
            end = max(self.lowest, min(unsigned(x[SP]) - STACK_BOTTOM, STACK_SIZE))
            self.initialised[self.lowest : end] = bytes(end - self.lowest)
            self.lowest = end
            return target

        return watched


class Dead(Reports):
    """Junk in all that a call or a return leaves undefined: registers that are not saved, words below sp."""

    def __init__(self) -> None:
        super().__init__()
        self.dead = bytearray(STACK_SIZE)
        self.lowest = STACK_SIZE  # below it nothing was stored, or it is dead again

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """Watch loads, stores, calls and returns."""
        if instruction.format is LOAD:
            return self.load(x, pc, instruction, operands, step)
        if instruction.format is STORE:
            return self.store(x, instruction, operands, step)
        if is_return(instruction, operands):
            return self.leave(x, step)
        if is_call(instruction, operands):
            return self.call(x, step)
        return step

    def load(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A load of a dead word is a violation, and gives junk."""
        base, imm, size, rd = operands["rs1"], operands["imm"], instruction.size, operands["rd"]

        def watched() -> int:
            address = unsigned(x[base] + imm)
            after = step()
            offset = address - STACK_BOTTOM
            if offset in IN_STACK and any(self.dead[offset : offset + size]):
                self.report("frame-dead-load", pc, f"load from {address:#010x}")
                x[rd] = JUNK if rd else 0
            return after

        return watched

    def store(self, x: list[int], instruction: Instruction, operands: Operands, step: Step) -> Step:
        """A store brings a word to life."""
        base, imm, size = operands["rs1"], operands["imm"], instruction.size

        def watched() -> int:
            offset = unsigned(x[base] + imm) - STACK_BOTTOM
            after = step()
            if offset not in IN_STACK:
                return after
            self.dead[offset : offset + size] = bytes(size)
            self.lowest = min(self.lowest, offset)
            return after

        return watched

    def call(self, x: list[int], step: Step) -> Step:
        """A call: temporary registers carry nothing into a function."""

        def watched() -> int:
            after = step()
            for register in TEMPORARY:
                x[register] = JUNK
            return after

        return watched

    def leave(self, x: list[int], step: Step) -> Step:
        """A return: all below sp is dead, and so is every caller-saved register but a0 and a1, which hold results."""

        def watched() -> int:
            target = step()
            end = max(self.lowest, min(unsigned(x[SP]) - STACK_BOTTOM, STACK_SIZE))
            self.dead[self.lowest : end] = b"\1" * (end - self.lowest)
            self.lowest = end
            for register in (*TEMPORARY, *ARGUMENTS):
                x[register] = JUNK
            return target

        return watched


MONITORS: Final[Mapping[str, Callable[[], Monitor]]] = {
    "abi": Abi,
    "frame": Dead,
    "memory": Stack,
    "invariant": Invariant,
}


def create(name: str) -> Monitor:
    """A new monitor by its name."""
    if name not in MONITORS:
        raise ValueError(f"unknown monitor '{name}'; there are {', '.join(MONITORS)}")
    return MONITORS[name]()
