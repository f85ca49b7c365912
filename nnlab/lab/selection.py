"""Which faults a selection asks for: `origin:operator+layer:LayerNorm,seven,not:pattern:scale`.

Commas join what is wanted; `+` narrows it to what is all of these; `not:` takes away. A word is an id, a glob of ids, a
group, an origin, or `origin:`, `pattern:`, `package:` or `layer:` with a name or glob, where a layer is the class of a
target. Words speak of the catalog of hand-written faults, unless one beside them with a `+` names another origin.
"""

import difflib
import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from nnlab.errors import UsageError
from nnlab.lab.fault import Fault
from nnlab.lab.generated import Maker

NOT = "not:"
#: What a fault is asked for by.
KEYS: Mapping[str, Callable[[Fault], Iterable[str]]] = {
    "origin": lambda fault: [fault.origin],
    "pattern": lambda fault: [fault.pattern],
    "package": lambda fault: _packages(fault),
    "layer": lambda fault: [target.partition(":")[2].partition(".")[0] for target in fault.targets],
}


def select(wish: str, catalog: Sequence[Fault], makers: Mapping[str, Maker]) -> list[Fault]:
    """The faults that a selection asks for, in its order. Raises UsageError for a word that asks for nothing."""
    items = wish.split(",")
    wanted = [item for item in items if not item.startswith(NOT)] or ["catalog"]
    chosen: dict[str, Fault] = {}
    for item in wanted:
        chosen.update((fault.id, fault) for fault in _all_of(item.split("+"), catalog, makers))
    for item in items:
        if item.startswith(NOT):
            words = item.removeprefix(NOT).split("+")
            for word in words:
                _must_match(word, [*catalog, *chosen.values()], makers)
            chosen = {id: fault for id, fault in chosen.items() if not all(matches(fault, word) for word in words)}
    if not chosen:
        raise UsageError(f"no fault is left of the selection {wish!r}; drop one of its {NOT} words")
    return list(chosen.values())


def matches(fault: Fault, word: str) -> bool:
    """Whether one word of a selection, without commas, + and not:, speaks of the fault."""
    key, _, name = word.partition(":")
    if key in KEYS:
        return any(fnmatch.fnmatchcase(value, name) for value in KEYS[key](fault))
    names = (fault.id, fault.alias) if fault.alias else (fault.id,)
    return word == fault.origin or word in fault.groups or any(fnmatch.fnmatchcase(name, word) for name in names)


def _all_of(words: Sequence[str], catalog: Sequence[Fault], makers: Mapping[str, Maker]) -> list[Fault]:
    """The faults that each of the words speaks of."""
    made = {word: faults for word in words if (faults := _made(word, makers)) is not None}
    found = list(catalog) if not made else made[next(iter(made))]
    for word in words:
        if word not in made or len(made) > 1:
            _must_match(word, found, makers)
            found = [fault for fault in found if matches(fault, word)]
    if not found:
        raise UsageError(f"no fault matches {'+'.join(words)!r}: its words exclude each other; separate them by commas")
    return found


def _made(word: str, makers: Mapping[str, Maker]) -> list[Fault] | None:
    """The generated faults that a word asks for; None where it does not ask for generated ones."""
    for origin, maker in makers.items():
        if word in (origin, f"origin:{origin}"):
            return maker.some("*") or _nothing(word, [])
        if maker.ids.match(word):
            return (maker.some(word) or _nothing(word, [])) if set(word) & set("*?[") else [maker.one(word)]
    return None


def _must_match(word: str, faults: Sequence[Fault], makers: Mapping[str, Maker]) -> None:
    if word.removeprefix("origin:") not in makers and not any(matches(fault, word) for fault in faults):
        _nothing(word, faults)


def _nothing(word: str, faults: Sequence[Fault]) -> NoReturn:
    """Raise UsageError with the words that are spelled nearly like it."""
    key = word.partition(":")[0]
    if key in KEYS:
        known = {f"{key}:{value}" for fault in faults for value in KEYS[key](fault)}
    else:
        known = {fault.id for fault in faults} | {group for fault in faults for group in fault.groups}
        known |= {fault.origin for fault in faults} | {f"{key}:" for key in KEYS}
    raise UsageError(f"no fault matches {word!r}; {did_you_mean(word, sorted(known), 'nnlab list faults')}")


def did_you_mean(word: str, known: Iterable[str], command: str) -> str:
    """A next step for a name that is not known."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"see `{command}`"


def _packages(fault: Fault) -> list[str]:
    """The packages around the targets, and their modules: nnlab, nnlab.nn, nnlab.nn.norm."""
    names = [target.partition(":")[0].split(".") for target in fault.targets]
    return [".".join(parts[:n]) for parts in names for n in range(1, len(parts) + 1)]
