"""The results as plain data: what `--json` writes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnlab.errors import UsageError
from nnlab.lab.detector import Detector
from nnlab.lab.fault import Fault
from nnlab.lab.inject import changes
from nnlab.lab.matrix import Coverage
from nnlab.lab.score import Score

if TYPE_CHECKING:
    from nnlab.lab.unit_tests import UnitTests


def score_data(score: Score, same: Sequence[Fault] = (), tests: "UnitTests | None" = None) -> dict[str, Any]:
    """The kill matrix in the schema nnlab.score/1.

    A fault is `detected` when a strong detector noticed it (any detector, where only weak ones were asked for);
    `verdict` is that of these detectors together, or "equivalent" for those that the ledger explains in `equivalents`,
    which are in no coverage; `total` is the coverage of these detectors together. Mutants whose bytecode is the `same`
    as the original's were not judged. With unit `tests`: what only they notice and what only the detectors do, and how
    many they do not judge.
    """
    data = {
        "schema": "nnlab.score/1",
        "detectors": [{"name": d.name, "weak": d.weak} for d in score.detectors],
        "faults": [
            fault_data(fault)
            | {
                "verdicts": {name: str(judgement.verdict) for name, judgement in score.rows[fault.id].items()},
                "verdict": "equivalent" if fault.id in score.equivalents else str(score.verdict(fault)),
                "detected": score.verdict(fault).detected,
            }
            for fault in score.faults
        ],
        "coverage": {d.name: coverage_data(score.coverage(d.name)) for d in score.detectors},
        "total": coverage_data(score.total()),
        "equivalents": dict(score.equivalents),
        "seconds": round(score.seconds, 3),
        "faults_per_second": round(len(score.faults) / score.seconds, 3),
        "same_bytecode": [fault.id for fault in same],
        **({"unjudged": [fault.id for fault in score.unjudged]} if score.unjudged else {}),
        **({"audited": score.audited, "disagreements": list(score.disagreements)} if score.audited else {}),
    }
    if tests:
        only, missed = tests.compared(score)
        lists = {"only_pytest": [fault.id for fault in only], "only_detectors": [fault.id for fault in missed]}
        data["unit_tests"] = {**lists, "without_verdict": dict(tests.without)}
    return data


def fault_data(fault: Fault) -> dict[str, Any]:
    first = changes(fault)[0]
    return {
        "id": fault.id,
        "origin": fault.origin,
        "pattern": fault.pattern,
        "package": fault.package,
        "target": fault.targets[0],
        "file": first.name,
        "line": first.line,
    }


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    return {
        "killed": coverage.killed,
        "crashed": coverage.crashed,
        "timeout": coverage.timeout,
        "survived": coverage.survived,
        "unreached": coverage.unreached,
        "total": coverage.total,
        "rate": coverage.rate,
        "ci95": coverage.ci95,
    }


def catalog_data(fault: Fault) -> dict[str, Any]:
    """A fault as `nnlab list` and `nnlab show` give it."""
    return fault_data(fault) | {
        "alias": fault.alias or None,
        "title": fault.title,
        "why": fault.why,
        "symptom": fault.symptom,
        "killed_by": fault.killed_by or None,
        "survives": fault.survives or None,
        "groups": sorted(fault.groups),
        "source": str(fault.source),
        "targets": list(fault.targets),
    }


def detector_data(detector: Detector) -> dict[str, Any]:
    kind = "weak" if detector.weak else "strong"
    if detector.needs:
        kind = "peer" if detector.installed else f"peer, needs {detector.needs}"
    return {"name": detector.name, "weak": detector.weak, "kind": kind, "summary": detector.summary}


def write_json(data: Any, place: str) -> None:
    """Write `data` to the file `place`, or to standard output for "-"."""
    write_text(json.dumps(data, indent=2) + "\n", place)


def write_text(text: str, place: str) -> None:
    """Write a text to the file `place`, or to standard output for "-". Raises UsageError."""
    if place == "-":
        sys.stdout.write(text)
        return
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write {place!r} ({error.strerror}); name another file, or - for standard output"
        ) from None


def check_writable(place: str | None) -> None:
    """Find out before a long run, not after it, that its result can be written."""
    if place in (None, "-"):
        return
    folder = Path(str(place)).resolve().parent
    if not folder.is_dir() or Path(str(place)).is_dir():
        raise UsageError(f"cannot write {place!r}: it is a folder or its folder is missing; name another file")
