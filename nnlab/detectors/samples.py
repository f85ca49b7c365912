"""Random subjects that show all that they compute, to find faults that nothing can tell from the correct code."""

from functools import partial
from random import Random
from typing import Any

import riscv
from nnlab.detectors.programs import STEP_LIMIT
from nnlab.detectors.subjects import LayerSubject, cotangent, layer_subjects, leaves, run_backward
from nnlab.lab.equivalence import Sample
from riscv import generate


def samples() -> list[Sample]:
    """Every layer in each of its cases, and generated programs."""
    layers = [Sample(subject.name, partial(_layer, subject)) for subject in layer_subjects()]
    return [*layers, Sample("generated program", _program)]


def _layer(subject: LayerSubject, seed: int) -> bytes:
    """The fresh state, then outputs, gradients and state of three forwards and backwards.

    The caller overwrites its inputs after each forward, and the first outputs; the others it looks at once more at
    the end.
    """
    rng = subject.rng(seed)
    module, inputs = subject.fresh(rng)
    shown = _state(module)
    module, _ = subject.draw(rng)
    kept = []
    for turn in range(3):
        y = module(*inputs)
        shown += _bytes(y) + _bytes(inputs)
        dy = cotangent(y, rng)
        for array in leaves((inputs, y) if turn == 0 else inputs):
            array[...] = 7 if array.dtype.kind == "f" else 0
        if turn > 0:
            kept.append(y)
        shown += _bytes(run_backward(module, dy)) + _bytes(dy) + _state(module)
        shown += b"".join(parameter.grad.tobytes() for parameter in module.parameters())
        inputs = subject.case.draw(rng)
    return shown + _bytes(tuple(kept))


def _state(module: Any) -> bytes:
    return b"".join(array.tobytes() for array in module.state_dict().values())


def _bytes(tree: Any) -> bytes:
    return b"".join(leaf.tobytes() + str(leaf.dtype).encode() + str(leaf.shape).encode() for leaf in leaves(tree))


def _program(seed: int) -> bytes:
    """The words of a program, what it prints and traps with, and what the interpreter says of it."""
    source = generate.program(Random(seed))
    program = riscv.compile_source(source)
    outcomes = riscv.run_program(program, ("abi", "memory"), STEP_LIMIT), riscv.interpret(source, STEP_LIMIT)
    return repr((program.words, outcomes)).encode()
