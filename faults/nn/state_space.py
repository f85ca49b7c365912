"""Faults of nnlab.nn.state_space."""

from faults.sources import review
from nnlab.lab import Edit, Fault

SSM = "nnlab.nn.state_space:DiagonalSSM"
HERE = "nnlab.nn.state_space"

FAULTS = [
    Fault(
        id="ssm-circular-convolution",
        title="The convolution comes round at the end of the sequence",
        why="The Fourier transforms are not padded, so that the last inputs reach the first outputs.",
        symptom="a causal model that reads the future",
        pattern="off-by-one",
        source=review("both factors are padded to twice the length"),
        killed_by="reference",
        edits=[
            Edit(
                f"{HERE}:_convolved",
                "np.fft.irfft(np.fft.rfft(x, 2 * time) * np.fft.rfft(kernel, 2 * time))",
                "np.fft.irfft(np.fft.rfft(x, time) * np.fft.rfft(kernel, time), time)",
            ),
            Edit(
                f"{HERE}:_correlated",
                "np.fft.irfft(np.fft.rfft(dy, 2 * time) * np.fft.rfft(x, 2 * time).conj())",
                "np.fft.irfft(np.fft.rfft(dy, time) * np.fft.rfft(x, time).conj(), time)",
            ),
        ],
    ),
    Fault(
        id="ssm-gradient-not-conjugated",
        title="The gradient of the input is a convolution where it is a correlation",
        why="The conjugate is missing: gradients run forward in time in place of back.",
        symptom="it learns from the past what it should learn from the future; the loss falls a little",
        pattern="sign",
        source=review("dk_l = Σ dy_t x_{t-l}"),
        killed_by="gradient",
        edits=[Edit(f"{HERE}:_correlated", "np.fft.rfft(x, 2 * time).conj()", "np.fft.rfft(x, 2 * time)")],
    ),
    Fault(
        id="ssm-euler-input",
        title="B is discretised by Euler's rule, A by its exponential",
        why="B̄ = Δ B in place of (Ā - 1) A⁻¹ B: nearly the same for small steps, and known from another model.",
        symptom="none with small steps; pretrained weights are slightly off",
        pattern="wrong-formula",
        source=review("zero-order hold for both, as in S4D"),
        killed_by="reference",
        edits=[
            Edit(f"{SSM}._kernel", "g = c * b * np.expm1(z) / a", "g = c * b * np.exp(self.log_dt.data)[:, None]"),
        ],
    ),
    Fault(
        id="ssm-skip-gradient-lost",
        title="The input gets no gradient along D x",
        why="The skip connection is forgotten in backward.",
        symptom="deep stacks learn slowly",
        pattern="lost-residual-path",
        source=review("du includes dy D"),
        killed_by="gradient",
        edits=[
            Edit(f"{SSM}.backward", "dy * self.D.data[:, None] + _correlated(dy, kernel)", "_correlated(dy, kernel)")
        ],
    ),
    Fault(
        id="ssm-step-gradient-through-powers-only",
        title="The step's gradient leaves out that B̄ depends on it",
        why="Δ stands in Ā's powers and in B̄; the second path is dropped.",
        symptom="steps are learned more slowly",
        pattern="simplified-backward",
        source=review("dz has a term from the powers and one from (exp(z) - 1) / A"),
        killed_by="gradient",
        edits=[
            Edit(
                f"{SSM}._kernel_backward",
                "dz = dpowers_z * (b * c * q).conj() + dq * (np.exp(z) / a).conj()",
                "dz = dpowers_z * (b * c * q).conj()",
            )
        ],
    ),
]
