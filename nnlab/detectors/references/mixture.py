"""Mixtures of Gaussians, one after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.loss import reduced
from nnlab.detectors.references.softmax import log_softmax_of


def mixture_density(given: Given, in_features: int, out_features: int, num_mixtures: int) -> tuple[Array, Array, Array]:
    """Equations 25 to 27; of the outputs of the linear map the first are for π, then μ by mixtures, the last for σ."""
    z = linear(given.part("linear.", given.x), in_features, num_mixtures * (out_features + 2))
    rows = z.shape[:-1]
    log_pi, mu = np.zeros((*rows, num_mixtures)), np.zeros((*rows, num_mixtures, out_features))
    for n in np.ndindex(*rows):
        log_pi[n] = log_softmax_of(z[n][:num_mixtures])
        for k in range(num_mixtures):
            mu[*n, k] = z[n][num_mixtures + k * out_features :][:out_features]
    return log_pi, mu, z[..., num_mixtures * (1 + out_features) :]


def mixture_density_loss(given: Given, reduction: str = "mean") -> Array:
    """Equations 23 and 29, with the largest of the exponents taken out of the sum."""
    log_pi, mu, log_sigma, target = given.inputs
    losses = np.zeros(target.shape[:-1])
    for n in np.ndindex(*losses.shape):
        exponents = []
        for log_p, centre, log_s in zip(log_pi[n], mu[n], log_sigma[n], strict=True):
            sigma = math.exp(log_s)
            distance = math.dist(target[n], centre) / sigma
            exponents.append(log_p - distance**2 / 2 - len(centre) * math.log(math.sqrt(2 * math.pi) * sigma))
        top = max(exponents)
        losses[n] = -top - math.log(math.fsum(math.exp(e - top) for e in exponents))
    return reduced(losses, reduction)


REFERENCES = {"MixtureDensity": mixture_density, "MixtureDensityLoss": mixture_density_loss}
