"""The machine: 32 registers, a memory, and a run loop that decodes each address once.

Registers hold signed 32-bit values, addresses are unsigned. An instruction is bound to its operands the first time
it is met: what is then run is one Python function, without arguments, that gives the next pc.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from riscv import formats
from riscv.disassembler import neighbourhood
from riscv.environment import Environment, Exit
from riscv.formats import SP, Format
from riscv.image import Image, bare
from riscv.int32 import unsigned, wrap
from riscv.isa import Instruction, decode
from riscv.memory import Memory
from riscv.outcome import Outcome, Trap, TrapError, Violation, lines

STEP_LIMIT: Final = 10_000_000
SINK: Final = 32  # writes to x0 go to a 33rd register that nothing reads

Step: TypeAlias = Callable[[], int]
Operands: TypeAlias = Mapping[str, int]


class Monitor(Protocol):
    """Watches a run: it may wrap each instruction when that is first met."""

    violations: list[Violation]

    def watch(self, x: list[int], pc: int, instruction: Instruction, operands: Operands, step: Step) -> Step:
        """The step to run instead: `step` itself when there is nothing to watch."""
        ...


class Emulator:
    """One run of an image, or of words that are a text at TEXT_BASE."""

    def __init__(self, program: Image | Sequence[int], monitors: Sequence[Monitor] = ()) -> None:
        image = program if isinstance(program, Image) else bare(program)
        self.monitors = monitors
        self.x = [0] * 33
        self.x[SP] = wrap(image.sp)
        self.pc = image.entry
        self.steps = 0
        self.memory = Memory(image.segments)
        self.code = Code(self)
        self.environment = Environment(self.x, self.memory, self.code.clear, image.labels.get("tohost"))

    def run(self, step_limit: int = STEP_LIMIT) -> Outcome:
        """Run from the entry until the program exits, traps or has taken `step_limit` steps."""
        trap = None
        status = 0
        try:
            self.advance(step_limit)
            raise TrapError("step-limit", f"stopped after {step_limit} steps")
        except Exit as end:
            status = end.status
        except TrapError as error:
            fetched = {address: self.memory.fetch(address) for address in range(self.pc - 8, self.pc + 12, 4)}
            where = neighbourhood({address: word for address, word in fetched.items() if word is not None}, self.pc)
            trap = Trap(error.kind, self.pc, f"{error.kind} at {self.pc:#010x}: {error.detail}\n{where}".rstrip())
        violations = tuple(violation for monitor in self.monitors for violation in monitor.violations)
        return Outcome(lines(bytes(self.environment.printed)), trap, violations, self.steps, status)

    def advance(self, limit: int) -> None:
        """Take up to `limit` steps; an Exit or a TrapError leaves the pc at the instruction that raised it."""
        code = self.code
        pc = self.pc
        steps = 0
        try:
            for steps in range(1, limit + 1):  # noqa: B007
                pc = code[pc]()
        finally:
            self.pc = pc
            self.steps += steps

    def bind(self, pc: int) -> Step:
        """The instruction at an address, ready to run."""
        word = self.memory.fetch(pc)
        if word is None:
            raise TrapError("instruction-access-fault", "there is no instruction at this address")
        decoded = decode(word)
        if decoded is None:
            raise TrapError("illegal-instruction", f"{word:#010x} is not an instruction")
        instruction, operands = decoded
        step = BINDERS[instruction.format](self, pc, instruction, operands)
        for monitor in self.monitors:
            step = monitor.watch(self.x, pc, instruction, operands, step)
        return step


class Code(dict[int, Step]):
    """Address to bound instruction, filled as addresses are met."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.emulator = emulator

    def __missing__(self, pc: int) -> Step:
        self[pc] = self.emulator.bind(pc)
        return self[pc]


def aligned(target: int) -> int:
    """A jump's target; the trap for a misaligned one belongs to the jump (unprivileged spec, chapter I)."""
    if target % 4:
        raise TrapError("instruction-address-misaligned", f"jump to {target:#010x}")
    return target


def bind_register(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = meaning(rs1, rs2)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rd, rs1, rs2 = operands["rd"] or SINK, operands["rs1"], operands["rs2"]

    def step() -> int:
        x[rd] = meaning(x[rs1], x[rs2])
        return after

    return step


def bind_immediate(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = meaning(rs1, immediate)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rd, rs1, imm = operands["rd"] or SINK, operands["rs1"], operands["imm"]

    def step() -> int:
        x[rd] = meaning(x[rs1], imm)
        return after

    return step


def bind_load(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = meaning(memory at rs1 + immediate)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rd, rs1, imm = operands["rd"] or SINK, operands["rs1"], operands["imm"]
    load, size = emulator.memory.load, instruction.size

    def step() -> int:
        x[rd] = meaning(load((x[rs1] + imm) & 0xFFFF_FFFF, size))
        return after

    return step


def bind_store(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """Memory at rs1 + immediate = meaning(rs2)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rs1, rs2, imm = operands["rs1"], operands["rs2"], operands["imm"]
    store, size, environment = emulator.memory.store, instruction.size, emulator.environment

    def step() -> int:
        store((x[rs1] + imm) & 0xFFFF_FFFF, size, meaning(x[rs2]))
        return after

    def watched() -> int:
        step()
        environment.look_at_tohost()
        return after

    return step if environment.tohost is None else watched


def bind_branch(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """Go to pc + immediate if meaning(rs1, rs2)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rs1, rs2, target = operands["rs1"], operands["rs2"], unsigned(pc + operands["imm"])

    def step() -> int:
        return aligned(target) if meaning(x[rs1], x[rs2]) else after

    return step


def bind_upper(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = meaning(pc, immediate)."""
    x, meaning, after = emulator.x, instruction.meaning, unsigned(pc + 4)
    rd, imm = operands["rd"] or SINK, operands["imm"]

    def step() -> int:
        x[rd] = meaning(pc, imm)
        return after

    return step


def bind_jal(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = the next address; go to meaning(pc, immediate)."""
    x, meaning, link = emulator.x, instruction.meaning, wrap(pc + 4)
    rd, imm = operands["rd"] or SINK, operands["imm"]

    def step() -> int:
        target = aligned(meaning(pc, imm))
        x[rd] = link
        return target

    return step


def bind_jalr(emulator: Emulator, pc: int, instruction: Instruction, operands: Operands) -> Step:
    """rd = the next address; go to meaning(rs1, immediate), with rs1 as it was before."""
    x, meaning, link = emulator.x, instruction.meaning, wrap(pc + 4)
    rd, rs1, imm = operands["rd"] or SINK, operands["rs1"], operands["imm"]

    def step() -> int:
        target = aligned(meaning(x[rs1], imm))
        x[rd] = link
        return target

    return step


def bind_system(emulator: Emulator, pc: int, instruction: Instruction, _operands: Operands) -> Step:
    """meaning(environment)."""
    meaning, environment, after = instruction.meaning, emulator.environment, unsigned(pc + 4)

    def step() -> int:
        meaning(environment)
        return after

    return step


BINDERS: Final[Mapping[Format, Callable[[Emulator, int, Instruction, Operands], Step]]] = {
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
    formats.FENCE_I: bind_system,
    formats.SYSTEM: bind_system,
}
