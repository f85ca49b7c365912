"""Tail calls: a function whose last act is a call leaves its frame first and lets the callee return for it."""

from riscv.backend.registers import ARGUMENTS
from riscv.ir.nodes import Function


def tail_calls(function: Function) -> None:
    """`v = call f, ...; return v` becomes `tail f, ...`, unless arguments on the stack would have no place."""
    for block in function.blocks:
        if block.end.op == "return" and len(block.code) > 1:
            call = block.code[-2]
            if call.op == "call" and [*call.results] == block.end.args and len(call.args) <= len(ARGUMENTS):
                call.op, call.results = "tail", ()
                block.code.pop()
