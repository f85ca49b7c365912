"""What `nnlab score --cluster` asks of a Dask scheduler, measured here, and what follows for a million mutants.

    python scripts/simulate_cluster.py                        nnlab/nn/norm.py, 5,000 empty tasks, 4 Dask workers
    python scripts/simulate_cluster.py --file nnlab/nn/pool.py --tasks 20000 --json load.json

First the mutants of one file are judged here, which tells the seconds and the bytes of a batch. Then a scheduler and
workers are started on this machine, and the engine's own client hands out as many batches of these bytes; the workers
answer at once, so that what is measured is the load on scheduler and client alone. Needs the extra `cluster`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MILLION = 1_000_000
WORKERS = (1, 16, 64, 256, 1024, 4096)


@dataclass(frozen=True)
class Work:
    """Batches of one file: how many mutants each has on average, seconds on one core, bytes there and back."""

    mutants: int
    batches: int
    seconds: float
    order: float
    answer: float


@dataclass
class Spent:
    """The processor time of worker processes that have ended, noted when judging begins."""

    begun: float = 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        if doing != "judged":
            self.begun = _children()

    @property
    def judging(self) -> float:
        return _children() - self.begun


@dataclass(frozen=True)
class Load:
    """Empty tasks through the scheduler: a second, and each one's processor seconds there and at the client."""

    tasks: int
    rate: float
    scheduler: float
    client: float
    #: Bytes that the scheduler's memory has grown by in all.
    growth: int

    @property
    def most(self) -> float:
        """Tasks a second when scheduler and client have a core each."""
        return 1 / max(self.scheduler, self.client)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", default="nnlab/nn/norm.py", help="whose mutants to judge (default: norm.py)")
    parser.add_argument("-d", "--detectors", help="names, comma-separated; the strong ones by default")
    parser.add_argument("--tasks", type=int, default=5000, help="empty tasks (default: 5000)")
    parser.add_argument("--workers", type=int, default=4, help="Dask workers, of one thread (default: 4)")
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON")
    options = parser.parse_args(arguments)
    if find_spec("distributed") is None:
        sys.exit("this needs the extra cluster: run scripts/nnlab with NNLAB_EXTRAS=cluster once")
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    orders, answer, work = judged(options.file, options.detectors)
    load = loaded(orders, answer, options.tasks, options.workers)
    show(work, load)
    if options.json:
        hours = {workers: predicted(work, load, workers) for workers in WORKERS}
        data = {"schema": "nnlab.cluster-load/1", "work": asdict(work), "load": asdict(load), "hours": hours}
        Path(options.json).write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return 0


def show(work: Work, load: Load) -> None:
    tasks = MILLION * work.batches / work.mutants
    print(f"batch      {work.mutants / work.batches:.0f} mutants, {work.seconds:.2f} s of one core, ", end="")
    print(f"{work.order / 1e3:.1f} kB to a worker, {work.answer / 1e3:.1f} kB back")
    print(f"scheduler  {load.tasks} empty tasks, {load.rate:.0f} a second with everything on these cores; ", end="")
    print(f"{load.scheduler * 1e3:.2f} ms of processor each, ", end="")
    print(f"the client {load.client * 1e3:.2f} ms; its memory grew by {load.growth / 1e6:.1f} MB")
    print(f"a million  {tasks:.0f} tasks, {tasks * (work.order + work.answer) / 1e6:.0f} MB")
    print("workers    " + "".join(f"{workers:>9}" for workers in WORKERS))
    print("hours      " + "".join(f"{predicted(work, load, workers):9.2f}" for workers in WORKERS))


def predicted(work: Work, load: Load, workers: int) -> float:
    """Hours for a million mutants: the workers' time, or the scheduler's or the client's where that is longer."""
    tasks = MILLION * work.batches / work.mutants
    return max(tasks * work.seconds / workers, tasks / load.most) / 3600


def judged(file: str, names: str | None) -> tuple[list[Any], bytes, Work]:
    """The file's batches with their faults, an answer of the usual size, and what they take on one core."""
    from bench_score import detectors, faults_of

    from nnlab.lab.engine.plan import Task, batches
    from nnlab.lab.engine.station import Order, pack
    from nnlab.lab.score import score

    faults, judges, spent = faults_of([file]), detectors(names), Spent()
    result = score(faults, judges, 1, spent)
    by_id = {fault.id: fault for fault in faults}
    todo = batches([Task(fault.id, tuple(result.rows[fault.id])) for fault in faults], by_id)
    orders = [Order(batch, {task.fault: by_id[task.fault] for task in batch.tasks}) for batch in todo]
    answers = [pack({task.fault: result.rows[task.fault] for task in batch.tasks}) for batch in todo]
    work = Work(
        mutants=len(faults),
        batches=len(todo),
        seconds=spent.judging / len(todo),
        order=sum(len(pack(order)) for order in orders) / len(todo),
        answer=sum(map(len, answers)) / len(todo),
    )
    usual = sorted(answers, key=len)[len(answers) // 2]
    return orders, usual, work


def loaded(orders: Sequence[Any], answer: bytes, tasks: int, workers: int) -> Load:
    """Let the engine's client hand out so many batches to workers that answer at once."""
    import distributed
    from simulated_worker import Echo

    from nnlab.lab.engine.cluster import Run

    faults = {id: fault for order in orders for id, fault in order.faults.items()}
    todo = deque(islice(cycle([order.batch for order in orders]), tasks))
    with _cluster(workers) as (address, scheduler), distributed.Client(address) as client:
        client.wait_for_workers(workers, timeout=60)
        echo = Echo(answer)
        client.register_plugin(echo, name=echo.name)
        before, memory = _processor(scheduler), _memory(scheduler)
        began, own = time.perf_counter(), time.process_time()
        count = sum(1 for _ in Run(client, echo.name, faults, todo).rows())
        seconds, own = time.perf_counter() - began, time.process_time() - own
        used, growth = _processor(scheduler) - before, _memory(scheduler) - memory
    return Load(count, count / seconds, used / count, own / count, growth)


@contextmanager
def _cluster(workers: int) -> Iterator[tuple[str, int]]:
    """A scheduler and workers on this machine: the address and the scheduler's process."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])

        def start(*words: str) -> "subprocess.Popen[bytes]":
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *words],
                    cwd=folder,
                    env={**os.environ, "PYTHONPATH": path},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.kill)
            return process

        scheduler = start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", "scheduler.json")
        address = _address(Path(folder, "scheduler.json"))
        for _ in range(workers):
            start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        yield address, scheduler.pid


def _address(file: Path) -> str:
    started = time.monotonic()
    while time.monotonic() < started + 60:
        try:
            return str(json.loads(file.read_text("utf-8"))["address"])
        except (OSError, ValueError):
            time.sleep(0.1)
    sys.exit("the Dask scheduler did not start within a minute; try `dask scheduler` by hand")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _processor(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _memory(pid: int) -> int:
    import psutil

    return int(psutil.Process(pid).memory_info().rss)


if __name__ == "__main__":
    sys.exit(main())
