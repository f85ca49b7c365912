"""torch-gradcheck-fast: PyTorch's gradient checker in its fast mode, along one direction for each input."""

from functools import partial

from nnlab.detectors.peers import peer
from nnlab.detectors.torch_gradcheck import check

DETECTOR = peer(
    "torch-gradcheck-fast",
    "torch.autograd.gradcheck, fast_mode=True: one direction for each input, rtol 1e-3",
    "torch",
    partial(check, fast_mode=True),
)
