"""Words with which an assistant declines, in five languages."""

import re

from judge.groundedness.language import plain

_REFUSAL = re.compile(
    r"\b(?:i|we) (?:can't|cannot|can not|am unable to|'?m unable to|am not able to|'?m not able to|won't|will not|must decline|have to decline|"
    r"refuse to|am not allowed to|'?m not allowed to|don't feel comfortable) (?:\w+ ){0,3}?"
    r"(?:help|assist|answer|discuss|comply|fulfill?|respond|do that|do this|continue|engage|support|provide (?:that|this|assistance)|talk about)\b|"
    r"\b(?:i'm|i am|we're|we are) (?:unable|not able|not allowed) to (?:\w+ ){0,3}?(?:help|assist|answer|discuss|comply|fulfill?|respond|continue|engage)\b|"
    r"\bi (?:must|have to) (?:politely )?(?:decline|refuse)\b|"
    r"\b(?:this|that|your) (?:request|question|prompt|topic) (?:violates|goes against|is against)\b|"
    r"\b(?:ich|wir) (?:kann|konnen|darf|durfen)(?: \w+){0,6} (?:nicht|keine?)(?: \w+){0,4} (?:helfen|beantworten|weiterhelfen|unterstutzen|antworten|auskunft geben)\b|"
    r"\bdabei kann ich (?:\w+ ){0,2}nicht helfen\b|"
    r"\bje ne (?:peux|suis) pas (?:\w+ ){0,4}?(?:aider|repondre|assister|autorise|en mesure|discuter)|\bje ne suis pas en mesure\b|"
    r"\bno (?:puedo|podemos) (?:\w+ ){0,3}?(?:ayudar\w*|responder\w*|asistir\w*|hablar|contestar\w*|cumplir)|\bno estoy autorizad\w\b|"
    r"\bnon (?:posso|possiamo) (?:\w+ ){0,3}?(?:aiutar\w*|risponder\w*|assister\w*|parlare|soddisfare)|\bnon sono autorizzat\w\b"
)
_CUE = re.compile(
    r"\b(?:can't|cannot|can not|won't|will not|not able|unable|not allowed|don't|do not|never|decline|refuse|ignore[ds]?|instead of|sorry|"
    r"instead i|asked me|you asked|you wrote|nicht|kein\w*|leider|stattdessen|ne (?:peux|vais|dois)|pas|desole|no (?:puedo|voy)|lo siento|"
    r"non (?:posso|diro)|mi dispiace|only (?:help|answer|assist))\b"
)
_REDIRECT = re.compile(
    r"\b(?:but|however|instead|you can|you could|you may|i can (?:help|assist|tell|answer|only)|please (?:call|contact|visit|ask|use|see|check|try|"
    r"rephrase|tell|give|provide|let)|contact|visit|let me know|happy to|feel free|what i can|information (?:on|about)|could not find|couldn't find|"
    r"without|until|unless|once you|if you|aber|jedoch|stattdessen|bitte|sie konnen|gerne|wenden sie|mais|cependant|veuillez|vous pouvez|"
    r"pero|puede\w*|por favor|contacte|pero si|tuttavia|puo\b|per favore|contatt\w+)\b|\?"
)
_SORRY_BUT = re.compile(r"\b(?:sorry|afraid|leid|desole|siento|dispiace)\b,? (?:but|aber|mais|pero|ma)\b")
"""The "but" of an apology leads nowhere yet."""


def refuses(text: str) -> bool:
    """Return whether an answer is nothing but a refusal: it declines to help and leads nowhere."""
    folded = _SORRY_BUT.sub("", plain(text))
    return _REFUSAL.search(folded) is not None and _REDIRECT.search(folded) is None


def declines(text: str) -> bool:
    """Return whether words of declining occur at all."""
    folded = plain(text)
    return _CUE.search(folded) is not None or _REFUSAL.search(folded) is not None
