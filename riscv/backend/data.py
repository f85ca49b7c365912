"""The data of a program as assembly: constants that are never written, and the heap."""

from collections.abc import Iterator, Mapping
from typing import Final

from riscv.ir.nodes import HEAP_FREE, HEAP_LIMIT, HEAP_START, Datum, Program

HEAP_SIZE: Final = 4 << 20
#: The word that says where free memory begins, then all the memory.
HEAP: Final = (
    ".data",
    f"{HEAP_FREE}:",
    f"    .word {HEAP_START}",
    ".bss",
    f"{HEAP_START}:",
    f"    .space {HEAP_SIZE}",
    f"{HEAP_LIMIT}:",
)


def sections(program: Program) -> Iterator[str]:
    """The lines of constants and of the heap, where there is need of them."""
    yield from constants(program.data)
    if any(i.op == "la" and i.callee == HEAP_FREE for function in program.functions for i in function.instructions()):
        yield from HEAP


def constants(data: Mapping[str, Datum]) -> Iterator[str]:
    """Each piece of data behind its label, at a multiple of 4."""
    if data:
        yield ".rodata"
    for label, pieces in data.items():
        yield f"{label}:"
        for piece in pieces:
            if not isinstance(piece, bytes):
                yield f"    .word {piece}"
            elif piece:
                yield f"    .byte {', '.join(map(str, piece))}"
        yield "    .align 2"
