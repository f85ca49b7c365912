"""Time forward and backward of every module beside torch's, on one thread, in one run.

    python scripts/bench_nn.py                      all modules, a table with the slowest last
    python scripts/bench_nn.py Conv2d LSTM          these two
    python scripts/bench_nn.py --json ratios.json   also as data

Both get the same weights, inputs and cotangents in float32; their runs alternate, and the ratio is that of the
medians. torch computes the same formula in its own operations where it has no such module. Needs the extra `peers`.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

#: Ratios above this need a reason.
LIMIT = 10.0
REASONS: dict[str, str] = {}


@dataclass(frozen=True)
class Timed:
    """One module: milliseconds of a forward and backward."""

    name: str
    ours: float
    torch: float

    @property
    def ratio(self) -> float:
        return self.ours / self.torch

    @property
    def in_torch(self) -> bool:
        from nnlab import nn

        found: bool = getattr(nn, self.name).in_torch
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="names of nnlab.nn; all by default")
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each module (default: 0.3)")
    parser.add_argument("--json", metavar="FILE", help="also write the ratios as JSON")
    options = parser.parse_args(arguments)
    from bench_sizes import SIZES

    if unknown := set(options.modules) - SIZES.keys():
        parser.error(f"no size is known for {', '.join(sorted(unknown))}; add it to scripts/bench_sizes.py")
    import torch
    from rich.console import Console
    from rich.progress import track

    torch.set_num_threads(1)
    found = []
    for name in track(options.modules or list(SIZES), "Timing", console=Console(stderr=True), transient=True):
        found.append(timed(name, SIZES[name], options.seconds))
    report(sorted(found, key=lambda t: t.ratio))
    if options.json:
        data = {"schema": "nnlab.bench-nn/1", "torch": torch.__version__}
        rows = [{"module": t.name, "ours_ms": t.ours, "torch_ms": t.torch, "ratio": t.ratio} for t in found]
        Path(options.json).write_text(json.dumps({**data, "modules": rows}, indent=1) + "\n", "utf-8")
    return 1 if any(t.ratio > LIMIT and t.name not in REASONS for t in found) else 0


def timed(name: str, case: Any, seconds: float) -> Timed:
    """Alternate the two until the time is used up, at least five times each."""
    ours, theirs = steps(name, case)
    both: tuple[list[float], list[float]] = ([], [])
    ours(), theirs()  # a first call allocates and plans
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(both[0]) < 5:
        for step, times in zip((ours, theirs), both, strict=True):
            start = time.perf_counter()
            step()
            times.append(1e3 * (time.perf_counter() - start))
    return Timed(name, *map(statistics.median, both))


def steps(name: str, case: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A forward and backward of ours, and the same of torch's."""
    import numpy as np
    import torch

    from nnlab import nn
    from nnlab.detectors.subjects import LayerSubject
    from tests.nn.subjects import leaves, mapped
    from tests.nn.twins import tensor, twin

    rng = np.random.default_rng(0)
    layer = getattr(nn, name)
    module, inputs = case.build(layer, rng, np.float32), case.draw(rng, np.float32)
    peer = twin(LayerSubject(layer, case), module).float()  # type: ignore[arg-type]
    tensors = mapped(tensor, inputs)

    def dy_of(y: Any) -> Any:
        return rng.standard_normal(y.shape).astype(y.dtype) if getattr(y, "dtype", None) == np.float32 else None

    outputs = module(*inputs)
    dy = mapped(dy_of, outputs)
    cotangents = [torch.tensor(d) for d in leaves(dy) if d is not None]

    def ours() -> None:
        module(*inputs)
        module.backward(*dy if isinstance(dy, tuple) else (dy,))

    def theirs() -> None:
        y = [y for y in leaves(peer(*tensors)) if y is not None and y.is_floating_point()]
        torch.autograd.backward(y, cotangents)

    return ours, theirs


def report(found: list[Timed]) -> None:
    print(f"{'module':27}{'ours ms':>10}{'torch ms':>10}{'ratio':>8}")
    for t in found:
        name = t.name if t.in_torch else f"({t.name})"
        print(f"{name:27}{t.ours:10.3f}{t.torch:10.3f}{t.ratio:8.2f}  {REASONS.get(t.name, '')}".rstrip())
    for what, times in (
        ("modules of torch.nn", [t for t in found if t.in_torch]),
        ("(modules) beside the same formula in torch", [t for t in found if not t.in_torch]),
    ):
        if times:
            ratios = [t.ratio for t in times]
            print(f"{len(times)} {what}: median {statistics.median(ratios):.2f}, at most {max(ratios):.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # read when NumPy and torch are imported
    sys.exit(main())
