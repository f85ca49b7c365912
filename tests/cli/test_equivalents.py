"""nnlab equivalents: blocks for the ledger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlab.lab.ledger import Change, read

Nnlab = Callable[..., Any]


@pytest.mark.slow
def test_candidates_are_printed_as_blocks_that_lack_only_the_reason(nnlab: Nnlab, tmp_path: Path) -> None:
    ended = nnlab("equivalents", "operator:*:nnlab.nn.activation:Softplus.*", "-n", "20", "-j", "1")
    assert ended.status == 0
    assert "# operator:tie:nnlab.nn.activation:Softplus.derivative:1: the same bits in 20 draws" in ended.out
    assert "2 candidates" in ended.err
    place = tmp_path / "ledger.toml"
    place.write_text(ended.out.replace('reason = ""', 'reason = "why"'))
    assert {change.function for change in read(place)} == {
        "nnlab.nn.activation:Softplus.derivative",
        "nnlab.nn.activation:Softplus.function",
    }
    assert all(isinstance(change, Change) for change in read(place))


def test_other_faults_are_not_proposed(nnlab: Nnlab) -> None:
    ended = nnlab("equivalents", "seven")
    assert (ended.status, ended.out) == (2, "")
    assert "only operator faults can be equivalent" in ended.err
