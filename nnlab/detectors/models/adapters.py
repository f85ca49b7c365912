"""Layers that only fit others together; they are not part of the library."""

from typing import Any

import numpy as np

from nnlab import nn

Array = np.ndarray[Any, Any]


class Picked(nn.Module):
    """Makes one array of what a recurrent layer returns: the output at the last time step."""

    def __init__(self, recurrent: nn.Module) -> None:
        self.recurrent = recurrent

    def forward(self, x: Array) -> Array:
        output: Array = self.recurrent(x)[0]
        self.cache = output.shape
        last: Array = output[-1].copy()
        return last

    def backward(self, dy: Array) -> Any:
        doutput = np.zeros(self.cache)
        doutput[-1] = dy
        return self.recurrent.backward(doutput)


class Attended(nn.Module):
    """Self-attention of a MultiheadAttention: query, key and value are the same, the weights are not used."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        self.attention = attention

    def forward(self, x: Array) -> Array:
        y: Array = self.attention(x, x, x)[0]
        return y

    def backward(self, dy: Array) -> Array:
        dquery, dkey, dvalue = self.attention.backward(dy)
        return dquery + dkey + dvalue


class Reshape(nn.Module):
    """Gives every row a new shape."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def forward(self, x: Array) -> Array:
        self.cache = x.shape
        return x.reshape(len(x), *self.shape).copy()

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.cache).copy()


class Mean(nn.Module):
    """The mean over axis 1, of positions."""

    def forward(self, x: Array) -> Array:
        self.cache = x.shape
        y: Array = x.mean(1)
        return y

    def backward(self, dy: Array) -> Array:
        shape = self.cache
        return np.broadcast_to(dy[:, None] / shape[1], shape).copy()


class TimeFirst(nn.Module):
    """(N, T, …) to (T, N, …)."""

    def forward(self, x: Array) -> Array:
        return x.swapaxes(0, 1).copy()

    def backward(self, dy: Array) -> Array:
        return dy.swapaxes(0, 1).copy()


class Outputs(nn.Module):
    """Of what a recurrent layer returns only the outputs, at all time steps."""

    def __init__(self, recurrent: nn.Module) -> None:
        self.recurrent = recurrent

    def forward(self, x: Array) -> Array:
        output: Array = self.recurrent(x)[0]
        return output

    def backward(self, dy: Array) -> Any:
        return self.recurrent.backward(dy)


class Causal(nn.Module):
    """A transformer layer in which no position sees a later one; batch first."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer

    def forward(self, x: Array) -> Array:
        length = x.shape[1]
        y: Array = self.layer(x, np.triu(np.ones((length, length), bool), 1))
        return y

    def backward(self, dy: Array) -> Any:
        return self.layer.backward(dy)


class OnGraph(nn.Module):
    """A layer on a graph whose edges are always the same."""

    def __init__(self, layer: nn.Module, edge_index: Array) -> None:
        self.layer = layer
        self.edge_index = edge_index

    def forward(self, x: Array) -> Array:
        y: Array = self.layer(x, self.edge_index)
        return y

    def backward(self, dy: Array) -> Any:
        dx, _ = self.layer.backward(dy)
        return dx


class Variational(nn.Module):
    """(decoder(z), kl), with z drawn from N(mu, exp(log_var)) and (mu, log_var) = encoder(x), half of it each."""

    def __init__(self, encoder: nn.Module, sample: nn.Reparameterize, decoder: nn.Module) -> None:
        self.encoder = encoder
        self.sample = sample
        self.decoder = decoder

    def forward(self, x: Array) -> tuple[Array, Array]:
        mu, log_var = np.split(self.encoder(x), 2, -1)
        z, kl = self.sample(mu, log_var)
        return self.decoder(z), kl

    def backward(self, dy: Array, dkl: Array) -> Any:
        dmu, dlog_var = self.sample.backward(self.decoder.backward(dy), dkl)
        return self.encoder.backward(np.concatenate([dmu, dlog_var], -1))


class NegativeELBO(nn.Module):
    """loss = mean of -log p(target | z) + kl over the rows, p being independent for each pixel: the bound's negative.

    The decoder gives the logits of p. Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, equation 3.
    """

    def __init__(self) -> None:
        self.reconstruction = nn.BCEWithLogitsLoss(reduction="sum")

    def forward(self, logits: Array, kl: Array, target: Array) -> Array:
        self.cache = kl.shape
        loss: Array = (self.reconstruction(logits, target) + kl.sum()) / len(kl)
        return loss

    def backward(self, dy: float = 1.0) -> tuple[Array, Array, Array]:
        shape = self.cache
        dlogits, dtarget = self.reconstruction.backward(dy / shape[0])
        return dlogits, np.full(shape, dy / shape[0]), dtarget
