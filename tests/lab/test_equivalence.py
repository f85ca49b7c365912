"""Candidates for the ledger: what agrees in all draws, what differs, what is not reached."""

from types import ModuleType

from nnlab.lab import Cited, Edit, Fault
from nnlab.lab.equivalence import Compared, Sample, compare


def fault(id: str, target: str, correct: str, faulty: str) -> Fault:
    return Fault(id, id, "", Cited("s"), [Edit(f"toy:{target}", correct, faulty)])


def compared(toy: ModuleType, *faults: Fault, draws: int = 10) -> list[Compared]:
    samples = [
        Sample("small", lambda seed: str(toy.triple(seed)).encode()),
        Sample("large", lambda seed: str(toy.triple(seed + 100)).encode()),
        Sample("sum", lambda seed: str(toy.sum_of(range(seed))).encode()),
    ]
    told: list[tuple[str, int, int]] = []
    found = list(compare(faults, samples, draws, 1, lambda *step: told.append(step)))
    assert told == [("compared", i + 1, len(told)) for i in range(len(told))]
    return found


def test_only_what_agrees_in_every_draw_is_a_candidate(toy: ModuleType) -> None:
    same = fault("same", "triple", "y = x * SCALE", "y = SCALE * x")
    rare = fault("rare", "triple", "return y", "return y if x != 104 else 0")
    late = fault("late", "triple", "return y", "return y if x != 105 else 0")
    fails = fault("fails", "sum_of", "total = start", "total = None")
    other = fault("other", "endless", "pass", "return")
    found = compared(toy, same, rare, late, fails, other)
    assert [(each.fault.id, each.draws, each.difference) for each in found] == [
        ("same", 10, ""),
        ("rare", 10, "large, seed 4"),
        ("late", 10, ""),  # ten draws are five of each sample
        ("fails", 10, "sum, seed 0"),
        ("other", 0, ""),
    ]
    assert [each.fault.id for each in found if each.is_candidate] == ["same", "late"]


def test_a_fault_that_kills_its_process_differs(toy: ModuleType) -> None:
    (found,) = compared(toy, fault("exits", "triple", "return y", "import os; os._exit(3)"))
    assert found.difference == "the process died with exit status 3"


def test_at_least_as_many_draws_are_compared_as_were_asked_for(toy: ModuleType) -> None:
    same = fault("same", "triple", "y = x * SCALE", "y = SCALE * x")
    assert [compared(toy, same, draws=draws)[0].draws for draws in (1, 2, 3)] == [2, 2, 4]
