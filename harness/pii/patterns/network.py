"""Addresses of machines and pages that lead to a person: IP and MAC addresses, links with credentials, profiles."""

import ipaddress
import re

from harness.pii.lexicon import words
from harness.pii.patterns.rules import Rule, pattern, word_set

_NOBODYS = frozenset(("::", "::1", "127.0.0.1", "0.0.0.0", "255.255.255.255", "255.255.255.0", "255.255.0.0"))  # noqa: S104 - names nobody's machine
_VERSION_BEFORE = re.compile(
    r"(?:[.\d]|\b(?:v|ver|version|firmware|build|release|update|driver|section|chapter|clause)\.?:?\s*(?:is\s+|to\s+)?)$",
    re.IGNORECASE,
)


def _is_ip(value: str, before: str, _after: str) -> bool:
    if _VERSION_BEFORE.search(before):
        return False
    try:
        ipaddress.ip_address(value.strip("[]").split("%")[0])
    except ValueError:
        return False
    return value not in _NOBODYS


def _is_ip6(value: str, before: str, after: str) -> bool:
    return len(value) > 4 and not re.fullmatch(r"[\d:]{5,8}", value) and _is_ip(value, before, after)


def _is_hardware_address(value: str, _before: str, _after: str) -> bool:
    return not re.fullmatch(r"\d\d(?:([:-])\d\d)(?:\1\d\d){4}", value) or len(set(value)) > 3


def _is_private_link(value: str, _before: str, _after: str) -> bool:
    """Return whether a link is no page for everybody, as those of encyclopedias, code and shops are."""
    return re.search(r"/(?:wiki|blob|tree|commit|releases|docs|product|products|dp|articles?|help)/", value) is None


def _is_machine(value: str, _before: str, _after: str) -> bool:
    """Return whether a computer's name holds somebody's or a number, not only words: "laptop stand-up desk"."""
    parts = re.findall(r"[^\W_]+", value.lower())
    return any(c.isdigit() for c in value) or not any(part in words("common_words") for part in parts[-2:])


