"""The optimiser, `-O1`: passes over one function at a time, repeated until nothing changes any more."""

from riscv.ir.graph import prune_blocks, prune_params
from riscv.ir.nodes import Function, Program, text
from riscv.optimize.control import merge_blocks, thread_jumps
from riscv.optimize.dead import remove_dead
from riscv.optimize.fold import fold
from riscv.optimize.strength import reduce_strength
from riscv.optimize.tail import tail_calls


def optimize(program: Program) -> None:
    """Make every function shorter and quicker; what it prints and gives stays the same."""
    for function in program.functions:
        simplify(function)
        reduce_strength(function)
        simplify(function)
        tail_calls(function)


def simplify(function: Function) -> None:
    """Fold and clear away until the text stays the same."""
    while simplify_once(function):
        pass


def simplify_once(function: Function) -> bool:
    """Fold and clear away once; whether that changed the text."""
    before = text(function)
    fold(function)
    prune_blocks(function)
    thread_jumps(function)
    prune_params(function)
    merge_blocks(function)
    remove_dead(function)
    return text(function) != before
