"""How fast the emulators are: the plain one and the Numba engine beside Unicorn and qemu-riscv32; for bench_riscv.py.

Two programs: a sieve of Eratosthenes to 200,000 (4.5 million instructions) and a linear congruential generator
(6.0 million). The fast engines run them many times over. All times are of the processor, since a machine is seldom
idle; Numba's compilation is told apart.
"""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from riscv import elf_writer
from riscv.assembler import assemble
from riscv.emulator import Emulator
from riscv.fast import FastEmulator
from riscv.image import Image
from riscv.memory import STACK
from riscv.peers import Peer

SIEVE = """
    li s3, {rounds}
    li s4, 200000
    la s0, flags
again:
    li t0, 0
clear:
    add t1, s0, t0
    sb zero, 0(t1)
    addi t0, t0, 1
    blt t0, s4, clear
    li s1, 0
    li s2, 2
candidate:
    add t1, s0, s2
    lbu t2, 0(t1)
    bnez t2, next
    addi s1, s1, 1
    add t3, s2, s2
    li t4, 1
strike:
    bge t3, s4, next
    add t1, s0, t3
    sb t4, 0(t1)
    add t3, t3, s2
    j strike
next:
    addi s2, s2, 1
    blt s2, s4, candidate
    addi s3, s3, -1
    bnez s3, again
    andi a0, s1, 255
    li a7, 93
done: ecall
.bss
flags: .space 200000
"""
GENERATOR = """
    li s3, {rounds}
    li t1, 1103515245
    li t2, 12345
again:
    li t0, 1000000
step:
    mul a1, a1, t1
    add a1, a1, t2
    srli a2, a1, 16
    xor a3, a3, a2
    addi t0, t0, -1
    bnez t0, step
    addi s3, s3, -1
    bnez s3, again
    andi a0, a3, 255
    li a7, 93
done: ecall
"""
LIMIT = 10**10


def emulate(engine: Callable[[Image], Emulator], image: Image) -> tuple[float, int, int]:
    """Seconds, instructions and status of a run."""
    emulator = engine(image)
    start = time.process_time()
    outcome = emulator.run(LIMIT)
    return time.process_time() - start, outcome.steps, outcome.status


def unicorn(image: Image) -> tuple[float, int, int]:
    """The same in Unicorn, which stops at the ecall and does not count."""
    peer = Peer([*image.segments, STACK])
    peer.set([0] * 32, image.entry)
    start = time.process_time()
    peer.uc.emu_start(image.entry, image.labels["done"])
    return time.process_time() - start, 0, peer.registers()[10]


def qemu(image: Image) -> tuple[float, int, int]:
    """The same in a process of qemu-riscv32, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.elf")
        path.write_bytes(elf_writer.write(image))
        path.chmod(0o755)
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        status = subprocess.run(["qemu-riscv32", str(path)]).returncode
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime, 0, status


def engines() -> Iterator[tuple[str, int, Callable[[Image], tuple[float, int, int]]]]:
    """Name, rounds and runner of every engine there is here."""
    yield "plain Python", 1, lambda image: emulate(Emulator, image)
    if find_spec("numba"):
        yield "Numba", 100, lambda image: emulate(FastEmulator, image)
    if find_spec("unicorn"):
        yield "Unicorn", 10, unicorn
    if shutil.which("qemu-riscv32"):
        yield "qemu-riscv32", 100, qemu


def start_up(repeat: int) -> float:
    """Seconds from an image to the end of a program of two instructions, in the plain emulator."""
    image = assemble("li a7, 93\necall")
    times = []
    for _ in range(20 * repeat):
        start = time.process_time()
        Emulator(image).run()
        times.append(time.process_time() - start)
    return min(times)


@dataclass(frozen=True)
class Speed:
    """Million instructions a second of an engine on a program; `peer` is Unicorn's, None where it is not installed."""

    program: str
    engine: str
    speed: float
    peer: float | None


def measure(repeat: int) -> Iterator[Speed]:
    """The best of some runs of every engine that is installed."""
    for name, text in (("sieve", SIEVE), ("generator", GENERATOR)):
        counts = {rounds: emulate(Emulator, assemble(text.format(rounds=rounds)))[1] for rounds in (1, 2)}
        speeds: dict[str, float] = {}
        for engine, rounds, run in engines():
            image = assemble(text.format(rounds=rounds))
            seconds, steps, _ = min(run(image) for _ in range(repeat))
            expected = counts[1] + (counts[2] - counts[1]) * (rounds - 1)
            assert steps in (0, expected), f"{engine} took {steps} steps, not {expected}"
            speeds[engine] = expected / seconds / 1e6
        for engine, speed in speeds.items():
            yield Speed(name, engine, speed, speeds.get("Unicorn"))


def report(repeat: int) -> list[Speed]:
    """Measure and print a table."""
    ready = 1e3 * start_up(repeat)
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; the plain emulator starts in {ready:.2f} ms", end=""
    )
    if find_spec("numba"):
        start = time.process_time()
        FastEmulator(assemble("j 8\nnop\nli a7, 93\necall")).run()
        print(f"; Numba compiles for {time.process_time() - start:.1f} s, once in a process", end="")
    found = list(measure(repeat))
    print(f"\n{'program':<10} {'engine':<13} {'million/s':>9} {'/ Unicorn':>9}")
    for row in found:
        ratio = f"{row.speed / row.peer:9.2f}" if row.peer else f"{'-':>9}"
        print(f"{row.program:<10} {row.engine:<13} {row.speed:9.1f} {ratio}")
    return found
