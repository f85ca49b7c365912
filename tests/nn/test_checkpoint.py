"""Checkpoints: what comes back, what cannot be saved, and files that are not what they should be."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import load, save

STATE = {
    "model": {"0.weight": np.arange(6.0).reshape(2, 3), "0.bias": np.zeros(3, np.float32)},
    "step": 7,
    "lr": 0.1,
    "best": float("-inf"),
    "done": False,
    "name": "γ",
    "nothing": None,
    "betas": (0.9, (0.999, [], np.arange(2))),
    "list": [np.int64(3), {}, np.zeros((0, 2))],
}


def assert_same(found: Any, wanted: Any) -> None:
    if isinstance(wanted, np.ndarray | np.generic):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted, strict=True)
    elif isinstance(wanted, dict):
        assert list(found) == list(wanted)
        for key in wanted:
            assert_same(found[key], wanted[key])
    elif isinstance(wanted, list | tuple):
        assert type(found) is type(wanted)
        for a, b in zip(found, wanted, strict=True):
            assert_same(a, b)
    else:
        assert (type(found), found) == (type(wanted), wanted)


def test_what_is_saved_comes_back_with_its_types(tmp_path: Path) -> None:
    save(tmp_path / "all.npz", STATE)
    wanted = STATE | {"list": [np.array(3), {}, np.zeros((0, 2))]}
    assert_same(load(str(tmp_path / "all.npz")), wanted)


@pytest.mark.parametrize("state", [3.5, "text", None, [1, 2], np.arange(3)])
def test_a_state_need_not_be_a_dict(state: Any, tmp_path: Path) -> None:
    save(str(tmp_path / "x"), state)
    assert_same(load(tmp_path / "x"), state)


def test_the_file_bears_exactly_the_name_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    save(tmp_path / "model.ckpt", STATE)
    save(tmp_path / "model.ckpt", {"step": 8})
    assert [path.name for path in tmp_path.iterdir()] == ["model.ckpt"]
    assert load(tmp_path / "model.ckpt") == {"step": 8}


def test_the_file_is_an_ordinary_npz_without_pickle(tmp_path: Path) -> None:
    save(tmp_path / "x.npz", {"a": np.arange(3), "b": [np.ones(2)]})
    with np.load(tmp_path / "x.npz", allow_pickle=False) as file:
        assert sorted(file.files) == ["0", "1", "nnlab.json"]
        np.testing.assert_array_equal(file["1"], np.ones(2))


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.npz"
    save(path, {"step": 1})

    def full(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        save(path, {"step": 2})
    assert load(path) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def synced(number: int) -> None:
        (beside,) = tmp_path.iterdir()
        assert beside.name == f"x.npz.{os.getpid()}.tmp"
        seen.append(zipfile.is_zipfile(beside) and os.fstat(number).st_ino == beside.stat().st_ino)

    monkeypatch.setattr(os, "fsync", synced)
    save(tmp_path / "x.npz", STATE)
    assert seen == [True]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"a": [1, {2}]}, "state['a'][1] is {2}, which"),
        ({"a": ({"b": 1j},)}, "state['a'][0]['b'] is 1j, which"),
        ({3: 4}, "state is {3: 4}, which"),
        (np.array([None]), "state is array([None], dtype=object), which"),
    ],
)
def test_what_a_checkpoint_cannot_hold_is_refused_and_nothing_written(state: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        save(tmp_path / "x", state)
    assert str(caught.value) == (
        f"save: {words} a checkpoint cannot hold; make it of arrays, numbers, text, lists and dicts"
    )
    assert list(tmp_path.iterdir()) == []


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load(path)
    return str(caught.value)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "x.npz", tmp_path):
        assert refusal(path) == f"load: there is no file {path}; look for a typing error, or save it first"


@pytest.mark.parametrize("content", [b"", b"text", pickle.dumps({"a": 1})], ids=["empty", "text", "pickle"])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    assert refusal(path) == f"load: {path} is no .npz file, or a damaged one; load what nnlab.nn.save wrote"


def test_an_npz_or_zip_of_someone_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, a=np.ones(2))
    assert refusal(path) == f"load: {path} was not written by nnlab.nn.save; read it with what wrote it"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", pickle.dumps({"a": 1}))
    assert refusal(path) == f"load: {path} was not written by nnlab.nn.save; read it with what wrote it"


def test_a_file_with_pickled_objects_is_refused_and_they_are_not_made(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, **{"nnlab.json": np.array([Explosive()], object)})
    assert refusal(path).startswith(f"load: {path} is damaged or holds pickled objects (Object arrays cannot be loaded")
    assert refusal(path).endswith("); load another copy")


class Explosive:
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return exec, ("raise SystemExit('unpickled')",)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    save(path, STATE)
    whole = path.read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "damaged" in refusal(path)


def test_a_file_with_any_byte_of_an_array_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    save(path, {"a": np.full(9, 3.0)})
    whole = path.read_bytes()
    start = whole.index(np.full(9, 3.0).tobytes())
    for at in range(start, start + 72, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        assert refusal(path).startswith(f"load: {path} is damaged or holds pickled objects (")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting property name"),
        ('{"array": "7"}', "'7'"),
        ('{"dict": 3}', "'int' object"),
        ('{"tuple": 3}', "'int' object"),
        ('{"a": 1, "b": 2}', "too many values"),
        ('{"a": 1}', "a is unknown); load another copy"),
        ('{"array": [1]}', ""),
        ("\udc80", "'utf-8' codec"),
    ],
)
def test_a_file_whose_text_does_not_fit_is_refused(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    content = np.frombuffer(text.encode(errors="surrogateescape"), np.uint8)
    np.savez(path, **{"nnlab.json": content})
    assert refusal(path).startswith(f"load: {path} is damaged or holds pickled objects ({why}")


def test_an_entry_that_is_no_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as file:
        text = io.BytesIO()
        np.save(text, np.frombuffer(b'{"array": "0"}', np.uint8))
        file.writestr("nnlab.json.npy", text.getvalue())
        file.writestr("0.npy", b"not an array")
    assert refusal(path) == f"load: {path} is damaged or holds pickled objects (entry 0 is no array); load another copy"
