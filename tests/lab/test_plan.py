"""Faults come in batches: those of one target together, about so many at a time, the same whatever is known."""

import gc

from nnlab.lab import Cited, Edit, Fault
from nnlab.lab.engine.fill import nothing_is_garbage
from nnlab.lab.engine.plan import Task, batches


def faults(*counts: int) -> dict[str, Fault]:
    """So many faults of each target."""
    made = [(f"f{t}-{n}", f"toy:t{t}") for t, count in enumerate(counts) for n in range(count)]
    return {id: Fault(id, "", "toy", Cited(""), [Edit(target, "x", "y")]) for id, target in made}


def sizes(*counts: int) -> list[int]:
    every = faults(*counts)
    return [len(batch.tasks) for batch in batches([Task(id, ("d",)) for id in every], every, size=10)]


def test_small_targets_share_a_batch_and_large_ones_are_divided() -> None:
    assert sizes(3, 3, 3) == [9]
    assert sizes(25) == [10, 10, 5]
    assert sizes(25, 3) == [10, 10, 8]
    assert sizes(6, 7, 7) == [13, 7]
    assert sizes() == []


def test_no_batch_holds_two_parts_of_one_target() -> None:
    every = faults(4, 33, 2, 10, 9, 9, 1)
    for batch in batches([Task(id, ("d",)) for id in every], every, size=10):
        targets = [every[task.fault].targets[0] for task in batch.tasks]
        assert targets == sorted(targets)
        assert all(targets.count(target) <= 10 for target in targets)


def test_each_fault_is_in_one_batch() -> None:
    every = faults(4, 33, 2, 10)
    found = [task.fault for batch in batches([Task(id, ("d",)) for id in every], every, 10) for task in batch.tasks]
    assert sorted(found) == sorted(every)


def test_a_fault_that_takes_long_fills_its_batch_as_several() -> None:
    every = faults(12, 12, 3)
    weights = {"toy:t0": 1, "toy:t1": 4, "toy:t2": 99}
    tasks = [Task(id, ("d",)) for id in every]
    found = batches(tasks, every, 10, lambda task: weights[every[task.fault].targets[0]])
    assert [[task.fault[:2] for task in batch.tasks] for batch in found] == [
        ["f0"] * 10,
        ["f0"] * 2,
        *[["f1"] * 2] * 6,
        *[["f2"]] * 3,
    ]


def test_the_garbage_collector_is_as_it_was_after_the_planning():
    for enabled in (True, False):
        (gc.enable if enabled else gc.disable)()
        try:
            with nothing_is_garbage():
                assert not gc.isenabled()
            assert gc.isenabled() == enabled
        finally:
            gc.enable()
