"""The same work on a Dask cluster: batches go to stations on other machines, rows come back, the store stays here.

Only the few batches that the workers are at, or take next, are with the scheduler: what it has to hold does not grow
with the number of faults. A batch whose worker dies is given to another one by Dask.
"""

import logging
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import cloudpickle
import distributed
from distributed.diagnostics.plugin import WorkerPlugin

from nnlab.errors import ClusterFailed, UsageError
from nnlab.lab.engine.kit import Kit
from nnlab.lab.engine.plan import Batch
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.station import Order, Station, pack, rows_of
from nnlab.lab.fault import Fault

#: So many batches for each thread of a worker are with the scheduler.
AHEAD = 3
#: So often a batch is given out again, after Dask itself has given up.
LIVES = 3
#: So many seconds a cluster may be without a worker.
PATIENCE = 60.0
#: How often the number of workers is asked for, in seconds.
PULSE = 1.0


class Stations(WorkerPlugin):  # type: ignore[misc]  # distributed is not looked into
    """On each Dask worker, those that join later too: the stations that its threads use."""

    def __init__(self, kit: bytes) -> None:
        self.kit, self.name = kit, f"nnlab-{uuid.uuid4().hex}"
        self.idle: deque[Station] = deque()

    def teardown(self, worker: object) -> None:
        while self.idle:
            self.idle.pop().end()

    def ask(self, order: bytes) -> bytes:
        """Let an idle station answer, or a new one. Raises RuntimeError if it dies, for Dask to try again."""
        station = self._station()
        try:
            answer = station.ask(order)
        except (OSError, EOFError):
            station.end()
            raise RuntimeError("a station died") from None
        self.idle.append(station)
        return answer

    def _station(self) -> Station:
        with suppress(IndexError):
            while (station := self.idle.pop()).gone:
                station.end()
            return station
        return Station(self.kit)


def _ask(name: str, order: bytes) -> bytes:
    """What a Dask worker runs."""
    answer: bytes = distributed.get_worker().plugins[name].ask(order)
    return answer


def judge_on(
    address: str, kit: Kit, faults: Mapping[str, Fault], todo: Sequence[Batch], deadline: float = float("inf")
) -> Iterator[dict[str, Row]]:
    """Yield rows as they come from the cluster at `address`, or from `local:N`: N worker processes of this machine.

    Raises UsageError where there is no cluster, ClusterFailed if it is lost or a batch is lost again and again.
    """
    with _connected(address) as client:
        stations = Stations(cloudpickle.dumps(kit))
        try:
            client.register_plugin(stations, name=stations.name)
        except Exception as error:  # whatever the workers cannot load
            raise ClusterFailed(
                f"the workers at {address!r} cannot judge ({type(error).__name__}: {error}); install nnlab on them"
            ) from None
        try:
            yield from Run(client, stations.name, faults, deque(todo), deadline).rows()
        finally:
            with suppress(Exception):  # the cluster may be gone
                client.unregister_worker_plugin(stations.name)


class Run:
    """The batches that wait, and those that are with the scheduler."""

    def __init__(
        self,
        client: Any,
        name: str,
        faults: Mapping[str, Fault],
        waiting: deque[Batch],
        deadline: float = float("inf"),
    ) -> None:
        """`name` is that of the plugin on the workers."""
        self.client, self.name, self.faults, self.waiting, self.deadline = client, name, faults, waiting, deadline
        self.running: dict[Any, Batch] = {}
        self.lost: Counter[Batch] = Counter()
        self.threads, self.looked, self.seen = 0, 0.0, time.monotonic()

    def rows(self) -> Iterator[dict[str, Row]]:
        while (self.waiting or self.running) and time.monotonic() < self.deadline:
            self._look()
            while self.waiting and len(self.running) < max(1, AHEAD * self.threads):
                self._submit(self.waiting.popleft())
            for future in self._ended():
                batch = self.running.pop(future)
                if future.status == "finished":
                    yield rows_of(future.result())
                else:
                    self._again(batch, future.exception())

    def _submit(self, batch: Batch) -> None:
        order = pack(Order(batch, {task.fault: self.faults[task.fault] for task in batch.tasks}))
        self.running[self.client.submit(_ask, self.name, order, pure=False, retries=LIVES)] = batch

    def _ended(self) -> list[Any]:
        try:
            return list(distributed.wait(list(self.running), PULSE, "FIRST_COMPLETED").done)
        except TimeoutError:
            return []
        except distributed.CancelledError:
            raise ClusterFailed(f"the scheduler was lost with {self._left}; run the same again to go on") from None

    def _look(self) -> None:
        """How many threads the workers have now. Raises ClusterFailed if there has been none for too long."""
        now = time.monotonic()
        if now - self.looked < PULSE:
            return
        try:
            self.threads, self.looked = sum(self.client.nthreads().values()), now
        except (OSError, RuntimeError):
            raise ClusterFailed(f"the scheduler was lost with {self._left}; run the same again to go on") from None
        if self.threads:
            self.seen = now
        if now - self.seen > PATIENCE:
            raise ClusterFailed(
                f"no Dask worker has been there for {PATIENCE:.0f} s, with {self._left}; start some with "
                f"`dask worker {self.client.scheduler.address}` and run the same again to go on"
            )

    def _again(self, batch: Batch, error: Exception) -> None:
        """Give a batch out once more that died with its workers. Raises ClusterFailed at the end of its lives."""
        self.lost[batch] += 1
        if self.lost[batch] > LIVES:
            raise ClusterFailed(
                f"the batch of {batch.tasks[0].fault} died with {LIVES + 1} workers ({type(error).__name__}: {error}); "
                f"judge it without --cluster"
            )
        self.waiting.append(batch)

    @property
    def _left(self) -> str:
        return f"{len(self.waiting) + len(self.running)} batches of faults not judged"


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    kind, _, count = address.partition(":")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost is told by the errors above
    with ExitStack() as stack:
        if kind == "local":
            address = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=int(count), threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
                )
            ).scheduler_address
        try:
            client = distributed.Client(address, timeout=10)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no Dask scheduler answers at {address!r} ({type(error).__name__}); start one with `dask scheduler`, "
                f"or use --cluster local:N"
            ) from None
        yield stack.enter_context(client)
