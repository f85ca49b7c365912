"""What another process, or another machine, needs to judge batches as this one would."""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nnlab.errors import ClusterFailed
from nnlab.lab.detector import Detector
from nnlab.lab.engine.bench import Bench, watched
from nnlab.lab.engine.content import digest_of, environment
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.plan import Reach
from nnlab.lab.judge import CleanRun
from nnlab.lab.source import file_of


@dataclass(frozen=True)
class Kit:
    """Detectors, what their probes did on clean code, and the digest of every module that they executed.

    The probes themselves hold arrays and closures: each process makes its own. `modules` are those that faults change.
    """

    detectors: Sequence[Detector]
    runs: Mapping[str, Sequence[CleanRun]]
    modules: Sequence[str]
    limits: Limits
    first_kill: bool
    isolated: bool
    environment: str
    texts: Mapping[str, str]

    @classmethod
    def of(
        cls,
        detectors: Sequence[Detector],
        reach: Reach,
        modules: Sequence[str],
        limits: Limits,
        first_kill: bool = False,
        isolated: bool = False,
    ) -> "Kit":
        """With the digests of the code as it is here."""
        executed = frozenset[str]().union(*(run.functions for runs in reach.runs.values() for run in runs))
        names = {*modules, *(function.partition(":")[0] for function in executed)}
        runs = _shared(reach.runs)
        return cls(detectors, runs, modules, limits, first_kill, isolated, _environment(detectors), _texts(names))

    def bench(self) -> Bench:
        """Ready to judge, without faults yet. Raises ClusterFailed where the code here is other code."""
        for module in self.modules:
            importlib.import_module(module)
        probes = {d.name: d.probes() for d in self.detectors}
        here = _texts(self.texts)
        different = [name for name, text in self.texts.items() if here.get(name) != text]
        if different or _environment(self.detectors) != self.environment:
            what = f"module {different[0]}" if different else "the version of Python, numpy or a peer"
            raise ClusterFailed(f"{what} is not the same on every machine; install one version of everything on all")
        reach = Reach(probes, self.runs)
        return Bench({}, reach, self.limits, watched(self.modules, self.detectors, reach), self.first_kill)


def _environment(detectors: Iterable[Detector]) -> str:
    return environment(sorted({d.needs for d in detectors if d.needs}))


def _texts(modules: Iterable[str]) -> dict[str, str]:
    """The digest of the text of each module that has one; `__main__` is another one in each process."""
    files = {name: file_of(name) for name in sorted(modules) if name not in ("", "__main__")}
    return {name: digest_of(file.read_text("utf-8")) for name, file in files.items() if file is not None}


def _shared(runs: Mapping[str, Sequence[CleanRun]]) -> dict[str, list[CleanRun]]:
    """The same runs, but equal sets of functions are one object: pickle writes it once."""
    sets: dict[frozenset[str], frozenset[str]] = {}
    return {
        name: [replace(run, functions=sets.setdefault(run.functions, run.functions)) for run in every]
        for name, every in runs.items()
    }
