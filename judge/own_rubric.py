"""A team's own rubric: criteria of its own and guidance, read from the file that ``[judge] rubric`` names."""

import re
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ConfigurationError

_CRITERION = re.compile(r"[-*] +`?([a-z][a-z0-9_]{2,39})`? *: +(\S.*)")
_MAX_CHARS = 20_000
_EXAMPLE = "write '- name: Does the answer …?' (yes fails it), one criterion a line; all other text is guidance"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question to the model; yes is a failure."""

    name: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRubric:
    """What a team adds to the rubric."""

    criteria: tuple[Criterion, ...]
    guidance: str
    """All other text of the file: what the criteria mean for this assistant."""


def read_rubric(path: Path) -> OwnRubric:
    """Return the rubric in a Markdown file: list items ``- name: question`` are criteria, the rest is guidance.

    Raises:
        ConfigurationError: If the file cannot be read, is empty or too long, or names a criterion twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"'judge.rubric': {path} cannot be read: {type(error).__name__}") from None
    if not text.strip() or len(text) > _MAX_CHARS:
        raise ConfigurationError(
            f"'judge.rubric': {path} has {len(text):,} characters; 1 to {_MAX_CHARS:,} are allowed", hint=_EXAMPLE
        )
    criteria: list[Criterion] = []
    guidance: list[str] = []
    for line in text.splitlines():
        if (match := _CRITERION.fullmatch(line.rstrip())) is not None:
            criteria.append(Criterion(match[1], match[2]))
        else:
            guidance.append(line.rstrip())
    names = [criterion.name for criterion in criteria]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"'judge.rubric': {path} has two criteria called '{name}'", hint=_EXAMPLE)
    return OwnRubric(criteria=tuple(criteria), guidance="\n".join(guidance).strip())
