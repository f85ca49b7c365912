"""Every fault of the catalog applies, is undone, and is killed by the detector it names or says why it survives."""

import os
import time
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import pytest

from faults.patterns import PATTERNS
from nnlab.errors import FaultError
from nnlab.lab import Detector, Fault, Verdict, discover, injected
from nnlab.lab.catalog import discover_detectors
from nnlab.lab.digest import digests
from nnlab.lab.inject import changes
from nnlab.lab.runner import Job, run
from nnlab.lab.score import Score, Settings, score
from nnlab.lab.source import edited

CATALOG = list(discover())
IDS = [fault.id for fault in CATALOG]
SEVEN = {
    "attention-mutates-input",
    "layernorm-simplified-backward",
    "transformer-ff-gradients-lost",
    "capsule-squash-identity",
    "adam-nan-first-step",
    "riscv-prologue-save-index",
    "residual-gradient-split",
}


SHOWN = SEVEN | {"riscv-epilogue-early-return", "riscv-spill-aliases-saves"}


class TimedOut(BaseException):
    """What a time limit throws into the middle of a fault."""


@cache
def clean_digests(*modules: str) -> dict[str, str]:
    """The digests of these modules, or of all code that faults change, as they are without any fault."""
    return digests(*(modules or ("nnlab.nn", "riscv")))


@pytest.fixture(scope="module", autouse=True)
def _all_code_is_as_before(store: None) -> Iterator[None]:
    before = clean_digests()
    yield
    assert digests("nnlab.nn", "riscv") == before


def scored(faults: list[Fault], *detectors: Detector) -> Score:
    """What `nnlab score` finds, with what its store knows by now of what the probes reach."""
    return score(faults, list(detectors), 2, lambda *step: None, Settings(Path(os.environ["NNLAB_STORE"])))


@cache
def shown_score() -> Score:
    """The faults that the README shows, by all detectors."""
    return scored([fault for fault in CATALOG if fault.id in SHOWN], *discover_detectors().values())


@cache
def named_score(detector: str) -> Score:
    """All faults that name this detector, by it alone."""
    return scored([fault for fault in CATALOG if fault.killed_by == detector], discover_detectors()[detector])


@pytest.mark.parametrize("fault", CATALOG, ids=IDS)
def test_the_fault_says_what_it_is(fault: Fault) -> None:
    assert fault.title
    assert fault.why
    assert fault.symptom
    assert fault.pattern in PATTERNS
    assert bool(fault.killed_by) != bool(fault.survives), "name the detector that kills it, or why none does"
    assert not fault.killed_by or not discover_detectors()[fault.killed_by].weak
    assert str(fault.source)
    assert fault.id == fault.id.lower().replace("_", "-").replace(" ", "-")


@pytest.mark.parametrize("fault", CATALOG, ids=IDS)
def test_the_fault_changes_its_files_and_only_their_text(fault: Fault) -> None:
    for change in changes(fault):
        assert change.before != change.after
        assert change.file.read_text() == change.before


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt, TimedOut])
@pytest.mark.parametrize("fault", CATALOG, ids=IDS)
def test_the_fault_is_applied_and_undone(fault: Fault, error: type[BaseException] | None) -> None:
    # Once over all code, to see that nothing else changes; undone, and for the other ways to end, over what is changed.
    here = sorted({target.partition(":")[0] for target in fault.targets})
    before = clean_digests(*here) if error else clean_digests()
    try:
        with injected(fault):
            now = digests(*here) if error else digests("nnlab.nn", "riscv")
            assert {name for name, digest in now.items() if digest != before[name]} == set(fault.targets)
            if error:
                raise error
    except (ValueError, KeyboardInterrupt, TimedOut):
        pass
    assert digests(*here) == clean_digests(*here)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in CATALOG if fault.id in SHOWN], ids=lambda fault: fault.id)
