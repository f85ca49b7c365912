"""What a compiled program has made in its heap when it ends."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from riscv.emulator import STEP_LIMIT, Emulator
from riscv.image import Image
from riscv.ir.nodes import HEAP_FREE, HEAP_START
from riscv.memory import TEXT_BASE, TEXT_SIZE
from riscv.monitors import create
from riscv.outcome import Outcome

TEXT: Final = range(TEXT_BASE, TEXT_BASE + TEXT_SIZE)
Word: TypeAlias = int | str


def run(image: Image, monitors: Sequence[str] = (), step_limit: int = STEP_LIMIT) -> tuple[Outcome, tuple[Word, ...]]:
    """Run an image under some monitors; how it ended, and the words of its heap, none if it has no heap.

    The address of a function is its label, since it lies elsewhere at another level; all else is equal at all levels.
    """
    emulator = Emulator(image, [create(name) for name in monitors])
    outcome = emulator.run(step_limit)
    if HEAP_START not in image.labels:
        return outcome, ()
    names = {address: label for label, address in image.labels.items() if address in TEXT}
    end = emulator.memory.load(image.labels[HEAP_FREE], 4)
    words = (emulator.memory.load(address, 4) for address in range(image.labels[HEAP_START], end, 4))
    return outcome, tuple(names.get(word, word) for word in words)
