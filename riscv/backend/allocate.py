"""Register allocation: colouring a graph that static single assignment makes chordal.

Values are met in an order in which each is met after all that are needed at its definition, so giving each the first
free register is exact: no two values needed at once share one (Hack, Grund and Goos 2006, "Register Allocation for
Programs in SSA-Form"). Where none is free, the value with the fewest uses, weighed by loops, moves to the frame; its
register is free from then on. A value stays in one place, and what is in the frame passes through scratch registers.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from riscv.backend.places import Incoming, Place, Slot, overwritten, passed, wanted
from riscv.backend.registers import ARGUMENTS, CALLER_SAVED, SAVED
from riscv.ir.graph import depths, reverse_postorder
from riscv.ir.liveness import Values, backwards, live_in, live_out
from riscv.ir.nodes import Block, Function, Instruction, Value
from riscv.pairs import paired

ALL: Final = (*CALLER_SAVED, *SAVED)
LOOP_WEIGHT: Final = 10


@dataclass
class Facts:
    """What the allocation of a function depends on."""

    entering: dict[Block, Values]
    dying: dict[Instruction, list[Value]]
    unread: set[Value]
    forbidden: defaultdict[Value, set[str]]
    cost: defaultdict[Value, int]
    hints: defaultdict[Value, list[Value | str]]


def allocate(function: Function, registers: Sequence[str]) -> Mapping[Value, Place]:
    """A place for each value: some of the registers, or words of the frame for what finds none."""
    facts = collect(function)
    places: dict[Value, Place] = {}
    colouring = Colouring(function, facts, places)
    colouring.walk(lambda value, active: colouring.register(value, active, registers))
    spilled = [value for value in facts.cost if value not in places]
    colouring.walk(lambda value, active: colouring.slot(value, active) if value in spilled else None)
    return places


def collect(function: Function) -> Facts:
    """Liveness, costs and wishes."""
    facts = Facts({}, {}, set(), defaultdict(set), defaultdict(int), defaultdict(list))
    out, depth = live_out(function), depths(function)
    for block in function.blocks:
        facts.entering[block] = live_in(block, out[block])
        live = dict(out[block])
        for instruction, behind in backwards(block, live):
            facts.dying[instruction] = [value for value in instruction.uses() if value not in behind]
            facts.unread.update(result for result in instruction.results if result not in behind)
            for value in (*instruction.results, *instruction.uses()):
                facts.cost[value] += LOOP_WEIGHT ** depth[block]
            if lost := overwritten(instruction):
                for value in behind.keys() - {*instruction.results}:
                    facts.forbidden[value].update(lost)
            wish(facts, instruction)
        for param in block.params:
            facts.cost[param] += LOOP_WEIGHT ** depth[block]
        facts.unread.update(param for param in block.params if param not in live)
    for param, place in paired(function.params, passed(len(function.params), Incoming)):
        if isinstance(place, str):
            facts.hints[param].append(place)
    return facts


def wish(facts: Facts, instruction: Instruction) -> None:
    """Note which values would save a move by being in the same register, or in a certain one."""
    pairs: list[tuple[object, object]] = [
        *((instruction.args[number], place) for number, place in enumerate(wanted(instruction))),
        *(pair for edge in instruction.edges for pair in paired(edge.args, edge.block.params)),
    ]
    if instruction.op in ("call", "callr"):
        pairs += paired(instruction.results, ARGUMENTS[: len(instruction.results)])
    if instruction.op == "copy":
        pairs.append((instruction.args[0], instruction.results[0]))
    for one, other in pairs:
        match one, other:
            case Value(), Value():
                facts.hints[one].append(other)
                facts.hints[other].append(one)
            case Value(), str():
                facts.hints[one].append(other)


class Colouring:
    """Walks over a function and knows at each definition which values are needed beside it."""

    def __init__(self, function: Function, facts: Facts, places: dict[Value, Place]) -> None:
        self.function = function
        self.facts = facts
        self.places = places

    def walk(self, choose: Callable[[Value, Values], None]) -> None:
        """Have a place chosen for every value when it is defined; what is defined together is needed together."""
        for block in reverse_postorder(self.function):
            active = dict(self.facts.entering[block])
            self.define(block.params, active, choose)
            for instruction in block.code:
                for value in self.facts.dying[instruction]:
                    active.pop(value, None)
                self.define(instruction.results, active, choose)

    def define(self, values: Sequence[Value], active: Values, choose: Callable[[Value, Values], None]) -> None:
        """Values that come into being at once; those that nothing reads are gone at once, too."""
        for value in values:
            choose(value, active)
            active.update(dict.fromkeys([value]))
        for value in values:
            if value in self.facts.unread:
                del active[value]

    def register(self, value: Value, active: Values, registers: Sequence[str]) -> None:
        """Give a value a register; if all are taken, the cheapest of it and those that are in its way gets none."""
        forbidden = self.facts.forbidden[value]
        allowed = [register for register in registers if register not in forbidden]
        taken = {self.places[other]: other for other in active if other in self.places}
        free = [register for register in allowed if register not in taken]
        if free:
            wishes = [self.places.get(hint) if isinstance(hint, Value) else hint for hint in self.facts.hints[value]]
            self.places[value] = next((wish for wish in wishes if wish in free), free[0])
            return
        cheapest = min([value, *(taken[register] for register in allowed)], key=self.facts.cost.__getitem__)
        if cheapest is not value:
            self.places[value] = self.places.pop(cheapest)

    def slot(self, value: Value, active: Values) -> None:
        """Give a value the first word of the frame that is free."""
        taken = {self.places.get(other) for other in active}
        self.places[value] = next(Slot(index) for index in count() if Slot(index) not in taken)
