"""What opens a door: passwords, PINs, one-time codes, keys of vendors, tokens, private keys, connection strings, wallets."""

import re
from itertools import pairwise

from harness.pii.lexicon import words
from harness.pii.quantities import is_counted, is_money
from harness.pii.rules import Facts, Rule, pattern, word_set

_VENDOR_KEYS = r"""(?<![\w-])(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|sk-(?:proj-|ant-(?:api\d\d-)?|or-(?:v\d-)?|live-|test-)?[A-Za-z0-9_-]{16,}|(?:sk|pk|rk|whsec)_(?:live|test)?_?[A-Za-z0-9]{16,}
    |gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{16,}|xox[abeposr]-[A-Za-z0-9-]{10,}|xapp-[\w-]{10,}|hooks\.slack\.com/services/[\w/]+
    |AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}
    |dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}|sq0(?:atp|csp)-[\w-]{20,}|EAA[A-Za-z0-9]{30,}|AC[0-9a-f]{32}|SK[0-9a-f]{32}|dapi[0-9a-f]{30,}|lin_api_\w{20,}|ntn_\w{20,}|secret_[A-Za-z0-9]{30,}
    |xkeysib-[\w-]{20,}|NRAK-[A-Z0-9]{20,}|hvs\.[\w-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|\d{8,10}:AA[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{4,})?)"""
_VENDOR_PARTS = (
    "akia", "asia", "aroa", "aida", "sk-", "sk_", "pk_", "rk_", "whsec_", "gh", "xox", "xapp-", "hooks.slack", "aiza", "ya29.", "gocspx-", "glpat", "eyj", "sg.", "key-",
    "npm_", "pypi-", "hf_", "r8_", "dop_v1", "shp", "sq0", "eaa", "ac", "dapi", "lin_api", "ntn_", "secret_", "xkeysib", "nrak-", "hvs.", "age-secret", ":aa",
)  # fmt: skip
_LONG_TOKEN = 20
_OPENER = r"(?:pass\s?words?|passwd|passcode|pass\s?phrase|pwd|pw|psw|passwort|kennwort|losungswort|contraseña|clave|mot\s+de\s+passe|mdp|senha|palavra-passe|parola(?:\s+d['’]ordine)?|wachtwoord|lösenord|passord|adgangskode|salasana|hasło|haslo|şifre|sifre|пароль)"
_OPENER_WORDS = word_set(
    "password passwords pass passwd passcode passphrase pwd pw psw passwort kennwort losungswort contraseña clave mot mdp senha palavra parola wachtwoord lösenord"
    " passord adgangskode salasana hasło haslo şifre sifre пароль"
)
_WHOSE = word_set("my the our mein mi mon minha")
_CODE = (
    r"(?:pin|pins|otp|tan|mtan|puk|cvv|cvc|2fa|mfa|(?:security|access|verification|authentication|auth|activation|unlock|one[\s-]?time|sms|login|entry|door|gate|alarm|confirmation|reset|backup|recovery|sicherheits|zugangs|bestätigungs)[\s-]?(?:code|pin|token|password|number)"
    r"|geheimzahl|código\s+(?:de\s+)?(?:verificación|seguridad|verificação|acceso)|code\s+(?:de\s+)?(?:vérification|sécurité|secret)|codice\s+di\s+(?:verifica|sicurezza)|code)"
)
_IS = r"(?:\s+(?:code|number|hint|for\s+\w+(?:\s+\w+){0,2}?))?\s*(?:(?:(?:is|was|are|ist|war|lautet|es|est|é|è|er|är|to|as)\b|:|=|->|=>|,|-)\s*){0,3}"
_NOT_ONE = word_set(
    "required optional case sensitive weak strong reset resets protected manager managers field page screen prompt policy reminder hint changed forgotten forgot blank empty"
    " missing incorrect expired expiring compromised leaked rejected accepted rubbish outdated secure insecure encrypted hashed hidden stored shared saved box email link"
    " not no my your the a an and or but for with does doesnt doesn't won't wont will would can can't cannot didn't did has have been being still too also again is was"
    " attempts attempt failures failure entries entry twice once thrice now please verification confirmation update authentication generator rules requirements recovery"
)


