"""Layers of transformers that torch lacks, in torch's operations. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


class TransformerEncoder(torch.nn.TransformerEncoder):
    """torch's own, without the advice it prints on layers that its nested tensors cannot speed up."""

    def __init__(self, encoder_layer: torch.nn.Module, num_layers: int, norm: torch.nn.Module | None = None) -> None:
        super().__init__(encoder_layer, num_layers, norm, enable_nested_tensor=False)  # type: ignore[arg-type]


class FeedForward(torch.nn.Module):
    def __init__(
        self, d_model: int, dim_feedforward: int, dropout: float = 0.1, activation: str = "relu", bias: bool = True
    ) -> None:
        super().__init__()
        self.linear1 = torch.nn.Linear(d_model, dim_feedforward, bias)
        self.linear2 = torch.nn.Linear(dim_feedforward, d_model, bias)
        self.activation = getattr(functional, activation)
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return y
