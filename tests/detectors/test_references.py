"""The references themselves: torch's numbers, independent of nnlab.nn, one for every layer; and the laws of chance."""

import ast
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.detectors import references as package
from nnlab.detectors.limits import LIMITS
from nnlab.detectors.reference import flat, probes, references, tolerance
from nnlab.detectors.references.chance import Masked, Noise, is_law, normal_cdf
from nnlab.detectors.references.given import Given, Outcome, entrywise, numbers
from nnlab.detectors.subjects import layers
from nnlab.lab import Cited, Detected, Edit, Fault, Verdict
from nnlab.lab.catalog import modules_of
from nnlab.lab.judge import judge
from tests.nn.peers import recorded_results, torch_is_wanted
from tests.nn.subjects import SUBJECTS, Subject

FILES = sorted(Path(package.__file__).parent.glob("*.py"))
REFERENCES = references()


def given(subject: Subject) -> Given:
    """What the recorded numbers were computed from."""
    module = subject.build()
    rngs = [m.rng for m in module.modules() if hasattr(m, "rng")]
    rng = copy.deepcopy(rngs[0]) if rngs else np.random.default_rng(0)
    return Given(subject.draw(), module.state_dict(), subject.case.train, rng)


@pytest.mark.parametrize("subject", [s for s in SUBJECTS if s.layer.__name__ in REFERENCES], ids=str)
def test_the_reference_gives_the_numbers_of_torch(subject: Subject) -> None:
    told = given(subject)
    answer = REFERENCES[subject.layer.__name__](told, *subject.case.args, **subject.case.kwargs)
    wanted = recorded_results(subject)
    outcome = answer if isinstance(answer, Outcome) else Outcome(answer)
    found = {}
    for i, y in enumerate(flat(outcome.outputs)):
        found[f"output {i}"] = y
        if is_law(y):
            y.check(wanted[f"output {i}"][None])
            found[f"output {i}"] = wanted[f"output {i}"]
    found |= {f"buffer {name}": told.state[name] for name in told.state if f"buffer {name}" in wanted}
    found |= {f"buffer {name}": array for name, array in outcome.buffers.items()}
    assert found.keys() == {key for key in wanted if key.startswith(("output", "buffer"))}
    for key, array in found.items():
        np.testing.assert_allclose(array, wanted[key], 1e-9, 1e-9, err_msg=key)


@pytest.mark.skipif(not torch_is_wanted(), reason="torch is not installed, or NNLAB_PEERS=0")
@pytest.mark.parametrize("name", LIMITS)
def test_the_reference_gives_the_numbers_of_torch_at_the_limits(name: str) -> None:
    """Wherever torch's are finite: some of its formulas overflow where ours need not, or have no answer at all."""
    import torch

    from tests.nn.twins import inner_twin, tensor, twin_class

    kind = twin_class(name)
    assert kind is not None
    for case in LIMITS[name]:
        rng = np.random.default_rng(0)
        module, inputs = case.build(getattr(nn, name), rng), case.draw(rng)
        nn.randomize(module, rng)
        answer = REFERENCES[name](Given(inputs, module.state_dict(), case.train, rng), *case.args, **case.kwargs)
        outcome = answer if isinstance(answer, Outcome) else Outcome(answer)
        kwargs = {key: inner_twin(argument) for key, argument in case.kwargs.items()}
        twin = kind(*map(inner_twin, case.args), **kwargs).double().train(case.train)
        twin.load_state_dict({key: torch.tensor(array) for key, array in module.state_dict().items()})
        for found, y in zip(flat(outcome.outputs), flat(twin(*map(tensor, inputs))), strict=True):
            wanted = y.detach().numpy()
            np.testing.assert_allclose(np.where(np.isfinite(wanted), found, wanted), wanted, 1e-9, 1e-9)
        for key, array in {**outcome.buffers, **outcome.parameters}.items():
            np.testing.assert_allclose(array, twin.state_dict()[key].numpy(), 1e-9, 1e-9, err_msg=key)


def test_every_layer_has_a_reference() -> None:
    assert {layer.__name__ for layer in layers()} - REFERENCES.keys() == set(), "see nnlab/detectors/README.md"


