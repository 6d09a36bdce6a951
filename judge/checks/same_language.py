"""Answers in the user's language."""

import re

from harness.config import Settings
from harness.contracts import CriterionResult
from judge.checks.interface import WEAK, Answer, Check, fails, passes, undecided
from judge.groundedness.language import sentences
from judge.languages import likely_language, other_language

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»", re.DOTALL)
"""Code and quotations, which are in whatever language they are."""
_ASKS_FOR_ANOTHER = re.compile(
    r"(?i)\b(?:translat\w*|übersetz\w*|traduc\w*|tradui\w*|traduz\w*|vertaal\w*|(?:in|into|to|auf|ins|en|al|em|naar|het) (?:english|german|french|"
    r"spanish|italian|portuguese|dutch|chinese|japanese|russian|englisch\w*|deutsch\w*|französisch\w*|spanisch\w*|italienisch\w*|anglais|allemand|"
    r"français|espagnol|italien|inglés|alemán|francés|español|italiano|inglese|tedesco|francese|spagnolo|inglês|engels|duits|frans))\b"
)


class SameLanguage:
    """Fails an answer that is surely in another language than the user's words, or ends in another."""

    name = "same_language"
    version = "3"

    def check(self, answer: Answer) -> CriterionResult:
        """Return whether both languages agree."""
        wanted = answer.prompt.checks.language if answer.prompt else None
        if wanted is None and _ASKS_FOR_ANOTHER.search(answer.exchange.prompt):
            return undecided(self.name, "The user names a language, or asks for a translation.")
        asked = wanted or likely_language(_CODE.sub(" ", answer.exchange.prompt))
        asked = asked or likely_language(_CODE.sub(" ", " ".join(answer.user_texts)))
        told = _CODE.sub(" ", answer.text)
        if asked is None:
            return undecided(self.name, "Too few words to tell the language.")
        if given := other_language(told, asked):
            return fails(self.name, f"The user writes '{asked}' and the answer is '{given}'.", score=WEAK)
        foreign = [(s, spoken) for s in sentences(told) if (spoken := other_language(s, asked))]
        if len(foreign) > 1 or (foreign and len(foreign[0][0]) > len(told) / 5):
            sentence, spoken = foreign[0]
            shown = [sentence] if sentence in answer.text else []
            return fails(self.name, f"The answer changes from '{asked}' to '{spoken}'.", *shown, score=WEAK)
        if likely_language(told) is None:
            return undecided(self.name, "Too few words to tell the language.")
        return passes(self.name)


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] same_language`` is on."""
    return SameLanguage() if settings.judge.checks.same_language else None
