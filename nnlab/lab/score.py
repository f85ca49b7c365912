"""The score: both controls, then every detector on every fault."""

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nnlab.lab.controls import Lab, Progress
from nnlab.lab.detector import Detector
from nnlab.lab.engine.fill import Asked, Filling, whole_row
from nnlab.lab.engine.fit import check_fit
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.snapshot import Snapshot
from nnlab.lab.engine.store import Store
from nnlab.lab.fault import Fault
from nnlab.lab.matrix import Coverage, together
from nnlab.lab.verdict import Judgement, Verdict


@dataclass(frozen=True)
class Settings:
    """How to fill the matrix.

    `store`: the file that keeps what is found out; `fresh`: what is in it does not count. `first_kill`: a fault is done
    with the first strong detector that notices it. `isolation`: "process" forks for every cell. `audit`: so many random
    verdicts are judged again in processes of their own, drawn with `seed`. `time_budget`: seconds until it ends.
    `equivalents`: the reasons of the faults that no input can tell from the correct code. `cluster`: the address of a
    Dask scheduler, or local:N, for judging there.
    """

    store: Path | None = None
    fresh: bool = False
    first_kill: bool = False
    isolation: Literal["worker", "process"] = "worker"
    audit: int = 0
    seed: int = 0
    time_budget: float | None = None
    equivalents: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    cluster: str | None = None


@dataclass(frozen=True)
class Score:
    """A kill matrix with its faults, detectors and time; `equivalents` are the reasons of the faults not counted.

    The cells `judged`, by fault and detector, were judged in this run, the others were known; for the faults `unjudged`
    the time did not suffice. `audited` verdicts were judged twice, and those in `disagreements` differ.
    """

    faults: Sequence[Fault]
    detectors: Sequence[Detector]
    rows: Mapping[str, Mapping[str, Judgement]]
    seconds: float
    judged: Set[tuple[str, str]] = frozenset()
    unjudged: Sequence[Fault] = ()
    audited: int = 0
    disagreements: Sequence[str] = ()
    equivalents: Mapping[str, str] = field(default_factory=dict)
    #: The number of this run in the store, where there is one.
    run: int = 0

    @property
    def counted(self) -> list[Fault]:
        """The faults that are in the coverage: all but the equivalent ones."""
        return [fault for fault in self.faults if fault.id not in self.equivalents]

    @property
    def judges(self) -> list[str]:
        """The detectors whose kills count: the strong ones, or all if only weak ones were asked for."""
        return judges(self.detectors)

    def verdict(self, fault: Fault) -> Verdict:
        return together(self.rows[fault.id], self.judges)

    def coverage(self, detector: str) -> Coverage:
        rows = (self.rows[fault.id] for fault in self.counted)
        return Coverage.of(row[detector].verdict for row in rows if detector in row)

    def total(self) -> Coverage:
        return Coverage.of(self.verdict(fault) for fault in self.counted)


def judges(detectors: Sequence[Detector]) -> list[str]:
    """The strong ones, or all if there are only weak ones."""
    return [d.name for d in detectors if not d.weak] or [d.name for d in detectors]


def score(
    faults: Sequence[Fault],
    detectors: Sequence[Detector],
    workers: int,
    progress: Progress,
    settings: Settings | None = None,
) -> Score:
    """Check that every fault applies, run both controls, then fill the matrix. Raises FaultError, ControlFailed."""
    settings, started = settings or Settings(), time.monotonic()
    if settings.first_kill:
        names = judges(detectors)
        detectors = [d for d in detectors if d.name in names]
    store = Store(settings.store) if settings.store else None
    try:
        snapshot = Snapshot.of(store, faults, detectors, settings.first_kill, settings.limits) if store else None
        result = _unchanged(snapshot, faults, detectors, settings, started) if snapshot else None
        if result is None:
            listed = [fault for fault in faults if fault.origin == "catalog"]
            check_fit([*listed, *(d.example for d in detectors)], store, settings.fresh)
            lab = Lab(detectors, workers, progress, store, settings.fresh)
            lab.check_controls()
            filling = _fill(faults, lab, settings, started)
            disagreements = filling.audit(settings.audit, settings.seed) if settings.audit else []
            result = _result(faults, detectors, filling.rows, settings, started)
            result = replace(result, judged=filling.judged, disagreements=disagreements)
            if snapshot and not (result.unjudged or disagreements):
                snapshot.keep(filling.keys(), lab.executed())
        return replace(result, run=_keep(store, result)) if store else result
    finally:
        if store:
            store.close()


def _unchanged(
    snapshot: Snapshot, faults: Sequence[Fault], detectors: Sequence[Detector], settings: Settings, started: float
) -> Score | None:
    """The score of a run before which nothing at all has changed; None where something has, or all is to be judged."""
    if settings.fresh or settings.audit or settings.isolation == "process":
        return None
    rows = snapshot.rows()
    return None if rows is None else _result(faults, detectors, rows, settings, started)


def _result(
    faults: Sequence[Fault],
    detectors: Sequence[Detector],
    rows: Mapping[str, Row],
    settings: Settings,
    started: float,
) -> Score:
    done = [fault for fault in faults if fault.id in rows]
    return Score(
        faults=done,
        detectors=detectors,
        rows={fault.id: whole_row(detectors, rows[fault.id], settings.first_kill) for fault in done},
        seconds=time.monotonic() - started,
        unjudged=[fault for fault in faults if fault.id not in rows],
        audited=min(settings.audit, sum(map(len, rows.values()))),
        equivalents={fault.id: settings.equivalents[fault.id] for fault in done if fault.id in settings.equivalents},
    )


def _keep(store: Store, result: Score) -> int:
    """Note the run in the history; its number."""
    total = result.total()
    data = {
        "detectors": [d.name for d in result.detectors],
        "faults": total.total,
        "detected": total.detected,
        "unjudged": len(result.unjudged),
        "judged": len(result.judged),
        "coverage": {name: result.coverage(name).rate for name in result.judges},
        "seconds": round(result.seconds, 3),
    }
    verdicts = {fault.id: str(result.verdict(fault)) for fault in result.counted}
    return store.add_run(datetime.now(UTC).isoformat(timespec="seconds"), data, verdicts)


def _fill(faults: Sequence[Fault], lab: Lab, settings: Settings, started: float) -> Filling:
    budget = settings.time_budget
    asked = Asked(
        workers=lab.workers,
        limits=settings.limits,
        first_kill=settings.first_kill,
        isolated=settings.isolation == "process",
        deadline=float("inf") if budget is None else started + budget,
        cluster=settings.cluster,
    )
    filling = Filling({fault.id: fault for fault in faults}, lab.detectors, lab.reach, asked, lab.memory)
    filling.fill(lambda done: lab.progress("judged", done, len(faults)))
    return filling
