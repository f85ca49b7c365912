"""refusal: bad input is refused in one sentence that names layer and argument; what may be left out, may be.

A cotangent must have the shape and dtype of its output, no layer computes in integers, none mixes dtypes; which shapes
of inputs are refused is stated in `refused_inputs.py`, the bounds of settings in `refused_settings.py`.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.refused_inputs import MAY, PARTS, SHAPES, THEMSELVES
from nnlab.detectors.refused_runs import call_checks
from nnlab.detectors.refused_settings import setting_checks
from nnlab.detectors.subjects import LayerSubject, cotangent, layer_subjects, require
from nnlab.errors import InputError
from nnlab.gradcheck.trees import is_float, leaves, rebuild
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from nnlab.nn.case import Indices
from nnlab.nn.loss import Loss

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Bad:
    """A value in place of a right one: how it is wrong, what its refusal must say and whether it may be answered.

    A layer that speaks of another argument, which this one no longer fits, says `words` only.
    """

    how: str
    value: Any
    words: tuple[str, ...] = ()
    of_itself: tuple[str, ...] = ()
    others: bool = False
    must: bool = True


def probes() -> list[Probe]:
    """For each subject its inputs, its cotangents, and those of them that may be left out."""
    found = []
    for subject in layer_subjects():
        found.append(Probe(f"{subject.name} inputs", partial(_inputs, subject), seeded=False))
        found.append(Probe(f"{subject.name} cotangents", partial(_cotangents, subject), seeded=False))
        if any(p.default is not p.empty for p in parameters(subject.layer.backward)):
            found.append(Probe(f"{subject.name} left out", partial(_left_out, subject), seeded=False))
    return found + [Probe(name, check, seeded=False) for name, check in [*setting_checks(), *call_checks()]]


def _inputs(subject: LayerSubject, seed: int) -> None:
    """Each array among the inputs in turn replaced by bad ones."""
    module, inputs = subject.draw(subject.rng(0))
    specs = list(leaves(subject.case.inputs))
    alone = not list(module.parameters()) and sum(map(is_float, leaves(inputs))) == 1
    for i, (name, x) in enumerate(zip(named(module.forward, inputs), leaves(inputs), strict=True)):
        if not isinstance(x, np.ndarray):
            continue
        argument = f"{type(module).__name__}.{name}"
        bads = [replace(bad, others=True, must=bad.how in SHAPES.get(argument, ())) for bad in reshaped(x)]
        bads += retyped(x, alone or name.endswith("mask"))  # a mask is brought to the dtype of the scores
        if isinstance(specs[i], Indices):
            bads += [Bad("too high", np.full_like(x, specs[i].high)), Bad("negative", np.full_like(x, -1))]
        if not may_be_none(module.forward, name):
            bads.append(Bad("None", None))
        for bad in bads:
            refused(module, module.forward, name, bad, with_leaf(inputs, i, bad.value))


def _cotangents(subject: LayerSubject, seed: int) -> None:
    """The cotangent of each floating-point output in turn replaced by bad ones."""
    module, inputs = subject.draw(subject.rng(0))
    dy = cotangents(module, inputs, subject.rng(1))
    for i, (name, x) in enumerate(zip(named(module.backward, dy), leaves(dy), strict=True)):
        if not is_float(x):
            continue
        rule = {"first": (str(x.shape),), "last": (str(x.shape).rpartition(" ")[2],)}  # "(2, 3)", "3)"
        bads = [replace(bad, of_itself=bad.of_itself + rule.get(bad.how, ())) for bad in reshaped(x)]
        bads += retyped(x, isinstance(module, Loss))
        if not may_be_none(module.backward, name):
            bads.append(Bad("None", None))
        for bad in bads:
            refused(module, module.backward, name, replace(bad, others=False), with_leaf(dy, i, bad.value))


def reshaped(x: Array) -> Iterator[Bad]:
    """`x` with one dimension more, one fewer, and with its first or last one larger."""
    found = {"more": x[None]}
    if x.ndim:
        found |= {"fewer": x[0], "first": np.concatenate([x, x[-1:]]), "last": np.concatenate([x, x[..., -1:]], -1)}
    for how, value in found.items():
        yield Bad(how, np.asarray(value), of_itself=(str(np.shape(value)),) if is_float(x) else ())


def retyped(x: Array, any_float: bool) -> Iterator[Bad]:
    """`x` in a dtype that the layer does not take; `any_float` where it takes each floating-point one."""
    if is_float(x):
        yield Bad("integers", np.zeros(x.shape, np.int64), ("floating-point", "int64"))
        if not any_float:
            yield Bad("float32", x.astype(np.float32), ("float32", "float64"), others=True)
    elif x.dtype != bool:
        yield Bad("float64", x.astype(np.float64), others=True)


def refused(module: nn.Module, function: Function, name: str, bad: Bad, inputs: tuple[Any, ...]) -> None:
    """Raise Detected unless the module, or one that it is made of, refuses the inputs in the words of `bad`."""
    own, argument = type(module).__name__, f"{type(module).__name__}.{name}"
    must = bad.must and bad.how not in MAY.get(argument, ())
    what = f"{own}.{function.__name__} with {name} {bad.how}: expected InputError"
    try:
        function(*inputs)
    except InputError as error:
        said = str(error)
    except Exception as error:
        raise Detected(f"{what}, got {type(error).__name__}: {error}") from error
    else:
        require(not must, f"{what}, got an answer")
        return
    layer, _, sentence = said.partition(": ")
    parts = [] if argument in THEMSELVES else module.modules()
    speakers = {type(part).__name__: part for part in [*parts, module]}
    require(layer in speakers, f"{what} of {own} or a part of it, got: {said}")
    require("; " in sentence, f"{what} that says what to do next, got: {said}")
    if not must:
        return
    subject = re.match(r"\w*", sentence)
    word = subject[0] if subject else ""
    if speakers[layer] is not module:
        known = [n for f in (speakers[layer].forward, speakers[layer].backward) for n in words(f)]
    elif bad.others:
        known = [*words(function), *vars(module)]
    else:
        known = [name]
    require(word in known, f"{what} that names {name}, got: {said}")
    wanted = bad.words + (bad.of_itself if speakers[layer] is module and word == name else ())
    lacking = [w for w in wanted if w not in sentence]
    require(not lacking, f"{what} that says {', '.join(lacking)}, got: {said}")


def _left_out(subject: LayerSubject, seed: int) -> None:
    """A cotangent left out is zeros of the layer's dtype, but the only one, that of a loss, 1."""
    module, inputs = _single(subject)
    dy = cotangents(module, inputs, subject.rng(1))
    flat, names = list(leaves(dy)), named(module.backward, dy)
    optional = [i for i, name in enumerate(names) if may_be_none(module.backward, name) and is_float(flat[i])]
    for i in optional:
        zeros = np.zeros_like(flat[i])
        _same(subject, names[i], with_leaf(dy, i, None), with_leaf(dy, i, zeros))
    for count in range(len(dy)):
        missing = parameters(module.backward)[count:]
        if all(p.default is None for p in missing):
            zeros = rebuild(dy[count:], (np.zeros_like(x) if is_float(x) else x for x in leaves(dy[count:])))
            _same(subject, ", ".join(p.name for p in missing), dy[:count], (*dy[:count], *zeros))
    if isinstance(module, Loss) and np.shape(dy[0]) == ():
        _same(subject, "dy", (), (np.array(1.0),))