def test_every_reference_is_of_a_layer_and_listed_once_in_the_file_of_its_family() -> None:
    family = {layer.__name__: layer.__module__.rpartition(".")[2] for layer in layers()}
    listed = [(name, m.__name__) for m in modules_of(package.__name__) for name in getattr(m, "REFERENCES", {})]
    assert listed == [(name, f"{package.__name__}.{family[name]}") for name, _ in listed]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_reference_knows_nothing_of_the_library(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name for name in imported if name.startswith("nnlab")}
    assert {name for name in ours if not name.startswith(package.__name__)} <= {"nnlab.lab.detector.Detected"}


def test_a_missing_parameter_is_detected() -> None:
    with pytest.raises(Detected, match=r"state_dict: expected an array 'bias', got \['weight'\]"):
        Given((), {"weight": np.ones(1)}, True, np.random.default_rng(0))["bias"]


def test_entrywise_broadcasts_and_numbers_repeats() -> None:
    assert entrywise(max, np.array([[1.0], [3.0]]), np.array([2.0, 0.0])).tolist() == [[2.0, 1.0], [3.0, 3.0]]
    assert entrywise(abs, np.array(-2.0)).shape == ()
    assert (numbers(3, 2), numbers((1, 2), 2), numbers([5], 1)) == ((3, 3), (1, 2), (5,))


def flips(p: float, draws: int = 400, shape: tuple[int, ...] = (3, 4, 1)) -> Any:
    """Masks: False with probability p."""
    return np.random.default_rng(1).random((draws, *shape)) >= p


LAW = Masked(np.full((3, 4, 2), 2.0), np.zeros((3, 4, 2)), 0.3, (3, 4, 1))


def drawn(kept: Any) -> Any:
    return np.where(kept, LAW.kept, LAW.dropped)


def test_masks_of_the_right_law_pass() -> None:
    LAW.check(drawn(flips(0.3)))
    LAW.check(drawn(flips(0.3, draws=1)))


@pytest.mark.parametrize(
    ("outputs", "evidence"),
    [
        (drawn(flips(0.3)) * 1.001, "expected 2 or 0, got 2.002"),
        (drawn(flips(0.3))[:, :2], "expected shape"),
        (drawn(flips(0.3, shape=(3, 4, 2))), "kept or dropped whole"),
        (drawn(flips(0.35)), "all units are kept"),
        (drawn((np.arange(12) < 8).reshape(1, 3, 4, 1).repeat(400, 0)), "unit 0 is kept"),
        (drawn(flips(0.3, shape=(1, 4, 1)).repeat(3, 1)), "of units is kept"),
    ],
)
def test_masks_of_another_law_are_detected(outputs: Any, evidence: str) -> None:
    with pytest.raises(Detected, match=evidence):
        LAW.check(outputs)


def numbers_of(*shape: int) -> Any:
    """Gaussian numbers."""
    return np.random.default_rng(2).standard_normal(shape)


#: z = 3 + 2 noise
NOISE = Noise((2, 3), lambda outputs: (outputs - 3) / 2, normal_cdf)


def test_noise_of_the_right_law_passes() -> None:
    NOISE.check(3 + 2 * numbers_of(400, 2, 3))
    NOISE.check(3 + 2 * numbers_of(1, 2, 3))


@pytest.mark.parametrize(
    ("outputs", "evidence"),
    [
        (3 + 2 * numbers_of(400, 3, 2), "expected shape"),
        (3 + 4 * numbers_of(400, 2, 3), "distribution of all numbers"),
        (3.5 + 2 * numbers_of(400, 2, 3), "distribution of all numbers"),
        (3 + 2 * numbers_of(40, 2, 3) * np.nan, "distribution of all numbers"),
        (3 + 2 * np.sort(numbers_of(400, 2, 3), 2), "distribution of number 0"),
        (3 + 2 * numbers_of(400, 2, 1).repeat(3, 2), "pair 0 is on one side"),
    ],
)
def test_noise_of_another_law_is_detected(outputs: Any, evidence: str) -> None:
    with pytest.raises(Detected, match=evidence):
        NOISE.check(outputs)


