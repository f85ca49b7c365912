"""Faults of riscv.optimize.fold: constants, copies, algebra."""

from faults.sources import public, review
from nnlab.lab import Constant, Edit, Fault

FAULTS = [
    Fault(
        id="riscv-fold-unsigned",
        title="Constants are folded as unsigned numbers",
        why="The patterns of 32 bits are not sign-extended before the fold.",
        symptom="-7 / 2 is 2147483644 when it is known at compile time",
        pattern="signedness",
        source=public("LLVM-in-Rust issue #18", "https://github.com/yudongusa/LLVM-in-Rust/issues/18"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.fold:evaluate",
                correct="number: int = INSTRUCTIONS[op].meaning(a, b)",
                faulty="number: int = INSTRUCTIONS[op].meaning(a & 0xFFFFFFFF, b & 0xFFFFFFFF)",
            )
        ],
    ),
    Fault(
        id="riscv-fold-shift-dirty",
        title="A logical shift of constants is folded on the bits above the 32nd",
        why="The upper bits of the folder's number, copies of the sign, are shifted in.",
        symptom="-1 >>> 28 is -1 when it is known at compile time",
        pattern="range",
        source=public(
            "QBE commit 660a8d9", "https://github.com/8l/qbe/commit/660a8d9dfa44050897b2f5ead823554893d79f24"
        ),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.fold:evaluate",
                correct="number: int = INSTRUCTIONS[op].meaning(a, b)",
                faulty='number: int = a >> (b & 31) if op == "srl" else INSTRUCTIONS[op].meaning(a, b)',
            )
        ],
    ),
    Fault(
        id="riscv-fold-neutral-on-the-left",
        title="A neutral number on the left is taken for one on the right",
        why="1 / x is seen as a copy of 1, as x / 1 is one of x.",
        symptom="1 / x is 1 in optimised code",
        pattern="wrong-operand",
        source=public(
            "QBE commit 1b1a7f6", "https://github.com/8l/qbe/commit/1b1a7f618ce9fc6b455e3c30213a8ec8feaab1dc"
        ),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.fold:evaluate",
                correct="case op, [a, b] if (op, b) in NEUTRAL:",
                faulty="case op, [a, b] if (op, b) in NEUTRAL or (op, a) in NEUTRAL:",
            )
        ],
    ),
    Fault(
        id="riscv-fold-zero-on-the-left",
        title="0 on the left makes every operation 0 that it makes 0 on the right",
        why="That holds for products, but 0 < x is not x < 0.",
        symptom="x != null is false in optimised code",
        pattern="domain",
        source=public("RVVM issue #268", "https://github.com/LekKit/RVVM/issues/268"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.fold:evaluate",
                correct="case op, [_, b] if (op, b) in ABSORBING:\n    return ABSORBING[op, b]",
                faulty="case op, [a, b] if (op, b) in ABSORBING or (op, a) in ABSORBING:\n"
                "    return ABSORBING.get((op, b), 0)",
            )
        ],
    ),
    Fault(
        id="riscv-fold-truth-not-normalised",
        title="A difference is taken for a truth value",
        why="What xor gives is 0 or anything; a boolean is 0 or 1.",
        symptom="(a != b) == true is false for most a and b",
        pattern="domain",
        source=public(
            "TinyCC commit d55a3f3", "https://github.com/TinyCC/tinycc/commit/d55a3f3362943d128cb93763e2341b56c09a2cad"
        ),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.optimize.fold:TRUTHS",
                correct='frozenset({"slt", "sltu"})',
                faulty='frozenset({"slt", "sltu", "xor"})',
            )
        ],
    ),
    Fault(
        id="riscv-fold-division-by-zero",
        title="x / 0 is folded to 0",
        why="The folder has an answer of its own where the machine has another.",
        symptom="x / 0 is 0 in optimised code and -1 in other code",
        pattern="domain",
        source=review("chapter M: the quotient of a division by zero has all bits set"),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.optimize.fold:ABSORBING",
                correct='("div", 0): -1',
                faulty='("div", 0): 0',
            )
        ],
    ),
    Fault(
        id="riscv-fold-equal-operands",
        title="x >= x is folded as if it were x > x",
        why="The table of what an operation gives on equal operands has bge among the strict ones.",
        symptom="x >= x does not hold in optimised code",
        pattern="tie-rule",
        source=review("a >= a holds"),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.optimize.fold:SAME",
                correct='**dict.fromkeys(("beq", "bge", "bgeu"), 1)',
                faulty='**dict.fromkeys(("beq", "bgeu"), 1), "bge": 0',
            )
        ],
    ),
    Fault(
        id="riscv-fold-branch-on-comparison",
        title="A branch that is taken when a < b fails becomes one on b < a",
        why="Not less is greater or equal, not greater.",
        symptom="if (!(a < b)) does not hold for equal a and b",
        pattern="tie-rule",
        source=review("the opposite of < is >="),
        killed_by="differential",
        edits=[
            Constant(
                target="riscv.optimize.fold:DECIDES",
                correct='("slt", "beq"): "bge"',
                faulty='("slt", "beq"): "bltu"',
            )
        ],
    ),
    Fault(
        id="riscv-fold-added-constants",
        title="Of two additions of constants one is forgotten",
        why="x + 1 + 2 becomes x + 2 on the way to one instruction.",
        symptom="sums of several constants are too small in optimised code",
        pattern="dropped-statement",
        source=review("(x + c) + b = x + (b + c)"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.optimize.fold:canonical",
                correct="instruction.args = [inner, wrap(b + c)]",
                faulty="instruction.args = [inner, b]",
            )
        ],
    ),
]