def _is_password(value: str, before: str, after: str) -> bool:
    """Return whether what follows "password" is one: a word only when something says that it is."""
    plain = value.strip("\"'“”.,;!?)").lower()
    if len(plain) < 3 or plain in _NOT_ONE:
        return False
    if any(c.isdigit() or c in "!$%&*_#@^~+?" for c in plain):
        return not is_money(before)
    told = re.search(r"(?:[:=>]|\b(?:is|ist|es|est|é|è|to|as))\s*[\"'“]?$", before, re.IGNORECASE)
    quoted = before[-1:] in {'"', "“", "'"}
    if not told and not quoted:
        return False
    ends = re.match(
        r"[\"'”.,;!)\s]*(?:$|\n|(?:and|und|y|et|but|for|thanks|please|can|i)\b)|[\"'”.,;!)]", after, re.IGNORECASE
    )
    return quoted or (ends is not None and plain not in words("common_words") and not plain.endswith(("ing", "ed")))


def _is_pin(value: str, before: str, after: str) -> bool:
    if is_money(before) or is_counted(after) or re.match(r"[.,:/-]\d", after) or _NO_SECRET_CODE.search(before):
        return False
    return (value[-1:].isdecimal() and value.replace(" ", "").replace("-", "").isdecimal()) or not _USE_CODE.search(
        before
    )


_NO_SECRET_CODE = re.compile(
    r"\b(?:error|promo|promotion|coupon|discount|voucher|gift|referral|country|status|exit|zip|post|postal|area|dial|dialling|product|item|source|qr|bar|colou?r|hex|dress|http|response|return|reason|currency|airport|iata|lines\s+of)[\s-]?codes?\b[^.!?]{0,12}$",
    re.IGNORECASE,
)
_USE_CODE = re.compile(r"\b(?:use|with|apply|applied|using|enter(?:ed)?)\s+(?:the\s+)?code\b\W*$", re.IGNORECASE)


def _is_random(value: str, _before: str, _after: str) -> bool:
    """Return whether a long token mixes capitals, small letters and digits as only a machine does."""
    plain = re.sub(r"[=_/+-]", "", value)
    changes = sum(_kind(a) != _kind(b) for a, b in pairwise(plain))
    return (
        any(c.isdigit() for c in plain)
        and any(c.isupper() for c in plain)
        and any(c.islower() for c in plain)
        and changes * 4 >= len(plain)
    )


def _kind(char: str) -> int:
    return 0 if char.isdigit() else 1 if char.isupper() else 2


def _may_hold_key(facts: Facts) -> bool:
    return len(facts.text) >= _LONG_TOKEN and (facts.digits > 0 or "AKIA" in facts.text) and facts.holds(*_VENDOR_PARTS)


