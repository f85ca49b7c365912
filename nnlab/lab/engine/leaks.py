"""What a fault may leave behind in a process: a worker whose state has changed must not judge another fault.

The *graph* is all that can be reached from the modules under test and from the probes: globals, class attributes,
closures, containers, arrays, generators. The *process* is what Python and the system keep: random state, warnings,
environment, files, threads, signals. Both are compared with what they were before the first fault.
"""

import builtins
import copyreg
import functools
import gc
import operator
import os
import random
import signal
import sys
import threading
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnlab.lab.engine.limits import address_space

#: Returns what something is now; equal as long as nothing has changed.
Look = Callable[[], object]

_LRU = type(functools.lru_cache(lambda: None))
_LEAVES = (str, bytes, int, float, complex, bool, type(None), np.ufunc, types.BuiltinFunctionType, np.dtype)
#: Arrays up to this size are compared.
_ARRAY_BYTES = 1 << 20
#: A worker that has grown by this much is replaced, for what is left of it may not suffice for the next fault.
_GROWTH = 1 << 28


class Watch:
    """Remembers the state of this process, and says what has changed since."""

    def __init__(self, packages: Iterable[str], probes: Sequence[object] = (), ignored: Sequence[str] = ()) -> None:
        self.graph = _Graph(frozenset(packages), tuple(ignored))
        for name, module in sorted(sys.modules.items()):
            if self.graph.watches(name):
                self.graph.add(name, module)
        self.graph.add("a probe", list(probes))
        self.graph.walk()
        self.start()

    def start(self) -> None:
        """Take the state of the process as it is now for clean; a worker does so after the fork."""
        self.quick = [look() for _, look in _QUICK]
        self.process = [look() for _, look in _PROCESS]
        self.size = address_space()

    def suspicion(self) -> str:
        """What has changed of the little that costs nothing to look at, or ""."""
        return next((name for (name, look), was in zip(_QUICK, self.quick, strict=True) if look() != was), "")

    def leak(self) -> str:
        """What has changed, or ""."""
        for (name, look), was in zip(_PROCESS, self.process, strict=True):
            if look() != was:
                return name
        return self.suspicion() or self.graph.changed()

    @property
    def has_grown(self) -> bool:
        return address_space() - self.size > _GROWTH


def _folder() -> object:
    """The working directory itself, which may be gone or have another name by now."""
    found = os.stat(".")  # noqa: PTH116
    return found.st_dev, found.st_ino


def _files() -> object:
    """The open files of this process, by number, with what each is."""
    try:
        return sorted((name, str(Path(f"/proc/self/fd/{name}").readlink())) for name in _descriptors())
    except OSError:
        return [number for number in range(256) if _is_open(number)]