def _same(subject: LayerSubject, name: str, given: tuple[Any, ...], written: tuple[Any, ...]) -> None:
    """Raise Detected unless the gradients are the same with both cotangents."""
    found = []
    for dy in given, written:
        module, inputs = _single(subject)
        module(*inputs)
        gradients = module.backward(*dy)
        found.append([*leaves(gradients), *(p.grad for p in module.parameters())])
    for i, (got, expected) in enumerate(zip(*found, strict=True)):
        equal = got is expected if got is None or expected is None else np.array_equal(got, expected)
        require(equal, f"gradient {i} without {name}: expected {expected}, got {got}")


def _single(subject: LayerSubject) -> tuple[nn.Module, tuple[Any, ...]]:
    """The layer in float32, where what is filled in could be of another dtype; one made of given layers has none."""
    given = (*subject.case.args, *subject.case.kwargs.values())
    dtype = np.float64 if any(map(callable, given)) else np.float32
    module, inputs = subject.draw(subject.rng(0), dtype)
    return module, rebuild(inputs, (np.asarray(x, dtype) if is_float(x) else x for x in leaves(inputs)))


def cotangents(module: nn.Module, inputs: tuple[Any, ...], rng: np.random.Generator) -> tuple[Any, ...]:
    """Gaussian cotangents, one for each output of a forward."""
    dy = cotangent(module(*inputs), rng)
    return dy if isinstance(dy, tuple) else (dy,)


def parameters(function: Function) -> list[inspect.Parameter]:
    return [p for p in inspect.signature(function).parameters.values() if p.name != "self"]


def named(function: Function, values: tuple[Any, ...]) -> list[str]:
    """The names of the leaves of positional arguments."""
    given = parameters(function)
    found: list[str] = []
    for i, value in enumerate(values):
        name = given[0 if given[0].kind is inspect.Parameter.VAR_POSITIONAL else i].name
        count = len(list(leaves(value)))
        found += PARTS.get(name, [name] * count) if isinstance(value, tuple) else [name]
    return found


def words(function: Function) -> list[str]:
    """What a sentence may call the arguments."""
    return [word for p in parameters(function) for word in (p.name, *PARTS.get(p.name, ()))]


def may_be_none(function: Function, name: str) -> bool:
    """Whether an argument, or what it is a part of, may be left out; nothing is known of `*inputs`."""
    whole = next(p for p in parameters(function) if name in (p.name, *PARTS.get(p.name, ())))
    return whole.default is None or whole.kind is whole.VAR_POSITIONAL


def with_leaf(tree: Any, i: int, value: Any) -> Any:
    """Nested tuples like `tree`, with another i-th leaf."""
    flat = list(leaves(tree))
    return rebuild(tree, iter([*flat[:i], value, *flat[i + 1 :]]))


DETECTOR = Detector(
    name="refusal",
    summary="bad inputs and settings are refused by name; what may be left out may be",
    probes=probes,
    example=Fault(
        id="example-refusal",
        title="Every array is taken, of whatever shape",
        pattern="dropped-statement",
        source=Cited("nnlab", "blatant example"),
        edits=[Edit("nnlab.nn.arrays:check_shape", "len(tail) == len(sizes) and all(", "True or all(")],
    ),
)
