"""Programs of gcc and GNU ld: they run on both engines, end in both ways, and break no rule of any monitor."""

import shutil
import subprocess

import pytest

from riscv import elf_loader
from riscv.__main__ import main
from riscv.fast import FastEmulator, build, plain
from riscv.monitors import MONITORS

GCC = "riscv64-unknown-elf-gcc"
FLAGS = ["-march=rv32im", "-mabi=ilp32", "-nostdlib", "-ffreestanding", "-Wl,--no-relax"]
START = r"""
volatile unsigned tohost __attribute__((section(".tohost")));
static int request(int number, int a, const void *b, int c) {
    register int a0 asm("a0") = a;
    register const void *a1 asm("a1") = b;
    register int a2 asm("a2") = c;
    register int a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}
static void leave_by_request(int status) { request(93, status, 0, 0); }
static void leave_by_tohost(int status) { tohost = status << 1 | 1; }
"""
PRIMES = r"""
static int found[100];
const char text[] = "primes\n";
int more = 3;
__attribute__((noinline)) int primes(int limit) {
    int count = 0;
    for (int i = 2; i < limit; i++) {
        int prime = 1;
        for (int j = 0; j < count; j++)
            if (i % found[j] == 0) prime = 0;
        if (prime) found[count++] = i;
    }
    return count;
}
void _start(void) { int n = request(64, 1, text, 7); LEAVE(primes(100) + more + n - 7); for (;;); }
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which(GCC) is None, reason=f"{GCC} is not installed")
@pytest.mark.parametrize("optimisation", ["-O0", "-O2"])
@pytest.mark.parametrize("leave", ["leave_by_request", "leave_by_tohost"])
def test_a_program_of_gcc_runs_and_passes_its_status_on(leave, optimisation, tmp_path, capsys):
    source, program = tmp_path / "primes.c", tmp_path / "primes.elf"
    source.write_text(START + PRIMES)
    subprocess.run([GCC, *FLAGS, optimisation, f"-DLEAVE={leave}", "-o", program, source], check=True)
    monitors = [word for name in MONITORS for word in ("--monitor", name)]
    assert main(["run", *monitors, str(program)]) == 28
    assert capsys.readouterr() == ("primes\n", "")
    outcome = FastEmulator(elf_loader.load(program.read_bytes()), build(plain)).run(100_000)
    assert (outcome.output, outcome.status) == (("primes",), 28)
