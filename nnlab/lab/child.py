"""A fault in other processes: every Python that a command starts applies it when it imports the target."""

import importlib.abc
import importlib.machinery
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from nnlab.errors import NeverReached, UsageError
from nnlab.lab.catalog import discover
from nnlab.lab.fault import Fault
from nnlab.lab.inject import injected, prepare

_FAULT, _LOG, _MADE = "NNLAB_FAULT", "NNLAB_FAULT_LOG", "NNLAB_MADE"


def run_with_fault(fault: Fault, command: Sequence[str], kept: Path | None = None) -> int:
    """Run `command` with the fault in every Python process below it, and return its exit status.

    Where the folder `kept` holds a generated fault, no process makes it again.

    Raises FaultError if the fault does not apply, UsageError if the command cannot be started, and NeverReached
    if no process imported a module that the fault changes: its outcome would say nothing.
    """
    with injected(fault):
        pass
    with tempfile.TemporaryDirectory(prefix="nnlab-") as folder:
        log = Path(folder) / "applied"
        environment = {**os.environ, _FAULT: fault.id, _LOG: str(log)}
        if kept is not None:
            environment[_MADE] = str(kept.resolve())
        environment["PYTHONPATH"] = _joined(str(Path(__file__).parent / "site"), os.environ.get("PYTHONPATH"))
        # `python` and `pytest` mean those of the environment that nnlab itself runs in.
        environment["PATH"] = _joined(str(Path(sys.executable).parent), os.environ.get("PATH"))
        try:
            status = subprocess.run(list(command), env=environment, check=False).returncode
        except OSError as error:
            raise UsageError(f"cannot run {command[0]!r} ({error.strerror}); check the command after `--`") from None
        if not log.exists():
            modules = ", ".join(sorted({target.partition(":")[0] for target in fault.targets}))
            raise NeverReached(
                f"{command[0]!r} ended with status {status} but no Python process below it imported {modules}, so "
                f"fault {fault.id} was never in it; run a command that uses that code"
            )
    return 128 - status if status < 0 else status


def _joined(first: str, rest: str | None) -> str:
    return first + os.pathsep + rest if rest else first


def install() -> None:
    """In a child process: arrange that the fault named in the environment is applied on import."""
    if id := os.environ.get(_FAULT):
        sys.meta_path.insert(0, _Finder(discover(kept=Path(kept) if (kept := os.environ.get(_MADE)) else None)[id]))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that a fault changes as usual, and applies the fault when they have been executed."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.modules = {target.partition(":")[0] for target in fault.targets}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.modules:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_apply(module: ModuleType) -> None:
                execute(module)
                for apply in prepare(self.fault, module.__name__):
                    apply()
                with Path(os.environ[_LOG]).open("a") as log:
                    log.write(f"{os.getpid()} {module.__name__}\n")

            spec.loader.exec_module = execute_and_apply  # type: ignore[method-assign]
        return spec
