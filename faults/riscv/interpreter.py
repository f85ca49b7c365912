"""Faults of riscv.interpreter: the reference."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-interpreter-shared-captures",
        title="A call runs in the frame of its closure",
        why="A copy is missing: what a call leaves in its variables is there in the next, and in the one around it.",
        symptom="recursive closures see the variables of their inner calls",
        pattern="aliasing",
        source=public("klassic issue #543", "https://github.com/klassic/klassic/issues/543"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.interpreter:Interpreter.apply",
                correct="frame = dict(closure.captured)",
                faulty="frame = closure.captured",
            )
        ],
    ),
    Fault(
        id="riscv-interpreter-calls-counted-up",
        title="The depth of calls is not counted down by a return with a value",
        why="The count goes back only where the body ends by itself.",
        symptom="stack-overflow after 500 calls in all",
        pattern="state-not-restored",
        source=review("500 calls inside each other, not one after the other"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.interpreter:Interpreter.apply",
                correct="self.calls -= 1",
                faulty="self.calls -= value is None",
            )
        ],
    ),
    Fault(
        id="riscv-interpreter-logical-operand",
        title="&& and || give their operand",
        why="That is the rule of other languages; here they give a boolean.",
        symptom="5 && 6 is 6",
        pattern="wrong-formula",
        source=review("the value of && and || is a boolean"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.interpreter:Interpreter.value",
                correct='return left if left == (node.operator == "||") else truth(self.value(node.right, frame))',
                faulty='return left if left == (node.operator == "||") else self.value(node.right, frame)',
            )
        ],
    ),
    Fault(
        id="riscv-interpreter-value-before-index",
        title="set a[i] = e evaluates e before i",
        why="Python evaluates the right side of an assignment first.",
        symptom="what functions in an assignment print comes in another order",
        pattern="order-of-operations",
        source=review("set a[i] = e evaluates a, i, e, then stores"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.interpreter:Interpreter.set_element",
                correct="index = self.value(node.index, frame)\n"
                "added = self.at(node, operations.set_element, container, index, self.value(node.value, frame))",
                faulty="value = self.value(node.value, frame)\n"
                "added = self.at(node, operations.set_element, container, self.value(node.index, frame), value)",
            )
        ],
    ),
    Fault(
        id="riscv-interpreter-do-while",
        title="do … while tests before its first round",
        why="Both loops ask their condition first.",
        symptom="a do block does not run when its condition does not hold",
        pattern="order-of-operations",
        source=review("do { … } while (c) runs its block at least once"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.interpreter:Interpreter.conditions",
                correct="if isinstance(node, syntax.DoWhile):",
                faulty="if isinstance(node, syntax.DoWhile) and truth(self.value(node.condition, frame)):",
            )
        ],
    ),
]
