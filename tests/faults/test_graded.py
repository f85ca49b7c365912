"""Every graded fault of the library applies, is undone, and moves the gradient in proportion to its size."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from nnlab.detectors.peers import PureLayer
from nnlab.detectors.subjects import layer_subjects
from nnlab.lab import discover, injected
from nnlab.lab.digest import digests
from nnlab.lab.graded import GradedTerm
from nnlab.lab.reach import reached

TERMS = discover().graded_terms()
TARGETS = sorted({term.target for term in TERMS})


class Subject:
    """A layer in a case, its cotangents, the functions that its gradient executes, and that gradient."""

    def __init__(self, layer: PureLayer) -> None:
        rng = np.random.default_rng(1)
        self.layer = layer
        self.cotangents = [rng.standard_normal(y.shape) for y in layer.forward(*layer.arrays)]
        found: list[Any] = []
        self.functions = reached(lambda: found.append(self.gradient()))
        self.clean = found[0]

    def gradient(self) -> Any:
        gradients = self.layer.vjp(self.layer.arrays, self.cotangents)
        return np.concatenate([np.ravel(g) for g in gradients])

    def error(self, term: GradedTerm, delta: float) -> float:
        """The relative error of the whole gradient, in units of delta."""
        with injected(term.fault(delta)):
            wrong = self.gradient()
        return float(np.linalg.norm(wrong - self.clean) / np.linalg.norm(self.clean) / delta)


@cache
def subjects() -> list[Subject]:
    layers = [PureLayer(subject, 0) for subject in layer_subjects()]
    every = [Subject(layer) for layer in layers if layer.arrays]
    return [subject for subject in every if np.linalg.norm(subject.clean) > 1e-3]


@pytest.fixture(scope="module", autouse=True)
def _all_code_is_as_before() -> Iterator[None]:
    before = digests("nnlab.nn")
    yield
    assert digests("nnlab.nn") == before


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_each_term_moves_the_gradient_in_proportion_to_its_size(target: str) -> None:
    here = [subject for subject in subjects() if target in subject.functions]
    for term in (term for term in TERMS if term.target == target):
        errors = [subject.error(term, 1e-3) for subject in here]
        most = int(np.argmax(errors))
        assert 1e-3 < errors[most] < 20, term.id
        assert here[most].error(term, 1e-6) == pytest.approx(errors[most], rel=0.02), term.id


def test_layers_that_make_their_own_gradients_have_terms() -> None:
    assert len(TERMS) == len({term.id for term in TERMS}) > 400
    files = {term.target.partition(":")[0] for term in TERMS}
    assert {"nnlab.nn.norm", "nnlab.nn.recurrent", "nnlab.nn.rectifier", "nnlab.nn.softmax"} <= files
