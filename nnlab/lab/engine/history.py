"""What has changed from one run to another: which faults survive now, and which are detected now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nnlab.lab.engine.store import Store
from nnlab.lab.verdict import Verdict


@dataclass(frozen=True)
class Changes:
    """Ids of faults: those that survive now but did not, those detected now but not then, those in one run alone."""

    surviving: tuple[str, ...]
    detected: tuple[str, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """Compare the verdicts of two runs on each fault."""
    both = [id for id in after if id in before]
    return Changes(
        surviving=tuple(id for id in both if _detected(before[id]) and not _detected(after[id])),
        detected=tuple(id for id in both if not _detected(before[id]) and _detected(after[id])),
        added=tuple(id for id in after if id not in before),
        gone=tuple(id for id in before if id not in after),
    )


def last_verdicts(store: Store, before: int, faults: Iterable[str]) -> dict[str, str]:
    """The latest verdict on each of these faults in the runs before the one with this number."""
    wanted, found = set(faults), dict[str, str]()
    for run in reversed([run["run"] for run in store.runs() if run["run"] < before]):
        if not wanted:
            break
        found |= {id: verdict for id, verdict in store.run_verdicts(run).items() if id in wanted}
        wanted -= set(found)
    return found


def new_survivors(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The faults that survive and did not before; one that was not there before counts."""
    return [id for id, verdict in after.items() if not _detected(verdict) and _detected(before.get(id, Verdict.KILLED))]


def _detected(verdict: str) -> bool:
    return Verdict(verdict).detected
