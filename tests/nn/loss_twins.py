"""The losses that torch has not, in torch operations; and its CTCLoss with the derivative by log_probs themselves."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class _Loss(torch.nn.Module):
    def __init__(self, reduction: str = "mean", **settings: Any) -> None:
        super().__init__()
        self.reduction = reduction
        self.settings = settings

    def reduce(self, losses: Tensor) -> Tensor:
        return {"none": losses, "mean": losses.mean(), "sum": losses.sum()}[self.reduction]


class FocalLoss(_Loss):
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        alpha, gamma = self.settings.get("alpha", 0.25), self.settings.get("gamma", 2.0)
        p = torch.where(target == 1, torch.sigmoid(input), 1 - torch.sigmoid(input))
        losses = (1 - p) ** gamma * -torch.log(p)
        is_one = target.double()
        return self.reduce(losses if alpha is None else (alpha * is_one + (1 - alpha) * (1 - is_one)) * losses)


class DiceLoss(_Loss):
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        eps, p, g = self.settings.get("eps", 1e-5), input.flatten(1), target.flatten(1)
        return self.reduce(1 - (2 * (p * g).sum(1) + eps) / ((p * p).sum(1) + (g * g).sum(1) + eps))


class InfoNCELoss(_Loss):
    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        scores = torch.einsum("...id,...jd->...ij", query, key) / self.settings.get("temperature", 1.0)
        return self.reduce(-torch.diagonal(torch.log_softmax(scores, -1), dim1=-2, dim2=-1))


class CapsuleMarginLoss(_Loss):
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(input, dim=-1)
        missing = torch.relu(self.settings.get("m_plus", 0.9) - length) ** 2
        excess = torch.relu(length - self.settings.get("m_minus", 0.1)) ** 2
        return self.reduce((target * missing + self.settings.get("lambda_", 0.5) * ((1 - target) * excess)).sum(1))


class CTCLoss(torch.nn.CTCLoss):
    """torch's losses. Its gradient has exp(log_probs) too many for each frame in use, of a loss that is not 0."""

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        sizes = (torch.as_tensor(input_lengths), torch.as_tensor(target_lengths))
        losses = functional.ctc_loss(log_probs, targets, *sizes, self.blank, "none", self.zero_infinity)
        used = (torch.arange(len(log_probs)).reshape(-1, *(1,) * (log_probs.ndim - 2)) < sizes[0]).double()
        surplus = (log_probs.exp().sum(-1) * used).sum(0) * (losses != 0)
        losses = losses - (surplus - surplus.detach())
        if self.reduction == "mean":
            return (losses / sizes[1].clamp(min=1)).mean()
        return losses.sum() if self.reduction == "sum" else losses
