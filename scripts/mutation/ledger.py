"""The reviewed list of mutants that no input can tell from the original: tests/equivalents.toml."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

FIELDS = {"origin", "function", "from", "to", "reason", "occurrence"}
#: Entries of faults that operators make are read by `nnlab score`, and here only checked.
ORIGINS = ("mutmut", "operator")


class LedgerError(Exception):
    """The ledger cannot be read: the message says which entry and why."""


@dataclass(frozen=True)
class Key:
    """What identifies a mutant from run to run: mutmut's numbers change with every edit of the function."""

    function: str
    before: str
    after: str
    occurrence: int = 1

    @property
    def module(self) -> str:
        """The dotted module of the function."""
        return self.function.partition(":")[0]

    def toml(self, reason: str = "") -> str:
        """The ledger entry of this mutant, ready to paste."""
        rows = [("function", self.function), ("from", self.before), ("to", self.after)]
        lines = [f"{name} = {quote(value)}" for name, value in rows]
        if self.occurrence > 1:
            lines.append(f"occurrence = {self.occurrence}")
        return "\n".join(["[[equivalent]]", *lines, f"reason = {quote(reason)}"])


def quote(text: str) -> str:
    """A TOML string: every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


def parse(text: str) -> dict[Key, str]:
    """The ledger's entries for mutmut's mutants, with their reasons."""
    try:
        entries = tomllib.loads(text).get("equivalent", [])
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"not TOML: {error}") from error
    ledger: dict[Key, str] = {}
    others: set[Key] = set()
    for number, entry in enumerate(entries, start=1):
        key, reason = parse_entry(f"entry {number} ({entry.get('function', 'no function')})", entry)
        here = entry.get("origin", "mutmut") == "mutmut"
        if key in (ledger if here else others):
            raise LedgerError(f"entry {number} ({key.function}) is there twice: remove one")
        if here:
            ledger[key] = reason
        else:
            others.add(key)
    return ledger


def parse_entry(where: str, entry: dict[str, object]) -> tuple[Key, str]:
    """One entry, checked."""
    unknown = sorted(entry.keys() - FIELDS)
    if unknown:
        raise LedgerError(f"{where}: unknown field {unknown[0]!r}; the fields are {', '.join(sorted(FIELDS))}")
    function, before, after, reason = (entry.get(name) for name in ("function", "from", "to", "reason"))
    occurrence = entry.get("occurrence", 1)
    if entry.get("origin", "mutmut") not in ORIGINS:
        raise LedgerError(f"{where}: unknown origin {entry['origin']!r}; the origins are {', '.join(ORIGINS)}")
    if not isinstance(function, str) or not isinstance(before, str) or not isinstance(after, str):
        raise LedgerError(f"{where}: function, from and to must be strings")
    if not isinstance(reason, str) or not reason.strip():
        raise LedgerError(f"{where}: has no reason; say why no input can tell the two apart")
    if not isinstance(occurrence, int) or occurrence < 1:
        raise LedgerError(f"{where}: occurrence must be 1 or more")
    return Key(function, before, after, occurrence), reason


def numbered(edits: Iterable[tuple[str, str, str]]) -> list[Key]:
    """Keys for (function, from, to) in source order; equal edits of one function are told apart by number."""
    seen: dict[tuple[str, str, str], int] = {}
    keys = []
    for edit in edits:
        seen[edit] = seen.get(edit, 0) + 1
        keys.append(Key(*edit, occurrence=seen[edit]))
    return keys
