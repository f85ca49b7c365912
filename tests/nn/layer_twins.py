"""Layers that torch lacks, or has under another rule, in torch's operations. Discovered by `twins.py`."""

import torch
from torch import Tensor
from torch.nn import functional


class SelfAttention(torch.nn.Module):
    def __init__(self, embed_dim: int, bias: bool = True) -> None:
        super().__init__()
        self.query, self.key, self.value = (torch.nn.Linear(embed_dim, embed_dim, bias) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        scores = self.query(x) @ self.key(x).transpose(1, 2) / x.shape[2] ** 0.5
        y: Tensor = torch.softmax(scores, -1) @ self.value(x)
        return y


class Squash(torch.nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        return length**2 / (1 + length**2) * x / length


class CapsuleLayer(torch.nn.Module):
    def __init__(self, in_capsules: int, in_dim: int, out_capsules: int, out_dim: int, routings: int = 3) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(in_capsules, out_capsules, out_dim, in_dim))
        self.routings = routings

    def forward(self, x: Tensor) -> Tensor:
        u = (self.weight @ x[:, :, None, :, None]).squeeze(-1)
        b = torch.zeros_like(u[..., :1])
        for _ in range(self.routings):
            y = Squash()((torch.softmax(b, 2) * u).sum(1, keepdim=True))
            b = b + (u * y).sum(-1, keepdim=True)
        return y.squeeze(1)


class Residual(torch.nn.Module):
    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.module(x)
        return y


class Hardsigmoid(torch.nn.Module):
    """torch's own module keeps the derivative 1/6 in float32 only."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu6(x + 3) / 6


class SwiGLU(torch.nn.Module):
    activation = staticmethod(functional.silu)

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.gate, self.value = (torch.nn.Linear(in_features, out_features, bias) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.gate(x)) * self.value(x)


class GEGLU(SwiGLU):
    activation = staticmethod(functional.gelu)


class Highway(torch.nn.Module):
    def __init__(self, features: int, gate_bias: float = -1.0) -> None:
        super().__init__()
        self.transform, self.gate = (torch.nn.Linear(features, features) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        t = torch.sigmoid(self.gate(x))
        return t * torch.relu(self.transform(x)) + (1 - t) * x


class Maxout(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int, pieces: int = 2, bias: bool = True) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(in_features, out_features * pieces, bias)
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).unflatten(-1, (-1, self.pieces)).max(-1).values


class LoRALinear(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int, r: int, lora_alpha: float = 1, bias: bool = True) -> None:
        super().__init__()
        self.register_buffer("weight", torch.empty(out_features, in_features))
        self.register_buffer("bias", torch.empty(out_features) if bias else None)
        self.lora_A = torch.nn.Parameter(torch.empty(r, in_features))
        self.lora_B = torch.nn.Parameter(torch.empty(out_features, r))
        self.scaling = lora_alpha / r

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight + self.scaling * self.lora_B @ self.lora_A, self.bias)


class Permute(torch.nn.Module):
    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class DropPath(torch.nn.Module):
    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        mask = functional.dropout(x.new_ones(len(x), *(1 for _ in x.shape[1:])), self.p, self.training)
        return x * mask
