"""`python -m mutation.launch JOBS SETTINGS`: `mutmut run`, with settings (JSON) over those of pyproject.toml.

mutmut reads its settings from pyproject.toml alone, so a run of a few modules needs this one private name of it.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from mutmut import configuration

MEMORY_BYTES = 4 << 30  # a mutant that allocates without end must fail, not take the machine along


def override(settings: dict[str, Any]) -> None:
    """Let the settings win over pyproject.toml."""
    original = configuration._config_reader

    def reader() -> Callable[[str, Any], Any]:
        read = original()
        return lambda key, default: settings.get(key, read(key, default))

    configuration._config_reader = reader


def main() -> None:
    """Run mutmut in this process."""
    jobs, settings = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    override(json.loads(settings))
    # Verdicts must not depend on what is installed, nor every worker be forked from a process with torch in it.
    sys.modules["torch"] = None  # type: ignore[assignment]
    from mutmut.__main__ import cli  # it reads the settings

    from mutation import warm

    warm.install()
    cli(["run", "--max-children", jobs])


if __name__ == "__main__":
    main()
