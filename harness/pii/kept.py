"""Words that are never a person or a place: those that the user lists, and ordinary ones learned from the log."""

import re
from collections.abc import Iterable

from harness.pii.interface import PiiSpan
from harness.pii.known.folding import TOKEN, fold

_GUESSED = frozenset(("PERSON", "LOCATION"))
"""Only what is told by its looks can be mistaken for a product; a card number or an e-mail address cannot."""
_CERTAIN = 1.0
_SURE = 0.95
"""A tagger that is so sure has read a name's surroundings, and knows better than a list."""
_POSSESSIVE = "s"
_LOOK_BACK = 32
_LOOK_AHEAD = 16
_SENTENCE_START = re.compile(
    r"(?:^|[.!?:;\n\"“”„(\[•*–—|]|(?:^|\n)\s*(?:hi|hello|hey|dear|sure|ok|okay|thanks)[ ,]*\w*,)\s*$", re.IGNORECASE
)
_MENU = re.compile(r"\b(?:under|choose|tap|open|select|press|click|then|menu|section|tab)\s$", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"(?:\b(?:name(?:['’]?s|\s+is|\s+was)?|i\s+am|i['’]?m|im|this\s+is|it['’]?s|its|it\s+is|call(?:ed)?(?:\s+me)?|named|dear|hi|hello|hey|mr|mrs|ms|miss|mister|dr|doctor|prof|sir|madam"
    r"|regards|best|sincerely|cheers|thanks|thank\s+you|yours|agent|advis[eo]r|colleague|manager|wife|husband|partner|son|daughter|brother|sister|mother|father|mum|mom|dad|friend|boss"
    r"|neighbou?r|landlord|with|told|ask(?:ed)?|said|met|see|saw|call|from|by|signed|bin|heiße|heisse|soy|llamo|suis|appelle|sou|chamo|sono|chiamo|ben|heet)\b[\s,:.!–-]{0,4}|[–-]\s?)$",
    re.IGNORECASE,
)
_SPEAKING = re.compile(r"\s+(?:here|speaking|said|says|told|is\s+my|was\s+my)\b", re.IGNORECASE)


class KeptWords:
    """Lets names and places stand that consist of kept words and phrases and of nothing else.

    "Larkfield" lets "Larkfield" and "LARKFIELD's" stand, not "12 Larkfield
    Road" nor "Anna Larkfield": a name of which half was left would still name
    somebody. What is certain is never kept: a value that a checksum proves, or
    one of somebody's profile.

    Args:
        phrases: Words and phrases; case, accents and punctuation do not matter.
        ordinary: Words that the log shows to be ordinary. They let only a tagger's names stand, and only where they
            are written as ordinary words are: in lower case, at the beginning of a sentence, as a menu's name, and
            never where a name is due.
    """

    def __init__(self, phrases: Iterable[str] = (), *, ordinary: Iterable[str] = ()) -> None:
        self._phrases = frozenset(tuple(TOKEN.findall(fold(phrase))) for phrase in phrases) - {()}
        self._longest = max(map(len, self._phrases), default=0)
        self._ordinary = frozenset(fold(word) for word in ordinary)

    @property
    def ordinary(self) -> frozenset[str]:
        """The ordinary words, folded."""
        return self._ordinary

    def without(self, text: str, spans: Iterable[PiiSpan]) -> list[PiiSpan]:
        """Return the spans that are not kept."""
        return [span for span in spans if not self._keeps(text, span)]

    def without_ordinary(self, text: str, names: Iterable[PiiSpan]) -> list[PiiSpan]:
        """Return what a tagger found without what the log shows to be ordinary words."""
        if not self._ordinary:
            return list(names)
        return [span for span in names if not self._is_ordinary(text, span)]

    def _keeps(self, text: str, span: PiiSpan) -> bool:
        if span.entity not in _GUESSED or span.score >= _CERTAIN:
            return False
        tokens = TOKEN.findall(fold(text[span.start : span.end]))
        if len(tokens) > 1 and tokens[-1] == _POSSESSIVE:
            tokens.pop()
        return bool(tokens) and self._is_made_of_phrases(tokens)

    def _is_made_of_phrases(self, tokens: list[str]) -> bool:
        reached = {0}
        for end in range(1, len(tokens) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in reached and tuple(tokens[start:end]) in self._phrases for start in starts):
                reached.add(end)
        return len(tokens) in reached

    def _is_ordinary(self, text: str, span: PiiSpan) -> bool:
        if span.entity != "PERSON" or span.score >= _SURE:
            return False
        places = [(span.start + m.start(), m[0]) for m in TOKEN.finditer(text[span.start : span.end])]
        if not places or not all(self._stands_as_word(text, start, form) for start, form in places):
            return False
        before = text[max(0, span.start - _LOOK_BACK) : span.start]
        after = text[span.end : span.end + _LOOK_AHEAD]
        return not (_INTRODUCED.search(before) or _SPEAKING.match(after))

    def _stands_as_word(self, text: str, start: int, form: str) -> bool:
        """Return whether a token of a name is a kept word, or an ordinary one and written as such."""
        word = fold(form)
        if (word,) in self._phrases:
            return True
        if word not in self._ordinary:
            return False
        before = text[max(0, start - _LOOK_BACK) : start]
        return (
            form.islower()
            or text.isupper()
            or _SENTENCE_START.search(before) is not None
            or _MENU.search(before) is not None
        )
