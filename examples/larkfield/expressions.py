"""Ways of speaking that say a topic without naming it, and details that say nothing about one."""

import re

from larkfield.ranking import stem

_SAYS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(map(stem, topic.split())))
    for pattern, topic in (
        (r"\bhow much (money )?(do i have|have i got|is (left|in))|\bmoney do i have", "balance transactions"),
        (r"\b\d+[- ](years?|yrs?)[- ]old\b|\bmy (daughter|son|kids?)\b", "child"),
        (r"\b(cannot|can't|cant) (get|log|sign) in\b|\blocks? me out\b|\blocked me out\b", "login"),
        (r"\b(can't|cannot|cant) (pay|afford) my\b|\bbehind with\b|\blost my job\b", "trouble"),
        (
            r"(?<!\bthat )(?<!\bthis )\b(does|did|do)( not|n't|nt) work\b|\bnot working\b|\bstopped working\b",
            "declined",
        ),
        (
            r"\b(come|turn|show)(s|ed)? up\b|\bin the post\b|\bbeen here\b|\border(ed)? a card\b|\bpromised a card\b",
            "arrive",
        ),
        (r"\b(pay|send|give|wire|transfer) (£ ?|\$ ?|€ ?)?\d[\d.,]*( pounds| euros?)? .{0,20}to\b", "instant"),
        (
            r"\b(spain|norway|japan|canada|morocco|italy|thailand|poland|brazil|greece|iceland|kenya|france|germany|america)\b",
            "abroad",
        ),
        (r"\bwhere('s| is) (my|the) [\w ]*card\b", "delivery arrive"),
        (r"\bpurse\b|\bhandbag\b", "wallet"),
        (r"\bwaiting for (a |the |my )?(payment|money|transfer)|\breceiving money", "incoming"),
        (r"\bon hold\b|\bis held\b", "payee"),
        (r"\b(call|phone) me\b|\byour (phone|email|number)", "contact"),
        (r"\bnot (here|there) yet\b|\bstill not (here|there)\b", "arrive"),
        (r"\bbelow zero\b|\bin the red\b|\bin minus\b", "overdrawn"),
    )
)
_DETAILS = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+"
    r"|\b(?i:my name(?: is)?) \w+( \w+)?(?=[,.!]| and\b|$)"
    r"|\b(my name is|my name|this is|here is|it's|i am|i'm|im|regards,?|faithfully,?) [A-Z]\w+( [A-Z]\w+)?"
    r"|\b(im|i'm) \w+( \w+)?(?=[,.]|$)"
    r"|\bsorry for my english\b|\bmy neighbour\b|\btold me to ask\b|\bwebsite\b"
    r"|\b(and )?(i was )?born (on )?"
    r"|\b(my|the) (iban|id number|card number|card) is\b(?= \w*\d)|\b(my email is|please confirm to|please write to|confirm to|copy to)\b"
    r"|\b(you may |you can |please )?(call|telephone|phone|reach|text) me (on|at)\b|\bmy (number|phone)( here)? is\b"
    r"|\b(?:my|our) (\w+ )?account (number )?is(?= LK-)|\bLK-\d+"
    r"|[+\d][\d ./-]{6,}\d"
)


def said_topics(message: str) -> frozenset[str]:
    """Return the search terms that the message means without saying them."""
    return frozenset[str]().union(*(topic for pattern, topic in _SAYS if pattern.search(message)))


def without_details(message: str) -> str:
    """Return the message without names, numbers and addresses by which customers introduce themselves."""
    return _DETAILS.sub(" ", message)