def test_a_fault_that_is_killed_by_a_time_limit_leaves_nothing_here(fault: Fault) -> None:
    before = digests("nnlab.nn", "riscv")

    def hang() -> None:
        with injected(fault):
            time.sleep(60)

    (ended,) = run([Job(fault.id, hang, 0.2)], 1)
    assert ended.timeout
    assert digests("nnlab.nn", "riscv") == before


@pytest.mark.parametrize("fault", CATALOG, ids=IDS)
def test_a_fault_cannot_be_applied_where_its_text_is_gone(fault: Fault) -> None:
    edit: Any = fault.edits[0]
    change = changes(fault)[0]
    with pytest.raises(FaultError, match=r"drifted: the text .* is missing in"):
        edited(change.after, edit.target, edit.correct, edit.faulty, change.file)


def test_the_seven_of_the_post_are_one_group() -> None:
    assert {fault.id for fault in CATALOG if "seven" in fault.groups} == SEVEN


@pytest.mark.parametrize("fault", [fault for fault in CATALOG if fault.killed_by], ids=lambda fault: fault.id)
def test_the_detector_that_the_fault_names_kills_it_by_assertion(fault: Fault) -> None:
    judgement = named_score(fault.killed_by).rows[fault.id][fault.killed_by]
    assert judgement.verdict is Verdict.KILLED, judgement


@pytest.mark.slow
def test_a_fault_that_survives_is_executed_and_let_pass_by_every_strong_detector() -> None:
    strong = [detector for detector in discover_detectors().values() if not detector.weak]
    for id, row in scored([fault for fault in CATALOG if fault.survives], *strong).rows.items():
        verdicts = {name: judgement.verdict for name, judgement in row.items()}
        assert Verdict.SURVIVED in verdicts.values(), f"{id}: no detector executes it"
        assert not [name for name in verdicts if verdicts[name].detected], f"{id}: name what kills it"


@pytest.mark.slow
def test_trains_kills_none_of_the_posts_faults_of_the_library() -> None:
    verdicts = {id: str(row["trains"].verdict) for id, row in shown_score().rows.items()}
    library = {fault.id for fault in CATALOG if fault.id in SEVEN and fault.package == "nnlab.nn"}
    assert {verdicts[id] for id in library} == {"survived"}


@pytest.mark.slow
def test_the_blog_checker_kills_exactly_three_as_on_the_posts_own_code() -> None:
    killed = {id for id in SEVEN if shown_score().rows[id]["blog"].verdict.detected}
    assert killed == {"attention-mutates-input", "layernorm-simplified-backward", "residual-gradient-split"}


@pytest.mark.slow
def test_the_readme_shows_the_matrix_as_it_is() -> None:
    lines = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").splitlines()
    shown = {}
    for number, header in enumerate(lines):
        if header.startswith("fault  "):
            shown |= table(header, takewhile(lambda line: line.strip(" `"), lines[number + 1 :]))
    unreached = dict.fromkeys(discover_detectors(), "unreached")  # in a table of a part of the detectors
    judged = {id: {name: str(row[name].verdict) for name in unreached} for id, row in shown_score().rows.items()}
    assert {id: unreached | row for id, row in shown.items()} == judged


def table(header: str, lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """The verdicts in a table of the README, by fault and detector."""
    names = header.split()[1:]
    starts = [header.index(f" {name}") + 1 for name in names]
    sign = {"kill": "killed", "crash": "crashed", "time": "timeout", "·": "survived", "": "unreached"}
    return {
        line.split()[0]: {
            name: sign[line[a:b].strip()] for name, (a, b) in zip(names, pairwise([*starts, None]), strict=True)
        }
        for line in lines
    }


@pytest.mark.slow
def test_the_posts_backend_bugs_are_each_killed_by_two_detectors() -> None:
    for id in ("riscv-prologue-save-index", "riscv-epilogue-early-return", "riscv-spill-aliases-saves"):
        row = shown_score().rows[id]
        assert sum(row[name].verdict.detected for name in ("differential", "abi", "allocation", "frame", "memory")) >= 2
