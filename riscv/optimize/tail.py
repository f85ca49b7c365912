"""Tail calls: a function whose last act is a call leaves its frame first and lets the callee return for it."""

from collections.abc import Mapping
from typing import Final

from riscv.backend.places import wanted
from riscv.ir.nodes import Function

TAILS: Final[Mapping[str, str]] = {"call": "tail", "callr": "tailr"}


def tail_calls(function: Function) -> None:
    """`v = call f, ...; return v` becomes `tail f, ...`, `callr` becomes `tailr`.

    Not so with arguments on the stack, which would have no place.
    """
    for block in function.blocks:
        if block.end.op == "return" and len(block.code) > 1:
            call = block.code[-2]
            same = [*call.results] == block.end.args
            if call.op in TAILS and same and all(isinstance(place, str) for place in wanted(call)):
                call.op, call.results = TAILS[call.op], ()
                block.code.pop()
