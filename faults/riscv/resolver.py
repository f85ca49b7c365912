"""Faults of riscv.resolver: names."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-outermost-name",
        title="A name means the outermost variable of that name",
        why="The scopes are searched from the wrong end.",
        symptom="a variable that hides another has the other's value",
        pattern="order-of-operations",
        source=review("a variable may hide an outer one"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.resolver:Resolver.find",
                correct="for scope in reversed(self.scopes):",
                faulty="for scope in self.scopes:",
            )
        ],
    ),
    Fault(
        id="riscv-let-sees-itself",
        title="let x = x reads the new x",
        why="The name is declared before its value is resolved.",
        symptom="a program that uses a variable before it has a value is let pass",
        pattern="order-of-operations",
        source=review("let x = e: e does not see x"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.resolver:Resolver.statement",
                correct="self.expression(node.value)  # before the name exists: let x = x is about an outer x\n"
                "self.declare(node, node.name)",
                faulty="self.declare(node, node.name)\nself.expression(node.value)",
            )
        ],
    ),
    Fault(
        id="riscv-break-out-of-function",
        title="break in a function leaves a loop around the function",
        why="The count of open loops is that of the function around it.",
        symptom="a mistake is let pass; the program fails when the function is called",
        pattern="state-not-restored",
        source=review("break leaves the innermost loop, not out of a function"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.resolver:Resolver.function",
                correct="self.loops.append(0)",
                faulty="self.loops.append(sum(self.loops))",
            )
        ],
    ),
    Fault(
        id="riscv-set-of-captured",
        title="A captured variable can be set from inside",
        why="What is changed is a private copy, or nothing at all.",
        symptom="set in a function does not show outside",
        pattern="dropped-statement",
        source=public("onion issue #757", "https://github.com/onion-lang/onion/issues/757"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.resolver:Resolver.set",
                correct="if meaning.owner is not self.owners[-1]:",
                faulty="if False:",
            )
        ],
    ),
    Fault(
        id="riscv-two-of-one-name",
        title="A name can be declared twice in one block",
        why="The second hides the first without a word.",
        symptom="a mistyped let makes a new variable in place of set",
        pattern="dropped-statement",
        source=review("in a block a name must be new"),
        killed_by="stated",
        edits=[
            Edit(
                target="riscv.resolver:Resolver.declare",
                correct="if name in self.scopes[-1]:",
                faulty="if False:",
            )
        ],
    ),
]
