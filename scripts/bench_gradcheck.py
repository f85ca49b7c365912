"""Time gradient checkers, and count what they find, on six layers, one thread, in one run.

    python scripts/bench_gradcheck.py                        all layers, a table
    python scripts/bench_gradcheck.py LSTM --trials 50       one layer, more planted errors
    python scripts/bench_gradcheck.py --json gradcheck.json  also as data

Time is CPU time: of nnlab's checker on nnlab's layers, of torch's on torch's own, of JAX's and autograd's on nnlab's
layers, with inputs and all parameters in float64. Detection: in one entry of one gradient, backward is off by delta
times the root mean square of that gradient; every checker is handed the same function and the same wrong vjp. What is
not installed is left out with a note.
"""

import argparse
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DELTAS = (1e-2, 1e-4, 1e-6)
#: Checkers that take seconds for a layer; they get one planted error each.
SLOW = ("torch slow",)
Timed = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers", nargs="*", help="names of the six; all by default")
    parser.add_argument("--trials", type=int, default=20, help="planted errors for each layer and delta (default: 20)")
    parser.add_argument(
        "--rounds", type=int, default=9, help="timings of each, of which the median counts (default: 9)"
    )
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON")
    options = parser.parse_args(arguments)
    from bench_gradcheck_layers import LAYERS

    if unknown := set(options.layers) - LAYERS.keys():
        parser.error(f"there is no layer {', '.join(sorted(unknown))}; choose from {', '.join(LAYERS)}")
    checkers = available()
    rows: list[dict[str, Any]] = []
    for name in options.layers or LAYERS:
        times = measured(name, options.rounds)
        found = detected(name, checkers, options.trials)
        rows.append({"layer": name, "ms": times, "found": found})
        print_row(name, times, found)
    faster = all(row["ms"]["nnlab"] < row["ms"].get("torch fast", float("inf")) for row in rows)
    if options.json:
        data = {"schema": "nnlab.bench-gradcheck/1", "deltas": DELTAS, "trials": options.trials, "layers": rows}
        Path(options.json).write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return 0 if faster else 1


def available() -> dict[str, Callable[..., None]]:
    """Every installed checker, which raises Detected where it finds fault with a layer."""
    from bench_gradcheck_peers import OURS, PEERS

    checkers: dict[str, Callable[..., None]] = dict(OURS)
    for package, makers in PEERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{package} is not installed and left out; pip install {package}", file=sys.stderr)
        else:
            checkers |= {name: make() for name, make in makers.items()}
    return checkers


def measured(name: str, rounds: int) -> Timed:
    """Median milliseconds of CPU; the checkers take turns, each four times in a row as its caches are then its own."""
    import bench_gradcheck_peers as peers
    from bench_gradcheck_layers import LAYERS

    runs = peers.timed_runs(LAYERS[name])
    times: dict[str, list[float]] = {checker: [] for checker in runs}
    for checker, run in runs.items():
        if checker not in SLOW:
            run()  # a first call imports, allocates and plans
    for _ in range(rounds):
        for checker, run in runs.items():
            few = 1 if checker in (*SLOW, "nnlab exact", "jax") else 4
            if checker in SLOW and times[checker]:
                continue
            start = time.process_time()
            for _ in range(few):
                run()
            times[checker].append(1e3 * (time.process_time() - start) / few)
    return {checker: sorted(each)[len(each) // 2] for checker, each in times.items()}


def detected(name: str, checkers: dict[str, Callable[..., None]], trials: int) -> dict[str, list[float]]:
    """The share of planted errors that each checker finds, for each delta; the last number is that of delta 0."""
    from bench_gradcheck_layers import LAYERS, Planted
    from bench_gradcheck_peers import finds

    shares: dict[str, list[float]] = {}
    for checker, judge in checkers.items():
        shares[checker] = []
        for delta in (*DELTAS, 0.0):
            count = 1 if checker in SLOW else min(trials, 3) if checker == "nnlab exact" else trials
            hits = sum(finds(judge, Planted(LAYERS[name], trial, delta), trial) for trial in range(count))
            shares[checker].append(hits / count)
    return shares


def print_row(name: str, times: Timed, found: dict[str, list[float]]) -> None:
    print(name)
    print(f"  {'checker':16}{'ms':>10}{'/ nnlab':>10}" + "".join(f"{f'{d:g}':>9}" for d in DELTAS) + f"{'none':>9}")
    for checker in found:
        ms = times.get(checker)
        timing = f"{ms:10.2f}{ms / times['nnlab']:10.2f}" if ms is not None else f"{'':20}"
        print(f"  {checker:16}{timing}" + "".join(f"{share:9.0%}" for share in found[checker]))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # read when NumPy and torch are imported
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    sys.exit(main())
