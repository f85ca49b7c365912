"""Faults of nnlab.nn.erf."""

from faults.sources import review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="erf-short-series",
        title="erf stops its series after three terms",
        why="Each interval is expanded to second order only, which leaves an error of 1e-9.",
        symptom="none; float64 results have nine digits",
        pattern="precision",
        source=review("erf is right to the last digits of float64"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.erf:erf", "_SERIES[::-1]", "_SERIES[2::-1]")],
    ),
    Fault(
        id="erf-by-a-table-of-1964",
        title="erf is Abramowitz and Stegun's 7.1.26, good to 1.5e-7",
        why="The approximation that everybody copies has the precision of float32, and its slope is not exp(-x²).",
        symptom="none in float32; in float64 GELU and its gradient agree to six digits only",
        pattern="precision",
        source=review("erf is right to the last digits of float64"),
        killed_by="reference",
        edits=[
            Edit(
                "nnlab.nn.erf:erf",
                """
                y = np.zeros_like(x)
                for coefficients in _SERIES[::-1]:
                    y *= offset
                    y += coefficients.take(at)
                """,
                """
                t, y = 1 / (1 + 0.3275911 * np.abs(x)), np.zeros_like(x)
                for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
                    y = (y + a) * t
                y = np.sign(x) * (1 - y * np.exp(-(x**2)))
                """,
            )
        ],
    ),
    Fault(
        id="erf-extrapolates",
        title="erf extrapolates its last interval",
        why="Beyond ±6 the offset from the last node is not clipped, and the polynomial runs away.",
        symptom="GELU explodes for inputs beyond 9",
        pattern="domain",
        source=review("erf is 1 to the last digit beyond 6"),
        killed_by="reference",
        edits=[Edit("nnlab.nn.erf:erf", "np.clip(x, -END, END) - node / NODES", "x - node / NODES")],
    ),
]
