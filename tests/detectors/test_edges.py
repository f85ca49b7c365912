"""Edges: a layer is asked whether it keeps its arguments only where it keeps any, and one that does not is noticed."""

import pytest

from nnlab import nn
from nnlab.detectors.edges import edges


def test_layers_that_keep_no_argument_are_not_asked() -> None:
    asked = {name.split()[0] for name in edges() if name.endswith(" keeps its arguments")}
    assert {"Linear", "Conv2d", "LSTM", "LayerNorm", "Dropout"} <= asked
    assert not {"Tanh", "ReLU", "Residual", "Sequential"} & asked


def test_an_argument_that_is_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    check, begin = edges()["CapsuleLayer keeps its arguments"], nn.CapsuleLayer.__init__
    check(0)

    def forgets(self: nn.CapsuleLayer, *args: object, **kwargs: object) -> None:
        begin(self, *args, **kwargs)  # type: ignore[arg-type]
        self.in_capsules = None  # type: ignore[assignment]

    forgets.__wrapped__ = begin  # type: ignore[attr-defined]  # the signature stays
    monkeypatch.setattr(nn.CapsuleLayer, "__init__", forgets)
    with pytest.raises(AssertionError, match="in_capsules is None, not"):
        check(0)
