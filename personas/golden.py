"""Hand-written prompts with expectations, from the file that ``[personas] golden`` names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from harness.config import Settings
from harness.contracts import Generator, Prompt, PromptChecks
from harness.errors import InputError
from harness.identity import content_id

PERSONA = "golden"
"""Stands for a persona: nobody's traffic is behind a hand-written prompt."""
_HINT = "see docs/baselines.md for the form of a golden prompt"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Line(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    prompt: Text | None = None
    turns: list[Text] = Field(default_factory=list)
    strategy: Text = "golden"
    checks: PromptChecks = PromptChecks()


def golden_prompts(settings: Settings) -> list[Prompt]:
    """Return the configured hand-written prompts, in the file's order; none where no file is configured.

    Raises:
        InputError: If the file cannot be read, or a line is no prompt or there twice; names the line.
    """
    if settings.personas.golden is None:
        return []
    path = Path(settings.path(settings.personas.golden))
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"[personas] golden: {path}: cannot be read: {error.strerror}") from None
    found: dict[str, int] = {}
    prompts = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        prompt = _prompt(line, f"{path}, line {number}")
        if prompt.prompt_id in found:
            raise InputError(f"{path}, line {number}: the same prompt as line {found[prompt.prompt_id]}")
        found[prompt.prompt_id] = number
        prompts.append(prompt)
    return prompts


def _prompt(line: bytes, where: str) -> Prompt:
    try:
        values: Any = orjson.loads(line)
        read = _Line.model_validate(values)
    except orjson.JSONDecodeError:
        raise InputError(f"{where}: not JSON", hint=_HINT) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise InputError(f"{where}: {place}: {first['type'].replace('_', ' ')}", hint=_HINT) from None
    turns: Sequence[str] = read.turns or ([read.prompt] if read.prompt is not None else [])
    if not turns or (read.turns and read.prompt is not None):
        raise InputError(f"{where}: either `prompt` or `turns` has to be there, and not both", hint=_HINT)
    checks = orjson.dumps(
        read.checks.model_dump(mode="json", exclude_defaults=True, by_alias=True), option=orjson.OPT_SORT_KEYS
    )
    return Prompt(
        prompt_id=content_id("prompt", [b"golden", checks, *(turn.encode() for turn in turns)]),
        persona_id=PERSONA,
        strategy=read.strategy,
        turns=list(turns),
        checks=read.checks,
        weight=0.0,
        origin="golden",
        generator=Generator(kind="hand-written"),
    )
