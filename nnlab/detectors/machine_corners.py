"""What the detector `assembly` asks of the machine: the ends of the address space, of memory, of a run; requests."""

from collections.abc import Callable, Mapping
from functools import partial

from nnlab.detectors.subjects import require
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.image import Image
from riscv.memory import STACK_BOTTOM, STACK_TOP, TEXT_BASE, TEXT_SIZE, Segment
from riscv.monitors import create
from riscv.outcome import Outcome

#: At address 0: 100 is added to a0, which becomes the status; a jump to 4 comes behind the addition.
FIRST = "addi a0, a0, 100\nli a7, 93\necall\n"
#: What ends with the last word of the address space, behind which comes the first, and the status.
LAST: Mapping[str, int] = {
    "li a1, 5\nadd a0, a1, a1": 110,
    "li a0, 7": 107,
    "lw a0, -4(zero)": 0xFFC02503 - (1 << 32) + 100,
    "li a0, 3\nnop\nsw a0, -8(zero)": 103,
    "li a0, 5\nbeq zero, zero, 8": 5,
    "li a0, 5\nbne zero, zero, 8": 105,
    "lui a0, 1": 4196,
    "auipc a0, 0": 96,
    "jal a0, 8": 0,
    "jalr a0, 4(zero)": 0,
    "fence": 100,
}
#: What stands at 12 and goes to the last word, which puts 7 into a0.
BACKWARDS = ("jalr zero, -4(zero)", "beq zero, zero, -16", "jal zero, -16")
#: A text and what it prints: requests by their number in a7.
PRINTED: Mapping[str, tuple[str, ...]] = {
    "li a0, -5\nli a7, 1\necall": ("-5",),
    "li a0, 0x141\nli a7, 11\necall": ("A",),
    "li a0, 1\nla a1, text\nli a2, 3\nli a7, 64\necall\nli a7, 1\necall": ("abc3",),
    "li a0, 2\nla a1, text\nli a2, 2\nli a7, 64\necall": ("ab",),
    "li a0, 3\nla a1, text\nli a2, 2\nli a7, 64\necall\nli a7, 1\necall": ("-9",),
}
#: A text and what is said of the trap that ends it.
SAID: Mapping[str, str] = {
    "li a0, 1\nla a1, text\nli a2, -1\nli a7, 64\necall": "output-limit at 0x00010014: write of 4294967295 bytes",
    "start: la a1, start\nsw zero, 0(a1)": "store of 4 bytes to 0x00010000, in read-only memory",
    "la a1, text\nsw zero, 0(a1)": "store of 4 bytes to 0x00200000, in read-only memory",
    "la a1, text\nsw zero, 4(a1)": "store of 4 bytes to 0x00200004, outside of memory",
    f"li a1, {TEXT_BASE + TEXT_SIZE}\nsw zero, 0(a1)": "stack-overflow at",
    f"li a1, {TEXT_BASE + TEXT_SIZE}\nsw zero, -4(a1)": "store of 4 bytes to 0x0010fffc, outside of memory",
    f"li a1, {STACK_BOTTOM}\nsw zero, -4(a1)": "stack-overflow at",
    f"li a1, {STACK_TOP}\nsw zero, 0(a1)": "store of 4 bytes to 0x001ffff0, outside of memory",
    "lw a0, -4(zero)": "load of 4 bytes from 0xfffffffc",
    "sw a0, -4(zero)": "store of 4 bytes to 0xfffffffc",
    "li a0, 7\nli a7, 1001\necall": "type-error at 0x00010008: in line 7\n",
    "li a0, -7\nli a7, 1002\necall": "index-error at 0x00010008: in line 7 of the runtime",
    "li a7, 1003\necall": "argument-error at 0x00010004: in line 0 of the runtime",
    "la a1, end\njr a1\nend:": "instruction-access-fault at 0x0001000c",
}
#: What is said of a breakpoint among six other instructions.
NEIGHBOURS = """breakpoint at 0x0001000c: ebreak
   00010004: 00000013  addi zero, zero, 0
   00010008: 00000013  addi zero, zero, 0
-> 0001000c: 00100073  ebreak
   00010010: 00000013  addi zero, zero, 0
   00010014: 00000013  addi zero, zero, 0"""