_LINK_WORDS = frozenset(("http", "https", "www"))
NETWORK_RULES = (
    Rule(
        entity="IP_ADDRESS",
        why="valid IPv4 address",
        pattern=pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}(?!\d))?(?![\w]|\.\d)"),
        score=0.95,
        digits=4,
        needs=lambda facts: facts.text.count(".") >= 3,
        accepts=lambda value, before, after: _is_ip(value.split("/")[0], before, after),
    ),
    Rule(
        entity="IP_ADDRESS",
        why="valid IPv4 address with its dots disguised",
        # The dots written as words or brackets, and with blanks around them.
        pattern=pattern(r"(?<![\w.])\d{1,3}(?:(?:\s*[\[(]?\s*(?:dot|\.)\s*[\])]?\s*)\d{1,3}){3}(?![\w]|\.\d)"),
        score=0.8,
        digits=4,
        holds=("dot", "[.]", "(.)", " . "),
        accepts=lambda value, before, after: _is_ip(".".join(re.findall(r"\d+", value)), before, after),
    ),
    Rule(
        entity="IP_ADDRESS",
        why="valid IPv6 address",
        pattern=pattern(
            r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?:%\w+)?(?:/\d{1,3})?(?![\w:])"
        ),
        score=0.95,
        needs=lambda facts: facts.text.count(":") >= 2,
        accepts=lambda value, before, after: _is_ip6(value.split("/")[0], before, after),
    ),
    Rule(
        entity="MAC_ADDRESS",
        why="written as a hardware (MAC) address",
        pattern=pattern(
            r"(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?:(?:[:-][0-9a-f]{2}){2})?(?![\w:-])|(?<![\w.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.])"
        ),
        score=1.0,
        needs=lambda facts: facts.text.count(":") >= 5 or facts.text.count("-") >= 5 or facts.text.count(".") >= 2,
        accepts=_is_hardware_address,
    ),
    Rule(
        entity="MAC_ADDRESS",
        why="told to be a hardware (MAC) address",
        pattern=pattern(
            r"\b(?:mac|hardware|physical|bssid|bluetooth)\b(?:\s+(?:address|id))?[^\w\n]{0,3}(?:\s*is\s+)?((?:[0-9a-f]{2}[ ]?){5}[0-9a-f]{2})(?!\w)"
        ),
        group=1,
        score=0.9,
        words=frozenset(("mac", "hardware", "physical", "bssid", "bluetooth")),
    ),
    Rule(
        entity="URL",
        why="link with user name and password",
        pattern=pattern(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:]*:[^\s/@]*@[^\s<>\"']+"),
        score=1.0,
        holds=("://",),
        needs=lambda facts: "@" in facts.text,
        precise=True,
    ),
    Rule(
        entity="URL",
        why="link with a parameter that names somebody or holds a secret",
        pattern=pattern(
            r"\b(?:https?://|www\.)[^\s<>\"']*[?&;\#](?:[\w-]*(?:token|key|sig|auth|mail|user|usr|uid|name|id|session|sid|code|phone|otp|pass|pwd|secret|order|booking|ref|account|cust|member|invite|reset|lat|lng|q|ll)[\w-]*)=[^\s<>\"']+"
        ),
        score=0.9,
        words=_LINK_WORDS,
        needs=lambda facts: "=" in facts.text,
    ),
    Rule(
        entity="URL",
        why="link whose path ends in somebody's number or address",
        # A path that ends in somebody's number, code or address.
        pattern=pattern(
            r"\b(?:https?://|www\.)[^\s<>\"'?\#]{1,200}?/(?:users?|accounts?|orders?|profiles?|customers?|members?|bookings?|tickets?|track(?:ing)?|invoices?|reset|verify|confirm|u|p)/[^\s<>\"'?\#/]*[\d@][^\s<>\"']*"
        ),
        score=0.85,
        words=_LINK_WORDS,
    ),
    Rule(
        entity="URL",
        why="link to somebody's profile",
        pattern=pattern(
            r"\b(?:https?://)?(?:[\w-]{1,63}\.)?(?:linkedin\.com/in|facebook\.com|fb\.(?:me|com)|instagram\.com|twitter\.com|x\.com|tiktok\.com|github\.com|gitlab\.com|t\.me|wa\.me|m\.me|xing\.com/profile|reddit\.com/u(?:ser)?|youtube\.com/@|snapchat\.com/add|paypal\.me|venmo\.com|cash\.app|calendly\.com|vk\.com|linktr\.ee|medium\.com/@|twitch\.tv|soundcloud\.com|onlyfans\.com|bsky\.app/profile|threads\.net/@|signal\.me|keybase\.io|strava\.com/athletes|letterboxd\.com|last\.fm/user)/?[\w.@%+$-]+(?:\?id=[\w.-]+)?"
        ),
        score=0.9,
        words=word_set(
            "linkedin facebook fb instagram twitter x tiktok github gitlab t wa m xing reddit youtube snapchat paypal venmo cash calendly vk linktr medium twitch soundcloud"
            " onlyfans bsky threads signal keybase strava letterboxd last"
        ),
        needs=lambda facts: "/" in facts.text,
    ),
    Rule(
        entity="URL",
        why="link that opens something to whoever has it",
        # A link that opens something to whoever has it: a document, a meeting, an invitation, somebody's calendar.
        pattern=pattern(
            r"""\b(?:https?://[^\s<>\"']{1,120}?/(?:invite|invitation|join|share|shared|activate|meetup-join|d|j|i|file|folders|attachment|download|unsubscribe|magic|s)/(?=[\w%.-]*\d)[\w%.@~-]{6,}[^\s<>\"']*
            |(?:https?://)?meet\.google\.com/[a-z]{3}-[a-z]{4}-[a-z]{3}|(?:https?://)?meet\.jit\.si/[\w-]{4,}|https?://[\w.-]*zoom\.us/(?:j|my|w)/[\w.?=&%-]+|https?://[^\s<>\"']{1,200}?/(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}[^\s<>\"']*)"""
        ),
        score=0.85,
        words=frozenset(("http", "https", "meet")),
        accepts=_is_private_link,
    ),
    Rule(
        entity="ID",
        why="number that follows a visitor of pages",
        # What a page's visitor is followed by.
        pattern=pattern(
            r"(?<![\w.])(?:GA\d\.\d\.\d{6,12}\.\d{8,12}|fb\.\d\.\d{10,13}\.[\w-]{6,}|GS\d\.\d\.\d{10,}[\w.]*)(?!\w)|(?<=lid=)[\w-]{16,}",
        ),
        score=0.9,
        digits=3,
        words=word_set("ga1 ga4 fb gs1 gs2 fbclid gclid msclkid ttclid yclid"),
    ),
    Rule(
        entity="ID",
        why="computer called after somebody or by its number",
        # A computer that is called after somebody or by its number.
        pattern=pattern(
            r"(?<![\w-])(?:host\s?name|computer(?:\s+name)?|device\s+name|machine(?:\s+name)?|laptop|workstation|rechnername|nombre\s+del\s+equipo)\b[\"']?\s*(?:(?:is|called|named|name|ist|es|:|=)\s*){0,2}[\"']?([^\W_][\w’']*(?:-[\w’']+)+)"
        ),
        group=1,
        score=0.8,
        words=word_set("host hostname computer device machine laptop workstation rechnername equipo"),
        needs=lambda facts: "-" in facts.text,
        accepts=_is_machine,
    ),
    Rule(
        entity="ID",
        why="device called after its owner",
        pattern=pattern(
            r"(?<![\w-])[A-Z]\w{2,20}(?:s|[’']s)-(?i:iphone|ipad|macbook|imac|mbp|pc|laptop|desktop|galaxy|pixel|airpods|watch|mini)(?:-\w+){0,2}(?![\w-])|(?<![\w-])(?:DESKTOP|LAPTOP)-[A-Z0-9]{7}(?![\w-])",
            exact_case=True,
        ),
        score=0.8,
        words=word_set("iphone ipad macbook imac mbp pc laptop desktop galaxy pixel airpods watch mini"),
        needs=lambda facts: "-" in facts.text,
    ),
    Rule(
        entity="LOCATION",
        why="link to a place on a map",
        pattern=pattern(
            r"\b(?:https?://)?(?:(?:www\.)?google\.[a-z.]{2,6}/maps|maps\.google\.[a-z.]{2,6}|goo\.gl/maps|maps\.app\.goo\.gl|maps\.apple\.com|(?:www\.)?openstreetmap\.org|osm\.org/go|waze\.com|what3words\.com|w3w\.co)[^\s<>\"']*|\bgeo:-?\d[^\s<>\"']*"
        ),
        score=0.9,
        words=word_set("google maps goo openstreetmap osm waze what3words w3w geo"),
    ),
)
