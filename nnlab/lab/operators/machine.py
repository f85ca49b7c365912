"""What goes wrong in compilers and machines: signedness, immediates, saves and restores."""

import re
from collections.abc import Iterator

import libcst as cst

from nnlab.lab.operators.rewrite import Operator, Rewrite, Scope, called, code, tight

#: Mnemonics that differ in the signedness of an operand or result.
_SIGNED = {
    **{"div": "divu", "rem": "remu", "slt": "sltu", "slti": "sltiu", "blt": "bltu", "bge": "bgeu", "bgt": "bgtu"},
    **{"ble": "bleu", "lb": "lbu", "lh": "lhu", "sra": "srl", "srai": "srli", "mulh": "mulhu"},
}
_OTHER = _SIGNED | {unsigned: signed for signed, unsigned in _SIGNED.items()}
_SAVES_AND_RESTORES = {"sw", "sd", "lw", "ld", "push", "pop"}
_WITH_IMMEDIATE = {"addi", "andi", "ori", "xori", "slti", "sltiu", "slli", "srli", "srai", "li"}

#: Assembly text, such as "addi sp, sp, -16"; what is formatted into it stands as {}.
_INSTRUCTION = re.compile(r"([a-z][a-z0-9.]*) +[^ ,]+(, *[^ ,]+)+")
_NUMBER = re.compile(r"(?<![\w.])-?\d+\b(?!\w|\.)")


def _mnemonic(node: cst.CSTNode) -> str:
    """The mnemonic of a text that is an instruction; "" of all else."""
    found = _INSTRUCTION.fullmatch(_text(node))
    return found[1] if found else ""


def _emitted(node: cst.CSTNode) -> str:
    """The mnemonic that a call begins with, such as line("sw", …) or code.append(Line("sw", …)); else ""."""
    while isinstance(node, cst.Call) and node.args:
        node = node.args[0].value
    known = _text(node)
    return known if known in _SAVES_AND_RESTORES | _WITH_IMMEDIATE else ""


def _text(node: cst.CSTNode) -> str:
    """The text of a string literal."""
    if isinstance(node, cst.FormattedString):
        return "".join(part.value if isinstance(part, cst.FormattedStringText) else "{}" for part in node.parts)
    return node.raw_value if isinstance(node, cst.SimpleString) else ""


def _signed(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Call) and called(node) in ("unsigned", "signed") and len(node.args) == 1:
        yield Rewrite(node, tight(node.args[0].value))
    elif isinstance(node, cst.Arg) and code(node).rstrip(", ") in ("signed=True", "signed=False"):
        yield Rewrite(node.value, str(code(node.value) == "False"))
    elif isinstance(node, cst.SimpleString | cst.FormattedString):
        mnemonic = _mnemonic(node) or _text(node)
        if mnemonic in _OTHER:
            yield Rewrite(node, code(node).replace(mnemonic, _OTHER[mnemonic], 1))


