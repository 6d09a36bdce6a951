"""Each error ends a command with the code that the interface promises."""

import inspect
import pickle

import pytest

from harness import errors
from harness.errors import ExitCode, InterruptedRunError, ReverseRagError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ReverseRagError)]
CODES = {
    errors.UsageError: 2,
    errors.ConfigurationError: 2,
    errors.InputError: 2,
    errors.StorageError: 3,
    errors.DependencyError: 3,
    errors.RecognizerError: 3,
    errors.ModelError: 3,
    errors.ModelUnreachableError: 3,
    errors.ModelThrottledError: 3,
    errors.ModelLateError: 3,
    errors.ModelRefusedError: 3,
    errors.ModelOutputError: 3,
    errors.BudgetSpentError: 4,
    errors.SafetyError: 5,
    errors.HostNotAllowedError: 5,
    errors.ReverseRagError: 70,
}


def test_the_exit_codes_are_those_of_the_interface() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "GATE_FAILED": 1,
        "USAGE": 2,
        "DEPENDENCY": 3,
        "INCONCLUSIVE": 4,
        "SAFETY": 5,
        "BUG": 70,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


@pytest.mark.parametrize(("kind", "code"), CODES.items(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_each_class_has_its_exit_code(kind: type[ReverseRagError], code: int) -> None:
    assert kind("what happened").exit_code == code


def test_no_class_is_without_a_tested_exit_code() -> None:
    assert set(KINDS) == {*CODES, InterruptedRunError}


@pytest.mark.parametrize(("terminated", "code"), [(False, 130), (True, 143)])
def test_an_interruption_tells_the_signal(terminated: bool, code: int) -> None:  # noqa: FBT001
    error = InterruptedRunError("10 exchanges are kept", terminated=terminated, hint="resume")
    assert (error.exit_code, str(error), error.hint) == (code, "10 exchanges are kept", "resume")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_survives_the_way_between_processes(kind: type[ReverseRagError]) -> None:
    error = kind("what", hint="do this")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), str(copy), copy.hint, copy.exit_code) == (kind, "what", "do this", error.exit_code)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_shadows_no_builtin_and_says_what_it_is_for(kind: type[ReverseRagError]) -> None:
    assert not hasattr(__import__("builtins"), kind.__name__)
    assert kind.__doc__
