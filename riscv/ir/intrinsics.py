"""The value of what the runtime can say beyond the language."""

from riscv import syntax
from riscv.ir.build import NOTHING, Builder
from riscv.ir.kinds import INTEGER, NULL
from riscv.ir.nodes import Instruction
from riscv.ir.runtime import ERRORS, KINDS, LABELS, LOADS, NULL_ELEMENT, STORES
from riscv.ir.unit import Pair, of


def call(builder: Builder, name: str, node: syntax.Call, arguments: list[Pair]) -> Pair:
    """The value of an intrinsic; the text of `text` is known by its label already."""
    payloads = [argument.payload for argument in arguments]
    if name in KINDS:
        return of(KINDS[name], INTEGER)
    if name in LABELS:
        builder.unit.data[NULL_ELEMENT] = (0, NULL)
        return of(builder.address(LABELS[name]), INTEGER)
    if name in LOADS:
        return of(builder.result(LOADS[name], *payloads, 0), INTEGER)
    if name == "text":
        return of(payloads[0], INTEGER)
    if name in ERRORS:
        builder.stop(ERRORS[name], node)
    elif name in STORES:
        builder.emit(Instruction(STORES[name], [payloads[1], payloads[0], 0]))
    else:
        builder.emit(Instruction("ecall", payloads))
    return NOTHING
