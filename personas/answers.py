"""What a model answers: a persona's card, and prompts that each say of which strategy they are."""

import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field


def _typed(text: Any) -> Any:
    """Return a text with the characters that a keyboard gives: terminals obey others, and half a pair is no character."""
    if not isinstance(text, str):
        return text
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _one_line(text: Any) -> Any:
    """Return a text as one line that reads as it is written: marks of direction would turn what stands beside it."""
    if not isinstance(text, str):
        return text
    return " ".join("".join(c for c in _typed(text) if unicodedata.category(c) != "Cf").split())


def _name(text: Any) -> Any:
    """Return a name as the request spells it: models quote names, capitalise them and take spaces for underscores."""
    return "_".join(text.strip("`'\"* \n").lower().replace("-", " ").split()) if isinstance(text, str) else text


_Line = Annotated[str, BeforeValidator(_one_line)]
_Message = Annotated[str, BeforeValidator(_typed)]


class PersonaCard(BaseModel):
    """A persona as a model describes it."""

    name: _Line = Field(min_length=2, max_length=60)
    description: _Line = Field(min_length=10, max_length=800)
    goals: list[_Line] = Field(min_length=1, max_length=8)


class WrittenPrompt(BaseModel):
    """A conversation: the user's messages only."""

    strategy: Annotated[str, BeforeValidator(_name)] = Field(
        description="the name of the prompt's kind, as it was given"
    )
    turns: list[_Message] = Field(min_length=1, max_length=8)


class PromptBatch(BaseModel):
    """Some prompts of one persona."""

    prompts: list[WrittenPrompt]