def _descriptors() -> list[str]:
    """Without the one that the listing itself opens."""
    return [name for name in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{name}")]  # noqa: PTH208


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _handlers() -> object:
    return [signal.getsignal(number) for number in signal.valid_signals()]


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _children() -> object:
    """Whether there is a child process, running or ended."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _numpy_random() -> object:
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002  # it is watched, not used
    return name, np.asarray(keys).tobytes(), rest


_QUICK: tuple[tuple[str, Look], ...] = (
    ("the process", os.getpid),
    ("the working directory", _folder),
    ("threads", threading.active_count),
    ("numpy's error state", np.geterr),
    ("warnings filters", lambda: (id(warnings.filters), len(warnings.filters))),
    ("the recursion limit", sys.getrecursionlimit),
    ("standard output", lambda: (id(sys.stdout), id(sys.stderr), sys.stdout.closed)),
    ("the time signal", lambda: signal.getsignal(signal.SIGPROF)),
)
_PROCESS: tuple[tuple[str, Look], ...] = (
    ("Python's random state", random.getstate),
    ("numpy's random state", _numpy_random),
    ("numpy's print options", lambda: str(np.get_printoptions())),
    ("numpy's error handler", np.geterrcall),
    ("warnings filters", lambda: list(warnings.filters)),
    ("warnings.showwarning", lambda: warnings.showwarning),
    ("the environment", lambda: dict(os.environ)),
    ("open files", _files),
    ("signal handlers", _handlers),
    ("child processes", _children),
    ("the umask", _umask),
    ("sys.path", lambda: (list(sys.path), list(sys.meta_path), list(sys.path_hooks))),
    ("tracing", lambda: (sys.gettrace(), sys.getprofile(), sys.excepthook, sys.displayhook)),
    ("garbage collection", lambda: (gc.isenabled(), gc.get_threshold())),
    ("the switch interval", sys.getswitchinterval),
    ("standard input", lambda: id(sys.stdin)),
    ("builtins", lambda: tuple(map(id, vars(builtins).values()))),
)


class _Graph:
    """Objects with a look at each: what it holds, by identity, or what it is worth."""

    def __init__(self, packages: frozenset[str], ignored: tuple[str, ...]) -> None:
        self.packages, self.ignored = packages, ignored
        self.seen: dict[int, object] = {}  # also keeps them alive, so that no id comes twice
        self.todo: deque[tuple[str, object]] = deque()
        #: Containers with the members that they had.
        self.held: list[tuple[str, Callable[[], Iterable[object]], tuple[object, ...]]] = []
        #: What is compared by value.
        self.worth: list[tuple[str, Look, object]] = []

    def watches(self, module: object) -> bool:
        if not isinstance(module, str) or module.partition(".")[0] not in self.packages:
            return False
        return not any(module == name or module.startswith(f"{name}.") for name in self.ignored)

    def add(self, name: str, thing: object) -> None:
        if not isinstance(thing, _LEAVES) and id(thing) not in self.seen:
            self.seen[id(thing)] = thing
            self.todo.append((name, thing))

    def walk(self) -> None:
        while self.todo:
            self.look_at(*self.todo.popleft())

    def changed(self) -> str:
        """The name of something that is not what it was, or ""."""
        for name, members, were in self.held:
            now = tuple(members())
            if len(now) != len(were) or not all(map(operator.is_, now, were)):
                news = [word for word in now if isinstance(word, str) and word not in were]
                return f"{name}.{news[0]}" if news else name
        return next((name for name, look, was in self.worth if look() != was), "")

    def hold(self, name: str, members: Callable[[], Iterable[object]]) -> None:
        were = tuple(members())
        self.held.append((name, members, were))
        for member in were:
            self.add(name, member)

    def weigh(self, name: str, look: Look) -> None:
        self.worth.append((name, look, look()))

    def look_at(self, name: str, thing: Any) -> None:
        if isinstance(thing, types.ModuleType):
            if self.watches(thing.__name__):
                # The first warning that is raised here makes it, even one that is ignored, as all are: now, not later.
                registry = vars(thing).setdefault("__warningregistry__", {})
                self.seen[id(registry)] = registry
                self.mapping(thing.__name__, vars(thing))
        elif isinstance(thing, type):
            if self.watches(thing.__module__):
                copyreg._slotnames(thing)  # type: ignore[attr-defined]  # copy() leaves it in the class: now, not later
                self.mapping(f"{thing.__module__}:{thing.__qualname__}", vars(thing))
        elif isinstance(thing, types.FunctionType):
            if self.watches(thing.__module__):
                self.function(f"{thing.__module__}:{thing.__qualname__}", thing)
        elif isinstance(thing, dict):
            self.mapping(name, thing)
        elif isinstance(thing, list | set | deque):
            self.hold(name, thing.__iter__)
        elif isinstance(thing, tuple | frozenset):  # cannot change, but what they hold can
            for member in thing:
                self.add(name, member)
        elif isinstance(thing, np.ndarray):
            self.array(name, thing)
        else:
            self.instance(name, thing)

    def mapping(self, name: str, thing: Any) -> None:
        self.held.append((name, thing.keys, tuple(thing.keys())))
        self.held.append((name, thing.values, tuple(thing.values())))
        for key, value in list(thing.items()):
            self.add(f"{name}.{key}" if isinstance(key, str) else name, value)

    def function(self, name: str, thing: types.FunctionType) -> None:
        self.hold(name, lambda: (thing.__code__, thing.__defaults__, thing.__kwdefaults__))
        for cell in thing.__closure__ or ():
            self.add(name, cell)
        if thing.__dict__:
            self.add(name, thing.__dict__)

    def array(self, name: str, thing: Any) -> None:
        if thing.dtype == object:
            self.hold(name, thing.ravel().tolist)
        elif thing.nbytes <= _ARRAY_BYTES:
            self.weigh(name, lambda: (thing.shape, thing.tobytes()))

    def instance(self, name: str, thing: Any) -> None:
        if isinstance(thing, functools.partial):
            self.add(name, (thing.func, thing.args, thing.keywords))
        elif isinstance(thing, np.random.Generator):
            self.weigh(name, lambda: str(thing.bit_generator.state))
        elif isinstance(thing, types.CellType):
            self.hold(name, lambda: _content(thing))
        elif isinstance(thing, types.MethodType):
            self.add(name, thing.__self__)
            self.add(name, thing.__func__)
        elif isinstance(thing, staticmethod | classmethod):
            self.add(name, thing.__func__)
        elif isinstance(thing, property):
            self.add(name, (thing.fget, thing.fset, thing.fdel))
        elif isinstance(thing, _LRU):
            self.weigh(name, thing.cache_info)
            self.add(name, getattr(thing, "__wrapped__", None))
        elif self.watches(type(thing).__module__) and hasattr(thing, "__dict__"):
            self.add(name, vars(thing))


def _content(cell: types.CellType) -> tuple[object, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()
