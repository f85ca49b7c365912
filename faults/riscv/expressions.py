"""Faults of riscv.expressions: precedence."""

from faults.sources import review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-precedence-of-bits",
        title="Bit operators bind looser than comparisons",
        why="That is the precedence of C, a known mistake of its design, not of this language.",
        symptom="x & 3 == 3 is a type-error",
        pattern="order-of-operations",
        source=review("the table of operators, LANGUAGE.md"),
        killed_by="stated",
        edits=[
            Constant(
                target="riscv.expressions:PRECEDENCE",
                correct='"|": 5, "^": 6, "&": 7,',
                faulty='"|": 3, "^": 3, "&": 3,',
            )
        ],
    ),
    Fault(
        id="riscv-minus-binds-loosely",
        title="A minus sign takes in the products behind it",
        why="The operand of a prefix operator is read as a binary expression.",
        symptom="-2147483648 / 2 is positive",
        pattern="order-of-operations",
        source=review("- ! ~ bind tighter than every operator between two operands"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.expressions:Expressions.unary",
                correct="syntax.Unary(token.position, token.kind, self.unary())",
                faulty='syntax.Unary(token.position, token.kind, self.binary(PRECEDENCE["*"]))',
            )
        ],
    ),
    Fault(
        id="riscv-if-without-value",
        title="A function that ends in an if gives null",
        why="Only a last statement that is an expression is made a return.",
        symptom="fn(x) { if (x) { 1 } else { 2 } } gives null",
        pattern="dropped-statement",
        source=review("its value is that of the last statement, or of an if whose block ends so"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.expressions:returning",
                correct="return (*start, replace(node, then=returning(node.then), otherwise=otherwise))",
                faulty="return body",
            )
        ],
    ),
    Fault(
        id="riscv-nesting-not-restored",
        title="Behind c ? a : b the nesting of the expression is one level deeper",
        why="The counter of levels is not put back at the end of the expression.",
        symptom="a long array is refused as nested too deeply",
        pattern="state-not-restored",
        source=review("whoever makes the tree deeper restores nesting"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.expressions:Expressions.expression",
                correct="self.nesting = before\nreturn value",
                faulty="return value",
            )
        ],
    ),
]