def _wrap(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    match node:
        case cst.Call(args=[_]) if called(node) in ("wrap", "truncate", "sign_extend"):
            yield Rewrite(node, tight(node.args[0].value))
        case cst.BinaryOperation(operator=cst.BitAnd(), right=cst.Integer()):
            yield Rewrite(node, code(node.left))


def _immediate(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    match node:
        case cst.SimpleString() | cst.FormattedStringText() if _mnemonic(_string(node, scope)):
            text = code(node)
            for found in _NUMBER.finditer(text):
                number = str(int(found[0]) + _step(text[found.end() :]))
                yield Rewrite(node, text[: found.start()] + number + text[found.end() :])
        case cst.FormattedStringExpression(expression=cst.BinaryOperation() as value) if _mnemonic(scope.parents[node]):
            behind = code(scope.parents[node]).partition(code(node))[2]
            yield Rewrite(value, f"{code(value)} + {_step(behind)}")
        case cst.Call(args=[_, *_, last]) if _emitted(node) in _WITH_IMMEDIATE and _text(node.args[0].value):
            inner = last.value.elements[-1].value if isinstance(last.value, cst.Tuple) else last.value
            yield Rewrite(inner, f"{tight(inner)} + 1")


def _string(node: cst.CSTNode, scope: Scope) -> cst.CSTNode:
    """The literal that a node is, or is a part of."""
    return scope.parents[node] if isinstance(node, cst.FormattedStringText) else node


def _step(behind: str) -> int:
    """By how much a number is off: an offset, with a register in parentheses behind it, by a word."""
    return 4 if behind.startswith("(") else 1


def _drop_save(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    match node:
        case cst.Arg() if _mnemonic(node.value) in _SAVES_AND_RESTORES:
            yield Rewrite(node.value, "*()")
        case cst.Element() if (_mnemonic(node.value) or _emitted(node.value)) in _SAVES_AND_RESTORES:
            yield Rewrite(node.value, "*()")
        case cst.ListComp() if (_mnemonic(node.elt) or _emitted(node.elt)) in _SAVES_AND_RESTORES:
            yield Rewrite(node, f"{code(node)}[1:]")
        case cst.Expr(value=cst.Call()) if _emitted(node.value) in _SAVES_AND_RESTORES:
            yield Rewrite(node, "pass")


def _drop_instruction(node: cst.CSTNode, scope: Scope) -> Iterator[Rewrite]:
    if isinstance(node, cst.Arg | cst.Element) and _text(node.value) and _mnemonic(node.value):
        yield Rewrite(node.value, "*()")


OPERATORS = [
    Operator(
        name="other-signedness",
        pattern="signedness",
        title="takes a signed value for an unsigned one, or the reverse",
        rewrites=_signed,
        examples={
            "y = unsigned(a + b) >> n": ["y = (a + b) >> n"],
            "y = int.from_bytes(b, 'little', signed=True)": ["y = int.from_bytes(b, 'little', signed=False)"],
            "emit('div a0, t0, a0')": ["emit('divu a0, t0, a0')"],
            "emit(f'lbu {rd}, 0(sp)')": ["emit(f'lb {rd}, 0(sp)')"],
            "emit('divide a0')": [],
            "y = wrap(a)": [],
        },
    ),
    Operator(
        name="drop-wrap",
        pattern="range",
        title="does not wrap or mask a value that may not fit",
        rewrites=_wrap,
        examples={"y = wrap(a + b)": ["y = (a + b)"], "y = (a >> 3) & 31": ["y = a >> 3"], "y = a & mask": []},
    ),
    Operator(
        name="drop-save",
        pattern="missing-save",
        title="leaves out a save or a restore",
        rewrites=_drop_save,
        examples={
            "emit('addi sp, sp, -16', 'sw ra, 12(sp)')": ["emit('addi sp, sp, -16', *())"],
            "code = ['lw ra, 12(sp)', *rest]": ["code = [*(), *rest]"],
            "code = [f'sw {r}, 4(sp)' for r in used]": ["code = [f'sw {r}, 4(sp)' for r in used][1:]"],
            "code = [Line('sw', (r, 4)), Line('mv', (r, a))]": ["code = [*(), Line('mv', (r, a))]"],
            "self.code.append(Line('lw', (r, 4, 'sp')))": ["pass"],
            "emit('addi sp, sp, -16')": [],
        },
    ),
    Operator(
        name="shift-immediate",
        pattern="off-by-one",
        title="emits an immediate that is off by one, or an offset by a word",
        rewrites=_immediate,
        examples={
            "emit('addi sp, sp, -16')": ["emit('addi sp, sp, -15')"],
            "emit(f'sw {r}, 12(sp)')": ["emit(f'sw {r}, 16(sp)')"],
            "emit(f'sw ra, {size - 4}(sp)')": ["emit(f'sw ra, {size - 4 + 4}(sp)')"],
            "self.line('addi', 'sp', 'sp', a * b)": ["self.line('addi', 'sp', 'sp', (a * b) + 1)"],
            "code = Line('li', (t0, size))": ["code = Line('li', (t0, size + 1))"],
            "emit('mv a0, t0')": [],
            "print('be at most 3, or 4')": [],
        },
    ),
    Operator(
        name="drop-instruction",
        pattern="dropped-statement",
        title="does not emit an instruction",
        rewrites=_drop_instruction,
        examples={"emit('mv a0, t0', 'ret')": ["emit(*(), 'ret')"], "print('a word')": []},
        general=True,
    ),
]
