"""Faults of riscv.ir.expressions: calls, closures, conditions."""

from faults.sources import pattern_of, public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-closure-one-word-each",
        title="A closure has room for one word of each captured value",
        why="Values whose kind is not known take two; the next object begins inside the closure.",
        symptom="a captured value changes when something else is made",
        pattern="wrong-address",
        source=public("risor issue #461", "https://github.com/deepnoodle-ai/risor/issues/461"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.expressions:Expressions.new_closure",
                correct="sum(len(words(NOTHING, self.unit.kinds(inner))) for _, inner in self.unit.captures(node))",
                faulty="len([*self.unit.captures(node)])",
            )
        ],
    ),
    Fault(
        id="riscv-array-without-room-for-length",
        title="An array has no room for its length",
        why="The header is not counted, so the last element's tag lies in the next object.",
        symptom="the last element of an array changes its kind when something else is made",
        pattern="off-by-one",
        source=pattern_of("risor issue #461", "https://github.com/deepnoodle-ai/risor/issues/461"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.expressions:Expressions.array",
                correct="operators.LENGTH + operators.ELEMENT * len(elements))",
                faulty="operators.ELEMENT * len(elements))",
            )
        ],
    ),
    Fault(
        id="riscv-and-decides-like-or",
        title="&& goes on to its right side when the left one fails",
        why="The two ways of a short circuit change places.",
        symptom="false && f() calls f",
        pattern="wrong-operand",
        source=review("the right side is evaluated only if the left holds"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.expressions:Expressions.condition",
                correct='(right, otherwise) if node.operator == "&&" else (then, right)',
                faulty='(right, otherwise) if node.operator == "||" else (then, right)',
            )
        ],
    ),
    Fault(
        id="riscv-call-tag-is-payload",
        title="The tag of a result is read from its first word",
        why="The words of a result are its payload and its tag, if there is one.",
        symptom="results of functions print as another kind",
        pattern="wrong-operand",
        source=review("a value is payload and tag"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.expressions:Expressions.called",
                correct="return values",
                faulty="return (*values[:1],) * results",
            )
        ],
    ),
    Fault(
        id="riscv-argument-count-unchecked",
        title="A call by value does not look at the number of arguments",
        why="The test compares the count with itself.",
        symptom="a call with too few arguments reads registers that nobody set",
        pattern="dropped-statement",
        source=review("argument-error, LANGUAGE.md"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.expressions:Expressions.call_value",
                correct='self.guard("bne", count, len(arguments)',
                faulty='self.guard("bne", count, count',
            )
        ],
    ),
]
