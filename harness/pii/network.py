"""Addresses of machines and pages that lead to a person: IP and MAC addresses, links with credentials, profiles."""

import ipaddress
import re

from harness.pii.rules import Rule, pattern

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


NETWORK_RULES = (
    Rule(
        entity="IP_ADDRESS",
        pattern=pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}(?!\d))?(?![\w]|\.\d)"),
        score=0.95,
        digits=4,
        needs=lambda facts: facts.text.count(".") >= 3,
        accepts=lambda value, before, after: _is_ip(value.split("/")[0], before, after),
    ),
    Rule(
        entity="IP_ADDRESS",
        # The dots written as words or brackets, and with blanks around them.
        pattern=pattern(r"(?<![\w.])\d{1,3}(?:(?:\s*[\[(]?\s*(?:dot|\.)\s*[\])]?\s*)\d{1,3}){3}(?![\w]|\.\d)"),
        score=0.8,
        digits=4,
        holds=("dot", "[.]", "(.)", " . "),
        accepts=lambda value, before, after: _is_ip(".".join(re.findall(r"\d+", value)), before, after),
    ),
    Rule(
        entity="IP_ADDRESS",
        pattern=pattern(
            r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?:%\w+)?(?:/\d{1,3})?(?![\w:])"
        ),
        score=0.95,
        needs=lambda facts: facts.text.count(":") >= 2,
        accepts=lambda value, before, after: _is_ip6(value.split("/")[0], before, after),
    ),
    Rule(
        entity="MAC_ADDRESS",
        pattern=pattern(
            r"(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?:(?:[:-][0-9a-f]{2}){2})?(?![\w:-])|(?<![\w.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.])"
        ),
        score=1.0,
        needs=lambda facts: facts.text.count(":") >= 5 or facts.text.count("-") >= 5 or facts.text.count(".") >= 2,
        accepts=_is_hardware_address,
    ),
    Rule(
        entity="MAC_ADDRESS",
        pattern=pattern(
            r"\b(?:mac|hardware|physical|bssid|bluetooth)\b(?:\s+(?:address|id))?[^\w\n]{0,3}(?:\s*is\s+)?((?:[0-9a-f]{2}[ ]?){5}[0-9a-f]{2})(?!\w)"
        ),
        group=1,
        score=0.9,
        words=frozenset(("mac", "hardware", "physical", "bssid", "bluetooth")),
    ),
    Rule(
        entity="URL",
        pattern=pattern(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@]+:[^\s/@]*@[^\s<>\"']+"),
        score=1.0,
        holds=("://",),
        needs=lambda facts: "@" in facts.text,
        precise=True,
    ),
    Rule(
        entity="URL",
        pattern=pattern(
            r"\b(?:https?://|www\.)[^\s<>\"']*[?&;\#](?:[\w-]*(?:token|key|sig|auth|mail|user|usr|uid|name|id|session|sid|code|phone|otp|pass|pwd|secret|order|booking|ref|account|cust|member|invite|reset|lat|lng|q|ll)[\w-]*)=[^\s<>\"']+"
        ),
        score=0.9,
        holds=("http", "www."),
        needs=lambda facts: "=" in facts.text,
    ),
    Rule(
        entity="URL",
        # A path that ends in somebody's number, code or address.
        pattern=pattern(
            r"\b(?:https?://|www\.)[^\s<>\"'?\#]{1,200}?/(?:users?|accounts?|orders?|profiles?|customers?|members?|bookings?|tickets?|track(?:ing)?|invoices?|reset|verify|confirm|u|p)/[^\s<>\"'?\#/]*[\d@][^\s<>\"']*"
        ),
        score=0.85,
        holds=("http", "www."),
    ),
    Rule(
        entity="URL",
        pattern=pattern(
            r"\b(?:https?://)?(?:[\w-]{1,63}\.)?(?:linkedin\.com/in|facebook\.com|fb\.(?:me|com)|instagram\.com|twitter\.com|x\.com|tiktok\.com|github\.com|gitlab\.com|t\.me|wa\.me|m\.me|xing\.com/profile|reddit\.com/u(?:ser)?|youtube\.com/@|snapchat\.com/add|paypal\.me|venmo\.com|cash\.app|calendly\.com|vk\.com|linktr\.ee|medium\.com/@)/?[\w.@%+$-]+"
        ),
        score=0.9,
        holds=(".com/", ".me/", ".app/", ".ee/"),
    ),
    Rule(
        entity="LOCATION",
        pattern=pattern(
            r"\b(?:https?://)?(?:(?:www\.)?google\.[a-z.]{2,6}/maps|maps\.google\.[a-z.]{2,6}|goo\.gl/maps|maps\.app\.goo\.gl|maps\.apple\.com|(?:www\.)?openstreetmap\.org|osm\.org/go|waze\.com|what3words\.com|w3w\.co)[^\s<>\"']*|\bgeo:-?\d[^\s<>\"']*"
        ),
        score=0.9,
        holds=("/", "geo:"),
    ),
)
