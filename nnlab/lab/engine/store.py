"""What earlier runs have found out, in one SQLite file: verdicts, what probes reach, the runs themselves."""

import json
import sqlite3
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nnlab.errors import UsageError
from nnlab.lab.engine.index import Index, Named
from nnlab.lab.judge import CleanRun
from nnlab.lab.verdict import Judgement, Verdict

#: Raised with every change of the tables; a file of another version is begun anew.
SCHEMA = 3

_TABLES = """
CREATE TABLE verdicts (key TEXT PRIMARY KEY, verdict TEXT, probe TEXT, evidence TEXT, seconds REAL) WITHOUT ROWID;
CREATE TABLE recordings (key TEXT PRIMARY KEY, functions TEXT, state TEXT, seconds REAL, calls INTEGER) WITHOUT ROWID;
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE functions (key TEXT PRIMARY KEY, ids BLOB) WITHOUT ROWID;
CREATE TABLE indexes (key TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID;
CREATE TABLE fitting (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE runs (id INTEGER PRIMARY KEY, started TEXT, data TEXT, verdicts BLOB);
CREATE TABLE snapshots (id INTEGER PRIMARY KEY, key TEXT UNIQUE, data BLOB);
"""

#: So many of the newest snapshots are kept: one for each selection, detectors and state of the code.
SNAPSHOTS = 20


