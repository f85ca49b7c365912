"""The same faults on a Dask cluster, in stations: the same verdicts, whatever becomes of the workers."""

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from nnlab.errors import ClusterFailed, FaultError
from nnlab.lab import Cited, Detected, Detector, Edit, Fault, Probe
from nnlab.lab.engine.kit import Kit
from nnlab.lab.engine.limits import Limits
from nnlab.lab.engine.local import judge_here
from nnlab.lab.engine.plan import Batch, Reach, Task
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.station import Order, Station, pack, rows_of, serve
from nnlab.lab.engine.worker import send
from nnlab.lab.judge import run_clean
from nnlab.lab.verdict import Verdict

needs_distributed = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra cluster is not installed")
ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


def agrees(x: int, seed: int) -> None:
    import toy  # type: ignore[import-not-found]

    if (got := toy.triple(x)) != 3 * x:
        raise Detected(f"expected {3 * x}, got {got}")


def probes() -> list[Probe]:
    return [Probe(f"triple {x}", partial(agrees, x)) for x in range(3)]


def fault(id: str, faulty: str) -> Fault:
    return Fault(id, id, "toy", Cited("here"), [Edit("toy:triple", "x * SCALE", faulty)])


FAULTS = {
    f.id: f
    for f in (
        fault("wrong", "x"),
        fault("right", "SCALE * x"),
        fault("leaks", "(globals().__setitem__('SCALE', 2), 2 * x)[1]"),
        fault("ends", "__import__('os')._exit(3)"),
        fault("raises", "1 // 0"),
    )
}
EXPECTED = {
    "wrong": Verdict.KILLED,
    "right": Verdict.SURVIVED,
    "leaks": Verdict.KILLED,
    "ends": Verdict.CRASHED,
    "raises": Verdict.CRASHED,
}
BATCH = Batch(tuple(Task(id, ("values",)) for id in FAULTS))


def verdicts(rows: Mapping[str, Row]) -> dict[str, Verdict]:
    return {id: row["values"].verdict for id, row in rows.items()}


@pytest.fixture
def kit(toy: ModuleType) -> Kit:
    detector = Detector("values", "", probes, FAULTS["wrong"])
    reach = Reach({"values": probes()}, {"values": run_clean(probes(), [0], record=True)})
    return Kit.of([detector], reach, ["toy"], Limits())


@pytest.fixture
def station(kit: Kit) -> Iterator[Station]:
    started = Station(pickle.dumps(kit))
    yield started
    started.end()


def test_a_kit_judges_as_this_process_does(kit: Kit) -> None:
    rows = {}
    for some in judge_here(replace(pickle.loads(pickle.dumps(kit)).bench(), faults=FAULTS), [BATCH], 1):
        rows |= some
    assert verdicts(rows) == EXPECTED


def test_a_machine_with_other_code_is_refused(kit: Kit, toy: ModuleType, tmp_path: Path) -> None:
    text = (tmp_path / "toy.py").read_text()
    (tmp_path / "toy.py").write_text(text + "\n# edited\n")
    with pytest.raises(ClusterFailed, match="module toy is not the same on every machine; install one version"):
        kit.bench()
    (tmp_path / "toy.py").write_text(text)
    kit.bench()
    with pytest.raises(ClusterFailed, match="the version of Python, numpy or a peer is not the same"):
        replace(kit, environment="another one").bench()


@pytest.mark.slow
def test_a_station_judges_whatever_the_faults_do_to_their_processes(station: Station) -> None:
    order = pack(Order(BATCH, FAULTS))
    for _ in range(2):
        assert verdicts(rows_of(station.ask(order))) == EXPECTED


@pytest.mark.slow
def test_a_station_says_which_fault_does_not_fit_and_goes_on(station: Station) -> None:
    drifted = Fault("drifted", "", "toy", Cited("here"), [Edit("toy:triple", "x ** SCALE", "x")])
    with pytest.raises(FaultError, match="toy:triple"):
        rows_of(station.ask(pack(Order(Batch((Task("drifted", ("values",)),)), {"drifted": drifted}))))
    one = Batch(BATCH.tasks[:1])
    assert verdicts(rows_of(station.ask(pack(Order(one, FAULTS))))) == {"wrong": Verdict.KILLED}


@pytest.mark.slow
def test_a_station_that_was_killed_is_noticed(station: Station) -> None:
    station.process.kill()
    with pytest.raises((OSError, EOFError)):
        station.ask(pack(Order(BATCH, FAULTS)))
    assert station.process.wait(10) == -9
    assert station.gone


def test_a_station_ends_when_nobody_asks(kit: Kit) -> None:
    read, write = os.pipe()
    try:
        send(write, pickle.dumps(kit))
        serve(read, write, patience=0.0)
    finally:
        os.close(read)
        os.close(write)


@pytest.fixture
def start(toy: ModuleType, tmp_path: Path) -> Iterator[Start]:
    """Start Python on these arguments, with the toy and this checkout on its path; at the end all are killed."""
    started = []

    def run(*arguments: str, station: str = "") -> "subprocess.Popen[str]":
        path = os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "tests/lab")])
        environment = {**os.environ, "PYTHONPATH": path, "STATION": str(tmp_path / station)}
        log = (tmp_path / "log.txt").open("a")
        with log:
            command = [sys.executable, *arguments]
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        started.append(process)
        return process

    yield run
    for process in started:
        with process:
            process.kill()


@needs_distributed
@pytest.mark.slow
def test_where_no_scheduler_is_the_error_says_how_to_start_one() -> None:
    script = "from nnlab.lab.engine.cluster import judge_on\nlist(judge_on('x://y', None, {}, []))"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    last = ended.stderr.splitlines()[-1]
    assert "UsageError: no Dask scheduler answers at 'x://y' (ValueError); start one with `dask scheduler`" in last


@needs_distributed
@pytest.mark.slow
@pytest.mark.parametrize("how", ["whole", "first"])
def test_with_a_worker_killed_and_one_joining_midway_the_result_is_the_local_one(
    start: Start, tmp_path: Path, how: str
) -> None:
    start("-m", "dask", "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", "scheduler.json")
    address = address_in(tmp_path / "scheduler.json")

    def worker(name: str) -> "subprocess.Popen[str]":
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        return start("-m", "dask", "worker", address, *options, station=name)

    first, _, _ = (worker(name) for name in ("first", "second", "third"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    script = str(ROOT / "tests/lab/clustered.py")
    local, _ = start(script, str(tmp_path / "a"), "", how).communicate(timeout=300)
    score = start(script, str(tmp_path / "b"), address, how)
    assert score.stdout is not None
    asked = score.stdout.readline()
    assert asked == "a worker shall die, and another one join\n", (tmp_path / "log.txt").read_text()
    first.kill()
    worker("joined")
    distributed, _ = score.communicate(timeout=300)
    assert local.count("\n") >= 960, (tmp_path / "log.txt").read_text()
    assert distributed == local, (tmp_path / "log.txt").read_text()
    assert {name for name in ("second", "third", "joined") if (tmp_path / name).exists()} == {
        "second",
        "third",
        "joined",
    }


def address_in(file: Path) -> str:
    """The address of the scheduler, once it has written it."""
    started = time.monotonic()
    while time.monotonic() < started + 60:
        try:
            found: str = json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.1)
        else:
            return found
    raise AssertionError("the scheduler did not start")
