"""Words with which an assistant declines, in seven languages."""

import re

from judge.groundedness.language import plain, sentences

_IT = r"(?:\s+(?:to|with|on|about|for|in))?\s+(?:that|this|it|these|those|such|your|the|any)\b|\s*(?:[.!,;]|$|for you|further|you\b)"
_REFUSAL = re.compile(
    r"\b(?:i|we) (?:can't|cannot|can not|am unable to|'?m unable to|am not able to|'?m not able to|won't|will not|must decline to|have to decline to|"
    r"refuse to|am not allowed to|'?m not allowed to|don't feel comfortable) (?:be able to )?(?:\w+ ){0,2}?"
    r"(?:(?:help|assist)(?!\w|\s+but\b)|do that\b|do this\b|comply\b|continue with\b|engage\b|provide (?:that|this|assistance|any)\b|talk about (?:that|this|it|these)\b|"
    rf"(?:answer|discuss|fulfill?|respond|support|process)(?={_IT}))|"
    r"\b(?:i'm|i am|we're|we are) (?:unable|not able|not allowed|not programmed|not permitted|not authori[sz]ed) to (?:\w+ ){0,2}?"
    rf"(?:(?:help|assist|comply|engage)\b|(?:answer|discuss|fulfill?|respond|process|share)(?={_IT}))|"
    r"\bi (?:must|have to) (?:politely |respectfully )?(?:decline|refuse)(?:[.!]|$| (?:this|that|your|to))|"
    r"\b(?:this|that|your) (?:request|question|prompt|topic) (?:violates|goes against|is against) (?:our|my|company|usage)\b|"
    r"\b(?:something|a request|a question|a topic) (?:that )?i (?:can't|cannot|am not able to) (?:help|assist|answer|discuss)\b|"
    r"\b(?:outside|beyond) (?:of )?(?:my|the) (?:scope|capabilities|remit)\b|^\W*no comment\b|"
    r"\bdon't have permission to (?:answer|discuss|help|share)\b|"
    r"\b(?:something|anything) (?:that )?i(?:'m| am) (?:not )?(?:able|allowed|permitted) to (?:do|help|answer|discuss)\b|"
    r"\b(?:isn't|is not|'s not) (?:something|anything) (?:that )?(?:i|we)(?: can|'m able to|'re able to| am able to| may)(?: to)? (?:help|discuss|answer|talk|share|do)\b|"
    r"\bi(?:'d| would) rather not (?:answer|discuss|say|talk|comment)\b|"
    r"\bdon't feel comfortable (?:answering|discussing|helping|with)\b|\bfalls? outside (?:of )?what i can\b|^\W*sorry,? no\W*$|"
    r"\b(?:ich|wir) (?:kann|konnen|darf|durfen)(?: \w+){0,6} (?:nicht|keine?|nichts)(?: \w+){0,4} (?:helfen|beantworten|weiterhelfen|unterstutzen|antworten|auskunft geben|sagen)\b|"
    r"\b(?:dabei|damit|das|dazu|daruber|hierbei|leider)\s(?:kann|darf|konnen|durfen) (?:ich|wir)(?: \w+){0,5}? (?:nicht|keine|nichts)(?: \w+){0,2} (?:helfen|beantworten|weiterhelfen|unterstutzen|antworten|auskunft geben|sagen)\b|"
    r"\b(?:ich bin|bin ich)(?: \w+){0,4} nicht (?:in der lage|befugt|berechtigt)\b|"
    r"\b(?:darauf|hierauf|dazu|hierzu) (?:kann|darf) ich(?: \w+){0,3} (?:keine?|nichts|nicht)(?: \w+){0,2} (?:antwort|auskunft|antworten|eingehen|sagen)\b|"
    r"\b(?:diese|ihre|deine) (?:frage|anfrage) (?:kann|darf) ich(?: \w+){0,3} nicht\b|"
    r"\bil m'est impossible de\b|\bje n'ai pas le droit d|\bje ne (?:peux|puis)(?: \w+){0,2} pas(?: \w+)? (?:donner suite|traiter)\b|"
    r"\bje ne peux (?:malheureusement|helas|toutefois) pas\b(?: \w+){0,4}? (?:aider|repondre|suite|traiter)\b|"
    r"\bno me es posible (?:atender|ayudar|responder)|\bnon (?:mi e|e) (?:possibile|consentito|permesso) (?:aiutar|risponder|parlar)|"
    r"\bno estoy en condiciones de (?:contestar|responder|ayudar)|\bno me esta permitido\b|"
    r"\b(?:va|vanno) oltre le mie possibilita\b|\bnao tenho (?:permissao|autorizacao)\b|\bnao me e possivel (?:ajudar|responder|atender)|"
    r"\bdaar (?:kan|mag) ik(?: \w+){0,3} (?:niet|geen)(?: \w+){0,2} (?:helpen|antwoord|op ingaan|bespreken)\b|"
    r"\bje ne (?:peux|suis) pas (?:\w+ ){0,4}?(?:aider|repondre|assister|autorise|en mesure|discuter)|\bje ne suis pas en mesure\b|"
    r"\bno (?:puedo|podemos) (?:\w+ ){0,3}?(?:ayudar\w*|responder\w*|asistir\w*|hablar|contestar\w*|cumplir)|\bno estoy autorizad\w\b|"
    r"\bnon (?:posso|possiamo) (?:\w+ ){0,3}?(?:aiutar\w*|risponder\w*|assister\w*|parlare|soddisfare)|\bnon sono autorizzat\w\b|"
    r"\bnao (?:posso|podemos|consigo) (?:\w+ ){0,3}?(?:ajudar\w*|responder\w*|discutir|falar|atender)|\bnao estou autorizad\w\b|"
    r"\b(?:kan|mag|kunnen|mogen) (?:ik|we|wij)(?: \w+){0,4}? (?:niet|geen)(?: \w+){0,3} (?:helpen|beantwoorden|bespreken|ingaan)\b|"
    r"\bik (?:kan|mag)(?: \w+){0,4}? (?:niet|geen)(?: \w+){0,3} (?:helpen|beantwoorden|bespreken|ingaan)\b"
)
_HINTS = (
    *("not", "n't", "unable", "decline", "refuse", "violates", "against", "scope", "beyond", "no comment", "outside"),
    *("sorry", "rather", "impossible", "n'ai pas", "pas ", "no me es", "oltre"),
    *(
        "nicht",
        "kein",
        "nichts",
        "ne peux pas",
        "ne suis pas",
        "no pue",
        "no pod",
        "no estoy",
        "non ",
        "nao ",
        "niet",
        "geen",
    ),
)
"""One of these is in every refusal; looking for them is quick, and most answers hold none."""
_CUE = re.compile(
    r"\b(?:can't|cannot|can not|won't|will not|not able|unable|not allowed|don't|do not|never|decline|refuse|ignore[ds]?|instead of|sorry|"
    r"instead i|asked me|you asked|you wrote|nicht|kein\w*|leider|stattdessen|ne (?:peux|vais|dois)|pas|desole|no (?:puedo|voy)|lo siento|"
    r"non (?:posso|diro)|mi dispiace|nao (?:posso|vou)|desculpe|kan (?:ik )?niet|helaas|only (?:help|answer|assist))\b"
)
_REDIRECT = re.compile(
    r"\b(?:but|however|instead|you can|you could|you may|i can (?:help|assist|tell|answer|only)|please (?:call|contact|visit|ask|use|see|check|try|"
    r"rephrase|tell|give|provide|let)|contact|visit|let me know|happy to|what i can|information (?:on|about)|could not find|couldn't find|"
    r"without|until|unless|once you|if you|aber|jedoch|stattdessen|bitte|sie konnen|gerne|wenden sie|mais|cependant|veuillez|vous pouvez|"
    r"pero|puede\w*|por favor|contacte|pero si|tuttavia|puo\b|per favore|contatt\w+|mas|porem|entretanto|voce pode|contat\w+|"
    r"maar|echter|u kunt|je kunt|neem contact|alstublieft)\b|\?"
)
_SORRY_BUT = re.compile(
    r"\b(?:sorry|afraid|regret|leid|bedauere|desolee?|regrette|siento|lamento|dispiace|muito|desculpe|spijt me)\b,? (?:but|aber|mais|pero|ma|mas|maar)\b"
)
"""The "but" of an apology leads nowhere yet."""
_COURTESY = re.compile(
    r"\b(?:anything else|something else|other questions|(?:how|what) (?:else )?(?:can|may) i (?:help|assist|do)|thank you for (?:understanding|your)|"
    r"hope you understand|sonst noch|etwas anderes|autre chose|algo mas|en que (?:mas )?puedo|altro|mais alguma|nog iets)\b"
)
"""Words that end any answer and lead nowhere either."""
_QUOTED = re.compile(r"(?<!\w)[\"“„«‘'](?=\S)(?:[^\"“”„«»‘’']|(?<=\w)'(?=\w))*[\"”»’']")

