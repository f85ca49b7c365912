"""Finding faults and detectors: by reading every module of a package, loudly."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from nnlab.errors import FaultError, UsageError
from nnlab.lab.detector import Detector
from nnlab.lab.fault import Fault
from nnlab.lab.generated import makers
from nnlab.lab.graded import GradedTerm, graded_terms
from nnlab.lab.made import Made
from nnlab.lab.selection import did_you_mean, select

__all__ = ["Catalog", "did_you_mean", "discover", "discover_detectors", "modules_of"]


def modules_of(package: str) -> Iterator[ModuleType]:
    """Every module of a package, or the module itself, imported; an import error stops the run."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}."), key=lambda info: info.name):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def discover(package: str = "faults", kept: Path | None = None) -> "Catalog":
    """All faults of the modules of `package`: those that they list as FAULTS, and those made of other packages.

    Gradient terms of the packages GRADED are scaled, operators applied to the packages OPERATED, and mutmut's mutants
    made of the packages MUTATED. What is made is kept in the folder `kept`, if there is one, for the next process.
    """
    modules = list(modules_of(package))
    faults = (fault for module in modules for fault in getattr(module, "FAULTS", ()))
    graded, mutated = ([n for module in modules for n in getattr(module, word, ())] for word in ("GRADED", "MUTATED"))
    operated = {name: left for module in modules for name, left in getattr(module, "OPERATED", {}).items()}
    return Catalog(faults, graded, operated, mutated, Made(kept))


def discover_detectors(package: str = "nnlab.detectors", peers: bool = False) -> dict[str, Detector]:
    """All detectors of the modules of `package`, one in each module that has a DETECTOR; weak ones first.

    With `peers` also those that need another project's package, installed or not, last of the weak ones.
    """
    found = [module.DETECTOR for module in modules_of(package) if hasattr(module, "DETECTOR")]
    wanted = [detector for detector in found if peers or not detector.needs]
    return {d.name: d for d in sorted(wanted, key=lambda d: (not d.weak, d.needs != "", d.name))}


class Catalog:
    """Faults by id, in their order of discovery; those that are generated are made when they are asked for."""

    def __init__(
        self,
        faults: Iterable[Fault],
        graded: Sequence[str] = (),
        operated: Mapping[str, Collection[str]] | None = None,
        mutated: Sequence[str] = (),
        made: Made | None = None,
    ) -> None:
        self.graded = graded
        self.made = made or Made()
        self.makers = makers(graded, operated or {}, mutated, self.made)
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
        for maker in self.makers.values():
            if maker.ids.match(id):
                return maker.one(id)
        if id not in self.faults:
            raise UsageError(f"there is no fault {id!r}; {did_you_mean(id, self.faults, 'nnlab list faults')}")
        return self.faults[id]

    def graded_terms(self) -> list[GradedTerm]:
        """Every gradient term that can be scaled."""
        return [term for package in self.graded for term in graded_terms(package)]

    def operator_faults(self, function: str) -> list[Fault]:
        """Every operator fault of one function, package.module:Qual.name."""
        return self.makers["operator"].some(f"operator:*:{function}:*")

    def select(self, wish: str) -> list[Fault]:
        """The faults that a selection asks for; see `nnlab.lab.selection`."""
        return select(wish, list(self), self.makers)
