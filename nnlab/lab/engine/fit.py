"""Whether faults fit the code: each is put in and taken out, and again only after an edit of its module or itself."""

import importlib
from collections.abc import Sequence

from nnlab.lab import digest
from nnlab.lab.engine.bench import modules_of
from nnlab.lab.engine.content import digest_of, environment
from nnlab.lab.engine.store import Store
from nnlab.lab.fault import Change, Fault, Replacement
from nnlab.lab.inject import injected
from nnlab.lab.source import locate


def check_fit(faults: Sequence[Fault], store: Store | None = None, fresh: bool = False) -> None:
    """Raises FaultError for one that cannot be applied; what the store knows to fit is only imported."""
    groups: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        groups.setdefault(tuple(modules_of([fault])), []).append(fault)
    known = store.fitting() if store and not fresh else set()
    for modules, some in groups.items():
        key = _key(some)
        if key in known:
            for module in modules:
                importlib.import_module(module)
            continue
        for fault in some:
            with injected(fault):
                pass
        if store:
            store.add_fitting(key)


def _key(faults: Sequence[Fault]) -> str:
    """What their fitting depends on: their edits, the whole text of every module that they change, and Python."""
    files = {target.partition(":")[0]: locate(target).text for fault in faults for target in fault.targets}
    return digest_of(environment(), files, [[plain_edit(edit) for edit in fault.edits] for fault in faults])


def plain_edit(edit: Change) -> object:
    """All that an edit says, as plain values; the code that it changes is not among them."""
    if isinstance(edit, Replacement):
        return edit.target, edit.fingerprint, repr(digest.content(edit.function.__code__))
    return repr(edit)