class Store:
    """An open store. Whatever was committed outlives a SIGKILL of this process. Raises UsageError."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self.db = self._open()
            if self.db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
                self._begin_anew()
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"the store {str(file)!r} cannot be used ({error}); delete it, or name another with --store"
            ) from None

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.file, timeout=60.0, isolation_level="IMMEDIATE")
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "verdicts" not in tables:
            db.close()
            raise UsageError(
                f"{str(self.file)!r} is not a store of nnlab but holds {min(tables)!r}; name another with --store"
            )
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        return db

    def _begin_anew(self) -> None:
        """An empty store; what a file of another version holds is dropped."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")  # by itself sqlite3 begins none for what is done to tables
            if self.db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
                return  # another process was faster
            tables = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                self.db.execute(f'DROP TABLE "{name}"')
            for statement in _TABLES.strip().splitlines():
                self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version={SCHEMA}")

    def close(self) -> None:
        self.db.close()

    def verdicts(self, keys: Iterable[str]) -> dict[str, Judgement]:
        """What is known of these cells."""
        found = {}
        wanted = list(dict.fromkeys(keys))
        for i in range(0, len(wanted), 500):
            some = wanted[i : i + 500]
            marks = ",".join("?" * len(some))
            for key, verdict, *rest in self.db.execute(f"SELECT * FROM verdicts WHERE key IN ({marks})", some):
                found[key] = Judgement(Verdict(verdict), *rest)
        return found

    def add_verdicts(self, judged: Mapping[str, Judgement]) -> None:
        rows = [(key, str(j.verdict), j.probe, j.evidence, j.seconds) for key, j in judged.items()]
        with self.db:
            self.db.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)", rows)

    def recordings(self) -> dict[str, tuple[str, CleanRun]]:
        """By key the state of the functions that a probe executed, and its clean run, its subject left out."""
        name_of = dict(self.db.execute("SELECT id, name FROM names")).__getitem__  # one string for each name
        names = {
            key: frozenset(map(name_of, array("I", zlib.decompress(ids))))
            for key, ids in self.db.execute("SELECT key, ids FROM functions")
        }
        rows = self.db.execute("SELECT key, functions, state, seconds, calls FROM recordings")
        return {
            key: (state, CleanRun("", 0, "", names[functions], seconds, calls))
            for key, functions, state, seconds, calls in rows
        }

    def add_recordings(self, recorded: Mapping[str, tuple[str, str, CleanRun]]) -> None:
        """By key the digest of the names of the functions, their state, and the clean run."""
        sets = {names: run.functions for names, _, run in recorded.values()}
        every = sorted(frozenset[str]().union(*sets.values()))
        with self.db:
            self.db.executemany("INSERT OR IGNORE INTO names (name) VALUES (?)", [(name,) for name in every])
            ids = dict(self.db.execute("SELECT name, id FROM names"))
            self.db.executemany(
                "INSERT OR REPLACE INTO functions VALUES (?, ?)",
                [(key, _packed(map(ids.__getitem__, names))) for key, names in sets.items()],
            )
            self.db.executemany(
                "INSERT OR REPLACE INTO recordings VALUES (?, ?, ?, ?, ?)",
                [(key, names, state, run.seconds, run.calls) for key, (names, state, run) in recorded.items()],
            )

    def indexes(self) -> dict[str, Index]:
        """The indexes of module texts, by the digest of the text."""
        with suppress(ValueError, KeyError, zlib.error):
            rows = self.db.execute("SELECT key, data FROM indexes").fetchall()
            return {key: _index(json.loads(zlib.decompress(data))) for key, data in rows}
        return {}

    def keep_indexes(self, indexes: Mapping[str, Index], known: Iterable[str]) -> None:
        """Add those that are not known yet."""
        new = [(key, zlib.compress(json.dumps(_plain(indexes[key])).encode(), 1)) for key in set(indexes) - set(known)]
        if new:
            with self.db:
                self.db.executemany("INSERT OR REPLACE INTO indexes VALUES (?, ?)", new)

    def fitting(self) -> set[str]:
        """The digests of faults, with the code that they change, that were found to fit it."""
        return {key for (key,) in self.db.execute("SELECT key FROM fitting")}

    def add_fitting(self, key: str) -> None:
        with self.db:
            self.db.execute("INSERT OR IGNORE INTO fitting VALUES (?)", [key])

    def snapshot(self, key: str) -> dict[str, dict[str, str]] | None:
        """The keys of a run's verdicts by fault and detector; None if there are none, or they are damaged."""
        row = self.db.execute("SELECT data FROM snapshots WHERE key = ?", (key,)).fetchone()
        with suppress(ValueError, TypeError, zlib.error):
            kept: dict[str, dict[str, str]] | None = json.loads(zlib.decompress(row[0])) if row else None
            return kept
        return None

    def add_snapshot(self, key: str, keys: Mapping[str, Mapping[str, str]]) -> None:
        """Keep these keys as the newest snapshot, and drop the oldest."""
        blob = zlib.compress(json.dumps(keys).encode(), 1)
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO snapshots (key, data) VALUES (?, ?)", (key, blob))
            newest = "SELECT id FROM snapshots ORDER BY id DESC LIMIT ?"
            self.db.execute(f"DELETE FROM snapshots WHERE id NOT IN ({newest})", (SNAPSHOTS,))

    def add_run(self, started: str, data: Mapping[str, Any], verdicts: Mapping[str, str]) -> int:
        """Note a run with the verdict on each fault; its number."""
        blob = zlib.compress(json.dumps(dict(verdicts)).encode())
        with self.db:
            cursor = self.db.execute(
                "INSERT INTO runs (started, data, verdicts) VALUES (?, ?, ?)", (started, json.dumps(data), blob)
            )
        return int(cursor.lastrowid or 0)

    def runs(self) -> list[dict[str, Any]]:
        """Every run, oldest first: its number, when it began, and its data."""
        rows = self.db.execute("SELECT id, started, data FROM runs ORDER BY id")
        return [{"run": id, "started": started, **json.loads(data)} for id, started, data in rows]

    def run_verdicts(self, run: int) -> dict[str, str]:
        """The verdict of a run on each fault. Raises UsageError for a run that there is not."""
        row = self.db.execute("SELECT verdicts FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise UsageError(f"there is no run {run} in {str(self.file)!r}; see `nnlab history`")
        found: dict[str, str] = json.loads(zlib.decompress(row[0]))
        return found


def _packed(ids: Iterable[int]) -> bytes:
    return zlib.compress(array("I", sorted(ids)).tobytes(), 1)


def _plain(index: Index) -> object:
    def plain(named: Named) -> tuple[str, Sequence[str]]:
        return named.digest, sorted(named.mentions)

    functions = {name: plain(found) for name, found in index.functions.items()}
    return functions, {name: [plain(n) for n in found] for name, found in index.named.items()}, index.residue


def _index(data: Any) -> Index:
    functions, named, residue = data
    return Index(
        {name: Named(digest, frozenset(mentions)) for name, (digest, mentions) in functions.items()},
        {name: [Named(digest, frozenset(mentions)) for digest, mentions in found] for name, found in named.items()},
        residue,
    )
