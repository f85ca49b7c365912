"""Anchors: the smallest piece of a function around a place whose text occurs in it exactly once."""

import ast
from collections.abc import Sequence

from nnlab.lab.source import Function, Position, words


class Anchors:
    """The statements of one function, each with its tokens; columns count characters."""

    def __init__(self, text: str, function: Function) -> None:
        self.lines = text.splitlines(keepends=True)
        self.first = function.lineno
        inside = self.lines[function.lineno - 1 : function.end_lineno]
        found = words("".join(inside))
        self.words = [word for word, _ in found]
        self.starts = [(line + self.first - 1, column) for _, (line, column) in found]
        nodes = sorted(
            (node for node in ast.walk(function) if isinstance(node, ast.stmt)),
            key=lambda node: self._end(node)[0] - node.lineno,
        )
        self.statements = [((node.lineno, 0), self._end(node)) for node in nodes]

    def around(self, begin: Position, end: Position) -> tuple[str, str, str]:
        """The text of the smallest statement around a span that occurs once: before, inside and after the span."""
        holding = [(a, b) for a, b in self.statements if a <= begin and end <= b]
        first, last = next((place for place in holding if self._occurs_once(*place)), holding[-1])
        return self._cut(first, begin), self._cut(begin, end), self._cut(end, last)

    def _occurs_once(self, begin: Position, end: Position) -> bool:
        inside = [word for word, start in zip(self.words, self.starts, strict=True) if begin <= start < end]
        return self._count(inside) == 1

    def _count(self, wanted: Sequence[str]) -> int:
        n = len(wanted)
        return sum(self.words[i : i + n] == wanted for i in range(len(self.words) - n + 1))

    def _cut(self, begin: Position, end: Position) -> str:
        if begin[0] == end[0]:
            return self.lines[begin[0] - 1][begin[1] : end[1]]
        middle = self.lines[begin[0] : end[0] - 1]
        return "".join([self.lines[begin[0] - 1][begin[1] :], *middle, self.lines[end[0] - 1][: end[1]]])

    def _end(self, node: ast.stmt) -> Position:
        line = node.end_lineno or node.lineno
        return line, characters(self.lines[line - 1], node.end_col_offset or 0)


def characters(line: str, column: int) -> int:
    """The column of `ast`, which counts bytes, as one that counts characters."""
    return len(line.encode()[:column].decode())