#: A text that breaks one rule, and the rule, whose monitor its name begins with.
BROKEN: Mapping[str, str] = {
    f"li sp, {STACK_TOP - 4}\njal here\nhere: nop": "abi-stack-misaligned",
    f"li sp, {STACK_TOP}\nlw a0, -4(sp)": "memory-load-below-sp",
    "li sp, 0": "invariant-stack-pointer",
}
RODATA = '\n.rodata\ntext: .ascii "abc"'
#: What is stored at `tohost`, and how the program ends: with a status, or in a trap.
TOHOST: Mapping[int, int | str] = {1: 0, 7: 3, 0: "step-limit", 8: "environment-call"}


def _run(text: str, limit: int = 100) -> Outcome:
    return Emulator(assemble(text + RODATA)).run(limit)


def _ending(outcome: Outcome) -> int | str:
    return outcome.trap.kind if outcome.trap else outcome.status


def _segment(address: int, text: str) -> Segment:
    """Code that lies there and may be written."""
    content = b"".join(word.to_bytes(4, "little") for word in assemble(text).words)
    return Segment(address, content, len(content), writable=True, executable=True)


def _goes_on_at_zero(last: str, status: int, seed: int) -> None:
    start = (1 << 32) - 4 * len(assemble(last).words)
    got = _ending(Emulator(Image((_segment(start, last), _segment(0, FIRST)), start)).run(10))
    require(got == status, f"{last} at the end of the addresses: expected status {status}, got {got}")


def _goes_back_from_zero(jump: str, seed: int) -> None:
    segments = (_segment((1 << 32) - 4, "li a0, 7"), _segment(0, FIRST + jump))
    got = _ending(Emulator(Image(segments, 12)).run(10))
    require(got == 107, f"{jump} at 12: expected status 107, got {got}")


def _prints(text: str, lines: tuple[str, ...], seed: int) -> None:
    got = _run(text + "\nli a7, 93\necall").output
    require(got == lines, f"{text}: expected {lines}, got {got}")


def _says(text: str, said: str, seed: int) -> None:
    ended = _run(text)
    got = ended.trap.message if ended.trap else "no trap"
    require(said in got, f"{text}: expected {said!r} in the message, got {got!r}")
    require(ended.status == 0, f"{text}: expected no status of a trap, got {ended.status}")


def _shows_neighbours(seed: int) -> None:
    trap = _run("nop\nnop\nnop\nebreak\nnop\nnop\nnop").trap
    got = trap.message if trap else "no trap"
    require(got == NEIGHBOURS, f"ebreak: expected {NEIGHBOURS!r}, got {got!r}")


def _prints_from_above(seed: int) -> None:
    """Addresses have no sign: a text in the upper half of memory can be written."""
    write = _segment(0, "li a0, 1\nlui a1, 0x90000\nli a2, 2\nli a7, 64\necall\n" + FIRST)
    got = Emulator(Image((write, Segment(0x9000_0000, b"hi", 4)), 0)).run(20)
    require((got.output, got.status) == (("hi",), 102), f"expected hi and 102, got {got.output}, {got.status}")


def _ends_by_tohost(value: int, ending: int | str, seed: int) -> None:
    """The word is looked at after every store, whatever it stores."""
    text = f"la t0, tohost\nli t1, {value}\nsw t1, 0(t0)\nsw zero, 4(t0)\nloop: j loop\n.data\ntohost: .word 0, 1"
    got = _ending(_run(text))
    require(got == ending, f"{value} in tohost: expected {ending}, got {got}")


