"""Faults of riscv.lexer: text to tokens."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-lexer-number-limit",
        title="2**32 is a number that fits 32 bits",
        why="The limit is taken to be the largest number.",
        symptom="4294967296 is 0",
        pattern="off-by-one",
        source=review("numbers are below 2**32, LANGUAGE.md"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.lexer:check_number",
                correct="number_value(text) >= 2**32",
                faulty="number_value(text) > 2**32",
            )
        ],
    ),
    Fault(
        id="riscv-lexer-escape-as-character",
        title="\\xff in a string is the character with that number, not the byte",
        why="Characters from 128 on take two bytes in UTF-8.",
        symptom='len(\\"\\x80\\") is 2',
        pattern="wrong-formula",
        source=review("an escape with two hexadecimal digits is one byte"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.lexer:string_value",
                correct="bytes.fromhex(byte)",
                faulty="chr(int(byte, 16)).encode()",
            )
        ],
    ),
    Fault(
        id="riscv-lexer-escape-position",
        title="A mistake inside a string is reported as if the string began the program",
        why="The position inside the string is not added to that of the string.",
        symptom="the caret points at another line",
        pattern="wrong-operand",
        source=review("a position is an index into the text"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.lexer:string_value",
                correct="raise source.error(position + match.start(), message)",
                faulty="raise source.error(match.start(), message)",
            )
        ],
    ),
]
