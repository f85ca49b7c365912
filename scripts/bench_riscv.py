"""Instructions that six programs execute, beside the post's compiler and gcc; speed of the emulators beside others.

    python scripts/bench_riscv.py                     two tables; fails if -O1 needs more than half of the post's
    python scripts/bench_riscv.py --json bench.json   also as data
    python scripts/bench_riscv.py --repeat 0          no speeds

The post's figures were counted on exactly these programs; the best of its four modes is compared. gcc -O1 -march=rv32im
compiles the same in C, with functions kept apart; it is left out where riscv64-unknown-elf-gcc is not installed, and so
are Numba, Unicorn and qemu-riscv32.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bench_emulators

import riscv
from riscv.emulator import Emulator

STEP_LIMIT = 20_000_000
GCC = "riscv64-unknown-elf-gcc"
OBJCOPY = "riscv64-unknown-elf-objcopy"
FLAGS = ["-O1", "-march=rv32im", "-mabi=ilp32", "-nostdlib", "-ffreestanding", "-Wl,-Ttext=0x10000,--no-relax"]
#: The emulator starts at the first word and knows these requests.
START = """
__attribute__((naked)) void _start(void) {
    asm("lui sp, 512\\n addi sp, sp, -16\\n call main\\n li a7, 93\\n ecall");
}
static void request(int number, int value) {
    register int a0 asm("a0") = value;
    register int a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a7));
}
static void print(int value) { request(1, value); request(11, 10); }
"""


@dataclass(frozen=True)
class Case:
    """A program in our language and in C, what it prints, and the best of the post's four counts."""

    name: str
    source: str
    c: str
    output: str
    post: int


FIB = "let f = fn(k) {{ if (k <= 1) {{ return k }}; return f(k - 1) + f(k - 2) }}; puts(f({}))"
FIB_C = "APART int f(int k) {{ return k <= 1 ? k : f(k - 1) + f(k - 2); }} int main() {{ print(f({})); return 0; }}"
CASES = (
    Case("fib20", FIB.format(20), FIB_C.format(20), "6765", 612_953),
    Case("fib25", FIB.format(25), FIB_C.format(25), "75025", 6_797_985),
    Case(
        "sum1000",
        "let s = 0; let k = 1; while (k <= 1000) { set s = s + k; set k = k + 1; }; puts(s)",
        "int main() { int s = 0, k = 1; while (k <= 1000) { s += k; k += 1; } print(s); return 0; }",
        "500500",
        26_027,
    ),
    Case(
        "nested20",
        "let s = 0; let a = 0; while (a < 20) { let b = 0; while (b < 20) { set s = s + a * b; set b = b + 1; }; "
        "set a = a + 1; }; puts(s)",
        "int main() { int s = 0; for (int a = 0; a < 20; a++) for (int b = 0; b < 20; b++) s += a * b; "
        "print(s); return 0; }",
        "36100",
        12_966,
    ),
    Case(
        "collatz27",
        "let c = fn(k) { let t = 0; while (k != 1) { if (k % 2 == 0) { set k = k / 2 } else { set k = 3 * k + 1 }; "
        "set t = t + 1; }; return t }; puts(c(27))",
        "APART int c(int k) { int t = 0; while (k != 1) { k = k % 2 == 0 ? k / 2 : 3 * k + 1; t++; } return t; } "
        "int main() { print(c(27)); return 0; }",
        "111",
        4903,
    ),
    Case(
        "fact12",
        "let f = fn(k) { if (k <= 1) { return 1 }; return k * f(k - 1) }; puts(f(12))",
        "APART int f(int k) { return k <= 1 ? 1 : k * f(k - 1); } int main() { print(f(12)); return 0; }",
        "479001600",
        374,
    ),
)


@dataclass(frozen=True)
class Counted:
    """Instructions executed; `gcc` is None where it is not installed."""

    name: str
    o0: int
    o1: int
    post: int
    gcc: int | None

    @property
    def ratio(self) -> float:
        """Ours at -O1 to the post's best."""
        return self.o1 / self.post


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write both tables as JSON")
    parser.add_argument(
        "--repeat", type=int, default=3, metavar="N", help="speeds are the best of N runs (%(default)s)"
    )
    options = parser.parse_args(arguments)
    found = [count(case) for case in CASES]
    print(f"{'program':<10} {'-O0':>9} {'-O1':>9} {'post best':>10} {'-O1 / post':>10} {'gcc -O1':>9}")
    for row in found:
        gcc = "-" if row.gcc is None else f"{row.gcc:,}"
        print(f"{row.name:<10} {row.o0:>9,} {row.o1:>9,} {row.post:>10,} {row.ratio:>10.3f} {gcc:>9}")
    speeds = bench_emulators.report(options.repeat) if options.repeat else []
    if options.json:
        rows = [{"program": r.name, "o0": r.o0, "o1": r.o1, "post": r.post, "gcc": r.gcc} for r in found]
        content = {"schema": "nnlab.bench-riscv/1", "programs": rows, "engines": [vars(speed) for speed in speeds]}
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return 1 if any(2 * row.o1 > row.post for row in found) else 0


def count(case: Case) -> Counted:
    """All counts of one program; every run must print what it should."""
    o0, o1 = (steps(case, riscv.compile_source(case.source, case.name, level).words) for level in (0, 1))
    gcc = steps(case, compile_c(case.c)) if which(GCC) else None
    return Counted(case.name, o0, o1, case.post, gcc)


def steps(case: Case, words: Sequence[int]) -> int:
    """Instructions that some code executes."""
    outcome = Emulator(words).run(STEP_LIMIT)
    if (outcome.output, outcome.trap) != ((case.output,), None):
        raise SystemExit(f"{case.name} printed {outcome.output}, not {case.output}: {outcome.trap}")
    return outcome.steps


def compile_c(text: str) -> list[int]:
    """The words that gcc makes of a C program."""
    with tempfile.TemporaryDirectory() as folder:
        source, linked, raw = (Path(folder) / name for name in ("program.c", "program.elf", "program.bin"))
        source.write_text(START + text, "utf-8")
        apart = "-DAPART=__attribute__((noinline,noclone))"
        subprocess.run([GCC, *FLAGS, "-fno-toplevel-reorder", apart, "-o", linked, source], check=True)
        subprocess.run([OBJCOPY, "-O", "binary", "-j", ".text", linked, raw], check=True)
        code = raw.read_bytes()
    return [int.from_bytes(code[at : at + 4], "little") for at in range(0, len(code), 4)]


if __name__ == "__main__":
    sys.exit(main())
