"""Verify the instruction table against Unicorn, capstone and GNU as, and record their answers for the tests.

python scripts/verify_isa.py             10,000 draws of each instruction on Unicorn, 1,000 words through capstone
python scripts/verify_isa.py --record    also write tests/riscv/recorded (needs GNU as for riscv64-unknown-elf)
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from riscv.assembler import assemble
from riscv.disassembler import disassemble
from riscv.isa import INSTRUCTIONS
from riscv.peers import capstone_text, unicorn_machine
from riscv.single import COMPARABLE, digests, draw, plain

RECORDED = Path(__file__).resolve().parent.parent / "tests" / "riscv" / "recorded"
RECORDED_DRAWS = 200
RECORDED_WORDS = 6
#: One use of each pseudo-instruction for which GNU as has the same words; it spells call, tail and la otherwise.
PSEUDO = """\
nop; mv a0, a1; not a0, a1; neg a0, a1; seqz a0, a1; snez a0, a1; sltz a0, a1; sgtz a0, a1; beqz a0, . + 8
bnez a0, . + 8; blez a0, . + 8; bgez a0, . + 8; bltz a0, . + 8; bgtz a0, . + 8; bgt a0, a1, . + 8; ble a0, a1, . + 8
bgtu a0, a1, . + 8; bleu a0, a1, . + 8; j . + 8; jal . + 8; jr a0; jalr a0; jalr a0, a1, 4; ret; fence; fence.i
li a0, 2047; li a0, -2048; li a0, 0x80000000; li a0, 0xffffffff; lui a0, %hi(0x12345fff); addi a0, a0, %lo(0x12345fff)
ecall; ebreak; jalr a0, 4(a1); lw a0, (a1)"""


def words(count: int) -> Iterator[int]:
    """Some encodings of every instruction, without fences of nothing, which have no name elsewhere."""
    for name in COMPARABLE:
        rng = Random(name)
        found = (draw(rng, INSTRUCTIONS[name]).word for _ in range(2 * count))
        named = [word for word in found if name != "fence" or (word >> 20 & 15 and word >> 24 & 15)]
        yield from named[:count]


def gnu_text(word: int) -> str:
    """Our text as GNU as wants it: a branch goes to an address."""
    return re.sub(r"^((?:b|jal ).*, )(\d+)$", r"\1. + \2", re.sub(r"^((?:b|jal ).*, )-", r"\1. - ", disassemble(word)))


def gnu_words(lines: list[str]) -> list[int]:
    """What GNU as makes of each line, without relaxation or compression."""
    with tempfile.TemporaryDirectory() as folder:
        source, output, binary = (Path(folder, name) for name in ("a.s", "a.o", "a.bin"))
        source.write_text(".option norelax\n" + "".join(f"{line}\n" for line in lines))
        tool = "riscv64-unknown-elf-"
        subprocess.run([f"{tool}as", "-march=rv32im_zifencei", "-mabi=ilp32", source, "-o", output], check=True)
        subprocess.run([f"{tool}ld", "-m", "elf32lriscv", "-e", "0", output, "-o", f"{output}.x"], check=True)
        subprocess.run([f"{tool}objcopy", "-O", "binary", "-j", ".text", f"{output}.x", binary], check=True)
        content = binary.read_bytes()
    return [int.from_bytes(content[i : i + 4], "little") for i in range(0, len(content), 4)]


def record() -> None:
    """Write what the others answer."""
    RECORDED.joinpath("unicorn.json").write_text(
        json.dumps({"draws": RECORDED_DRAWS, "digests": digests(unicorn_machine(), RECORDED_DRAWS, 1)}, indent=1) + "\n"
    )
    some = list(words(RECORDED_WORDS))
    texts = [gnu_text(word) for word in some] + re.split(r"; |\n", PSEUDO)
    gnu = gnu_words(texts)
    assert len(gnu) == len(texts), "a line of GNU as gave more than one word"
    lines = [f"{word:08x} {text}" for word, text in zip(gnu, texts, strict=True)]
    RECORDED.joinpath("gnu_as.txt").write_text("\n".join(lines) + "\n")
    lines = [f"{word:08x} {capstone_text(word)}" for word in some]
    RECORDED.joinpath("capstone.txt").write_text("\n".join(lines) + "\n")


def main() -> int:
    """Compare, and say what was compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--draws", type=int, default=10_000, metavar="N", help="draws of each instruction (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="also write the answers for the tests")
    options = parser.parse_args()
    start = time.monotonic()
    ours, theirs = (digests(machine, options.draws, options.seed) for machine in (plain(), unicorn_machine()))
    wrong = [name for name in COMPARABLE if ours[name] != theirs[name]]
    total = options.draws * len(COMPARABLE)
    print(
        f"Unicorn: {total} draws of {len(COMPARABLE)} instructions in {time.monotonic() - start:.0f} s, wrong: {wrong}"
    )
    some = list(words(1000))
    unlike = [
        f"{word:08x} {capstone_text(word)}" for word in some if assemble(str(capstone_text(word))).words != (word,)
    ]
    print(f"capstone: {len(some)} words, its text gives other words: {unlike}")
    if options.record:
        record()
    return 1 if wrong or unlike else 0


if __name__ == "__main__":
    sys.exit(main())
