"""Finding faults and detectors: by reading every module of a package, loudly."""

import difflib
import fnmatch
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

from nnlab.errors import FaultError, UsageError
from nnlab.lab.detector import Detector
from nnlab.lab.fault import Fault
from nnlab.lab.graded import PREFIX, GradedTerm, graded_fault, graded_faults, graded_terms

#: mutmut's mutants, by alias or by mutmut's own name, and globs of them.
MUTANT = re.compile(r"mutmut(:|$)|.*__mutmut_|[\w.]+\.x[_ǁ*]")


def modules_of(package: str) -> Iterator[ModuleType]:
    """Every module of a package, or the module itself, imported; an import error stops the run."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}."), key=lambda info: info.name):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def discover(package: str = "faults") -> "Catalog":
    """All faults of the modules of `package`: those they list as FAULTS, those graded in the packages GRADED, and
    mutmut's mutants of the packages MUTATED."""
    modules = list(modules_of(package))
    faults = (fault for module in modules for fault in getattr(module, "FAULTS", ()))
    graded, mutated = ([n for module in modules for n in getattr(module, word, ())] for word in ("GRADED", "MUTATED"))
    return Catalog(faults, graded, mutated)


def discover_detectors(package: str = "nnlab.detectors", peers: bool = False) -> dict[str, Detector]:
    """All detectors of the modules of `package`, one in each module that has a DETECTOR; weak ones first.

    With `peers` also those that need another project's package, installed or not, last of the weak ones.
    """
    found = [module.DETECTOR for module in modules_of(package) if hasattr(module, "DETECTOR")]
    wanted = [detector for detector in found if peers or not detector.needs]
    return {d.name: d for d in sorted(wanted, key=lambda d: (not d.weak, d.needs != "", d.name))}


class Catalog:
    """Faults by id, in their order of discovery; graded faults and mutants are made when they are asked for."""

    def __init__(self, faults: Iterable[Fault], graded: Sequence[str] = (), mutated: Sequence[str] = ()) -> None:
        self.graded = graded
        self.mutated = mutated
        self.faults: dict[str, Fault] = {}
        for fault in faults:
            if fault.id in self.faults:
                raise FaultError(f"two faults have the id {fault.id!r}; rename one of them")
            self.faults[fault.id] = fault
        if not self.faults:
            raise FaultError("the catalog is empty: no module of it has a list FAULTS; check the installation")

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults.values())

    def __len__(self) -> int:
        return len(self.faults)

    def __getitem__(self, id: str) -> Fault:
        """The fault with this id. Raises UsageError with the nearest ids."""
        if id.startswith(PREFIX):
            return graded_fault(id, self.graded)
        if MUTANT.match(id):
            return mutants_by(id, ())[0]
        if id not in self.faults:
            raise UsageError(f"there is no fault {id!r}; {did_you_mean(id, self.faults, 'nnlab list faults')}")
        return self.faults[id]

    def graded_terms(self) -> list[GradedTerm]:
        """Every gradient term that can be scaled."""
        return [term for package in self.graded for term in graded_terms(package)]

    def select(self, wish: str) -> list[Fault]:
        """Faults by origin ("catalog", "graded", "mutmut"), group ("seven"), id or glob, separated by commas."""
        chosen: dict[str, Fault] = {}
        for word in wish.split(","):
            if word.startswith(PREFIX) and not set(word) & set("*?["):
                found = [self[word]]  # of any size, not only those that a glob is matched against
            elif word == "graded" or word.startswith(PREFIX):
                found = graded_faults(self.graded, f"{PREFIX}*" if word == "graded" else word)
            elif MUTANT.match(word):
                found = mutants_by(word, self.mutated)
            else:
                found = [f for f in self if word == f.origin or word in f.groups or fnmatch.fnmatchcase(f.id, word)]
            if not found:
                known = [
                    *self.faults,
                    *sorted({group for f in self for group in f.groups}),
                    "catalog",
                    "graded",
                    "mutmut",
                ]
                raise UsageError(f"no fault matches {word!r}; {did_you_mean(word, known, 'nnlab list faults')}")
            chosen.update((fault.id, fault) for fault in found)
        return list(chosen.values())


def mutants_by(word: str, packages: Sequence[str]) -> list[Fault]:
    """The mutants that a word asks for: all of the packages, those that match a glob, or one. Raises UsageError."""
    from nnlab.lab.mutmut import mutant, mutants  # half a second, which no other fault should cost

    if word == "mutmut":
        return mutants(packages)
    return mutants(packages, word) if set(word) & set("*?[") else [mutant(word)]


def did_you_mean(word: str, known: Iterable[str], command: str) -> str:
    """A next step for a name that is not known."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"see `{command}`"
