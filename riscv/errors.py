"""What can go wrong before a program runs, and how it is shown: the place, the source line and a caret."""

from dataclasses import dataclass


class RiscvError(Exception):
    """Every error this package raises on purpose; its text is complete and needs no traceback."""


class EncodingError(RiscvError):
    """An operand that does not fit its instruction; an encoding is refused, never truncated."""


class AssemblyError(RiscvError):
    """A line of assembly that cannot be understood."""


class CompilerError(RiscvError):
    """The compiler broke a rule of its own, as its verifier or its allocation checker found."""


class LanguageError(RiscvError):
    """A mistake in a source text: `name:line: message`, the source line and a caret under `column`."""

    def __init__(self, message: str, name: str, line: int, column: int, text: str) -> None:
        super().__init__(f"{name}:{line}: {message}\n  {text}\n  {' ' * column}^")
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Source:
    """A program text and the name it goes by in messages; a position in it is an index into `text`."""

    name: str
    text: str

    def error(self, position: int, message: str, kind: type[LanguageError] = LanguageError) -> LanguageError:
        """The error that points at `position`; the caller raises it."""
        before = self.text[:position]
        start = before.rfind("\n") + 1
        line = self.text[start:].partition("\n")[0].rstrip()
        # A tab would put the caret in the wrong column.
        return kind(message, self.name, before.count("\n") + 1, position - start, line.replace("\t", " "))