@pytest.mark.parametrize(
    ("subject", "target", "correct", "faulty", "evidence"),
    [
        ("Linear", "linear:Linear.forward", "y: Array = x @", "y = 2 * x @", "output["),
        ("LayerNorm", "norm:LayerNorm.forward", "+ self.eps)", "+ self.eps**2)", "output["),
        ("Conv1d", "conv:_ConvNd.__init__", "(self, stride,", "(self, dilation,", "output: expected shape"),
        ("BatchNorm1d", "norm:_ChannelNorm._own_statistics", "(count - 1)", "count", "buffer running_var["),
        ("BatchNorm2d", "norm:_BatchNorm._note", "+= 1", "+= 2", "buffer num_batches_tracked[]"),
        (
            "BatchNorm2d",
            "norm:_ChannelNorm.forward",
            "x_hat.copy()",
            "x_hat.copy(); mean.fill(9)",
            "buffer running_mean[",
        ),
        (
            "BatchNorm1d",
            "norm:_BatchNorm._note",
            "1 / self.num_batches_tracked",
            "1",
            "buffer running_mean[",
        ),
        ("Dropout", "dropout:_Masked.forward", "1 - self.p, out", "1, out", "of draw 0: expected"),
        ("Dropout", "dropout:_Masked.forward", "(x.shape)) >=", "(x.shape)) + 0.05 >=", "all units are kept"),
        ("Dropout2d", "dropout:Dropout2d._draws", "(*shape[:2], 1, 1)", "shape", "kept or dropped whole"),
        ("DropPath", "dropout:DropPath._draws", "shape[0]", "1", "pair 0 of units is kept: expected 0.25"),
        ("MultiheadAttention", "attention:MultiheadAttention.forward", "kept.mean(1)", "kept.sum(1)", "output 1["),
        ("MultiheadAttention", "attention:MultiheadAttention.forward", "kept @ v", "weights @ v", "output 0["),
        ("Sequential", "container:Sequential.__init__", "(modules)", "(modules[:1])", "an array '2.weight'"),
        ("Residual", "container:Residual.forward", "return x + fx", "return x - fx", "output["),
        ("GRU", "cell:GRUStep.forward", "(1 - u) * n + u * h", "u * n + (1 - u) * h", "output 0["),
        ("Conv2d", "conv:_Conv.__init__", "(n // 2, n - n // 2)", "(n - n // 2, n // 2)", "output["),
        (
            "ConvTranspose2d",
            "conv_transpose:_ConvTransposeNd._inside",
            "slice(p, p + out[i])",
            "slice(out[i])",
            "output[",
        ),
        (
            "CausalConv1d",
            "conv_variant:CausalConv1d.__init__",
            "self.kernel_size[0] - 1",
            "1",
            "output: expected shape",
        ),
        ("LSTM", "recurrent:_Pass.forward", "_chosen(used[t], new, state)", "new", "output 0["),
        ("RNN", "recurrent:_Recurrent._layer", "Dropout(self.dropout,", "Dropout(1 - self.dropout,", "output 0["),
        ("LSTMCell", "cell:LSTMCell.forward", "h_0=h_0, c_0=c_0", "h_0=c_0, c_0=h_0", "output 0["),
        (
            "Embedding",
            "embedding:Embedding.forward",
            "self.cache =",
            "self.weight.data += 1; self.cache =",
            "parameter weight[",
        ),
        ("Embedding at", "embedding:Table.shorten", "self.norm_type, axis=1", "2, axis=1", "output["),
        ("EmbeddingBag", "embedding_bag:EmbeddingBag.forward", "grid != self.padding_idx", "grid >= 0", "output["),
        ("WeightNorm", "weight_norm:WeightNorm._norm", "np.sqrt(self._sum(v**2))", "self._sum(v**2)", "output["),
        (
            "SpectralNorm",
            "weight_norm:SpectralNorm.forward",
            "self._u, self._v = u, v",
            "pass",
            "weight.0._u[0]: expected",
        ),
        ("SpectralNorm at", "weight_norm:SpectralNorm._unit", "self.eps", "1e-12", "output["),
        ("AdditiveAttention", "additive_attention:AdditiveAttention.forward", "+ additive", "- additive", "output["),
        ("ALiBi", "position:_slopes", "-8 / power", "-4 / power", "output["),
        (
            "FeedForward",
            "feed_forward:FeedForward.forward",
            "self.dropout(self.activation(self.linear1(x)))",
            "self.activation(self.dropout(self.linear1(x)))",
            "output[",
        ),
        (
            "GroupedQueryAttention",
            "grouped_attention:GroupedQueryAttention.__init__",
            'rotary == "interleaved"',
            'rotary == "halves"',
            "output[",
        ),
        (
            "LinearAttention at",
            "linear_attention:_elu_plus_1",
            "np.exp(np.minimum(x, 0)) + np.maximum(x, 0)",
            "np.where(x > 0, x, np.expm1(np.minimum(x, 0))) + 1",
            "output[",
        ),
        (
            "LlamaDecoderLayer",
            "decoder_block:LlamaDecoderLayer.__init__",
            "self.norm2 = RMSNorm(d_model, norm_eps",
            "self.norm2 = RMSNorm(d_model, 1e-6",
            "output[",
        ),
        ("MixtureOfExperts", "experts:MixtureOfExperts.forward", "len(f) * (f @ p", "(f @ p", "output 1[]"),
        (
            "MixtureOfExperts at",
            "experts:MixtureOfExperts.forward",
            "np.lexsort([-logits])",
            "3 - np.lexsort([-logits[:, ::-1]])",
            "output 0[0",
        ),
        ("Parallel", "container:Parallel.forward", "np.sum(ys, 0)", "np.mean(ys, 0)", "output["),
        ("RotaryEmbedding", "rotary:RotaryEmbedding.forward", "offset + np", "np", "output["),
        (
            "ScaledDotProductAttention",
            "attention_core:ScaledDotProductAttention.forward",
            "math.sqrt(q.shape[-1])",
            "math.sqrt(v.shape[-1])",
            "output[",
        ),
        (
            "SinusoidalPositionalEncoding",
            "position:SinusoidalPositionalEncoding.__init__",
            "even / embed_dim",
            "2 * even / embed_dim",
            "output[",
        ),
        (
            "SlidingWindowAttention",
            "local_attention:SlidingWindowAttention.forward",
            "np.where(in_reach, scores, -np.inf)",
            "np.where(in_reach, scores, 0)",
            "output[",
        ),
        (
            "TransformerDecoder",
            "transformer_stack:TransformerDecoder.forward",
            "tgt_key_padding_mask, memory_key_padding_mask",
            "memory_key_padding_mask, tgt_key_padding_mask",
            "output[",
        ),
        (
            "TransformerDecoderLayer",
            "transformer_decoder:TransformerDecoderLayer.forward",
            "self.norm2(h), *",
            "self.norm1(h), *",
            "output[",
        ),
        (
            "TransformerEncoderLayer at",
            "transformer:TransformerEncoderLayer._attend",
            "x, key_padding_mask",
            "x, None",
            "output[",
        ),
        ("MaxPool2d", "pool:_Max.forward", "(shape).copy()", "(shape) + 1", "output 1["),
        ("MaxPool2d at", "pool:_Max.forward", "values.argmax(2)", "3 - values[..., ::-1].argmax(2)", "output 1["),
        ("BCELoss at", "binary_loss:_bounded_log", "-100", "-110", "output[2]: expected 100, got 110"),
        ("LogSoftmax at", "softmax:log_softmax", "x - x.max(dim, keepdims=True)", "x", "got -inf"),
        (
            "GroupNorm at",
            "group_norm:GroupNorm.forward",
            "(centred**2).mean(2, keepdims=True)",
            "(groups**2).mean(2, keepdims=True) - groups.mean(2, keepdims=True) ** 2",
            "output[",
        ),
        ("Hopfield", "hopfield:Hopfield.forward", "1 / math.sqrt(", "1 / (", "output["),
        ("KANLayer", "kan:KANLayer.__init__", "low - k * self.step", "low - (k - 1) * self.step", "output["),
        ("RBF", "rbf:RBF.forward", "(apart**2).sum(-1)", "(apart**2).mean(-1)", "output["),
        ("SqueezeExcite", "squeeze:SqueezeExcite.forward", "x.mean((2, 3))", "x.sum((2, 3))", "output["),
        ("MixtureDensity", "mixture:MixtureDensity.forward", "self.log_softmax(a), mu", "a, mu", "output 0["),
        ("MixtureDensityLoss", "mixture:MixtureDensityLoss.forward", "size * (log_sigma", "(log_sigma", "output[]"),
        (
            "MixtureDensityLoss at",
            "mixture:MixtureDensityLoss.forward",
            "np.logaddexp.reduce(log_joint, -1)",
            "np.log(np.exp(log_joint).sum(-1))",
            "got inf",
        ),
        ("GCNConv", "graph:edges", "source != target", "source != -1", "output["),
        ("GATConv", "graph:GATConv.__init__", "LeakyReLU(negative_slope)", "LeakyReLU(0.01)", "output["),
        ("GATConv at", "segments:segment_softmax", "np.exp(x - ", "np.exp(x - 0 * ", "got nan"),
        ("NeuralODE", "ode:NeuralODE.__init__", "(t1 - t0)", "t1", "output["),
        ("HyperLinear", "hyper:HyperLinear.forward", "+= self.bias_map(z)", "+= 2 * self.bias_map(z)", "output["),
        ("AffineCoupling", "coupling:AffineCoupling.forward", "s.sum(-1)", "s.mean(-1)", "output 1["),
        ("SoftSort", "sort:SoftSort.__init__", "= tau", "= tau**2", "output["),
        ("Reparameterize", "reparameterize:Reparameterize.forward", "log_var / 2)", "log_var)", "distribution of all"),
        (
            "Reparameterize at",
            "reparameterize:Reparameterize.forward",
            "np.expm1(log_var)",
            "np.exp(log_var) - 1",
            "output 1[",
        ),
        ("VectorQuantizer at", "quantizer:VectorQuantizer.forward", "held_q = q if", "held_q = 2 * q if", "output 0["),
        ("DiagonalSSM", "state_space:DiagonalSSM._kernel", "np.expm1(z) / a", "z / a", "output["),
        ("NTMHead", "turing:_Address.forward", "(1 + softplus(gamma))", "softplus(gamma)", "output 0["),
        ("NTMHead at", "turing:_Address.forward", "np.finfo(gated.dtype).tiny", "1e-6", "output 0["),
    ],
)
def test_a_wrong_forward_is_killed(subject: str, target: str, correct: str, faulty: str, evidence: str) -> None:
    edit = Edit(f"nnlab.nn.{target}", correct, faulty)
    fault = Fault(id="f", title="f", pattern="p", source=Cited("s"), edits=[edit])
    judgement = judge(fault, [probe for probe in probes() if probe.subject.startswith((f"{subject}(", f"{subject} "))])
    assert judgement.verdict is Verdict.KILLED, judgement.evidence
    assert evidence in judgement.evidence


def test_another_default_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    (probe, *_) = (p for p in probes() if p.subject.startswith("TransformerEncoderLayer"))
    defaults = list(nn.TransformerEncoderLayer.__init__.__defaults__ or ())
    monkeypatch.setattr(nn.TransformerEncoderLayer.__init__, "__defaults__", (1024, *defaults[1:]))
    with pytest.raises(Detected, match="argument dim_feedforward: expected the default 2048, got 1024"):
        probe.run(0)


def test_a_missing_argument_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    (probe, *_) = (p for p in probes() if p.subject.startswith("ReLU6"))
    monkeypatch.setattr(nn.ReLU6, "__init__", nn.Hardtanh.__init__)
    with pytest.raises(Detected, match=r"arguments: expected \[\], got \['min_val', 'max_val'\]"):
        probe.run(0)


def test_the_tolerance_follows_the_largest_finite_entry() -> None:
    assert tolerance(np.array([0.0, 0.0])) == 0
    assert tolerance(np.array([-2.0, 1.0, np.inf])) == pytest.approx(1.5e-11, rel=0.05)
