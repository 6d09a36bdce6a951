"""Prompts of text-completion APIs: the user's newest words, out of the chat template around them."""

import re
from typing import NamedTuple

from extract.formats.interface import RecordError, Skipped

_END_OF_SYSTEM = "<</SYS>>"


class _Template(NamedTuple):
    """How one family of models marks turns."""

    known_by: re.Pattern[str]
    opens: re.Pattern[str]
    """Begins a user turn."""
    closes: re.Pattern[str]
    """Ends one."""


def _template(known_by: str, opens: str, closes: str) -> _Template:
    return _Template(re.compile(known_by), re.compile(opens), re.compile(closes))


_TEMPLATES = (
    # Llama 3 and Llama 4 (llama.com, "Model cards and prompt formats")
    _template(
        r"<\|start_header_id\|>",
        r"<\|start_header_id\|>user<\|end_header_id\|>",
        r"<\|(?:eot_id|start_header_id|end_of_text)\|>",
    ),
    _template(r"<\|header_start\|>", r"<\|header_start\|>user<\|header_end\|>", r"<\|(?:eot|header_start)\|>"),
    # ChatML, as Qwen and others write it
    _template(r"<\|im_start\|>", r"<\|im_start\|>user", r"<\|im_(?:end|start)\|>"),
    # Llama 2 and Mistral
    _template(r"\[INST\]", r"\[INST\]", r"\[/?INST\]"),
    # Claude's text completions
    _template(r"(?:\A|\n)[ \t]*Human:", r"(?:\A|\n)[ \t]*Human:", r"\n[ \t]*(?:Human|Assistant):"),
    # Titan's "User: …" and "Bot:", which ends the prompt
    _template(r"\nBot:\s*\Z", r"(?:\A|\n)User:", r"\n(?:User|Bot):"),
)


def user_text_in(prompt: str) -> str:
    """Return the user's newest words in a prompt; the whole prompt where it follows no chat template.

    Raises:
        RecordError: If it follows one and the user says nothing in it (skipped).
    """
    for template in _TEMPLATES:
        if template.known_by.search(prompt):
            return _newest(prompt, template)
    return prompt


def _newest(prompt: str, template: _Template) -> str:
    newest = ""
    for turn in template.opens.finditer(prompt):
        end = template.closes.search(prompt, turn.end())
        said = prompt[turn.end() : end.start() if end else len(prompt)]
        newest = said.partition(_END_OF_SYSTEM)[2 if _END_OF_SYSTEM in said else 0].strip() or newest
    if not newest:
        raise RecordError(Skipped("no_user_message"))
    return newest
