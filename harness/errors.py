"""Every error that can end a command, with its exit code and a hint.

Messages say what, where, observed and allowed. They never contain prompt
text, personal data or secrets.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status means; the same for every command."""

    OK = 0
    GATE_FAILED = 1
    USAGE = 2
    DEPENDENCY = 3
    INCONCLUSIVE = 4
    SAFETY = 5
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


class ReverseRagError(Exception):
    """Base of all errors that a command reports without a traceback.

    Args:
        message: What happened, where, what was observed and what is allowed.
        hint: What the reader can do about it; printed on its own line.
    """

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ReverseRagError):
    """The command was called wrongly, or names something that does not exist."""

    exit_code = ExitCode.USAGE


class ConfigurationError(UsageError):
    """The configuration file, its environment or a flag holds something invalid."""


class InputError(UsageError):
    """An input file cannot be used at all: missing, unreadable, or not what its suffix says."""


class StorageError(ReverseRagError):
    """The storage root cannot be read or written."""

    exit_code = ExitCode.DEPENDENCY


class DependencyError(ReverseRagError):
    """Something the command depends on did not answer, so that nothing could be judged."""

    exit_code = ExitCode.DEPENDENCY


class ModelError(DependencyError):
    """A language model could not be reached, or did not give a usable answer."""

    cost_usd: float = 0.0
    """What the call cost all the same: unusable answers are billed too."""
    tokens: int = 0
    """What it consumed, both ways."""


class ModelUnreachableError(ModelError):
    """Nobody is there who could be asked: refused, no such name, no TLS."""


class ModelThrottledError(ModelError):
    """A language model kept throttling after all retries."""


class ModelLateError(ModelError):
    """A language model gave no whole answer in time."""


class ModelRefusedError(ModelError):
    """A language model's server refused the credentials."""


class ModelOutputError(ModelError):
    """A language model's answers never had the asked-for form."""


class BudgetSpentError(ReverseRagError):
    """A call would cost more than ``[budget]`` has left; it was not made."""

    exit_code = ExitCode.INCONCLUSIVE


class RecognizerError(DependencyError):
    """A configured recognizer or model failed on a text, which therefore cannot be sanitized."""


class SafetyError(ReverseRagError):
    """A safety rule stopped the command: personal data, a forbidden host, missed controls."""

    exit_code = ExitCode.SAFETY


class HostNotAllowedError(SafetyError):
    """A request would have gone to a host that ``[target] allow_hosts`` does not list."""


class InterruptedRunError(ReverseRagError):
    """The user or the system stopped the command; what is recorded stays.

    Args:
        message: What was kept and where.
        terminated: True for SIGTERM (exit 143), false for SIGINT (exit 130).
        hint: The command that resumes.
    """

    def __init__(self, message: str, *, terminated: bool = False, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
