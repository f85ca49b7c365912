"""A part of the faults: those of changed code, one of several shards, a random sample."""

import random
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

from nnlab.errors import FaultError, UsageError
from nnlab.lab.fault import Fault
from nnlab.lab.source import fingerprint, locate


def since(faults: Sequence[Fault], revision: str) -> list[Fault]:
    """The faults of which a target's code differs from that of a git revision. Raises UsageError without one."""
    old = _Revision(revision)
    changed = {target: old.differs(target) for target in dict.fromkeys(t for f in faults for t in f.targets)}
    return [fault for fault in faults if any(changed[target] for target in fault.targets)]


class _Revision:
    """The texts of files as they were at a revision."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: dict[Path, str | None] = {}

    def differs(self, target: str) -> bool:
        """Whether a target is new or its code has changed; comments and layout do not count."""
        place = locate(target)
        before = self.text(place.file)
        if before is None:
            return True
        try:
            return fingerprint(before, target) != fingerprint(place.text, target)
        except (FaultError, SyntaxError):
            return True

    def text(self, file: Path) -> str | None:
        """The file's text then; None if there was no such file."""
        if file not in self.texts:
            found = _git(file.parent, "rev-parse", "--verify", "--quiet", f"{self.name}^{{commit}}")
            if found.returncode:
                raise UsageError(f"there is no git revision {self.name!r} of {str(file.parent)!r}; name a commit")
            shown = _git(file.parent, "show", f"{found.stdout.strip()}:./{file.name}")
            self.texts[file] = None if shown.returncode else shown.stdout
        return self.texts[file]


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, encoding="utf-8", check=False
        )
    except OSError as error:
        raise UsageError(f"git cannot be run ({error.strerror}); install it, or leave out --since") from None


def shard(faults: Sequence[Fault], part: str) -> list[Fault]:
    """The faults of shard K of N, written K/N from 1/N to N/N. To which a fault belongs depends on its id alone."""
    number, _, count = part.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UsageError(f"a shard is written K/N with 1 <= K <= N, not {part!r}; the second of four is 2/4")
    return [fault for fault in faults if zlib.crc32(fault.id.encode()) % int(count) == int(number) - 1]


def sample(faults: Sequence[Fault], count: int, seed: int) -> list[Fault]:
    """So many random faults, in their order; all, where there are not more."""
    chosen = random.Random(seed).sample(range(len(faults)), min(count, len(faults)))
    return [faults[i] for i in sorted(chosen)]
