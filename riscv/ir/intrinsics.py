"""The value of what the runtime can say beyond the language."""

from riscv import syntax
from riscv.ir.build import Builder, Words
from riscv.ir.kinds import NULL
from riscv.ir.nodes import Instruction
from riscv.ir.runtime import ERRORS, KINDS, LABELS, LOADS, NULL_ELEMENT, STORES
from riscv.ir.unit import Pair


def call(builder: Builder, name: str, node: syntax.Call, arguments: list[Pair]) -> Words:
    """The value of an intrinsic; the text of `text` is known by its label already."""
    payloads = [argument.payload for argument in arguments]
    if name in KINDS:
        return [KINDS[name]]
    if name in LABELS:
        if LABELS[name] == NULL_ELEMENT:
            builder.unit.data[NULL_ELEMENT] = (0, NULL)
        return [builder.address(LABELS[name])]
    if name in LOADS:
        return [builder.result(LOADS[name], *payloads, 0)]
    if name == "text":
        return [payloads[0]]
    if name in ERRORS:
        builder.stop(ERRORS[name], node)
    elif name in STORES:
        builder.emit(Instruction(STORES[name], [payloads[1], payloads[0], 0]))
    else:
        builder.emit(Instruction("ecall", payloads))
    return [0]
