"""The machine: 32 registers, a memory, and a run loop that decodes each address once.

Registers hold signed 32-bit values, addresses are unsigned. An instruction is bound to its operands the first time
it is met: what is then run is one Python function, without arguments, that gives the next pc.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from riscv import formats
from riscv.disassembler import neighbourhood
from riscv.formats import Format
from riscv.int32 import unsigned
from riscv.isa import Instruction, Meaning, decode
from riscv.memory import TEXT_BASE, Memory
from riscv.outcome import Outcome, Trap, TrapError, Violation

STEP_LIMIT: Final = 10_000_000
SINK: Final = 32  # writes to x0 go to a 33rd register that nothing reads
A0: Final = 10
A7: Final = 17

Step: TypeAlias = Callable[[], int]
Operands: TypeAlias = Mapping[str, int]


class Monitor(Protocol):
    """Watches a run: it may wrap each instruction when that is first met."""

    violations: list[Violation]

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """The step to run instead: `step` itself when there is nothing to watch."""
        ...


class Exit(Exception):
    """The program asked to end."""


class Emulator:
    """One run of some words."""

    def __init__(self, words: Sequence[int], monitors: Sequence[Monitor] = ()) -> None:
        self.words = words
        self.monitors = monitors
        self.x = [0] * 33
        self.memory = Memory(b"".join(word.to_bytes(4, "little") for word in words))
        self.characters: list[str] = []

    def run(self, step_limit: int = STEP_LIMIT) -> Outcome:
        """Run from the first word until the program exits, traps or has taken `step_limit` steps."""
        code = Code(self)
        pc = TEXT_BASE
        steps = 0
        trap = None
        try:
            for steps in range(1, step_limit + 1):  # noqa: B007
                pc = code[pc]()
            raise TrapError("step-limit", f"stopped after {step_limit} steps")
        except Exit:
            pass
        except TrapError as error:
            where = neighbourhood(self.words, pc)
            trap = Trap(error.kind, pc, f"{error.kind} at {pc:#010x}: {error.detail}\n{where}".rstrip())
        violations = tuple(violation for monitor in self.monitors for violation in monitor.violations)
        return Outcome(lines("".join(self.characters)), trap, violations, steps)

    def bind(self, pc: int) -> Step:
        """The instruction at an address, ready to run."""
        index, rest = divmod(pc - TEXT_BASE, 4)
        if rest or not 0 <= index < len(self.words):
            raise TrapError("instruction-access-fault", "there is no instruction at this address")
        decoded = decode(self.words[index])
        if decoded is None:
            raise TrapError("illegal-instruction", f"{self.words[index]:#010x} is not an instruction")
        instruction, operands = decoded
        step = BINDERS[instruction.format](self, pc, instruction.meaning, operands)
        for monitor in self.monitors:
            step = monitor.watch(self.x, pc, instruction, operands, step)
        return step

    def service(self) -> None:
        """Do what an ecall asks for: the request's number is in a7, its argument in a0."""
        match self.x[A7]:
            case 1:
                self.characters.append(str(self.x[A0]))
            case 11:
                self.characters.append(chr(self.x[A0] & 0x7F))
            case 93:
                raise Exit
            case number:
                raise TrapError("environment-call", f"unknown request {number} in a7")


class Code(dict[int, Step]):
    """Address to bound instruction, filled as addresses are met."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.emulator = emulator

    def __missing__(self, pc: int) -> Step:
        self[pc] = self.emulator.bind(pc)
        return self[pc]


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text; the last may lack its newline."""
    return tuple(text.removesuffix("\n").split("\n")) if text else ()


def aligned(target: int) -> int:
    """A jump's target; the trap for a misaligned one belongs to the jump (unprivileged spec, chapter I)."""
    if target % 4:
        raise TrapError("instruction-address-misaligned", f"jump to {target:#010x}")
    return target


def bind_register(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = meaning(rs1, rs2)."""
    x, rd, rs1, rs2, after = emulator.x, operands["rd"] or SINK, operands["rs1"], operands["rs2"], pc + 4

    def step() -> int:
        x[rd] = meaning(x[rs1], x[rs2])
        return after

    return step


def bind_immediate(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = meaning(rs1, immediate)."""
    x, rd, rs1, imm, after = emulator.x, operands["rd"] or SINK, operands["rs1"], operands["imm"], pc + 4

    def step() -> int:
        x[rd] = meaning(x[rs1], imm)
        return after

    return step


def bind_load(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = meaning(memory, rs1 + immediate)."""
    x, rd, rs1, imm, after = emulator.x, operands["rd"] or SINK, operands["rs1"], operands["imm"], pc + 4
    memory = emulator.memory

    def step() -> int:
        x[rd] = meaning(memory, unsigned(x[rs1] + imm))
        return after

    return step


def bind_store(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """meaning(memory, rs1 + immediate, rs2)."""
    x, rs1, rs2, imm, after = emulator.x, operands["rs1"], operands["rs2"], operands["imm"], pc + 4
    memory = emulator.memory

    def step() -> int:
        meaning(memory, unsigned(x[rs1] + imm), x[rs2])
        return after

    return step


def bind_branch(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """Go to pc + immediate if meaning(rs1, rs2)."""
    x, rs1, rs2, after = emulator.x, operands["rs1"], operands["rs2"], pc + 4
    target = unsigned(pc + operands["imm"])

    def step() -> int:
        return aligned(target) if meaning(x[rs1], x[rs2]) else after

    return step


def bind_upper(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = meaning(pc, immediate)."""
    x, rd, imm, after = emulator.x, operands["rd"] or SINK, operands["imm"], pc + 4

    def step() -> int:
        x[rd] = meaning(pc, imm)
        return after

    return step


def bind_jal(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = the next address; go to meaning(pc, immediate)."""
    x, rd, imm, after = emulator.x, operands["rd"] or SINK, operands["imm"], pc + 4

    def step() -> int:
        target = aligned(meaning(pc, imm))
        x[rd] = after
        return target

    return step


def bind_jalr(emulator: Emulator, pc: int, meaning: Meaning, operands: Operands) -> Step:
    """rd = the next address; go to meaning(rs1, immediate), with rs1 as it was before."""
    x, rd, rs1, imm, after = emulator.x, operands["rd"] or SINK, operands["rs1"], operands["imm"], pc + 4

    def step() -> int:
        target = aligned(meaning(x[rs1], imm))
        x[rd] = after
        return target

    return step


def bind_system(emulator: Emulator, pc: int, meaning: Meaning, _operands: Operands) -> Step:
    """meaning(service)."""
    after = pc + 4

    def step() -> int:
        meaning(emulator.service)
        return after

    return step


BINDERS: Final[Mapping[Format, Callable[[Emulator, int, Meaning, Operands], Step]]] = {
    formats.REGISTER: bind_register,
    formats.IMMEDIATE: bind_immediate,
    formats.SHIFT: bind_immediate,
    formats.LOAD: bind_load,
    formats.STORE: bind_store,
    formats.BRANCH: bind_branch,
    formats.UPPER: bind_upper,
    formats.JAL: bind_jal,
    formats.JALR: bind_jalr,
    formats.FENCE: bind_system,
    formats.SYSTEM: bind_system,
}
