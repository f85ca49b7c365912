"""Weight norms: torch has them as functions that change a module, so that these classes make what they give."""

from typing import Any

import torch
from torch.nn.utils import parametrizations


class WeightNorm(torch.nn.Module):
    def __new__(cls, module: torch.nn.Module, name: str = "weight", dim: int | None = 0) -> Any:
        return parametrizations.weight_norm(module, name, dim)  # type: ignore[arg-type]  # torch documents None


class SpectralNorm(torch.nn.Module):
    def __new__(cls, module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        return parametrizations.spectral_norm(module, *args, **kwargs)
