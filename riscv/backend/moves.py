"""Parallel moves: many places change at once, each to what another held before, in an order that loses nothing."""

from collections.abc import Iterable
from typing import TypeAlias

from riscv.backend.places import Place
from riscv.backend.registers import THIRD

#: To a place, from a place or a number.
Move: TypeAlias = tuple[Place, Place | int]


def in_order(moves: Iterable[Move]) -> list[Move]:
    """The moves one after the other.

    A move goes first if nothing still to be moved is read from where it writes. Where each waits for another they go
    round in circles, and one of them is put aside in the third scratch register.
    """
    pending = [(to, source) for to, source in moves if to != source]
    done: list[Move] = []
    while pending:
        read = {source for _, source in pending}
        ready = next((move for move in pending if move[0] not in read), None)
        if ready:
            pending.remove(ready)
            done.append(ready)
        else:
            aside = pending[0][1]
            done.append((THIRD, aside))
            pending = [(to, THIRD if source == aside else source) for to, source in pending]
    return done
