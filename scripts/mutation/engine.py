"""The one place that knows mutmut 3.8.1: runs it, reads its verdicts and its diffs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import mangled_name_from_mutant_name, orig_function_and_class_names_from_key

from mutation.selection import dotted, tests_of

PYTEST_INTERRUPTED = 2
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
STATUS_EVERY_SECONDS = 15.0
PYTEST_ARGUMENTS = [
    "--assert=plain",  # a verdict needs no explanation, and explaining unequal arrays is slow
    *("-p", "no:cacheprovider", "-p", "mutation.watchdog"),
    # Those of riscv kill nothing that quick tests do not, and would run twice before the first mutant.
    *("-k", "not (riscv and slow)"),
    # They collect garbage five times at the end of each run, a fifth of the time of a mutant, and would count
    # the file that mutmut's workers leave open as a failure of the test.
    *("-p", "no:unraisableexception", "-p", "no:threadexception"),
]
ENVIRONMENT = {
    # One thread for each worker: two workers on two cores leave nothing for a thread pool.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Verdicts must not depend on the order of a set, nor on the plugins that happen to be installed.
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True)
class Mutant:
    """One mutant and what became of it."""

    name: str
    file: str
    verdict: str

    @property
    def function(self) -> str:
        """`nnlab.nn.norm:LayerNorm.backward`."""
        name, owner = orig_function_and_class_names_from_key(self.name)
        return f"{dotted(self.file)}:{owner}.{name}" if owner else f"{dotted(self.file)}:{name}"

    @property
    def number(self) -> int:
        """mutmut's running number in the function: source order."""
        return int(self.name.rpartition("_")[2])

    @property
    def group(self) -> str:
        """The mutants of one function share it."""
        return mangled_name_from_mutant_name(self.name)


def run(root: Path, modules: list[str], jobs: int, seconds: float | None, out: TextIO) -> int | None:
    """Mutate the modules and test every mutant; mutmut's exit code, None if the time was up."""
    settings = {
        "only_mutate": modules,
        "pytest_add_cli_args_test_selection": [tests for tests in tests_of(modules) if (root / tests).is_dir()],
        "pytest_add_cli_args": PYTEST_ARGUMENTS,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mutation.launch", str(jobs), json.dumps(settings)],
        cwd=root,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(root / "scripts")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # an interrupt reaches this process, which then stops mutmut in good order
    )
    assert process.stdout is not None
    relay = threading.Thread(target=show_progress, args=(process.stdout, out), daemon=True)
    relay.start()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        stop(process)
        relay.join()
        process.stdout.close()


def stop(process: subprocess.Popen[str]) -> None:
    """End mutmut as an interrupt does, which leaves its verdicts readable; kill what does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def show_progress(lines: IO[str], out: TextIO) -> None:
    """Pass mutmut's output on. On a terminal its status line stays one line; in a log it comes now and then."""
    shown = 0.0
    for line in lines:  # universal newlines: a carriage return ends a line too
        text = line.rstrip()
        if not text or text[0] not in SPINNER:
            print(text, file=out, flush=True) if text else None
        elif out.isatty():
            print(f"\r{text}", end="", file=out, flush=True)
        elif time.monotonic() - shown > STATUS_EVERY_SECONDS:
            shown = time.monotonic()
            print(text[2:], file=out, flush=True)


def clean(root: Path) -> None:
    """Forget earlier verdicts: mutmut keeps a survivor after the test that misses it was strengthened."""
    shutil.rmtree(root / "mutants", ignore_errors=True)


def generated(root: Path, modules: Iterable[str]) -> bool:
    """Whether mutmut came as far as to write down the mutants of each module, be there any or none."""
    return all((root / "mutants" / f"{module}.meta").exists() for module in modules)


def read_mutants(root: Path, modules: Iterable[str], interrupted: bool = False) -> list[Mutant]:
    """The mutants of the modules with their verdicts."""
    mutants = []
    for module in modules:
        meta = root / "mutants" / f"{module}.meta"
        codes = json.loads(meta.read_text("utf-8"))["exit_code_by_key"] if meta.exists() else {}
        mutants += [Mutant(name, module, verdict(code, interrupted)) for name, code in codes.items()]
    return sorted(mutants, key=lambda mutant: (mutant.file, mutant.group, mutant.number))


def verdict(code: int | None, interrupted: bool = False) -> str:
    """mutmut's word for a worker's exit code, but for two of them."""
    if code is None:
        return "unchecked"
    if code == PYTEST_INTERRUPTED:
        # pytest also ends so when it cannot collect: the mutant broke the import of a test.
        return "unchecked" if interrupted else "killed"
    return str(status_by_exit_code[code])


def diff(root: Path, mutant: Mutant) -> str:
    """The unified diff of a mutant against its function."""
    before = Path.cwd()
    os.chdir(root)  # mutmut looks for mutants/ where it is
    try:
        return str(get_diff_for_mutant(mutant.name, path=mutant.file))
    finally:
        os.chdir(before)


def edit(text: str) -> tuple[str, str]:
    """The stripped lines that a unified diff removes and adds."""
    body = text.splitlines()[2:]
    removed, added = ("\n".join(line[1:].strip() for line in body if line.startswith(sign)) for sign in ("-", "+"))
    return removed, added
