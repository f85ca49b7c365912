"""What the models are trained on: generated from a Generator, or shipped beside this file."""

from pathlib import Path
from typing import Any

import numpy as np

Rng = np.random.Generator
Array = np.ndarray[Any, Any]
Data = tuple[Array, Array]

HERE = Path(__file__).parent

#: The karate club that split in two: friendships between its 34 members.
#: Source: Zachary, "An Information Flow Model for Conflict and Fission in Small Groups", 1977, figure 1.
CLUB = """
0-1 0-2 0-3 0-4 0-5 0-6 0-7 0-8 0-10 0-11 0-12 0-13 0-17 0-19 0-21 0-31 1-2 1-3 1-7 1-13 1-17 1-19 1-21 1-30 2-3 2-7
2-8 2-9 2-13 2-27 2-28 2-32 3-7 3-12 3-13 4-6 4-10 5-6 5-10 5-16 6-16 8-30 8-32 8-33 9-33 13-33 14-32 14-33 15-32
15-33 18-32 18-33 19-33 20-32 20-33 22-32 22-33 23-25 23-27 23-29 23-32 23-33 24-25 24-27 24-31 25-31 26-29 26-33
27-33 28-31 28-33 29-32 29-33 30-32 30-33 31-32 31-33 32-33
"""
FACTION_OF_0 = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21)

#: Source: Lewis Carroll, "Through the Looking-Glass", 1871, chapter 1.
POEM = """'Twas brillig, and the slithy toves
did gyre and gimble in the wabe:
all mimsy were the borogoves,
and the mome raths outgrabe.

"Beware the Jabberwock, my son!
The jaws that bite, the claws that catch!
Beware the Jubjub bird, and shun
the frumious Bandersnatch!"
"""
CHARACTERS = "".join(sorted(set(POEM)))


def clusters(rng: Rng) -> Data:
    """Points of three classes around three centres of the plane."""
    labels = np.arange(48) % 3
    centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return centres[labels] + 0.5 * rng.standard_normal((48, 2)), labels


def spirals(rng: Rng) -> Data:
    """Points on three arms of a spiral, one class each."""
    labels = np.arange(96) % 3
    radius = np.linspace(0.2, 1.0, 96)
    angle = 4 * radius + labels * 2 * np.pi / 3 + 0.1 * rng.standard_normal(96)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), labels


def digits(rng: Rng) -> Data:
    """96 of 600 handwritten digits as 8×8 pictures in [0, 1], shape (96, 1, 8, 8), and what they say.

    Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    doi:10.24432/C50P49, CC BY 4.0: the first 600 of the test set.
    """
    with np.load(HERE / "digits.npz", allow_pickle=False) as file:
        pictures, labels = file["pictures"], file["labels"]
    chosen = rng.permutation(len(labels))[:96]
    return pictures[chosen, None] / 16.0, labels[chosen].astype(np.int64)


def pixels(rng: Rng) -> Data:
    """Digits as rows of 64 numbers, each of which is its own target."""
    pictures, _ = digits(rng)
    rows = pictures.reshape(len(pictures), 64)
    return rows, rows.copy()


def strokes(rng: Rng) -> Data:
    """Digits as rows of 64 numbers, 1 for ink and 0 for paper, each of which is its own target."""
    rows, _ = pixels(rng)
    ink = np.where(rows > 0.5, 1.0, 0.0)
    return ink, ink.copy()


def marked_digits(rng: Rng) -> Data:
    """Digits, and for each of the ten classes whether it is there."""
    pictures, labels = digits(rng)
    return pictures, np.eye(10, dtype=np.int64)[labels]


def text(rng: Rng) -> Data:
    """32 windows of twelve characters of a poem, each character answered by the one that follows it."""
    codes = np.array([CHARACTERS.index(character) for character in POEM])
    starts = rng.permutation(len(codes) - 12)[:32]
    windows = codes[starts[:, None] + np.arange(13)]
    return windows[:, :-1], windows[:, 1:]


def club(rng: Rng) -> Data:
    """The club's members, each known by its number only, and on whose side they were."""
    return np.eye(34), np.isin(np.arange(34), FACTION_OF_0).astype(np.int64)


def club_edges() -> Array:
    """The friendships of the club in both directions, shape (2, 156)."""
    pairs = np.array([[int(end) for end in edge.split("-")] for edge in CLUB.split()])
    return np.concatenate([pairs, pairs[:, ::-1]]).T


def images(rng: Rng) -> Data:
    """6×6 pictures of a horizontal or a vertical bar."""
    labels = np.arange(32) % 2
    x = 0.2 * rng.standard_normal((32, 1, 6, 6))
    for picture, label, place in zip(x[:, 0], labels, rng.integers(6, size=32), strict=True):
        picture[(place, slice(None)) if label else (slice(None), place)] += 1.0
    return x, labels


def waves(rng: Rng) -> Data:
    """Rows of 12 samples of a slow or a fast wave."""
    labels = np.arange(32) % 2
    phase = rng.uniform(0, 2 * np.pi, (32, 1))
    t = np.arange(12)
    waves = np.sin(phase + np.where(labels, 1.6, 0.5)[:, None] * t)
    return (waves + 0.1 * rng.standard_normal((32, 12)))[:, None], labels


def sums(rng: Rng) -> Data:
    """Sequences of five numbers, to be answered by the sign of their sum; batch first."""
    x = rng.standard_normal((40, 5, 1))
    x += 0.6 * (2.0 * (np.arange(40) % 2) - 1)[:, None, None]
    return x, (x.sum((1, 2)) > 0).astype(np.int64)


def tokens(rng: Rng) -> Data:
    """Sequences of six tokens out of seven; the class is whether the token 0 occurs."""
    x = rng.integers(1, 7, size=(40, 6))
    labels = np.arange(40) % 2
    x[np.arange(40), rng.integers(6, size=40)] *= 1 - labels
    return x, 1 - labels


def poses(rng: Rng) -> Data:
    """Three input capsules whose joint direction tells which of two output capsules should point where."""
    labels = np.arange(36) % 2
    x = 0.3 * rng.standard_normal((36, 12))
    x += np.where(labels[:, None], 1.0, -1.0)
    target = np.zeros((36, 2, 3))
    target[np.arange(36), labels, 0] = 0.8
    return x, target


def means(rng: Rng) -> Data:
    """Rows of four positions of three numbers; each is answered by the mean of all and its own tanh."""
    x = rng.standard_normal((40, 4, 3))
    return x, x.mean(1, keepdims=True) + np.tanh(x)


def one_hot(rng: Rng) -> Data:
    """The clusters, with their labels as rows of 0 and 1."""
    x, labels = clusters(rng)
    return x, np.eye(3)[labels]
