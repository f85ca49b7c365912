"""Samples, by the law of their noise."""

import math

import numpy as np

from nnlab.detectors.references.chance import Noise, normal_cdf
from nnlab.detectors.references.given import Array, Given, entrywise


def reparameterize(given: Given, kl: bool = False) -> Array | Noise | tuple[Array | Noise, Array]:
    """Section 2.4, where (z - mu) / sigma is of N(0, 1), and appendix B."""
    mu, log_var = given.inputs
    sigma = entrywise(lambda v: math.sqrt(math.exp(v)), log_var)
    z = Noise(mu.shape, lambda outputs: (outputs - mu) / sigma, normal_cdf) if given.training else np.array(mu)
    divergence = np.zeros(mu.shape[:-1])
    for n in np.ndindex(*divergence.shape):
        terms = [(m * m, math.expm1(v), -v) for m, v in zip(mu[n].tolist(), log_var[n].tolist(), strict=True)]
        divergence[n] = math.fsum(term for each in terms for term in each) / 2
    return (z, divergence) if kl else z


REFERENCES = {"Reparameterize": reparameterize}
