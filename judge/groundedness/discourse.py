"""What a sentence does: claim something, or greet, ask, offer, apologise, decline."""

import re

from judge.groundedness.language import FUNCTION_WORDS, plain, sentences, words

_INTERJECTION = re.compile(
    r"^[\W_]*(?:(?:hi|hello|hey|welcome|greetings|good (?:morning|afternoon|evening|day)|thanks?(?: you)?(?: for (?:asking|your \w+|reaching out))?|"
    r"you(?:'re| are) welcome|sure(?: thing)?|certainly|of course|absolutely|great(?: question)?|perfect|ok(?:ay)?|alright|no problem|"
    r"all right|got it|understood|yes|no|unfortunately|(?:i(?:'m| am) |we(?:'re| are) )?(?:very |so |really |truly )?(?:sorry|afraid|glad)|"
    r"(?:my )?apologies|did you know(?: that)?|hallo|guten (?:tag|morgen|abend)|danke|vielen dank|gerne?|leider|ja|nein|es tut mir leid|alles klar|einen schonen (?:tag|abend)(?: noch)?|"
    r"bonjour|bonsoir|merci|bien sur|desole|malheureusement|oui|non|hola|buen[oa]s(?: dias| tardes)?|gracias|claro|por supuesto|"
    r"lo siento|lamentablemente|si|ciao|buongiorno|grazie|certo|mi dispiace|purtroppo)\b[\s,.!:;–—-]*(?:but |aber |mais |pero |ma )?)+"
)
_NO_CLAIM = re.compile(
    r"^(?:i (?:can|could|will|would|may) (?:only |also |gladly |happily |certainly |still )?(?:help|assist|look|check|tell you more)|"
    r"i'(?:ll|d) (?:be )?(?:happy|glad|help|love)|happy to help|i am (?:here|happy|glad)|i'm (?:here|happy|glad)|here to help|"
    r"(?:i|we) (?:can't|cannot|can not|could(?:n't| not)|(?:do|did)(?:n't| not)|am not|was(?:n't| not)|(?:a|we)re not|have no|found no|only)|"
    r"i'm (?:not|unable)|i am (?:not|unable)|(?:i|we) (?:fully |completely |totally |do |can |truly |really )?(?:understand|appreciate|apologi[sz]e|hope|wish|realize)\b|"
    r"(?:i'm|i am|as|being) (?:just |only )?an? (?:\w+ )?(?:ai|assistant|language model|chatbot|bot)\b|(?:have|enjoy) (?:a|your|the)\b|(?:there is|there's) no (?:information|mention)|"
    r"(?:my|the|our) (?:passages?|extracts?|context|documents?|information|sources?|policies|knowledge)[^.]{0,40}\b(?:not|n't)\b|"
    r"i(?:'ll| will) (?:try|do)\b|i (?:can )?see\b|i(?:'ve| have) (?:read|noted)\b|i(?:'d| would) (?:rather|prefer|like)\b|(?:just )?tell me|"
    r"bei (?:\w+ )?(?:fragen|ruckfragen)|(?:dazu|dabei|daruber|darauf) (?:kann|darf|konnen|durfen) (?:ich|wir)|"
    r"wenn sie mir|je prefere|prefiero|preferisco|prefiro|"
    r"please|kindly|let me|let us|let's|feel free|just (?:let|ask|tell)|if you (?:have|need|want|would|could|can|let|tell|share|give)|"
    r"bitte|ich (?:kann|helfe|habe (?:dazu )?kein)|je (?:suis|ne|peux)|veuillez|n'hesitez|(?:no )?pue?do|no (?:tengo|encuentro)|por favor|"
    r"(?:non )?posso|non (?:ho|trovo)|per favore)\b"
)
_MARKUP = re.compile(r"</?[a-z][^<>]{0,80}>|\*+|^[>\s]+")
_TELLS_WHAT_TO_DO = re.compile(r"(?:please|kindly|let|if|bitte|veuillez|por favor|per favore)\b")
_MIN_CONTENT = 3


def claims_something(sentence: str) -> bool:
    """Return whether a sentence says something that contexts could support or not.

    Greetings, thanks, apologies, questions, offers of help and statements that nothing was found claim nothing,
    and neither do a few words without content of their own.
    """
    text = plain(sentence.strip())
    if "<" in text or "*" in text or text.startswith(">"):
        text = _MARKUP.sub("", text).strip()
    told = _INTERJECTION.sub("", text)
    if text.rstrip("\"')*_ ").endswith("?") and not text.startswith("did you know"):
        return False
    declined = _NO_CLAIM.match(told) is not None
    if any(character.isdigit() for character in told):
        # What the assistant says of itself claims nothing more than its numbers, which are looked at in any case.
        return not declined or _TELLS_WHAT_TO_DO.match(told) is not None
    return not declined and len([word for word in words(told) if word not in FUNCTION_WORDS]) >= _MIN_CONTENT


def claiming_sentences(text: str) -> list[str]:
    """Return the sentences of a text that claim something, word for word."""
    return [sentence for sentence in sentences(text) if claims_something(sentence)]


def negated(sentence: str) -> bool:
    """Return whether a sentence denies something."""
    return _NEGATION.search(plain(sentence)) is not None


_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nothing|neither|nor|without|cannot|\w+n't|nicht|kein\w*|nie|pas|jamais|aucune?|nunca|ningun\w*|mai|nessun\w*)\b"
)
