"""What kind of message it is, beyond its topic: a greeting, a wish for JSON, a follow-up."""

import re
from dataclasses import dataclass
from typing import Literal

Situation = Literal["instructions", "others_data", "greeting", "thanks", "question"]

_INSTRUCTIONS = re.compile(
    r"\b(system|hidden|secret|initial|original|internal|developer)\s+(prompts?|instructions?|messages?|rules|polic(y|ies)|guidelines|config\w*)"
    r"|\byour\s+(exact\s+|full\s+|own\s+)?(prompts?|instructions?|rules|guidelines|configuration|programming|training|policy\s+text)\b"
    r"|\b(repeat|print|show|output|copy|reveal|quote)\b.{0,40}\b(everything|words|text|all|lines)\b.{0,20}\b(above|before|earlier)\b"
    r"|\bwhat\s+(were|are|have)\s+you\s+(been\s+)?(told|instructed|programmed)",
    re.IGNORECASE | re.DOTALL,
)
_OTHERS_DATA = re.compile(
    r"\b(other|another|someone\s+else'?s?|different|all|every|last|previous|random|next|which|these|those|first|any)\s+"
    r"(\w+\s+){0,2}(customers?|clients?|users?|people|persons?|account\s+holders?)'?s?\b.{0,60}"
    r"\b(data|details?|names?|e-?mails?|phones?|numbers?|address(es)?|balances?|accounts?|records?|information|cards?|ibans?|transactions|said|asked|wrote)\b"
    r"|\b(data|details?|names?|e-?mails?|phones?|numbers?|address(es)?|balances?|records?|transactions|ibans?)\s+(of|for|from|about|belonging\s+to)\s+"
    r"(the\s+|an?\s+|your\s+)?(other|another|someone\s+else|all|every|previous|last|different|next|some|any|random)\s+(\w+\s+)?(customers?|clients?|users?|people|person)",
    re.IGNORECASE | re.DOTALL,
)
_GREETING = re.compile(
    r"^\W*(hi|hello|hey|good\s+(morning|afternoon|evening|day)|greetings|howdy|hiya|yo)\b(\s+\w+){0,3}\W*$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\W*(ok(ay)?|great|perfect|cool|cheers|thanks?|thank\s+you|thx|ty|bye|goodbye|got\s+it)\b(\W+\w+){0,6}\W*$",
    re.IGNORECASE,
)
_JSON = re.compile(r"(?<!not )(?<!no )(?<!without )\bjson\b", re.IGNORECASE)
_POINTING_BACK = re.compile(
    r"\b(it|its|that|this|these|those|them|they|there|one|ones|same)\b|^\W*(and|but|also|so|what\s+about|how\s+about|how\s+long|how\s+much|why|when|where|really|then|ok)\b",
    re.IGNORECASE,
)
_LONGEST_FOLLOW_UP = 14


@dataclass(frozen=True, slots=True)
class Wish:
    """What the words of a question ask for, and how a sentence shows that it says it."""

    asked: re.Pattern[str]
    said: re.Pattern[str]


WISHES = (
    Wish(
        re.compile(
            r"\bhow (long|soon|fast|quick|many (days|weeks|hours))|\bwhen (will|do|does|can)|\bby when\b|\btakes? long|\bcuánto (tarda|tiempo)|\bwie lange|\bcombien de temps|\bquanto tempo",
            re.IGNORECASE,
        ),
        re.compile(r"\b(seconds?|minutes?|hours?|days?|weeks?|months?|years?|at once|next working day)\b"),
    ),
    Wish(
        re.compile(
            r"\bhow much\b|\bcosts?\b|\bfees?\b|\bcharges?d?\b|\bprice|\bfree\b|\bexpensive|\bpay for\b|\brates?\b|\binterest\b|\bcuesta|\bkostet|\bcoûte|\bcusta\b",
            re.IGNORECASE,
        ),
        re.compile(r"£|%|\bfree\b|\bno (monthly |annual )?(fee|cost|interest)\b|\bcosts nothing\b"),
    ),
    Wish(
        re.compile(r"\blimits?\b|\bmaximum\b|\bmax\b|\bat most\b|\bminimum\b|\bsmallest\b", re.IGNORECASE),
        re.compile(r"\blimit\b|\bup to\b|\bat most\b|\bminimum\b|\bsmallest\b|\bmore than\b"),
    ),
    Wish(
        re.compile(
            r"\bwhat time|\bhours\b|\bopen(ing)?\b.*\b(today|saturday|sunday|weekend|until|till)\b", re.IGNORECASE
        ),
        re.compile(r"\d:\d\d"),
    ),
    Wish(
        re.compile(
            r"\bhow (do|can|to|would|should|does|did)\b|\bwhere (do|can|is|are)\b|\bsteps\b|\bwhat do i\b|\bway to\b",
            re.IGNORECASE,
        ),
        re.compile(r"\b(open the app|in the app|choose|call|upload|at any|by phone|visit|order)\b"),
    ),
)


def situation(message: str) -> Situation:
    """Return what kind of message it is; anything unknown is a question."""
    if _INSTRUCTIONS.search(message):
        return "instructions"
    if _OTHERS_DATA.search(message):
        return "others_data"
    if _GREETING.match(message):
        return "greeting"
    if _THANKS.match(message):
        return "thanks"
    return "question"


def wants_json(message: str) -> bool:
    """Return whether the answer should be a JSON text."""
    return _JSON.search(message) is not None


def points_back(message: str) -> bool:
    """Return whether the message may only be understood with what was said before."""
    return len(message.split()) <= _LONGEST_FOLLOW_UP and _POINTING_BACK.search(message) is not None
