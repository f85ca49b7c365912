"""A pure step that many probes share: what it gave is given again for as long as its code is what it was then.

Eight detectors compile the same programs, and a fault leaves most of what happens to them as it was: one of the
back end that changes no line of a program changes nothing in the assembler and the emulator.
"""

import ast
import operator
import sys
import time
import traceback
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import resolve_name
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar, cast

from nnlab.lab.reach import Recorder

P = ParamSpec("P")
R = TypeVar("R")

#: So many states of the code are remembered, and so many answers in each: the oldest are forgotten.
STATES, ANSWERS = 4, 2000


def stage(*modules: str, alone: Iterable[str] = ()) -> Callable[[Callable[P, R]], "Stage[P, R]"]:
    """Make a function a stage: it may execute these modules and what they import from their packages, nothing else.

    Of the modules `alone` it executes only what stands there itself.
    """
    return lambda run: Stage(run, modules, alone)


@dataclass(frozen=True)
class _Answer(Generic[R]):
    """What a stage gave, or raised; and, if that was recorded, what it executed in how many seconds."""

    given: R | None
    error: Exception | None
    place: types.TracebackType | None
    recorder: Recorder | None
    seconds: float

    def again(self) -> R:
        """The same, and an exception with the place where it was raised first."""
        if self.error:
            raise self.error.with_traceback(self.place)
        return cast(R, self.given)


class Stage(Generic[P, R]):
    """A function of hashable arguments that changes nothing, and whose result nobody changes.

    It looks at the live code at every call, so it notices whatever is injected or patched there. Whoever records which
    functions are executed is told of those that were executed when it was recorded first.
    """

    def __init__(self, run: Callable[P, R], modules: Iterable[str], alone: Iterable[str] = ()) -> None:
        self.run, self.modules, self.alone = run, tuple(modules), tuple(alone)
        self._code: _Code | None = None
        self._states: deque[tuple[list[object], OrderedDict[object, _Answer[R]]]] = deque(maxlen=STATES)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        trace = sys.gettrace()
        recorder = trace if isinstance(trace, Recorder) else None
        sys.settrace(None if recorder else trace)  # what follows is not the code under test
        try:
            return self._answer(partial(self.run, *args, **kwargs), (args, tuple(kwargs.items())), recorder).again()
        finally:
            sys.settrace(trace)

    def _answer(self, run: Callable[[], R], key: object, recorder: Recorder | None) -> _Answer[R]:
        answers = self._answers()
        answer = answers.get(key)
        if answer and recorder and answer.recorder:
            recorder.saved += answer.seconds
        elif answer is None or recorder:
            answer = answers[key] = _asked(run, recorder)
            if len(answers) > ANSWERS:
                answers.popitem(last=False)
        answers.move_to_end(key)
        if recorder and answer.recorder:
            recorder.include(answer.recorder)
        return answer

    def _answers(self) -> OrderedDict[object, _Answer[R]]:
        """What was answered with the code as it is now."""
        self._code = self._code or _Code(self.modules, self.alone)
        now = self._code.state()
        for i, (state, answers) in enumerate(self._states):
            if len(state) == len(now) and all(map(operator.is_, state, now)):
                if i:
                    del self._states[i]
                    self._states.appendleft((state, answers))
                return answers
        self._states.appendleft((now, OrderedDict()))
        return self._states[0][1]


def _asked(run: Callable[[], R], recorder: Recorder | None) -> _Answer[R]:
    own, started = Recorder() if recorder else None, time.process_time()
    given, error, place = None, None, None
    try:
        given = own.record(run) if own else run()
    except Exception as raised:
        error, place = raised, raised.__traceback__
        traceback.clear_frames(place)  # what the frames held may be large
    return _Answer(given, error, place, own, time.process_time() - started)


class _Code:
    """The live code, constants and attributes of modules, of what some of them import from their packages too."""

    def __init__(self, modules: Iterable[str], alone: Iterable[str] = ()) -> None:
        found = [sys.modules[name] for name in sorted(_imported(modules).union(alone))]
        names = {module.__name__ for module in found}
        self.spaces: list[Mapping[str, object]] = []
        self.functions: list[types.FunctionType] = []
        todo: list[types.ModuleType | type] = list(found)
        seen: set[int] = set()
        while todo:
            self.spaces.append(space := vars(todo.pop()))
            for thing in space.values():
                if isinstance(thing, type) and thing.__module__ in names and id(thing) not in seen:
                    seen.add(id(thing))
                    todo.append(thing)
                self.functions += [f for f in _functions(thing) if f.__module__ in names]

    def state(self) -> list[object]:
        """Everything that a fault, a patch or a leak may exchange: equal if each of it is the same object."""
        state = [thing for space in self.spaces for thing in space.values()]
        state += [function.__code__ for function in self.functions]
        state += [function.__defaults__ for function in self.functions]
        state += [function.__kwdefaults__ for function in self.functions]
        return state


def _functions(thing: object) -> Iterator[types.FunctionType]:
    """The functions that something stands for: itself, a method, those of a property, what a decorator has wrapped."""
    parts = (getattr(thing, name, None) for name in ("__func__", "fget", "fset", "__wrapped__"))
    yield from (part for part in (thing, *parts) if isinstance(part, types.FunctionType))


def _imported(modules: Iterable[str]) -> set[str]:
    """These modules and all that they import from the same packages, wherever the import stands, by their source."""
    todo, found = list(modules), set(modules)
    packages = {name.partition(".")[0] for name in todo}
    while todo:
        module = sys.modules[todo.pop()]
        tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        names = {name for node in ast.walk(tree) for name in _names(node, module.__package__ or "")}
        new = {name for name in names if name.partition(".")[0] in packages and name in sys.modules} - found
        found |= new
        todo += new
    return found


def _names(node: ast.AST, package: str) -> Iterator[str]:
    """The modules from which an import in a module of this package takes something."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        name = resolve_name("." * node.level + (node.module or ""), package)
        inner = [f"{name}.{alias.name}" for alias in node.names]
        yield from (module if module in sys.modules else name for module in inner)
