"""The ledger of equivalents: faults that no input can tell from the correct code, each with a reason to check.

A TOML file of [[equivalent]] tables with `function`, `from`, `to` (the lines that the fault changes, stripped) and
`reason`; `origin = "operator"` for faults that an operator makes (without it, for mutmut's mutants, which
`scripts/mutate` judges); `occurrence` where the same change fits a function more than once.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nnlab.errors import FaultError, UsageError
from nnlab.lab.fault import Fault
from nnlab.lab.inject import changes
from nnlab.lab.rewrite import first_difference
from nnlab.lab.score import Score

FIELDS = {"origin", "function", "from", "to", "reason", "occurrence"}
#: Gives all faults of one function.
Siblings = Callable[[str], Sequence[Fault]]


@dataclass(frozen=True)
class Change:
    """What a fault does to its function, told so that it outlives changes elsewhere in the file."""

    function: str
    before: str
    after: str
    occurrence: int = 1

    def toml(self, reason: str = "") -> str:
        """The entry of the ledger, ready to paste."""
        rows = {"origin": "operator", "function": self.function, "from": self.before, "to": self.after}
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in rows.items()]
        if self.occurrence > 1:
            lines.append(f"occurrence = {self.occurrence}")
        return "\n".join(["[[equivalent]]", *lines, f"reason = {json.dumps(reason, ensure_ascii=False)}"])


def read(place: Path) -> dict[Change, str]:
    """The reasons of the operator faults in a ledger. Raises UsageError where it cannot be read or lacks one."""
    try:
        entries = tomllib.loads(place.read_text(encoding="utf-8")).get("equivalent", [])
    except OSError as error:
        raise UsageError(f"cannot read the ledger {str(place)!r} ({error.strerror}); name another one") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the ledger {str(place)!r} is not TOML ({error}); mend it") from None
    found: dict[Change, str] = {}
    for number, entry in enumerate(entries, start=1):
        if entry.get("origin", "mutmut") != "operator":
            continue
        where = f"the ledger {str(place)!r}, entry {number} ({entry.get('function', 'no function')}),"
        change, reason = _entry(where, entry)
        if change in found:
            raise UsageError(f"{where} is there twice; remove one")
        found[change] = reason
    return found


def _entry(where: str, entry: Mapping[str, object]) -> tuple[Change, str]:
    if unknown := sorted(entry.keys() - FIELDS):
        raise UsageError(f"{where} has the unknown field {unknown[0]!r}; the fields are {', '.join(sorted(FIELDS))}")
    function, before, after, reason = (entry.get(name) for name in ("function", "from", "to", "reason"))
    occurrence = entry.get("occurrence", 1)
    if not (isinstance(function, str) and isinstance(before, str) and isinstance(after, str)):
        raise UsageError(f"{where} must have the texts function, from and to; `nnlab equivalents` prints them")
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{where} has no reason; say why no input can tell the two apart")
    if not isinstance(occurrence, int) or occurrence < 1:
        raise UsageError(f"{where} has the occurrence {occurrence!r}, which must be 1 or more; count from the top")
    return Change(function, before, after, occurrence), reason


def equivalents(ledger: Mapping[Change, str], faults: Iterable[Fault], siblings: Siblings) -> dict[str, str]:
    """The reason of each of the faults that the ledger holds, by id. Raises FaultError for an entry that fits no fault.

    Only entries of functions that the faults are in are looked at; `siblings` gives all operator faults of one.
    """
    wanted = {fault.id: fault.targets[0] for fault in faults if fault.origin == "operator"}
    found: dict[str, str] = {}
    for function in {change.function for change in ledger} & set(wanted.values()):
        ids = {change: fault for fault, change in changes_of(siblings(function)).items()}
        for change, reason in ledger.items():
            if change.function != function:
                continue
            if change not in ids:
                raise FaultError(
                    f"the ledger's entry of {function} from {change.before!r} to {change.after!r} fits no fault any "
                    f"more; remove it, or find its successor with `nnlab list faults 'operator:*:{function}:*'`"
                )
            if ids[change] in wanted:
                found[ids[change]] = reason
    return found


def with_equivalents(score: Score, reasons: Mapping[str, str]) -> Score:
    """The score without these faults in its coverage. Raises FaultError if a detector tells one from the original."""
    judged = {id: reason for id, reason in reasons.items() if id in score.rows}
    for id in judged:
        row = score.rows[id]
        killers = [name for name in score.judges if name in row and row[name].verdict.detected]
        if killers:
            raise FaultError(f"the ledger calls {id} equivalent, but {killers[0]} kills it; remove the entry")
    return replace(score, equivalents=judged)


def changes_of(faults: Iterable[Fault]) -> dict[str, Change]:
    """The change that each of the faults of one function makes, by id; equal ones are numbered from the top."""
    made = sorted((line, fault.id, before, after) for fault in faults for line, before, after in [_lines(fault)])
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for _, id, before, after in made:
        seen[before, after] += 1
        found[id] = Change(id.split(":", 2)[2].rpartition(":")[0], before, after, seen[before, after])
    return found


def _lines(fault: Fault) -> tuple[int, str, str]:
    """Where the fault's change begins, and the lines that it changes, before and after."""
    (change,) = changes(fault)
    before, after = change.before.splitlines(), change.after.splitlines()
    first = first_difference(before, after)
    same = first_difference(before[first:][::-1], after[first:][::-1])
    texts = ("\n".join(line.strip() for line in lines[first : len(lines) - same]) for lines in (before, after))
    return (first, *texts)  # type: ignore[return-value]
