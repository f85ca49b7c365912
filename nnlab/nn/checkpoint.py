"""Checkpoints: save and load the states of modules, optimizers and schedules, as arrays and text without pickle."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from nnlab.errors import InputError

__all__ = ["load", "save"]

TREE = "nnlab.json"


def save(path: str | os.PathLike[str], state: Any) -> None:
    """Write `state` to a .npz file that holds nothing but arrays and JSON; the file is there whole or not at all.

    `state` is made of arrays, numbers, text, True, False and None in lists, tuples and dicts with text as keys, such
    as {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}.
    """
    path = Path(path)
    arrays: dict[str, Any] = {}
    text = json.dumps(_packed(state, "state", arrays))
    arrays[TREE] = np.frombuffer(text.encode(), np.uint8)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> Any:
    """What `save` wrote to `path`; nothing in a file is ever executed."""
    if not Path(path).is_file():
        raise InputError(f"load: there is no file {path}; look for a typing error, or save it first")
    if not zipfile.is_zipfile(path):
        raise InputError(f"load: {path} is no .npz file, or a damaged one; load what nnlab.nn.save wrote")
    try:
        with np.load(path) as file:  # which refuses pickled objects unless told otherwise
            arrays = dict(file)
        state = _unpacked(json.loads(arrays[TREE].tobytes()), arrays) if TREE in arrays else None
    except Exception as error:  # a damaged file may break anything above
        raise InputError(f"load: {path} is damaged or holds pickled objects ({error}); load another copy") from error
    if TREE not in arrays:
        raise InputError(f"load: {path} was not written by nnlab.nn.save; read it with what wrote it")
    return state


def _packed(value: Any, name: str, arrays: dict[str, Any]) -> Any:
    """`value` as JSON, in which {"array": key} stands for an entry of `arrays`."""
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        key = str(len(arrays))
        arrays[key] = np.asarray(value)
        return {"array": key}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _packed(item, f"{name}[{key!r}]", arrays) for key, item in value.items()}}
    if isinstance(value, list | tuple):
        items = [_packed(item, f"{name}[{i}]", arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(
        f"save: {name} is {value!r}, which a checkpoint cannot hold; make it of arrays, numbers, text, lists and dicts"
    )


def _unpacked(tree: Any, arrays: dict[str, Any]) -> Any:
    if isinstance(tree, list):
        return [_unpacked(item, arrays) for item in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    if kind == "array":
        if not isinstance(arrays[content], np.ndarray):
            raise ValueError(f"entry {content} is no array")
        return arrays[content]
    if kind == "tuple":
        return tuple(_unpacked(item, arrays) for item in content)
    if kind == "dict":
        return {key: _unpacked(item, arrays) for key, item in content.items()}
    raise ValueError(f"{kind} is unknown")
