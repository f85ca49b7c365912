"""The last look at the lines: jumps that lead nowhere new, and words read where they have just been written."""

from collections.abc import Mapping
from itertools import pairwise

from riscv.backend.emit import OPPOSITE
from riscv.backend.lines import Code, Label, Line, Operand

#: Nothing behind one of these runs unless it has a label.
LEAVING = frozenset({"j", "jr", "ret"})


def peephole(code: Code) -> Code:
    """Shorten the lines of a function until they stay the same; what they do is left as it is."""
    shorter = reloads(branches(unreachable(retarget(code))))
    return shorter if [*map(str, shorter)] == [*map(str, code)] else peephole(shorter)


def retarget(code: Code) -> Code:
    """What goes to a label with a jump behind it goes where that jumps."""
    onward: dict[Operand, Operand] = {}
    for label, line in pairwise(code):
        if isinstance(label, Label) and isinstance(line, Line) and is_jump(line):
            onward[label.name] = line.operands[0]
    return [redirected(line, onward) if isinstance(line, Line) else line for line in code]


def redirected(line: Line, onward: Mapping[Operand, Operand]) -> Line:
    """A jump or branch to where all the jumps behind its label lead; jumps in a circle lead nowhere."""
    if not is_jump(line) and line.mnemonic not in OPPOSITE:
        return line
    *operands, target = line.operands
    seen: set[Operand] = set()
    while target in onward and target not in seen:
        seen.add(target)
        target = onward[target]
    return Line(line.mnemonic, (*operands, target), line.source)


def is_jump(line: Line) -> bool:
    """A jump inside a function; one that is a tail call has a source."""
    return line.mnemonic == "j" and line.source is None


def unreachable(code: Code) -> Code:
    """Drop labels that nothing goes to, but for the function's own, and what nothing runs into."""
    targets = {operand for line in code if isinstance(line, Line) for operand in line.operands}
    shorter: Code = code[:1]
    runs = True
    for line in code[1:]:
        if isinstance(line, Label):
            if line.name in targets:
                shorter.append(line)
                runs = True
        elif runs:
            shorter.append(line)
            runs = line.mnemonic not in LEAVING
    return shorter


def labels_at(code: Code, index: int) -> list[str]:
    """The labels that stand before a line."""
    names = []
    while index < len(code) and isinstance(label := code[index], Label):
        names.append(label.name)
        index += 1
    return names


def branches(code: Code) -> Code:
    """A jump to the next line goes; a branch over a jump becomes the opposite branch to where that jumps."""
    shorter: Code = []
    for index, line in enumerate(code):
        here = labels_at(code, index + 1)
        if isinstance(line, Line) and is_jump(line):
            over = shorter[-1]
            if line.operands[0] in here:
                continue
            if isinstance(over, Line) and over.mnemonic in OPPOSITE and over.operands[2] in here:
                operands = (*over.operands[:2], line.operands[0])
                shorter[-1] = Line(OPPOSITE[over.mnemonic], operands, over.source)
                continue
        shorter.append(line)
    return shorter


def reloads(code: Code) -> Code:
    """A word of the frame that was written by the line before need not be read."""
    shorter: Code = []
    for line in code:
        last = shorter[-1] if shorter else line
        if isinstance(line, Line) and isinstance(last, Line) and (last.mnemonic, line.mnemonic) == ("sw", "lw"):
            (stored, *place), (loaded, *same) = last.operands, line.operands
            if place == same and place[1] == "sp":
                if loaded != stored:
                    shorter.append(Line("mv", (loaded, stored)))
                continue
        shorter.append(line)
    return shorter
