"""The data of a program: constants behind labels, and the heap where there is need of one."""

from riscv.assembler import assemble
from riscv.backend.data import HEAP, HEAP_SIZE, constants, sections
from riscv.ir.nodes import Program
from tests.riscv.written import function


def test_constants_are_words_labels_and_bytes_at_multiples_of_4():
    data = {"a": (5, b"h\xff"), "b": ("f", -1), "c": (0, b"")}
    assert list(constants(data)) == [
        ".rodata",
        "a:",
        "    .word 5",
        "    .byte 104, 255",
        "    .align 2",
        "b:",
        "    .word f",
        "    .word -1",
        "    .align 2",
        "c:",
        "    .word 0",
        "    .align 2",
    ]
    assert list(constants({})) == []


def test_a_heap_is_there_for_those_who_allocate():
    plain = function("entry0():\nv0 = la heap.limit\nreturn v0")
    allocating = function("entry0():\nv0 = la heap.free\nreturn v0", "g")
    assert list(sections(Program([plain], {"a": (5,)}))) == [".rodata", "a:", "    .word 5", "    .align 2"]
    assert list(sections(Program([plain, allocating]))) == [*HEAP]


def test_free_memory_begins_where_the_heap_does_and_ends_with_it():
    image = assemble("\n".join(["nop", *HEAP]))
    free, limit = image.labels["heap.free"], image.labels["heap.limit"]
    start = image.labels["heap.start"]
    (data,) = [segment for segment in image.segments if segment.address == free]
    assert int.from_bytes(data.content[:4], "little") == start
    assert (limit - start, start % 16, data.size) == (HEAP_SIZE, 0, limit - free)
    assert HEAP_SIZE == 4 * 1024 * 1024
