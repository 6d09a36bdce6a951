"""People's names, without a trained model: phrases that introduce them, titles, and lists of given names and surnames."""

import re
from collections.abc import Iterator
from enum import Enum

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.rules import Facts

# No name's word is longer, and a giant token must not be searched again from each of its parts.
_WORD = r"[^\W\d_](?:[^\W\d_]|[.'’‑-](?=[^\W\d_])){0,60}"
_NAME_WORD = re.compile(_WORD)
_GAP = re.compile(r"\.?[ \t]{1,2}")
_PARTICLES = words("name_particles")
_LONGEST = 4
_LONGEST_ABBREVIATION = 4
_TELLING = 4
_CALENDAR = words("calendar")

# What is said right before one's own name, or somebody's: what follows is a name in any case.
_STRONG = re.compile(
    r"""\b(?:(?:my|her|his|their|full|the|our|your|first|last|given|family|user'?s|customer'?s?|holder'?s?|maiden|middle)\s+(?:(?:full|first|last|given|family|middle|maiden|sur)\s*)?name'?s?
        (?:\s+(?:is|=|should\s+be|would\s+be)|\s*[:=]|(?<=names)|(?<=name's))
    |(?:^|[\n,;>])\s*(?:name|contact|full\ name|customer|client|passenger|guest|patient)\s*[:=]|surname\s*(?:is|:)|name\s+is
    |(?:under|in|with|on|by)\s+(?:the\s+)?(?:last\s+|first\s+|full\s+|sur)?name\s+(?:of|is|:)?|(?:under|in)\s+the\s+name\s*(?:of)?
    |(?:i\s+am|i'm|im|is|was|am)\s+(?:called|named)|(?:people|everyone|everybody|they|you\s+can|please|just|friends)\s+call\s+me|i\s+go\s+by|goes\s+by
    |account\s+holder(?:\s+is)?:?|signed,?|attn:?|care\s+of|c/o|cardholder(?:\s+is)?:?
    |(?:ich\s+)?hei(?:ß|ss)e|mein\s+name\s+ist|(?:vor|nach)name(?:\s+ist)?:?|name\s+lautet
    |me\s+llamo|mi\s+nombre\s+(?:completo\s+)?es|se\s+llama|a\s+nombre\s+de|apellidos?:
    |je\s+m['’]appelle|mon\s+nom\s+(?:complet\s+)?est|au\s+nom\s+de|nom\s*:|pr[ée]nom\s*:
    |(?:eu\s+)?me\s+chamo|(?:o\s+)?meu\s+nome\s+(?:completo\s+)?[ée]|em\s+nome\s+de|chamo-me
    |mi\s+chiamo|il\s+mio\s+nome\s+[èe]|mijn\s+naam\s+is|ik\s+heet|jag\s+heter|jeg\s+heter|jeg\s+hedder|mitt\s+namn\s+är|nimeni\s+on|nazywam\s+się|mam\s+na\s+imię)
    [\s:]*["'“]?\s*(?:is\s+|it'?s\s+)?""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_STRONG_PARTS = (
    "name", "call", "i go by", "goes by", "holder", "signed", "attn", "care of", "c/o", "customer", "client", "contact", "passenger", "guest", "patient",
    "heiße", "heisse", "llam", "nombre", "apellido", "appelle", "nom", "chamo", "chiamo", "naam", "heet", "heter", "hedder", "namn", "nazywam", "imię",
)  # fmt: skip

# What stands before a name more often than not: what follows is one if it is capitalised and no ordinary word.
_PERSON_NEXT = re.compile(
    r"""\b(?:i\s+am|i[’']?m|this\s+is|here\s+is|ich\s+bin|hier\s+ist|hier\s+spricht|soy|habla|je\s+suis|sou|aqui\s+é|sono|ik\s+ben|jag\s+är
    |(?:my|his|her|our)\s+(?:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|partner|friend|boss|colleague|uncle|aunt|cousin|girlfriend
        |boyfriend|flatmate|roommate|landlord|neighbou?r|grandmother|grandfather|nephew|niece|assistant|secretary|lawyer|doctor|manager)
    |(?:speak(?:ing)?|talk(?:ing)?|spoke|talked|chatt?(?:ed|ing)?|met|meeting|appointment)\s+(?:to|with)
    |(?:sen[dt]|transfer(?:red|ring)?|pay|paid|give|gave|wire|money|funds|payment|going|owed?|belongs?|deliver(?:ed)?|ship(?:ped)?)\s+(?:it\s+|this\s+|that\s+|them\s+|money\s+|over\s+)*to
    |named|ask(?:ed)?\s+for|on\s+behalf\s+of|(?:recipient|payee|beneficiary)(?:\s+is)?:?|told\s+by|agent|starring|directed\s+by|founders?:)[\s]+""",
    re.IGNORECASE | re.VERBOSE,
)
# A greeting names somebody if a comma, a stop or nothing follows; a sign-off if it ends the text or a line.
_GREETING = re.compile(
    r"(?:^|(?<=[\n.!]))[^\S\n]*(?:hi|hello|hey|dear|hallo|hola|bonjour|olá|ciao|liebe[r]?|sehr\s+geehrte[r]?|estimad[oa]|querid[oa]|cher|chère|caro|cara|good\s+(?:morning|evening|afternoon)"
    rf"|thanks|thank\s+you|welcome(?:\s+back)?|sorry)[ ,]+(?P<name>{_WORD}(?:[ ]{_WORD})?)(?=\s*(?:[,!.;:\n–-]|$))",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\b(?:regards|sincerely|cheers|best(?:\s+wishes)?|yours(?:\s+truly)?|thanks|thank\s+you|thx|grüße|gruß|grüßen|saludos|atentamente|cordialement|atenciosamente|abraços|faithfully|wishes|love)"
    rf"[^\S\n]*[,!.–-]*[^\S\n]*[,\n–-]\s*(?P<name>{_WORD}(?:\.?[ ]{_WORD}){{0,3}})\.?(?=\s*(?:\n|$))",
    re.IGNORECASE,
)
_WEAK = re.compile(r"\b(?:from|to|for|with|by|under|of|and|it['’]s|called|told|ask|tell|via)\s+", re.IGNORECASE)
_BOOKED_UNDER = re.compile(
    r"\b(?:book(?:ed|ing)?|reserv(?:ation|ed)|table|room|appointment|it)\b[^.?!\n]{0,60}?\b(?:under|for\s+(?:mr|mrs|ms))\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:[Mm][Rr][Ss]?|[Mm][Ss]|Miss|[Mm]iss(?= [A-Z])|[Dd]r|DR|[Pp]rof|Professor|Doctor(?= [A-Z])|Herrn?|Frau|Señora?|Sra?|Madame|Mme|Mlle|Monsieur|Dhr|Mevr|Signora?"
    r"|(?:Sir|Madam|Lady|Lord|Dame|Rev)(?= [A-Z]))\b\.?[ ]+(?=[^\W\d_])"
)
_SPEAKING = re.compile(rf"\b({_WORD}(?:[ ]{_WORD}){{0,2}})\s+(?:speaking|here\b(?=\s*[,.!]|\s*$))", re.IGNORECASE)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:san|santa|santo|são|saint|st|ste|port|fort|lake|mount|mt|new|north|south|east|west|los|las|el|la|cape|point|villa|hotel|the|rue|calle|via|avenue|boulevard)\.?[ -])$",
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(
    r"[ ](?:street|st\b|road|rd\b|avenue|ave\b|boulevard|blvd|drive|lane|court|square|park|beach|city|county|hotel|inn|hospital|clinic|university|college|airport|salon|island|creek|hills?|valley|springs?|bay|river|falls|heights|bank|street|state|dental|apartments?)\b",
    re.IGNORECASE,
)


def find_names(facts: Facts) -> Iterator[PiiSpan]:
    """Yield the names of people in a text; spans may overlap."""
    text = facts.text
    if facts.holds(*_STRONG_PARTS):
        for match in _STRONG.finditer(text):
            yield from _name_at(text, match.end(), _Opener.STRONG)
    for match in _TITLE.finditer(text):
        yield from _name_at(text, match.end(), _Opener.STRONG)
    if facts.holds(" under ", " for m"):
        for match in _BOOKED_UNDER.finditer(text):
            yield from _name_at(text, match.end(), _Opener.STRONG)
    for match in _PERSON_NEXT.finditer(text):
        yield from _name_at(text, match.end(), _Opener.MEDIUM)
    for match in _WEAK.finditer(text):
        yield from _name_at(text, match.end(), _Opener.WEAK)
    yield from _addressed(text)
    if facts.holds("speaking", "here"):
        for match in _SPEAKING.finditer(text):
            yield from _speaker(text, *match.span(1))
    yield from _listed(text)


class _Opener(Enum):
    """How much the words before a name say."""

    STRONG = 0.9
    """A name in any case follows."""
    MEDIUM = 0.6
    """A capitalised word that is no ordinary one is a name."""
    WEAK = 0.5
    """Only a listed name is one."""


def _name_at(text: str, start: int, opener: _Opener) -> Iterator[PiiSpan]:
    """Yield the name that begins at ``start``, if one does."""
    first = _NAME_WORD.match(text, start)
    if first is None or not _can_begin(first[0], opener, shouting=text.isupper()):
        return
    if opener is not _Opener.STRONG and (_is_place(text, *first.span()) or _base(first[0]) in words("places")):
        return
    end = _extend(text, first, any_case=opener is _Opener.STRONG)
    yield PiiSpan(start=start, end=_without_possessive(text, start, end), entity="PERSON", score=opener.value)


def _can_begin(word: str, opener: _Opener, *, shouting: bool) -> bool:
    folded = _base(word)
    capital = word[0].isupper() and not shouting
    ambiguous = folded in words("word_names") and len(folded) > 2
    if folded in words("common_words"):
        # "Send it to Will": a capital in the middle of a sentence tells.
        return capital and ambiguous and opener is not _Opener.WEAK and folded not in _CALENDAR
    if folded in words("given_names") and not ambiguous:
        return True
    if opener is _Opener.STRONG:
        return len(folded) > 1 or capital
    if opener is _Opener.WEAK:
        return capital and ambiguous
    return capital and len(folded) > 1 and not (word.isupper() and len(word) <= _LONGEST_ABBREVIATION)


def _addressed(text: str) -> Iterator[PiiSpan]:
    """Yield names in greetings and sign-offs."""
    for pattern, any_case in ((_GREETING, False), (_SIGN_OFF, True)):
        for match in pattern.finditer(text):
            parts = [_base(m) for m in _NAME_WORD.findall(match["name"])]
            if any(part in words("common_words") or part in words("places") for part in parts):
                continue
            if any_case or match["name"][0].isupper() or parts[0] in words("given_names"):
                yield PiiSpan(start=match.start("name"), end=match.end("name"), entity="PERSON", score=0.8)


def _extend(text: str, first: re.Match[str], *, any_case: bool) -> int:
    """Return the end of the name that begins with ``first``: surnames, initials and particles join it."""
    reached, word = first.end(), first[0]
    end = reached
    for _ in range(_LONGEST):
        gap = _GAP.match(text, end)
        following = _NAME_WORD.match(text, gap.end()) if gap and _base(word) == word.lower().replace("’", "'") else None
        if following is None or not _continues(following[0], any_case=any_case):
            break
        end, word = following.end(), following[0]
        if word.lower() not in _PARTICLES or word[0].isupper():
            reached = end
    return reached


def _continues(word: str, *, any_case: bool) -> bool:
    folded = _base(word)
    if folded in _PARTICLES:
        return True
    if folded in words("common_words"):
        return word[0].isupper() and folded in words("surnames") | words("word_names") and folded not in _CALENDAR
    return word[0].isupper() or any_case or folded in words("surnames")


def _listed(text: str) -> Iterator[PiiSpan]:
    """Yield listed given names, with what belongs to them; and capitalised words before listed surnames."""
    given, ambiguous, surnames, common = (words(n) for n in ("given_names", "word_names", "surnames", "common_words"))
    shouting = text.isupper()
    for match in _NAME_WORD.finditer(text):
        word, folded = match[0], _base(match[0])
        capital = word[0].isupper()
        if folded in surnames and capital and not shouting and folded not in common:
            yield from _before_surname(text, match)
        if folded in ambiguous:
            if capital and not shouting and _surname_follows(text, match.end()):
                yield PiiSpan(start=match.start(), end=_extend(text, match, any_case=False), entity="PERSON", score=0.6)
        elif folded in given and len(folded) > 2 and folded not in common and not _is_place(text, *match.span()):
            end = _extend(text, match, any_case=not capital and _is_answer(text))
            end = _unlisted_surname(text, match, end)
            yield PiiSpan(
                start=match.start(), end=_without_possessive(text, match.start(), end), entity="PERSON", score=0.65
            )


def _unlisted_surname(text: str, first: re.Match[str], end: int) -> int:
    """Return the end of a lower-case name that has an unknown word after it: "natasha higuchi"."""
    if end != first.end() or first[0][0].isupper() or len(first[0]) < _TELLING:
        return end
    following = re.compile(rf"[ ]({_WORD})(?=\s*(?:$|[\n,.!?]|[ ](?:on|for|from|at|in|by|to|and|is|with|of)\b))").match(
        text, end
    )
    if following is None or len(following[1]) < _TELLING or _base(following[1]) in words("common_words"):
        return end
    return end if following[1].endswith(("ing", "ed", "ly", "s")) else following.end()


def _before_surname(text: str, surname: re.Match[str]) -> Iterator[PiiSpan]:
    before = re.search(rf"({_WORD})(?:[ ][A-Z]\.?)?[ ]$", text[max(0, surname.start() - 40) : surname.start()])
    if before and before[1][0].isupper() and _base(before[1]) not in words("common_words"):
        start = max(0, surname.start() - 40) + before.start(1)
        if not _is_place(text, start, surname.end()):
            yield PiiSpan(start=start, end=_without_possessive(text, start, surname.end()), entity="PERSON", score=0.6)


def _surname_follows(text: str, end: int) -> bool:
    following = re.compile(rf"[ ](?:[A-Z]\.?[ ])?({_WORD})").match(text, end)
    return bool(
        following and following[1][0].isupper() and _base(following[1]) in words("surnames") | words("given_names")
    )


def _speaker(text: str, start: int, end: int) -> Iterator[PiiSpan]:
    found = [m for m in _NAME_WORD.finditer(text, start, end) if _base(m[0]) not in words("common_words")]
    if found and found[-1].end() == end and (found[0][0][0].isupper() or _base(found[0][0]) in words("given_names")):
        yield PiiSpan(start=found[0].start(), end=end, entity="PERSON", score=0.8)


def _is_place(text: str, start: int, end: int) -> bool:
    return bool(_PLACE_BEFORE.search(text[max(0, start - 12) : start]) or _PLACE_AFTER.match(text, end))


def _is_answer(text: str) -> bool:
    return len(text.split()) <= _LONGEST


def _base(word: str) -> str:
    lower = word.lower().replace("’", "'")
    return lower[:-2] if lower.endswith("'s") else lower


def _without_possessive(text: str, start: int, end: int) -> int:
    return end - 2 if text[start:end].lower().endswith(("'s", "’s")) else end


ASKS_FOR_NAME = re.compile(
    r"\b(?:(?:your|full|first|last|the|what)\s+(?:full\s+|first\s+|last\s+)?name|who\s+(?:am\s+i|is\s+this|should|shall|will)|name,?\s+please|(?:ihr|dein)(?:en)?\s+name|su\s+nombre|tu\s+nombre|votre\s+nom|seu\s+nome"
    r"|who\s+(?:would\s+you\s+like|do\s+you\s+want|should\s+i|are\s+you)\b.{0,80}\b(?:send|transfer|pay)|(?:send|transfer|sending|transferring)\b.{0,80}\bto\s+who)",
    re.IGNORECASE,
)


def find_answered_name(text: str) -> PiiSpan | None:
    """Return the name that a short message gives in reply to a question for one; None if it is no such message."""
    stripped = text.strip(" \t\n.,!'\"")
    found = _NAME_WORD.findall(stripped)
    if not 1 <= len(found) <= _LONGEST or re.search(r"[\d?@]", stripped):
        return None
    if any(_base(word) in words("common_words") for word in found):
        return None
    start = text.index(stripped)
    return PiiSpan(start=start, end=start + len(stripped), entity="PERSON", score=0.6)
