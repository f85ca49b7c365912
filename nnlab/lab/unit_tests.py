"""What the unit tests say of mutmut's mutants: the results of a `mutmut run` as one more detector, `pytest`."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.lab.detector import Detector
from nnlab.lab.fault import Fault, Rewrite
from nnlab.lab.made import Made
from nnlab.lab.matrix import together
from nnlab.lab.mutants import module_of, mutants_in
from nnlab.lab.mutmut import status
from nnlab.lab.score import Score
from nnlab.lab.verdict import Judgement, Verdict

NAME = "pytest"
#: mutmut's words that are a verdict. The others are none: suspicious (an exit code that mutmut does not know), skipped,
#: not checked, interrupted, and caught by type check, where no test ran.
VERDICTS = {
    "killed": Verdict.KILLED,
    "survived": Verdict.SURVIVED,
    "timeout": Verdict.TIMEOUT,
    "segfault": Verdict.CRASHED,
    "no tests": Verdict.UNREACHED,
}


@dataclass(frozen=True)
class UnitTests:
    """The mutants of a run with their judgements by id, and by mutmut's word how many have no verdict."""

    faults: list[Fault]
    judgements: Mapping[str, Judgement]
    without: Mapping[str, int]

    def of(self, faults: list[Fault]) -> list[Fault]:
        """Those of the faults that the run judged. Raises UsageError if it is none."""
        judged = [fault for fault in faults if fault.id in self.judgements]
        if not judged:
            raise UsageError(
                "the mutmut run judged none of these faults; leave out --faults to take all that it judged"
            )
        return judged

    def beside(self, score: Score) -> Score:
        """The matrix with the column `pytest`; it is for comparison, so the total stays that of the detectors."""
        pytest = Detector(NAME, "the unit tests, as a mutmut run judged them", tuple, self.faults[0], weak=True)
        rows = {id: {**row, NAME: self.judgements[id]} for id, row in score.rows.items()}
        return replace(score, detectors=[pytest, *score.detectors], rows=rows)

    def compared(self, score: Score) -> tuple[list[Fault], list[Fault]]:
        """The faults that only the unit tests notice, and those that only the detectors notice."""
        judges = [name for name in score.judges if name != NAME]
        ours = {fault.id: together(score.rows[fault.id], judges).detected for fault in score.faults}
        noticed = [(fault, self.judgements[fault.id].verdict.detected, ours[fault.id]) for fault in score.faults]
        return [f for f, tests, lab in noticed if tests > lab], [f for f, tests, lab in noticed if lab > tests]


def unit_tests(folder: Path, made: Made | None = None) -> UnitTests:
    """The results in the mutants/ directory of a `mutmut run`, or beside one.

    Raises UsageError where there are none, or where a mutant is not the one that mutmut makes of the source now: its
    number may then mean another one. Those that are kept in `made` are not made again.
    """
    made = made or Made()
    folder = folder / "mutants" if (folder / "mutants").is_dir() else folder
    files = sorted(folder.rglob("*.py.meta"))
    if not files:
        raise UsageError(f"{folder} holds no results of mutmut; name the directory mutants/ that `mutmut run` wrote")
    faults: list[Fault] = []
    judgements: dict[str, Judgement] = {}
    words: Counter[str] = Counter()
    for file in files:
        codes, durations, texts = _read(file)
        now = {fault.id: fault for module in dict.fromkeys(map(module_of, codes)) for fault in mutants_in(module, made)}
        if stale := [id for id in codes if id not in now or not _same(now[id], texts.get(id, ""))]:
            raise UsageError(
                f"{len(stale)} of {len(codes)} mutants in {file.with_suffix('')} are not those of the source as it is "
                f"now, such as {stale[0]}; run `mutmut run` again"
            )
        for id, code in codes.items():
            word = status(code)
            words[word] += 1
            if word in VERDICTS:
                faults.append(now[id])
                evidence = f"mutmut: {word}, exit code {code}"
                judgements[id] = Judgement(VERDICTS[word], evidence=evidence, seconds=durations.get(id) or 0.0)
    without = {word: count for word, count in words.items() if word not in VERDICTS}
    if not judgements:
        told = ", ".join(f"{count} {word}" for word, count in without.items()) or "no mutants"
        raise UsageError(f"the results in {folder} hold no verdict ({told}); let `mutmut run` finish first")
    return UnitTests(faults, judgements, without)


def _read(file: Path) -> tuple[dict[str, int | None], dict[str, float], dict[str, str]]:
    """For each mutant of a mutated file: its exit code, its time, and its text. Raises UsageError."""
    mutated = file.with_suffix("")
    try:
        meta, spans = (json.loads(f.read_text("utf-8")) for f in (file, mutated.with_suffix(".py.spans")))
        codes, durations = meta["exit_code_by_key"], meta["durations_by_key"]
        lines = mutated.read_text("utf-8").split("\n")
        texts = {name: "\n".join(lines[first - 1 : last]) for name, (first, last) in spans["spans"].items()}
        return codes, durations, {id: texts.get(id.rpartition(".")[2], "") for id in codes}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} is not a result of mutmut 3.8.1 ({error!r}); run `mutmut run` again") from None


def _same(fault: Fault, text: str) -> bool:
    """Whether a function of the mutated file is the mutant, but for its name and the remarks above it."""
    (edit,) = fault.edits
    assert isinstance(edit, Rewrite)
    name = fault.id.rpartition(".")[2]
    return text.replace(name, edit.target.replace(":", ".").rpartition(".")[2], 1).endswith(edit.faulty)
