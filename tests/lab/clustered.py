"""Run by test_cluster.py in a process of its own: a score on a cluster that loses a worker and gets another one."""

import os
import sys
import time
from pathlib import Path

from resumed import detectors, faults, show  # type: ignore[import-not-found]

from nnlab.lab.score import Settings, score

FAULTS = 20 * 48
WAITING = 60.0


def main(folder: str, address: str, first_kill: str) -> None:
    """Print the verdicts, a line for each cell; on the way ask for the loss and the new worker, and wait for both."""
    asked = False

    def progress(doing: str, done: int, total: int) -> None:
        nonlocal asked
        if address and doing == "judged" and not asked:
            asked = True
            print("a worker shall die, and another one join", flush=True)
            wait_for(address, {"second", "third", "joined"})

    settings = Settings(Path(folder, "store.db"), cluster=address or None, first_kill=first_kill == "first")
    os.environ["STATION"] = str(Path(folder, "client"))
    if address:
        wait_for(address, {"first", "second", "third"})
    show(score(faults(FAULTS), detectors(0.0005, leave_trace), 2, progress, settings))


def leave_trace() -> None:
    """Say that this machine has judged something; in as many calls every time, as they decide the order of probes."""
    os.close(os.open(os.environ["STATION"], os.O_CREAT | os.O_WRONLY))


def wait_for(address: str, names: set[str]) -> None:
    """Until exactly these workers are there."""
    import distributed  # type: ignore[import-untyped,unused-ignore]

    with distributed.Client(address, set_as_default=False) as client:
        started = time.monotonic()
        while {worker["name"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()} != names:
            assert time.monotonic() < started + WAITING, f"the workers {names} are not there"
            time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
