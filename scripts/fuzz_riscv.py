"""Random bytes as ELF files, as code and as assembly text: only the documented errors and traps may come of them.

    python scripts/fuzz_riscv.py                      100,000 inputs
    python scripts/fuzz_riscv.py --inputs 2000 --seed 7

Each input has its own seed; the message about a failure names it, and --seed with --inputs 1 repeats it.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from riscv import elf_loader, elf_writer
from riscv.assembler import assemble
from riscv.elf import ElfError
from riscv.emulator import Emulator
from riscv.errors import AssemblyError
from riscv.image import Image, bare
from riscv.isa import INSTRUCTIONS
from riscv.memory import STACK_TOP
from riscv.single import COMPARABLE, draw

STEPS = 300
SOURCE = """
_start: la a0, text
    lw a1, 0(a0)
    call f
    li a7, 93
    ecall
f:  sw a1, -4(sp)
    ret
.rodata
text: .asciz "abc"
.data
.word 1, 2
.bss
.space 40
"""
#: What lines of random assembly are made of.
PIECES = (
    *("add", "lw", "sw", "beq", "jal", "li", "la", "x:", "y :", ".word", ".asciz", ".align", ".space", ".equ", ".bss"),
    *("a0", "sp", "x31", "x", "y", "%hi(", "%lo(", ")", "(", ",", ",", "+", "-", ".", "0", "1", "-5", "0x7fffffffff"),
    *('"', '"a\\n"', "'", "'a'", "\\", "#", ".data", ".text", ".globl", "99999999999999999999999999999999999", "\x00"),
)


def run(program: Image) -> str:
    """Run an image for a while; how it ended."""
    outcome = Emulator(program).run(STEPS)
    return outcome.trap.kind if outcome.trap else "exit"


def random_elf(rng: Random) -> str:
    """Bytes behind the right magic, or a proper file with some bytes changed or its end cut off."""
    content = bytearray(elf_writer.write(assemble(SOURCE)))
    if rng.random() < 0.2:
        content = bytearray(b"\x7fELF" + rng.randbytes(rng.randrange(400)))
    for _ in range(rng.randrange(1, 12)):
        # Most changes go to the headers, where they matter.
        place = rng.randrange(min(len(content), rng.choice((52, 200, 1 << 20))))
        content[place] = rng.choice((0, 1, 2, 4, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    if rng.random() < 0.1:
        del content[rng.randrange(len(content)) :]
    try:
        return "ELF: " + run(elf_loader.load(bytes(content)))
    except ElfError:
        return "ELF: refused"


def random_code(rng: Random) -> str:
    """Words of any bits, or of instructions."""
    words = []
    for _ in range(rng.randrange(1, 40)):
        name = rng.choice((*COMPARABLE, "ecall"))
        word = INSTRUCTIONS["ecall"].bits if name == "ecall" else draw(rng, INSTRUCTIONS[name]).word
        words.append(rng.getrandbits(32) if rng.random() < 0.1 else word)
    emulator = Emulator(bare(words))
    emulator.x[1:32] = [
        rng.choice((0, 1, 64, 93, 0x10000, STACK_TOP - 64, rng.randrange(-(2**31), 2**31))) for _ in range(31)
    ]
    outcome = emulator.run(STEPS)
    return "code: " + (outcome.trap.kind if outcome.trap else "exit")


def random_assembly(rng: Random) -> str:
    """Lines of pieces that make little sense."""
    lines = (" ".join(rng.choices(PIECES, k=rng.randrange(1, 7))) for _ in range(rng.randrange(1, 8)))
    try:
        return "assembly: " + run(assemble("\n".join(lines)))
    except AssemblyError:
        return "assembly: refused"


KINDS: tuple[Callable[[Random], str], ...] = (random_elf, random_code, random_assembly)


def fuzz(seed: int, inputs: int) -> Counter[str]:
    """How many inputs ended in which way; what is not documented raises."""
    ends: Counter[str] = Counter()
    for number in range(seed, seed + inputs):
        try:
            ends[KINDS[number % len(KINDS)](Random(number))] += 1
        except BaseException as error:
            error.add_note(f"repeat it with: python scripts/fuzz_riscv.py --inputs 1 --seed {number}")
            raise
    return ends


def main() -> None:
    """Fuzz, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first input (%(default)s)")
    options = parser.parse_args()
    start = time.monotonic()
    for end, count in sorted(fuzz(options.seed, options.inputs).items()):
        print(f"{count:7} {end}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{options.inputs} inputs in {time.monotonic() - start:.0f} s, {memory} MiB at most")


if __name__ == "__main__":
    main()
