"""Each contract is broken by a layer that keeps the others, and its evidence says where, what and what was expected."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.contracts import CONTRACTS, assert_contracts, check
from tests.contracts import broken, broken_life
from tests.contracts.layers import Whole, arguments

NUMBER = r"-?\d\S*"

#: Layer → contract and evidence, in which N stands for a number.
ALONE: dict[type[Whole], tuple[str, str]] = {
    broken.WritesToIndices: ("inputs-unchanged", "input 3[1]: forward changes it to 9, expected 0"),
    broken.AppendsToSettings: (
        "inputs-unchanged",
        "input 5: forward changes it to [3, 'mean', 'sum'], expected [3, 'mean']",
    ),
    broken.MasksCotangentInPlace: ("cotangent-unchanged", "dy 0[0, 0]: backward changes it to 0.0, expected N"),
    broken.MovesParameter: ("parameters-unchanged", "spare[0]: forward changes it to 4.5, expected 4.0"),
    broken.MovesParameterInBackward: ("parameters-unchanged", "spare[0]: backward changes it to 4.5, expected 4.0"),
    broken.KeepsMeanInEvaluation: (
        "buffers-unchanged",
        "buffer mean[0]: forward in evaluation changes it to N, expected N",
    ),
    broken.KeepsMeanInBackward: ("buffers-unchanged", "buffer mean[0]: backward changes it to N, expected N"),
    broken.WritesToCache: ("cache-unchanged", "room['sums'][0][1]: backward changes it to 3.0, expected 0.0"),
    broken.KeepsInput: (
        "no-alias-of-inputs",
        "gradient of input 0[0, 0]: after the caller reused its inputs it is N, expected N",
    ),
    broken.KeepsIndices: (
        "no-alias-of-inputs",
        "gradient of input 0[0, 0]: after the caller reused its inputs it is N, expected N",
    ),
    broken.KeepsOutput: (
        "no-alias-of-outputs",
        "gradient of input 0[0, 0]: after the caller overwrote the outputs it is N, expected N",
    ),
    broken.ReusesOutput: ("no-alias-of-outputs", "output 1[0, 0]: the next forward changes it to N, expected N"),
    broken.GivesOutputTwice: (
        "no-alias-of-outputs",
        "output 1: shares memory with output 3, expected memory of its own",
    ),
    broken.GivesCotangent: (
        "no-alias-of-gradients",
        "gradient of input 2: shares memory with dy 0, expected memory of its own",
    ),
    broken.ReusesGradient: (
        "no-alias-of-gradients",
        "gradient of input 0[0, 0]: the next backward changes it to N, expected N",
    ),
    broken.GivesGradientTwice: (
        "no-alias-of-gradients",
        "gradient of input 0: shares memory with gradient of input 2, expected memory of its own",
    ),
    broken.AssignsGradient: (
        "gradients-accumulate",
        "gradient of bias[0]: after two backwards it is N, expected N",
    ),
    broken.ForwardForgetsGradient: (
        "gradients-accumulate",
        "gradient of bias[0]: after another forward and backward it is N, expected N",
    ),
    broken.SecondBackwardHalves: (
        "backward-idempotent",
        "gradient of input 0[0, 0]: a second backward gives N, expected N",
    ),
    broken.DividesByNorm: (
        "zero-gives-zero",
        "gradient of input 0[0, 0]: for a cotangent of zeros it is nan, expected 0.0",
    ),
    broken.DropsNegativeCotangents: (
        "backward-linear",
        "gradient of input 0[1, 0]: backward(-2 u) gives N, expected N",
    ),
    broken.ScalesByLargestCotangent: (
        "backward-linear",
        "gradient of input 0[0, 0]: backward(u + v) gives N, expected N",
    ),
    broken_life.RemembersFirstInput: (
        "earlier-forwards-forgotten",
        "gradient of input 1[0, 0]: after a forward of other inputs it is N, expected N",
    ),
    broken_life.BackwardAsksForTheMode: (
        "modes-apart",
        "gradient of input 0[0, 0]: when the mode changes before backward it is N, expected N",
    ),
    broken_life.StaysInEvaluation: (
        "modes-apart",
        "output 0[0, 0]: after a forward in the other mode it is N, expected N",
    ),
    broken_life.MixesRows: (
        "rows-independent",
        "output 0, row 0[0]: with other numbers in the other rows it is N, expected N",
    ),
    broken_life.MixesRowsOfGradient: (
        "rows-independent",
        "gradient of input 0, row 0[0]: with other numbers in the other rows it is N, expected N",
    ),
    broken_life.LosesRows: ("rows-independent", "output 0: has shape (3, 4), expected 4 rows"),
    broken_life.ReadsInOrderOfMemory: (
        "layouts-alike",
        "output 0[1, 0]: with arrays that lie by columns it is N, expected N",
    ),
    broken_life.ReadsCotangentInOrderOfMemory: (
        "layouts-alike",
        "gradient of input 2[0, 1]: with arrays that lie by columns it is N, expected N",
    ),
    broken_life.InvertsToZero: (
        "inverse-undoes-forward",
        "input 0[0, 0]: inverse(forward(x)) is 0.0, expected N",
    ),
    broken_life.InverseOverwrites: (
        "inverse-undoes-forward",
        "output 0[0, 0]: after inverse it is 0.0, expected N",
    ),
    broken_life.InverseForgets: (
        "inverse-undoes-forward",
        "gradient of input 0[0, 0]: after inverse it is N, expected N",
    ),
    broken_life.GivesSingles: ("shape-and-dtype", "output 0: has dtype float32, expected float64"),
    broken_life.GivesGradientOfSingles: (
        "shape-and-dtype",
        "gradient of input 0: has dtype float32, expected float64",
    ),
    broken_life.GivesGradientOfOneRow: ("shape-and-dtype", "gradient of input 2: has shape (3,), expected (4, 3)"),
    broken_life.GivesParameterGradientOfSingles: (
        "shape-and-dtype",
        "gradient of spare: has dtype float32, expected float64",
    ),
    broken_life.StartsWithNan: (
        "valid-from-the-start",
        "output 0[0, 1]: straight after construction it is nan, expected a finite number",
    ),
    broken_life.StartsWithInfiniteGradient: (
        "valid-from-the-start",
        "gradient of input 0[0, 0]: straight after construction it is inf, expected a finite number",
    ),
    broken_life.SharesCacheWithItsClass: (
        "no-shared-state",
        "gradient of input 1[0, 0]: after another layer was used it is N, expected N",
    ),
    broken_life.SharesArray: (
        "no-shared-state",
        "rooms[0] of the first layer: shares memory with rooms[0] of the second, expected memory of its own",
    ),
    broken_life.SavesNoBias: (
        "state-dict-round-trip",
        "output 0[0, 0]: with the state of another layer it is N, expected N",
    ),
    broken_life.SavesNoMean: (
        "state-dict-round-trip",
        "output 0[0, 0]: with the state of another layer it is N, expected N",
    ),
    broken_life.SavesItself: (
        "state-dict-round-trip",
        "state 'bias': shares memory with bias.data of the layer, expected memory of its own",
    ),
    broken_life.KeepsTheState: (
        "state-dict-round-trip",
        "state 'bias': shares memory with bias.data of the layer that loaded it, expected memory of its own",
    ),
    broken_life.CopyShares: (
        "deep-copy-behaves",
        "spare.grad of the copy: shares memory with spare.grad of the layer, expected memory of its own",
    ),
    broken_life.CopyOfUsedForgetsBias: (
        "deep-copy-behaves",
        "output 0[0, 0]: after copy.deepcopy it is N, expected N",
    ),
    broken_life.PicklesNoBias: ("pickle-behaves", "output 0[0, 0]: after pickle it is N, expected N"),
}

#: Layers that cannot break one contract without others → which they break.
TOGETHER: dict[type[Whole], tuple[dict[str, str], set[str]]] = {
    broken.WritesToMaskInBackward: (
        {"inputs-unchanged": "input 4[0]: backward changes it to False, expected True"},
        {"cache-unchanged"},  # it keeps the mask
    ),
    broken.GivesParameter: (
        {"no-alias-of-outputs": "output 3: shares memory with spare, expected memory of its own"},
        {"state-dict-round-trip"},  # and does not save it
    ),
    broken_life.Drifts: (
        {"forward-repeatable": "output 0[0, 0]: a second forward gives N, expected N"},
        {
            *("modes-apart", "rows-independent", "layouts-alike", "inverse-undoes-forward", "no-shared-state"),
            *("earlier-forwards-forgotten", "state-dict-round-trip"),
        },
    ),
    broken_life.CannotBePickled: (
        {"pickle-behaves": "pickle fails: AttributeError: Can't pickle local object .*"},
        set(),
    ),
}


def says(evidence: str, pattern: str) -> bool:
    """Whether the evidence is the pattern, with numbers in the place of N."""
    parts = [re.escape(part) for part in re.split(r"\bN\b", pattern)]
    return re.fullmatch(NUMBER.join(parts).replace(r"\.\*", ".*"), evidence) is not None


def violations(kind: type[Whole]) -> dict[str, str]:
    """What a layer breaks that once was in a good state."""
    layer = kind()
    layer.bias.data[...] = (0.25, 1.0, -1.0)
    layer.__dict__["ready"] = True
    return {v.contract: v.evidence for v in check(layer, *arguments(), make=kind).violations}


@pytest.mark.parametrize("kind", ALONE, ids=lambda kind: kind.__name__)
def test_a_layer_that_breaks_one_contract_breaks_it_alone(kind: type[Whole]) -> None:
    contract, pattern = ALONE[kind]
    found = violations(kind)
    assert set(found) == {contract}
    assert says(found[contract], pattern), found[contract]


@pytest.mark.parametrize("kind", TOGETHER, ids=lambda kind: kind.__name__)
def test_some_breaches_imply_others(kind: type[Whole]) -> None:
    patterns, others = TOGETHER[kind]
    found = violations(kind)
    assert set(found) == {*patterns, *others}
    for contract, pattern in patterns.items():
        assert says(found[contract], pattern), found[contract]


def test_every_contract_is_broken_by_some_layer_and_every_broken_layer_is_tried() -> None:
    tried = {contract for contract, _ in ALONE.values()} | {name for names, _ in TOGETHER.values() for name in names}
    assert tried == set(CONTRACTS)
    found = (vars(broken) | vars(broken_life)).values()
    kinds = {kind for kind in found if isinstance(kind, type) and issubclass(kind, Whole)}
    assert kinds == {*ALONE, *TOGETHER, Whole, broken_life.SharesTable, broken.KeepsCotangentAsGradient}


@pytest.mark.parametrize("kind", [Whole, broken_life.SharesTable])
@pytest.mark.parametrize("training", [True, False])
def test_a_correct_layer_with_everything_keeps_every_contract(kind: type[Whole], training: bool) -> None:
    layer = kind()
    layer.train(training)
    for make in (kind, None):
        for seed in range(5):
            report = check(layer, *arguments(), make=make, rng=np.random.default_rng(seed))
            assert str(report) == f"{len(CONTRACTS)} contracts hold"
            assert (report.kept, report.violations, dict(report.skipped)) == (tuple(CONTRACTS), (), {})
    assert_contracts(layer, *arguments(), make=kind)


def test_a_gradient_that_is_a_cotangent_is_named() -> None:
    (found,) = check(broken.KeepsCotangentAsGradient(), *arguments(), contracts=["no-alias-of-gradients"]).violations
    assert str(found) == (
        "no-alias-of-gradients: gradient of spare: shares memory with dy 1, expected memory of its own"
    )


@pytest.mark.parametrize(
    ("contract", "what"),
    [
        *(("no-alias-of-outputs", what) for what in ("input 2", "weight", "buffer mean")),
        *(("no-alias-of-gradients", what) for what in ("input 2", "weight", "buffer mean")),
    ],
)
def test_no_array_of_the_layers_or_the_callers_is_given_away(contract: str, what: str) -> None:
    class Gives(Whole):
        def forward(self, *inputs: Any) -> Any:
            self.given = {"input 2": inputs[2], "weight": self.weight.data, "buffer mean": self.mean}[what]
            y, z = super().forward(*inputs)
            return (self.given if contract == "no-alias-of-outputs" else y), z

        def backward(self, dy: Any, dz: Any) -> Any:
            dx, dother, dshift, *rest = super().backward(np.zeros((4, 3)), dz)
            return dx, dother, (self.given if contract == "no-alias-of-gradients" else dshift), *rest

    (found,) = check(Gives(), *arguments(), contracts=[contract]).violations
    name = "output 0" if contract == "no-alias-of-outputs" else "gradient of input 2"
    assert found.evidence == f"{name}: shares memory with {what}, expected memory of its own"


def test_neither_the_layer_nor_its_inputs_are_touched() -> None:
    layer, inputs = broken.WritesToIndices(), arguments()
    before: Any = layer.rng.bit_generator.state
    check(layer, *inputs)
    assert not hasattr(layer, "cache")
    assert layer.rng.bit_generator.state == before
    assert inputs[3].tolist() == [2, 0, 1]
    assert not any(p.grad.any() for _, p in layer.named_parameters())