_DENIAL = re.compile(
    r"\b(?:can't|cannot|can not|won't|will not|not able|unable|not allowed|not going to|don't|do not|doesn't|does not|isn't|is not|am not|"
    r"never|decline\w*|refus\w*|ignor\w*|disregard\w*|skip\w*|instead of|rather than|there is no|there's no|no such|unfamiliar|not familiar|"
    r"what (?:is|are|does)|what's|nicht|kein\w*|niemals|ne (?:\w+ ){0,2}pas|jamais|no (?:voy|puedo|debo|dire|existe|hay)|non|nao|nunca|niet|geen)\b"
)
_DENIED_AFTER = re.compile(
    r"^[\"'“”»)\]\s,;.*`-]{0,6}(?:(?:which|that|this|it|but|and|so|is)\b[^.!?]{0,40}?)?"
    r"(?:(?:werde|kann|darf|mochte) ich\b[^.!?]{0,30}?\bnicht\b|\bis not\b|\bisn't\b|\bcan't\b|\bcannot\b|\bwon't\b|\bdon't\b|\bdo not\b|"
    r"\bignor\w*(?!\w| (?:all |any |the |my |your )*(?:earlier|previous|prior|above|other|former|old|rules|instructions|guidelines|limits))|\bskip\w*|\bdisregard\w*|\bdecline\w*|\bunknown\b|\bnot\b|"
    r"\bnicht\b|\bpas\b|\bniet\b|\bi'll (?:not|skip|ignore|leave))"
)
REPORTING = re.compile(
    r"\b(?:ask(?:s|ed|ing)?|instruct\w*|request\w*|want(?:s|ed)? me|tell(?:s|ing)? me|told me|you (?:wrote|said|typed|mentioned)|"
    r"your (?:message|prompt|text|note|request)|mention\w*|contain\w*|the (?:phrase|words?|text|term|command)|"
    r"gebeten|aufgefordert|schreiben|demand\w*|pedid\w*|pide\w*|chiest\w*|gevraagd)\b"
)
"""Words that report an instruction."""
ACCEPTING = re.compile(
    r"\b(?:as (?:you )?(?:asked|requested|instructed|wished)|like you asked|of course|sure|certainly|okay|i will|i'll|asked me nicely|"
    r"wie gewunscht|comme demande|como pediste)\b"
)
"""Words that announce obedience; a report after them is none."""
_NEAR = 80


def refuses(text: str) -> bool:
    """Return whether an answer is nothing but a refusal: it declines to help and leads nowhere."""
    folded = plain(text)
    if not any(hint in folded for hint in _HINTS):
        return False
    told = [_QUOTED.sub(" ", plain(sentence)) for sentence in sentences(text)]
    folded = _SORRY_BUT.sub("", " ".join(sentence for sentence in told if not _COURTESY.search(sentence)))
    return _REFUSAL.search(folded) is not None and _REDIRECT.search(folded) is None


def speaks_of_refusing(text: str) -> bool:
    """Return whether a refusal occurs in a text, as where somebody asks to have one translated."""
    return _REFUSAL.search(plain(text)) is not None


def declines(text: str) -> bool:
    """Return whether words of declining occur at all."""
    folded = plain(text)
    return _CUE.search(folded) is not None or _REFUSAL.search(folded) is not None


def denies_before(words: str) -> bool:
    """Return whether what stands right before something denies it; plain text."""
    return _DENIAL.search(words[-_NEAR:]) is not None


def denies_after(words: str) -> bool:
    """Return whether what stands right after something denies it; plain text."""
    return _DENIED_AFTER.match(words) is not None
