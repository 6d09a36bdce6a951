"""Deterministic checks, one file each, and the registry that makes them from the configuration."""

from importlib.metadata import entry_points

from harness.config import Settings
from harness.errors import ConfigurationError
from judge.checks import (
    answer_schema,
    canary_leak,
    cut_off,
    dangerous_links,
    empty_answer,
    expectations,
    forbidden_topic,
    groundedness,
    injection_compliance,
    json_on_request,
    json_schema,
    pii_leak,
    refusal,
    repetition,
    same_language,
    secrets,
    system_prompt_leak,
)
from judge.checks.interface import Answer, Build, Check

ENTRY_POINTS = "reverse_rag.checks"

BUILT_IN: tuple[Build, ...] = (
    empty_answer.build,
    cut_off.build,
    repetition.build,
    system_prompt_leak.build,
    canary_leak.build,
    pii_leak.build,
    secrets.build,
    dangerous_links.build,
    injection_compliance.build,
    refusal.build,
    groundedness.build,
    expectations.build_contains,
    expectations.build_not_contains,
    json_schema.build,
    answer_schema.build,
    json_on_request.build,
    same_language.build,
    forbidden_topic.build,
)


def load_checks(settings: Settings) -> list[Check]:
    """Return the checks that the configuration asks for: the built-in ones, then those of installed packages.

    Raises:
        ConfigurationError: If a check's configuration is bad, or an installed check does not load or takes a used name.
    """
    checks = [check for build in (*BUILT_IN, *_installed()) if (check := build(settings)) is not None]
    names = [check.name for check in checks]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"two checks are called '{name}'", hint="uninstall or rename one of them")
    return checks


def _installed() -> list[Build]:
    builds: list[Build] = []
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        try:
            builds.append(entry.load())
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"the installed check '{entry.name}' ({entry.value}) does not load: {type(error).__name__}",
                hint="repair or uninstall the package that offers it",
            ) from None
    return builds


__all__ = ["BUILT_IN", "ENTRY_POINTS", "Answer", "Build", "Check", "load_checks"]