SECRET_RULES = (
    Rule(
        entity="API_KEY",
        pattern=pattern(_VENDOR_KEYS, exact_case=True),
        score=1.0,
        needs=_may_hold_key,
        precise=True,
    ),
    Rule(
        entity="API_KEY",
        pattern=pattern(r"\bssh-(?:rsa|ed25519|dss)\s+[A-Za-z0-9+/=]{30,}(?:\s+[\w.-]+@[\w.-]+)?"),
        score=0.95,
        holds=("ssh-",),
    ),
    Rule(
        entity="API_KEY",
        pattern=pattern(r"\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{16,})"),
        group=1,
        score=0.95,
        words=frozenset(("bearer", "basic")),
        accepts=lambda value, _before, _after: any(c.isdigit() for c in value),
    ),
    Rule(
        entity="API_KEY",
        pattern=pattern(
            r"\b(?:api|access|secret|auth|private|client|session|bearer|refresh|encryption|signing|license|licence|product|activation|webhook|app)?[\s_-]*(?:key|token|secret|apikey|credential)s?(?:[\s_-]+id)?\s*(?:(?:is|:|=|=>|->)\s*){0,2}[\"'`]?((?=[\w.+/=~-]*\d)[A-Za-z0-9][\w.+/=~-]{11,})"
        ),
        group=1,
        score=0.85,
        digits=1,
        words=word_set("key keys token tokens secret secrets apikey credential credentials api_key"),
    ),
    Rule(
        entity="API_KEY",
        # Nothing else says what it is, but nobody wrote this by hand.
        pattern=pattern(r"(?<![\w/+=.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w/+=])", exact_case=True),
        score=0.7,
        digits=2,
        needs=lambda facts: len(facts.text) >= 24,
        accepts=_is_random,
    ),
    Rule(
        entity="PASSWORD",
        pattern=pattern(rf"\b{_OPENER}\b{_IS}[\"'“`]?([^\s\"'“”`]{{3,64}})"),
        group=1,
        score=0.8,
        words=_OPENER_WORDS,
        accepts=_is_password,
    ),
    Rule(
        entity="PASSWORD",
        pattern=pattern(rf"\b{_CODE}\b{_IS}[\"'“`]?((?:\d[\s-]?){{3,8}}\d?|(?=[A-Z]*\d)[A-Z0-9]{{4,10}})(?![\w%])"),
        group=1,
        score=0.75,
        digits=2,
        words=word_set(
            "pin pins otp tan mtan puk cvv cvc 2fa mfa code codes token geheimzahl código codigo codice sicherheitscode zugangscode bestätigungscode password number"
        ),
        accepts=lambda value, before, after: _is_pin(value, before, after),
    ),
    Rule(
        entity="PASSWORD",
        # "hunter2 is my password"
        pattern=pattern(
            rf"(?<!\S)[\"'“]?((?=\S*[\d!$%&*_\#@])[^\s\"'“”]{{4,40}})[\"'”]?\s+(?:is|was|ist|es|est)\s+(?:my|the|our|mein|mi|mon|minha)\s+(?:\w+\s+)?(?:{_OPENER}|{_CODE})\b"
        ),
        group=1,
        score=0.8,
        words=_OPENER_WORDS | {"pin", "code", "otp"},
        needs=lambda facts: not facts.words.isdisjoint(_WHOSE),
    ),
    Rule(
        entity="URL",
        pattern=pattern(
            r"\b(?:server|host|data\s?source|endpoint|accountname|user\s?id|uid|defaultendpointsprotocol)\s?=[^;\n]{1,80};(?:[^;\n=]{1,40}=[^;\n]{0,200};?){1,12}"
        ),
        score=0.95,
        holds=(";",),
        needs=lambda facts: "=" in facts.text,
        accepts=lambda value, _before, _after: (
            re.search(r"(?:password|pwd|key|secret|sig)\w*\s?=", value, re.IGNORECASE) is not None
        ),
    ),
    Rule(
        entity="CRYPTO",
        pattern=pattern(
            r"(?<!\w)(?:0x[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?|(?:bc1|tb1|ltc1)[02-9ac-hj-np-z]{20,60}|[13LM][1-9A-HJ-NP-Za-km-z]{25,34}|[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}|T[1-9A-HJ-NP-Za-km-z]{33}|r[1-9A-HJ-NP-Za-km-z]{24,34}|D[5-9A-HJ-NP-U][1-9A-HJ-NP-Za-km-z]{32}|addr1[0-9a-z]{50,100}|X[1-9A-HJ-NP-Za-km-z]{33})(?!\w)",
            exact_case=True,
        ),
        score=0.9,
        digits=3,
        needs=lambda facts: len(facts.text) >= 25,
    ),
    Rule(
        entity="CRYPTO",
        pattern=pattern(
            r"\b(?:seed|recovery|mnemonic)\s+(?:phrase|words)\b\W{0,3}(?:is|are|:)\s*((?:[a-z]{3,8}[ ,]+){11,23}[a-z]{3,8})\b"
        ),
        group=1,
        score=0.9,
        words=frozenset(("seed", "recovery", "mnemonic")),
    ),
)

WHOLE_TEXT_RULES = (
    Rule(
        entity="API_KEY",
        pattern=pattern(
            r"-----BEGIN[ ][A-Z0-9 ]*(?:PRIVATE[ ]KEY|CERTIFICATE|MESSAGE|KEY[ ]BLOCK)(?:[ ]BLOCK)?-----[\s\S]*?(?:-----END[ ][A-Z0-9 ]*-----|\Z)",
            exact_case=True,
        ),
        score=1.0,
        holds=("-----begin",),
        precise=True,
    ),
)
"""What may be longer than the windows in which a long text is read."""
