"""A station: a process of one thread that judges batches for whoever holds its pipes, as this machine would for itself.

A Dask worker has threads, so it must not fork; and what ends a station does not end the Dask worker.
"""

import os
import pickle
import select
import subprocess
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nnlab.errors import ClusterFailed, NnlabError
from nnlab.lab.engine.bench import Bench
from nnlab.lab.engine.local import judge_here
from nnlab.lab.engine.plan import Batch
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.worker import receive, send
from nnlab.lab.fault import Fault

#: A station ends after so many idle seconds: its client may have been killed, while the Dask worker lives on.
PATIENCE = 600.0


@dataclass(frozen=True)
class Order:
    """A batch with the records of its faults: nothing else has to be known of them."""

    batch: Batch
    faults: Mapping[str, Fault]


def pack(thing: object) -> bytes:
    """Pickled and compressed: the mutants of one function hardly differ."""
    return zlib.compress(pickle.dumps(thing), 6)


def rows_of(answer: bytes) -> dict[str, Row]:
    """What a station has answered. Raises the NnlabError that it met."""
    found = pickle.loads(zlib.decompress(answer))
    if isinstance(found, NnlabError):
        raise found
    rows: dict[str, Row] = found
    return rows


class Station:
    """This side of a station: started on first use, ended with `end` or with this process."""

    def __init__(self, kit: bytes) -> None:
        path = os.pathsep.join(part or os.getcwd() for part in sys.path)  # noqa: PTH109  # a word of the environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the client
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.tasks, self.reports = self.process.stdin.fileno(), self.process.stdout.fileno()
        send(self.tasks, kit)

    def ask(self, order: bytes) -> bytes:
        """The answer to a packed order. Raises OSError or EOFError if the station is gone."""
        send(self.tasks, order)
        answer: bytes | None = receive(self.reports)
        if answer is None:
            raise EOFError
        return answer

    @property
    def gone(self) -> bool:
        """Whether it has ended, as it does when nobody has asked for long."""
        return self.process.poll() is not None

    def end(self) -> None:
        with self.process:  # closes the pipes and waits
            self.process.kill()


def serve(tasks: int, reports: int, patience: float = PATIENCE) -> None:
    """The other side: answer every order until the pipe is closed, or none comes for so many seconds."""
    kit, bench = receive(tasks), None
    while select.select([tasks], [], [], patience)[0] and (order := receive(tasks)) is not None:
        try:
            if bench is None:
                loaded = pickle.loads(kit)
                isolated, bench = loaded.isolated, loaded.bench()
            answer: object = _judged(bench, pickle.loads(zlib.decompress(order)), isolated)
        except NnlabError as error:
            answer = error
        except Exception as error:
            answer = ClusterFailed(
                f"a machine of the cluster cannot judge: {type(error).__name__}: {error}; "
                f"install the same version of everything on all"
            )
        send(reports, pack(answer))


def _judged(bench: Bench, order: Order, isolated: bool) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for some in judge_here(replace(bench, faults=order.faults), [order.batch], 1, isolated=isolated):
        rows |= some
    return rows


def main() -> None:
    """Serve on standard input and output, which the code under test must not have."""
    tasks, reports = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    serve(tasks, reports)


if __name__ == "__main__":
    main()
