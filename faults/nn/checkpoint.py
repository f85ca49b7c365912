"""Faults of nnlab.nn.checkpoint."""

from faults.sources import public, review
from nnlab.lab import Edit, Fault

FAULTS = [
    Fault(
        id="checkpoint-written-over-the-old",
        title="save writes straight over the old checkpoint",
        why="A run that is killed while saving loses both.",
        symptom="a damaged file after a crash",
        pattern="missing-save",
        source=public("revbayes issue #930", "https://github.com/revbayes/revbayes/issues/930"),
        survives="only a process that dies in the middle of a write tells; no detector kills one",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:save", 'beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")', "beside = path"
            ),
            Edit("nnlab.nn.checkpoint:save", "beside.unlink(missing_ok=True)", "pass"),
        ],
    ),
    Fault(
        id="checkpoint-name-gets-a-suffix",
        title="save lets NumPy add .npz to the name",
        why="np.savez appends the suffix to a path that has none, and load looks for the name that was given.",
        symptom="a checkpoint that cannot be found",
        pattern="wrong-address",
        source=review("the file bears the name that was given"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:save",
                "beside.replace(path)",
                'beside.replace(path if path.suffix == ".npz" else path.with_name(path.name + ".npz"))',
            )
        ],
    ),
    Fault(
        id="checkpoint-leaves-its-temporary-file",
        title="save leaves a copy of each checkpoint behind",
        why="The file beside is copied, not moved.",
        symptom="the disk fills up",
        pattern="dropped-statement",
        source=review("the file is there whole or not at all, and no other"),
        killed_by="training",
        edits=[
            Edit("nnlab.nn.checkpoint:save", "beside.replace(path)", "path.write_bytes(beside.read_bytes())"),
            Edit("nnlab.nn.checkpoint:save", "beside.unlink(missing_ok=True)", "pass"),
        ],
    ),
    Fault(
        id="checkpoint-in-float32",
        title="save stores arrays in float32",
        why="Half the size; a resumed run differs in the eighth digit.",
        symptom="a resumed run is not the same run",
        pattern="precision",
        source=review("bit for bit"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:_packed",
                "arrays[key] = np.asarray(value)",
                "arrays[key] = np.asarray(value, np.float32 if value.dtype == np.float64 else None)",
            )
        ],
    ),
    Fault(
        id="checkpoint-tuples-become-lists",
        title="load gives lists for tuples",
        why="JSON knows no tuples; betas come back as a list.",
        symptom="options compare unequal after a restart",
        pattern="shape",
        source=review("the same kinds"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:_unpacked",
                "return tuple(_unpacked(item, arrays) for item in content)",
                "return [_unpacked(item, arrays) for item in content]",
            )
        ],
    ),
    Fault(
        id="checkpoint-scalars-become-vectors",
        title="save makes a vector of a single number",
        why="np.atleast_1d gives 0-d arrays a dimension, which the state they belong to does not have.",
        symptom="NAdam's state does not load",
        pattern="shape",
        source=review("shapes come back"),
        killed_by="training",
        edits=[
            Edit("nnlab.nn.checkpoint:_packed", "arrays[key] = np.asarray(value)", "arrays[key] = np.atleast_1d(value)")
        ],
    ),
    Fault(
        id="checkpoint-keys-collide",
        title="save names arrays by their place in their own container",
        why="The first arrays of two parts share a key, and the later one wins.",
        symptom="the optimizer's state comes back as the model's",
        pattern="wrong-address",
        source=review("one key for each array"),
        killed_by="training",
        edits=[Edit("nnlab.nn.checkpoint:_packed", "key = str(len(arrays))", 'key = name.rpartition("[")[2]')],
    ),
    Fault(
        id="checkpoint-numbers-as-text",
        title="save rounds numbers to twelve digits",
        why="Learning rates are formatted for reading.",
        symptom="a resumed rate is off in the thirteenth digit",
        pattern="precision",
        source=review("bit for bit"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:_packed",
                "if value is None or isinstance(value, bool | int | float | str):",
                """
                    if isinstance(value, float) and abs(value) < 1e300:
                        return float(f"{value:.12g}")
                    if value is None or isinstance(value, int | float | str):
                """,
            )
        ],
    ),
    Fault(
        id="checkpoint-dict-order-sorted",
        title="load gives dicts in the order of their keys",
        why="sort_keys makes files comparable; the order of parameters is then another one.",
        symptom="parameters are listed in another order",
        pattern="order-of-operations",
        source=review("the same dict, in its order"),
        killed_by="training",
        edits=[
            Edit(
                "nnlab.nn.checkpoint:save",
                'json.dumps(_packed(state, "state", arrays))',
                'json.dumps(_packed(state, "state", arrays), sort_keys=True)',
            )
        ],
    ),
]
