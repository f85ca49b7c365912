"""What all losses share: reductions, weights, targets that must be known."""

import numpy as np
import pytest

from nnlab import nn
from nnlab.nn import BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from nnlab.nn.loss import Loss
from tests.nn.subjects import SUBJECTS, Subject


def test_losses_average_by_default_and_sum_or_list_on_request() -> None:
    x, t = np.array([[1.0, 2.0], [3.0, 5.0]]), np.zeros((2, 2))
    assert MSELoss()(x, t) == pytest.approx(39 / 4)
    assert MSELoss("sum")(x, t) == pytest.approx(39)
    assert MSELoss("none")(x, t).tolist() == [[1, 4], [9, 25]]


def test_a_reduced_loss_is_an_array_of_no_dimensions() -> None:
    for loss in (MSELoss()(np.ones(3), np.zeros(3)), CrossEntropyLoss()(np.ones((2, 3)), [0, 1])):
        assert isinstance(loss, np.ndarray)
        assert loss.shape == ()


def test_backward_without_an_argument_is_that_of_the_loss_itself() -> None:
    loss = MSELoss()
    loss(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    dinput, dtarget = loss.backward()
    assert dinput.tolist() == [1.0, -2.0]
    assert dtarget.tolist() == [-1.0, 2.0]
    entropy = CrossEntropyLoss()
    entropy(np.zeros((2, 4)), [0, 3])
    np.testing.assert_allclose(entropy.backward()[0], np.array([[-3, 1, 1, 1], [1, 1, 1, -3]]) / 8)


def test_a_loss_that_was_listed_may_be_overwritten() -> None:
    loss = CrossEntropyLoss(reduction="none")
    listed = loss(np.zeros((2, 4)), [0, 3])
    listed[...] = 7
    np.testing.assert_allclose(loss.backward(np.ones(2))[0].sum(1), 0, atol=1e-15)


def test_weights_are_buffers_under_the_names_of_torch() -> None:
    both = BCEWithLogitsLoss([1.0, 2.0], pos_weight=[3.0, 4.0])
    assert {name: array.tolist() for name, array in both.state_dict().items()} == {
        "weight": [1, 2],
        "pos_weight": [3, 4],
    }
    assert list(BCEWithLogitsLoss(pos_weight=[3.0]).state_dict()) == ["pos_weight"]
    assert CrossEntropyLoss().state_dict() == {}


def test_weights_are_private_and_of_the_dtype_of_the_loss() -> None:
    weight = np.array([1.0, 2.0])
    loss = CrossEntropyLoss(weight, dtype=np.float32)
    weight[:] = 9
    assert loss.weight is not None
    assert loss.weight.dtype == np.float32
    assert loss.weight.tolist() == [1, 2]


def test_a_loss_without_weights_computes_in_the_dtype_of_its_input() -> None:
    for dtype in (np.float32, np.float64):
        loss = CrossEntropyLoss()
        assert loss(np.zeros((2, 3), dtype), [0, 1]).dtype == dtype
        assert loss.backward()[0].dtype == dtype


def test_a_single_listed_loss_is_an_array_of_no_dimensions() -> None:
    vector, single = np.array([0.1, 0.9]), np.array(0.5)
    for loss, inputs in (
        (nn.CrossEntropyLoss(reduction="none"), (vector, 1)),
        (nn.NLLLoss(reduction="none"), (vector, 1)),
        (nn.MultiMarginLoss(reduction="none"), (vector, 1)),
        (nn.CosineEmbeddingLoss(reduction="none"), (vector, vector, 1)),
        (nn.TripletMarginLoss(reduction="none"), (vector, vector, vector)),
        (nn.CTCLoss(reduction="none"), (np.zeros((3, 2)), [1], 3, 1)),
        (nn.MSELoss("none"), (single, single)),
        (nn.BCELoss(reduction="none"), (single, single)),
        (nn.KLDivLoss("batchmean"), (single, single)),
    ):
        losses = loss(*inputs)
        assert isinstance(losses, np.ndarray), loss
        assert losses.shape == (), loss
        assert loss.backward(np.array(1.0))[0].shape == np.shape(inputs[0]), loss


REDUCED = [subject for subject in SUBJECTS if issubclass(subject.layer, Loss) and "none" not in str(subject)]


@pytest.mark.parametrize("subject", REDUCED, ids=str)
def test_backward_takes_a_cotangent_of_one_unless_told(subject: Subject) -> None:
    loss = subject.build()
    loss(*subject.draw())
    for found, wanted in zip(loss.backward(), loss.backward(np.array(1.0)), strict=True):
        assert (found is None) == (wanted is None)
        np.testing.assert_array_equal(found, wanted)
