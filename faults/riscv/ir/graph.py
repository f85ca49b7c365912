"""Faults of riscv.ir.graph: the flow of control."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="riscv-params-of-two-operands",
        title="A parameter that stands for two operands is replaced by one of them",
        why="The rule is that all edges give the same one, besides the parameter itself.",
        symptom="a variable keeps its value from before the loop",
        pattern="tie-rule",
        source=review("Braun et al. 2013, section 3.1: a trivial phi has one operand besides itself"),
        killed_by="differential",
        edits=[
            Edit(
                target="riscv.ir.graph:find_params",
                correct="{find(known, edge.args[index]) for _, edge in edges[block]} - {param}",
                faulty="{find(known, edge.args[index]) for _, edge in edges[block][-1:]} - {param}",
            )
        ],
    ),
]
