"""What a run found: judged against the ledger, as text and as JSON."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from mutation.engine import Mutant, edit
from mutation.ledger import Key, numbered
from mutation.selection import dotted

# A mutant is killed by a test or by the clock; every other verdict but "unchecked" is a survivor.
KILLED = ("killed", "timeout", "caught by type check")
COLUMNS = ("mutants", "killed", "timeout", "survived", "no tests", "suspicious", "equivalent", "unchecked")


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test kills and the ledger does not explain."""

    mutant: Mutant
    key: Key
    diff: str


@dataclass
class Findings:
    """Everything a run has to say."""

    mutants: list[Mutant]
    survivors: list[Survivor] = field(default_factory=list)
    equivalent: set[str] = field(default_factory=set)
    stale: list[tuple[Key, str]] = field(default_factory=list)

    def unchecked(self, modules: set[str]) -> int:
        """How many mutants of the modules have no verdict."""
        return sum(mutant.verdict == "unchecked" and mutant.file in modules for mutant in self.mutants)


def judge(mutants: list[Mutant], ledger: dict[Key, str], diff_of: Callable[[Mutant], str]) -> Findings:
    """Compare the verdicts with the ledger. Diffs are made only where a function has something to explain."""
    modules = {dotted(mutant.file) for mutant in mutants}
    relevant = {key for key in ledger if key.module in modules}
    listed = {key.function for key in relevant}
    open_groups = {m.group for m in mutants if m.verdict not in (*KILLED, "unchecked") or m.function in listed}
    examined = [mutant for mutant in mutants if mutant.group in open_groups]
    diffs = {mutant.name: diff_of(mutant) for mutant in examined}
    keys = numbered((mutant.function, *edit(diffs[mutant.name])) for mutant in examined)

    findings = Findings(mutants)
    for mutant, key in zip(examined, keys, strict=True):
        if mutant.verdict == "survived" and key in ledger:
            findings.equivalent.add(mutant.name)
        elif mutant.verdict not in (*KILLED, "unchecked"):
            findings.survivors.append(Survivor(mutant, key, diffs[mutant.name]))
        elif mutant.verdict == "killed" and key in ledger:
            findings.stale.append((key, "a test kills this mutant, so it is not equivalent"))
    findings.stale += [(key, "no mutant matches this entry any more") for key in sorted_keys(relevant - set(keys))]
    return findings


def sorted_keys(keys: set[Key]) -> list[Key]:
    """Keys in a fixed order."""
    return sorted(keys, key=lambda key: (key.function, key.before, key.after, key.occurrence))


def tally(findings: Findings, modules: list[str]) -> dict[str, dict[str, int]]:
    """The columns of the summary table for each module."""
    counts: dict[str, Counter[str]] = {module: Counter() for module in modules}
    for mutant in findings.mutants:
        row = counts[mutant.file]
        row["mutants"] += 1
        row[column_of(mutant, findings)] += 1
    return {module: {name: row[name] for name in COLUMNS} for module, row in counts.items()}


def column_of(mutant: Mutant, findings: Findings) -> str:
    """The column that counts a mutant."""
    if mutant.name in findings.equivalent:
        return "equivalent"
    if mutant.verdict == "caught by type check":
        return "killed"
    return mutant.verdict if mutant.verdict in COLUMNS else "suspicious"


def table(rows: dict[str, dict[str, int]]) -> str:
    """The summary table, with a line of totals."""
    total = {name: sum(row[name] for row in rows.values()) for name in COLUMNS}
    shown = [name for name in COLUMNS if total[name] or name in ("mutants", "killed", "survived")]
    width = max(len("module"), *(len(module) for module in rows)) if rows else len("module")
    lines = [f"{'module':{width}}" + "".join(f"  {name:>{len(name)}}" for name in shown)]
    for module, row in [*rows.items(), ("total", total)]:
        lines.append(f"{module:{width}}" + "".join(f"  {row[name]:{len(name)}}" for name in shown))
    return "\n".join(lines)


def text(findings: Findings, modules: list[str]) -> str:
    """The report for people."""
    parts = [table(tally(findings, modules))]
    for survivor in findings.survivors:
        parts.append(
            f"{survivor.mutant.verdict}: {survivor.mutant.file} {survivor.key.function}\n{survivor.diff}\n"
            f"To list it in tests/equivalents.toml, if no test can kill it:\n{survivor.key.toml()}"
        )
    for key, why in findings.stale:
        parts.append(f"stale entry in tests/equivalents.toml: {why}; remove it\n{key.toml('…')}")
    return "\n\n".join(parts)


def data(findings: Findings, modules: list[str]) -> dict[str, object]:
    """The report for programs."""
    return {
        "modules": tally(findings, modules),
        "survivors": [
            {
                "mutant": survivor.mutant.name,
                "verdict": survivor.mutant.verdict,
                "file": survivor.mutant.file,
                "diff": survivor.diff,
                **identity(survivor.key),
            }
            for survivor in findings.survivors
        ],
        "stale": [{**identity(key), "why": why} for key, why in findings.stale],
    }


def identity(key: Key) -> dict[str, object]:
    """A key under the ledger's names."""
    return {
        "function": key.function,
        "from": key.before,
        "to": key.after,
        "occurrence": key.occurrence,
    }
