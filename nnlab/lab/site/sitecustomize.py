"""Runs at the start of every Python below `nnlab inject FAULT -- COMMAND`: Python imports a module of this name."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path


def _run_the_hidden_one() -> None:
    """Run the sitecustomize that this one hides, if there is one."""
    here = Path(__file__).resolve().parent
    others = [entry for entry in sys.path if Path(entry).resolve() != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_run_the_hidden_one()

try:
    from nnlab.lab.child import install
except ModuleNotFoundError:
    pass  # another environment's Python, which cannot see nnlab: the parent reports a fault that nobody imported
else:
    install()
