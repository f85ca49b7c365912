"""How small an error the gradient checker sees, and how often it misses one: as often as its report says."""

import math

import numpy as np
import pytest

from nnlab.gradcheck import Report, check


def spoiled(seed: int, size: float, mode: str) -> tuple[Report, float]:
    """A matrix of entries 1 and -1 with one of them off by `size`, and the chance that the clean check states."""
    rng = np.random.default_rng([seed, 7])
    a = rng.choice([-1.0, 1.0], (6, 5))
    b = a.copy()
    b[rng.integers(6), rng.integers(5)] *= 1 + size
    x = rng.standard_normal(5)
    report = check(lambda x: a @ x, x, vjp=lambda dy, x: b.T @ dy, rng=np.random.default_rng(seed), mode=mode)  # type: ignore[arg-type]
    clean = check(lambda x: a @ x, x, vjp=lambda dy, x: a.T @ dy, rng=np.random.default_rng(seed), mode=mode)  # type: ignore[arg-type]
    return report, clean.miss(size)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "size"), [("screen", 1e-11), ("screen", 3e-11), ("exact", 5e-9), ("exact", 2e-8)])
def test_as_many_errors_are_missed_as_the_report_says(mode: str, size: float) -> None:
    found = [spoiled(seed, size, mode) for seed in range(400)]
    missed_share = np.mean([report.outcome != "disagrees" for report, _ in found])
    stated = np.mean([chance for _, chance in found])
    assert 0.01 < stated < 0.9
    # Never more, within three standard errors; fewer, where entries are moved by more than one step.
    error = 3 * math.sqrt(stated * (1 - stated) / 400)
    least = 0.75 if mode == "screen" else 0.25
    assert least * stated - error < missed_share < stated + error, (missed_share, stated)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6])
def test_one_wrong_entry_of_65536_is_found_with_its_column(size: float) -> None:
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        a, x = rng.standard_normal((256, 256)), rng.standard_normal(256)
        i, j = rng.integers(256, size=2)
        b = a.copy()
        b[i, j] *= 1 + size
        report = check(lambda x, a=a: a @ x, x, vjp=lambda dy, x, b=b: b.T @ dy, rng=rng)
        found += [d.index for d in report.disagreements] == [(j,)]
    assert found >= 198
