"""What need not be run again: recordings and verdicts in the store that everything they depend on still agrees with."""

from collections.abc import Iterable, Mapping, Sequence

from nnlab.lab.detector import Detector, Probe
from nnlab.lab.engine.content import Contents, data_digest, digest_of, environment
from nnlab.lab.engine.plan import Reach
from nnlab.lab.engine.row import Row
from nnlab.lab.engine.store import Store
from nnlab.lab.fault import Fault
from nnlab.lab.judge import CleanRun
from nnlab.lab.verdict import Judgement


class Memory:
    """A store and the digests of the code as it is now. With `fresh` nothing in the store counts as known."""

    def __init__(self, store: Store, detectors: Iterable[Detector], fresh: bool = False) -> None:
        """To be made when the detectors have made their probes, for the modules that are imported then."""
        self.store, self.fresh = store, fresh
        known = store.indexes()
        self.contents = Contents(known)
        store.keep_indexes({key: self.contents.indexes[key] for key in self.contents.indexes}, known)
        self.environments = {d.name: digest_of(d.name, environment([d.needs] if d.needs else [])) for d in detectors}
        self.recorded = {} if fresh else store.recordings()
        self._data: dict[int, str] = {}
        self._states: dict[frozenset[str], str] = {}
        self._contexts: dict[tuple[int, str], str] = {}
        self._probes: dict[int, str] = {}

    def probe_key(self, detector: str, probe: Probe) -> str:
        """What a probe is: its detector, its subject and the data in it, but not the code it executes."""
        if id(probe) not in self._probes:
            data = data_digest(probe.run, self._data)
            self._probes[id(probe)] = digest_of(self.environments[detector], probe.subject, data)
        return self._probes[id(probe)]

    def state(self, run: CleanRun) -> str:
        """The digest of every function that a probe executed."""
        if run.functions not in self._states:
            self._states[run.functions] = self.contents.functions(run.functions)
        return self._states[run.functions]

    def recording(self, detector: str, probe: Probe) -> CleanRun | None:
        """The clean run of a probe, if everything it executed is still as it was: it was silent then."""
        state, run = self.recorded.get(self.probe_key(detector, probe), ("", None))
        if run is None or self.state(run) != state:
            return None
        return CleanRun(probe.subject, 0, "", run.functions, run.seconds, run.calls)

    def keep_recordings(self, detector: str, recorded: Iterable[tuple[Probe, CleanRun]]) -> None:
        """Add clean runs, which were silent."""
        self.store.add_recordings(
            {
                self.probe_key(detector, probe): (digest_of(sorted(run.functions)), self.state(run), run)
                for probe, run in recorded
            }
        )

    def cell_key(self, fault: Fault, detector: str, reach: Reach) -> str:
        """What a verdict depends on: the fault, and each probe that reaches it with all that it executes."""
        ready = reach.of(fault, detector)
        place = id(ready), detector  # the same list for all faults of the same targets
        if place not in self._contexts:
            runs, probes = reach.runs[detector], reach.probes[detector]
            numbers = reach.numbers(fault, detector)
            self._contexts[place] = digest_of(
                self.environments[detector],
                [(self.probe_key(detector, probes[i]), self.state(runs[i])) for i in numbers],
            )
        return digest_of(self.contents.fault(fault), self._contexts[place])

    def row_keys(self, fault: Fault, detectors: Sequence[str], reach: Reach, first_kill: bool) -> dict[str, str]:
        """The key of each cell of a row. One of a first kill depends on what else was asked."""
        keys = {name: self.cell_key(fault, name, reach) for name in detectors}
        if first_kill:
            row = digest_of(sorted(keys.values()))
            keys = {name: digest_of("first kill", name, row) for name in detectors}
        return keys

    def known(self, keys: Mapping[str, Mapping[str, str]]) -> dict[str, Row]:
        """The judgements in the store, by fault and detector."""
        if self.fresh:
            return {}
        found = self.store.verdicts(key for row in keys.values() for key in row.values())
        rows = {fault: {name: found[key] for name, key in row.items() if key in found} for fault, row in keys.items()}
        return {fault: row for fault, row in rows.items() if row}

    def keep(self, keys: Mapping[str, Mapping[str, str]], rows: Mapping[str, Mapping[str, Judgement]]) -> None:
        """Add judgements, in one transaction."""
        self.store.add_verdicts({keys[fault][name]: j for fault, row in rows.items() for name, j in row.items()})
