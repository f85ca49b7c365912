"""Candidates for the ledger: faults under which many random subjects give the same bits as without."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nnlab.lab.controls import Progress
from nnlab.lab.fault import Fault
from nnlab.lab.inject import injected
from nnlab.lab.reach import reached, reaches
from nnlab.lab.runner import Job, run


@dataclass(frozen=True)
class Sample:
    """A random subject: `show(seed)` is everything that it computes from this seed, as bytes."""

    name: str
    show: Callable[[int], bytes]


@dataclass(frozen=True)
class Compared:
    """What became of one fault: the draws that were compared, and the first that differed, if any did."""

    fault: Fault
    draws: int
    difference: str = ""

    @property
    def is_candidate(self) -> bool:
        return self.draws > 0 and not self.difference


#: The draws of one fault: samples, each with the digests of what it shows on clean code for seeds from 0 on.
Clean = Mapping[str, Sequence[bytes]]


def compare(
    faults: Sequence[Fault], samples: Sequence[Sample], draws: int, workers: int, progress: Progress
) -> Iterator[Compared]:
    """For each fault, at least `draws` draws of the samples that reach it, up to the first that differs.

    A fault that no sample reaches is compared in 0 draws. One that does not end within a minute differs.
    """
    by_name = {sample.name: sample for sample in samples}
    functions = {sample.name: reached(partial(_digest, sample, 0)) for sample in samples}
    found = {fault.id: [name for name in by_name if reaches(functions[name], fault)] for fault in faults}
    seeds = {id: -(-draws // len(names)) for id, names in found.items() if names}
    clean: dict[str, list[bytes]] = {
        name: [
            _digest(sample, seed) for seed in range(max((seeds[id] for id in seeds if name in found[id]), default=0))
        ]
        for name, sample in by_name.items()
    }
    jobs = [
        Job(i, partial(_difference, fault, [by_name[name] for name in found[fault.id]], seeds[fault.id], clean), 60.0)
        for i, fault in enumerate(faults)
        if fault.id in seeds
    ]
    ended = {}
    for end in run(jobs, workers):
        ended[end.key] = end.died or ("it does not end" if end.timeout else end.value)
        progress("compared", len(ended), len(jobs))
    for i, fault in enumerate(faults):
        yield Compared(fault, seeds.get(fault.id, 0) * len(found[fault.id]), ended.get(i, ""))


def _difference(fault: Fault, samples: Sequence[Sample], seeds: int, clean: Clean) -> str:
    """The first draw that differs under the fault; "" if none does."""
    with injected(fault), np.errstate(all="ignore"):
        for seed in range(seeds):
            for sample in samples:
                if _digest(sample, seed) != clean[sample.name][seed]:
                    return f"{sample.name}, seed {seed}"
    return ""


def _digest(sample: Sample, seed: int) -> bytes:
    """What the sample shows, made short; an exception is shown by its kind."""
    try:
        shown = sample.show(seed)
    except Exception as error:
        shown = type(error).__name__.encode()
    return hashlib.sha256(shown).digest()