def _is_seen(text: str, rule: str, seed: int) -> None:
    """A monitor sees every instruction; under no monitor nothing is seen."""
    for monitors, expected in (([create(rule.partition("-")[0])], [rule]), ([], [])):
        got = [violation.name for violation in Emulator(assemble(text), monitors).run(5).violations]
        require(got == expected, f"{text}: expected the violations {expected}, got {got}")


def _counts_steps(seed: int) -> None:
    """As many as were asked for; the one that ends the program counts; the run can be taken up again."""
    text = "li a7, 93\nli a0, 5\necall"
    for limit, ending, steps in ((2, "step-limit", 2), (3, 5, 3), (10, 5, 3)):
        got = _run(text, limit)
        require((_ending(got), got.steps) == (ending, steps), f"{limit} steps: got {_ending(got)} in {got.steps}")
    emulator = Emulator(assemble(text))
    emulator.advance(1)
    emulator.advance(0)
    emulator.advance(1)
    require(
        (emulator.steps, emulator.pc) == (2, TEXT_BASE + 8), f"1, 0 and 1 steps: got {emulator.steps}, {emulator.pc:#x}"
    )


def _starts_with_sp(seed: int) -> None:
    emulator = Emulator(Image((_segment(0, "mv a0, sp\n" + FIRST),), 0, sp=0x8000_0000))
    got = emulator.x[2]
    require(got == -(1 << 31), f"sp at the start: expected {-(1 << 31)}, got {got}")


def _sees_new_code(seed: int) -> None:
    """What is stored where code was run before is run behind fence.i."""
    text = "auipc a1, 0\nlw a2, 32(a1)\nj there\nback: sw a2, 20(a1)\nfence.i\nthere: li a0, 1\nbeqz a0, end\nj back\n"
    got = _ending(Emulator(Image((_segment(0, text + "li a0, 0\nend: " + FIRST),), 0)).run(30))
    require(got == 100, f"code that was replaced: expected status 100, got {got}")


def _lays_out(seed: int) -> None:
    """Each segment has its bytes at its address and zeros behind them; neighbours do not overlap."""
    one, other = Segment(0x1000, b"abcdefgh", 12, writable=True), Segment(0x100C, b"ij", 4)
    further = (Segment(0x2000 + 8 * index, b"k", 4) for index in range(20))
    memory = Emulator(Image((one, other, *further), 0)).memory
    memory.store(0x1008, 4, 0x6E6D6C6B)
    got = bytes(memory.load(address, 1) for address in range(0x1000, 0x1010))
    require(got == b"abcdefghklmnij\0\0", f"bytes from 0x1000: got {got!r}")
    require(not one.overlaps(other), "0x1000 to 0x100c and 0x100c to 0x1010: expected neighbours, got an overlap")
    require(not other.overlaps(one), "0x100c to 0x1010 and 0x1000 to 0x100c: expected neighbours, got an overlap")


MACHINE_CORNERS: Mapping[str, Callable[[int], None]] = {
    **{f"{last} at the end": partial(_goes_on_at_zero, last, status) for last, status in LAST.items()},
    **{f"{jump} to the end": partial(_goes_back_from_zero, jump) for jump in BACKWARDS},
    **{f"{text} prints": partial(_prints, text, lines) for text, lines in PRINTED.items()},
    **{f"{text} says": partial(_says, text, said) for text, said in SAID.items()},
    **{f"{value} in tohost": partial(_ends_by_tohost, value, ending) for value, ending in TOHOST.items()},
    **{f"{text} breaks {rule}": partial(_is_seen, text, rule) for text, rule in BROKEN.items()},
    "write above 0x80000000": _prints_from_above,
    "what is around a trap": _shows_neighbours,
    "steps": _counts_steps,
    "sp at the start": _starts_with_sp,
    "fence.i": _sees_new_code,
    "segments": _lays_out,
}
