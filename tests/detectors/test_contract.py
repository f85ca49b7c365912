"""Every contract on every layer of the library: none is broken, and each is asked of many."""

from collections.abc import Callable
from typing import Any

import pytest

from nnlab.contracts import CONTRACTS, NotApplicable
from nnlab.detectors.contract import probes, trial
from nnlab.detectors.subjects import layer_subjects

SUBJECTS = layer_subjects()

#: The contracts that not every layer is asked for, and what such a layer lacks; tests/nn/test_rows.py holds the rows.
LACKS: dict[str, Callable[[Any], bool]] = {
    "parameters-unchanged": lambda layer: not layer.parameters(),
    "gradients-accumulate": lambda layer: not layer.parameters(),
    "buffers-unchanged": lambda layer: not list(layer.named_buffers()),
    "rows-independent": lambda layer: True,
    "inverse-undoes-forward": lambda layer: not hasattr(layer, "inverse"),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_layer_in_each_of_its_cases_keeps_every_contract(seed: int) -> None:
    for subject in SUBJECTS:
        for name, contract in CONTRACTS.items():
            try:
                contract(trial(subject, seed))
            except NotApplicable:
                layer, _ = trial(subject, seed).draw()
                assert name in LACKS, f"{name} does not apply to {subject.name}"
                assert LACKS[name](layer), f"{name} applies to {subject.name}"
            except Exception as error:
                raise AssertionError(f"{subject.name} {name}: {error}") from error


def test_there_is_one_probe_for_each_subject_and_contract() -> None:
    names = [probe.subject for probe in probes()]
    assert len(set(names)) == len(names)
    assert {f"{subject.name} {contract}" for subject in SUBJECTS for contract in CONTRACTS} <= set(names)


def test_a_trial_draws_the_same_layer_and_inputs_each_time_and_other_cotangents() -> None:
    subject = next(s for s in SUBJECTS if s.layer.__name__ == "Linear")
    drawn = trial(subject, 3)
    (a, (x, *_)), (b, (z, *_)) = drawn.draw(), drawn.draw()
    assert (x == z).all()
    assert all((p.data == q.data).all() for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert not (drawn.cotangent(x) == x).any()
    assert (trial(subject, 3).cotangent(x) == trial(subject, 3).cotangent(x)).all()
    assert (trial(subject, 3).cotangent(x) != trial(subject, 4).cotangent(x)).all()
