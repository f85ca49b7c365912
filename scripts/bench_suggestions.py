"""How often the gradient checker names the mistake: each fault of the catalog that it kills, on the smallest subject.

A fault has a right name where RIGHT, which is fixed by the fault's pattern alone, lists one. Its name is right if the
report names at least one tensor's pattern and every name that it gives is right. Faults whose pattern RIGHT leaves out
and those whose gradients are malformed (None, NaN, another shape), which the checker says in words of their own, have
none, and are only counted.
"""

import argparse
import fnmatch
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from nnlab.detectors.subjects import LayerSubject, layer_subjects, reach
from nnlab.errors import InputError, NnlabError
from nnlab.gradcheck import check
from nnlab.lab import Fault, discover, injected
from nnlab.lab.reach import reaches

#: By the pattern of faults/patterns.py, words of which a right name has one. What is not here has no entry there.
RIGHT = {
    "scale": ("a factor",),
    "missing-mean": ("a factor",),
    "sign": ("the wrong sign", "a sign or an absolute value forgotten"),
    "identity-derivative": ("handed through", "a factor missing", "left out", "slope missing"),
    "transposed": ("transposed", "in another order"),
    "missing-batch-sum": ("not summed over", "assigned, not accumulated"),
    "assigned-not-accumulated": ("not added", "assigned, not accumulated", "forgotten"),
    "off-by-one": ("shifted", "as if N-1", "right but for the first", "right but for the last"),
    "simplified-backward": ("missing", "left out", "a path past the layer", "forgotten", "never computed"),
    "lost-residual-path": ("missing", "a path past the layer", "forgotten", "never computed", "handed through"),
    "wrong-address": ("in another order", "shifted", "reversed"),
    "mask": ("masked",),
}


@dataclass(frozen=True)
class Suggestion:
    """What the checker says of one fault: the names it gives, by tensor, None where it gives none."""

    fault: str
    pattern: str
    subject: str
    names: dict[str, str | None]

    @property
    def verdict(self) -> str:
        """right, wrong (some name is) or unnamed; malformed where there was no gradient to name."""
        given = [name for name in self.names.values() if name]
        if not self.names:
            return "malformed"
        if not given:
            return "unnamed"
        return "right" if all(any(word in name for word in RIGHT.get(self.pattern, ())) for name in given) else "wrong"


def suggestions(faults: Iterable[Fault]) -> Iterator[Suggestion]:
    """One for each fault with which some subject disagrees."""
    subjects = {subject.name: subject for subject in layer_subjects()}
    functions = reach(subjects.values())
    smallest = sorted(functions, key=lambda name: len(functions[name]))
    for fault in faults:
        reaching = (subjects[name] for name in smallest if reaches(functions[name], fault))
        with injected(fault), np.errstate(all="ignore"):
            found = next(filter(None, (_suggestion(fault, subject) for subject in reaching)), None)
        if found:
            yield found


def _suggestion(fault: Fault, subject: LayerSubject) -> Suggestion | None:
    """What is said of the fault on this subject, or None where nothing disagrees or the code raises."""
    rng = subject.rng(0)
    module, inputs = subject.draw(rng)
    try:
        report = check(module, *inputs, constant=subject.case.constant, rng=rng)
    except Exception:  # this subject tells nothing of it; the next one may
        return None
    if report.outcome != "disagrees":
        return None
    names = {wrong.tensor: wrong.pattern for wrong in report.disagreements if wrong.bar is not None}
    return Suggestion(fault.id, fault.pattern, subject.name, names)


def table(found: Sequence[Suggestion]) -> str:
    """Of each pattern of RIGHT how many have a name, and a right one; then the figure, and what is not counted."""
    judged = [s for s in found if s.pattern in RIGHT and s.names]
    lines = [f"{'pattern':<26} {'has one':>7} {'right':>5} {'wrong':>5} {'none':>4}"]
    for pattern in [p for p in RIGHT if any(s.pattern == p for s in judged)]:
        counts = Counter(s.verdict for s in judged if s.pattern == pattern)
        row = counts["right"], counts["wrong"], counts["unnamed"]
        lines.append(f"{pattern:<26} {sum(row):>7} {row[0]:>5} {row[1]:>5} {row[2]:>4}")
    right = sum(s.verdict == "right" for s in judged)
    share = f"{right / len(judged):.1%}" if judged else "none to count"
    lines.append(f"\nright for {right} of {len(judged)} faults that have a right name ({share})")
    named = sum(s.verdict != "unnamed" for s in judged)
    lines.append(f"a name was suggested for {named} of them, {named - right} times with a wrong one among its names")
    malformed = sum(not s.names for s in found)
    others = [s for s in found if s.pattern not in RIGHT and s.names]
    named = sum(s.verdict != "unnamed" for s in others)
    lines.append(
        f"not counted: {malformed} malformed gradients, {len(others)} of other patterns ({named} of them named)"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("faults", nargs="?", default="*", help="only faults whose id matches this pattern")
    parser.add_argument("--verbose", action="store_true", help="each fault with its subject and names")
    parser.add_argument("--json", type=Path, help="write every suggestion to this file")
    options = parser.parse_args(arguments)
    try:
        chosen = [f for f in discover() if f.killed_by == "gradient" and fnmatch.fnmatch(f.id, options.faults)]
        if not chosen:
            raise InputError(
                f"bench_suggestions: no fault that gradient kills matches {options.faults!r}; see nnlab list faults"
            )
        found = []
        for suggestion in suggestions(chosen):
            found.append(suggestion)
            if options.verbose:
                print(f"{suggestion.verdict:<9} {suggestion.pattern:<24} {suggestion.fault} on {suggestion.subject}")
                print(*(f"    {tensor}: {name}" for tensor, name in suggestion.names.items()), sep="\n", flush=True)
    except NnlabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(table(found))
    print(f"{len(chosen) - len(found)} of {len(chosen)} faults disagree with no subject")
    if options.json:
        options.json.write_text(json.dumps([asdict(s) for s in found], indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
