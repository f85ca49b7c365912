"""One exception tree: each class owns its exit code; each message says rule, value received, next step."""

from typing import ClassVar


class NnlabError(Exception):
    """Anything nnlab refuses to do, said in one line; the CLI prints it and exits with `exit_code`."""

    exit_code: ClassVar[int] = 2


class UsageError(NnlabError):
    """The command line or a call names something that does not exist or does not fit."""


class InputError(NnlabError, ValueError):
    """A layer was handed an array, index or number outside its rule."""


class BackwardBeforeForward(NnlabError, RuntimeError):
    """backward() was called on a layer that has not run forward() yet."""


class ControlFailed(NnlabError):
    """A detector fires on clean code, or misses its own blatant example: no score can be trusted."""

    exit_code = 3


class FaultError(NnlabError):
    """A fault cannot be applied: its text has drifted from the code or does not compile."""

    exit_code = 4


class Interrupted(NnlabError):
    """The user stopped the run."""

    exit_code = 130


class OutOfBudget(NnlabError):
    """The time budget was over before every fault was judged; what was judged has been written."""

    exit_code = 6


class AuditFailed(NnlabError):
    """A verdict was another one when its fault was judged again in a process of its own."""

    exit_code = 7


class ClusterFailed(NnlabError):
    """A cluster cannot be used or was lost before every fault was judged; what was judged has been kept."""

    exit_code = 8


class NeverReached(NnlabError):
    """A command ran without ever importing the code that the fault changes."""

    exit_code = 5
