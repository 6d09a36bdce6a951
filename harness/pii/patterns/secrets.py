"""What opens a door: passwords, PINs, one-time codes, keys of vendors, tokens, private keys, connection strings, wallets."""

import re
from itertools import pairwise

from harness.pii.lexicon import words
from harness.pii.patterns.quantities import is_counted, is_money
from harness.pii.patterns.rules import Facts, Rule, pattern, word_set

_VENDOR_KEYS = r"""(?<![\w-])(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|sk-(?:proj-|ant-(?:api\d\d-)?|or-(?:v\d-)?|live-|test-)?[A-Za-z0-9_-]{16,}|(?:sk|pk|rk|whsec)_(?:live|test)?_?[A-Za-z0-9]{16,}
    |gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{16,}|xox[abeposr]-[A-Za-z0-9-]{10,}|xapp-[\w-]{10,}|hooks\.slack\.com/services/[\w/]+
    |AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}
    |dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}|sq0(?:atp|csp)-[\w-]{20,}|EAA[A-Za-z0-9]{30,}|AC[0-9a-f]{32}|SK[0-9a-f]{32}|dapi[0-9a-f]{30,}|lin_api_\w{20,}|ntn_\w{20,}|secret_[A-Za-z0-9]{30,}
    |xkeysib-[\w-]{20,}|NRAK-[A-Z0-9]{20,}|hvs\.[\w-]{20,}|sl\.[\w-]{40,}|[a-z]{2,10}_(?:live|test|prod|sandbox)_[A-Za-z0-9]{8,}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|\d{8,10}:AA[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{4,})?)"""
_VENDOR_PARTS = (
    "akia", "asia", "aroa", "aida", "sk-", "sk_", "pk_", "rk_", "whsec_", "gh", "xox", "xapp-", "hooks.slack", "aiza", "ya29.", "gocspx-", "glpat", "eyj", "sg.", "key-",
    "npm_", "pypi-", "hf_", "r8_", "dop_v1", "shp", "sq0", "eaa", "ac", "dapi", "lin_api", "ntn_", "secret_", "xkeysib", "nrak-", "hvs.", "sl.", "_live_", "_test_", "_prod_", "_sandbox_", "age-secret", ":aa",
)  # fmt: skip
_LONG_TOKEN = 20
_OPENER = r"(?:pass\s?words?|pass(?=\s?[:=])|passwd|passcode|pass\s?phrase|pwd|pw|psw|passwort|kennwort|losungswort|contraseña|clave|mot\s+de\s+passe|mdp|senha|palavra-passe|parola(?:\s+d['’]ordine)?|wachtwoord|lösenord|passord|adgangskode|salasana|hasło|haslo|şifre|sifre|пароль)"
_OPENER_WORDS = word_set(
    "password passwords pass passwd passcode passphrase pwd pw psw passwort kennwort losungswort contraseña clave mot mdp senha palavra parola wachtwoord lösenord"
    " passord adgangskode salasana hasło haslo şifre sifre пароль"
)
_WHOSE = word_set("my the our mein mi mon minha")
_CODE = (
    r"(?:pin|pins|otp|tan|mtan|puk|cvv|cvc|2fa|mfa|(?:security|access|verification|authentication|auth|activation|unlock|one[\s-]?time|sms|login|entry|door|gate|alarm|confirmation|reset|backup|recovery|sicherheits|zugangs|bestätigungs)[\s-]?(?:code|pin|token|password|number)"
    r"|geheimzahl|código\s+(?:de\s+)?(?:verificación|seguridad|verificação|acceso)|code\s+(?:de\s+)?(?:vérification|sécurité|secret)|codice\s+di\s+(?:verifica|sicurezza)|code)"
)
_IS = r"(?:[\"'])?(?:\s+(?:code|number|hint|for\s+\w+(?:\s+\w+){0,2}?))?\s*(?:(?:(?:is|was|are|ist|war|lautet|es|est|é|è|er|är|to|as)\b|:|=|->|=>|,|-)\s*){0,3}"
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
    told = re.search(r"(?:[:=>]|\b(?:is|was|ist|war|es|est|é|è|to|as))\s*[\"'“]?$", before, re.IGNORECASE)
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
    return (
        len(facts.text) >= _LONG_TOKEN
        and (facts.digits > 0 or facts.holds("akia", "_live_", "_test_"))
        and facts.holds(*_VENDOR_PARTS)
    )


_SENTENCE_WORDS = word_set(
    "the and for was are were with not have has had but your our their from they them then than there"
)
"""None of them is in the list of words that wallets draw from (BIP 39)."""

SECRET_RULES = (
    Rule(
        entity="API_KEY",
        why="key with its vendor's prefix",
        pattern=pattern(_VENDOR_KEYS, exact_case=True),
        score=1.0,
        needs=_may_hold_key,
        precise=True,
    ),
    Rule(
        entity="API_KEY",
        why="SSH public key",
        pattern=pattern(r"\bssh-(?:rsa|ed25519|dss)\s+[A-Za-z0-9+/=]{30,}(?:\s+[\w.-]+@[\w.-]+)?"),
        score=0.95,
        holds=("ssh-",),
    ),
    Rule(
        entity="API_KEY",
        why="token behind its authorization scheme",
        pattern=pattern(r"\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{16,})"),
        group=1,
        score=0.95,
        words=frozenset(("bearer", "basic")),
        accepts=lambda value, _before, _after: any(c.isdigit() for c in value),
    ),
    Rule(
        entity="API_KEY",
        why="told to be a key or a token",
        pattern=pattern(
            r"(?<![^\W_])(?:api|access|secret|auth|private|client|session|bearer|refresh|encryption|signing|license|licence|product|activation|webhook|app|account|storage|shared|primary|secondary|master)?[\s_-]*(?:key|token|secret|apikey|credential)s?(?:[\s_-]+id)?[\"']?\s*(?:(?:is|:|=|=>|->)\s*){0,2}[\"'`]?((?=[\w.+/=~-]*\d)[A-Za-z0-9][\w.+/=~-]{11,})"
        ),
        group=1,
        score=0.85,
        digits=1,
        words=word_set(
            "key keys token tokens secret secrets apikey accountkey accesskey sharedkey secretkey clientsecret accesstoken credential credentials"
        ),
    ),
    Rule(
        entity="API_KEY",
        why="three parts as a bot's token has them",
        pattern=pattern(
            r"(?<![\w.-])[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,40}(?![\w.-])", exact_case=True
        ),
        score=0.95,
        digits=3,
        needs=lambda facts: len(facts.text) >= 58 and facts.text.count(".") > 1,
    ),
    Rule(
        entity="API_KEY",
        why="long token as only a machine mixes it",
        # Nothing else says what it is, but nobody wrote this by hand.
        pattern=pattern(r"(?<![\w/+=.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w/+=])", exact_case=True),
        score=0.7,
        digits=2,
        needs=lambda facts: len(facts.text) >= 24,
        accepts=_is_random,
    ),
    Rule(
        entity="PASSWORD",
        why="told to be a password",
        pattern=pattern(rf"\b{_OPENER}\b{_IS}[\"'“`]?([^\s\"'“”`]{{3,64}})"),
        group=1,
        score=0.8,
        words=_OPENER_WORDS,
        accepts=_is_password,
    ),
    Rule(
        entity="PASSWORD",
        why="told to be a PIN or a code",
        pattern=pattern(
            rf"\b{_CODE}\b[\"']?{_IS}[\"'“`\#]?((?:\d[\s-]?){{3,8}}\d?|(?=[A-Z]*\d)[A-Z0-9]{{4,10}})(?![\w%])"
        ),
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
        why="told to be a new or an old password",
        # As in "old password ... new ...": the second has no word of its own.
        pattern=pattern(
            r"\b(?:old|new|temp(?:orary)?|current|alte[rs]?|neue[rs]?|nuev[ao]|nouveau|vecchia|nuova)\s*(?:one|pw)?\s*(?:is|:|=)?\s*[\"'“]?((?=\S*[a-z])(?=\S*\d)[^\s\"'“”]{6,40})"
        ),
        group=1,
        score=0.75,
        digits=1,
        words=_OPENER_WORDS - {"pass", "clave", "mot", "parola"},
        accepts=lambda value, _before, after: (
            not is_counted(after) and (value.lower() != value or any(c in "!$%&*_#@^~+?" for c in value.rstrip("?!")))
        ),
    ),
    Rule(
        entity="PASSWORD",
        why="told to open a network",
        pattern=pattern(
            r"\b(?:router|wi-?fi|wlan|wpa[23]?|network|ssid|hotspot)\b[^\n.!?]{0,40}?\b(?:key|pass(?:word)?|pw|code|schlüssel|psk)\b\s*(?:is|:|=|ist)?\s*[\"'“]?((?=\S*\d)[^\s\"'“”,;]{6,63})"
        ),
        group=1,
        score=0.8,
        digits=1,
        words=word_set("router wifi fi wlan wpa wpa2 wpa3 network ssid hotspot"),
    ),
    Rule(
        entity="ID",
        why="told to be the name of a network",
        pattern=pattern(
            r"\b(?:ssid|wi-?fi(?:\s+name)?|wlan(?:-name)?|hotspot(?:\s+name)?)\b\s*(?:is|:|=|called|named|heißt|(?=[\"'“]))\s*[\"'“]?([^\W_][\w'’]*(?:[_-][\w'’]+)+)"
        ),
        group=1,
        score=0.75,
        words=word_set("ssid wifi fi wlan hotspot"),
        accepts=lambda value, _before, _after: any(c.isdigit() or c == "_" for c in value) or value[0].isupper(),
    ),
    Rule(
        entity="PASSWORD",
        why="told to open a lock",
        pattern=pattern(
            r"\b(?:combination|combo|lock\s?box|key\s?safe|padlock|vault)\b(?:\s*(?:code|number|to\s+the\s+safe|is|:|=))*\s*\#?(\d{1,2}(?:[\s-]\d{1,2}){2,3}|\d{3,6})(?!\w|[.,:/]\d)"
        ),
        group=1,
        score=0.8,
        digits=3,
        words=word_set("combination combo lock lockbox safe keysafe padlock vault"),
        accepts=lambda _value, before, after: not is_money(before) and not is_counted(after),
    ),
    Rule(
        entity="PASSWORD",
        why="told to be the answer to a security question",
        pattern=pattern(
            r"\b(?:security\s+answer|memorable\s+(?:word|name|place|date|answer)|secret\s+(?:word|answer)|(?:mother['’]?s\s+)?maiden\s+name|answer\s+to\s+(?:my|the)\s+security\s+question)\s*(?:is|was|:|=)?\s*[\"'“]?([^\W_][\w'’-]{2,30})"
        ),
        group=1,
        score=0.8,
        words=word_set("answer memorable secret maiden"),
        accepts=lambda value, before, _after: (
            value.lower() not in _NOT_ONE
            and (
                value.lower() not in words("common_words")
                or re.search(r"(?:\b(?:is|was)|[:=])\s*[\"'“]?$", before) is not None
            )
        ),
    ),
    Rule(
        entity="PASSWORD",
        why="told to be a password or a code",
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
        why="connection string with a password",
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
        why="built as a crypto wallet's address",
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
        why="told to be a wallet's seed phrase",
        pattern=pattern(
            r"\b(?:seed|recovery|mnemonic)(?:\s+(?:phrase|words|key))?\b\W{0,3}(?:(?:is|are|:)\s*)?((?:[a-z]{3,8}[ ,]+){11,23}[a-z]{3,8})\b"
        ),
        group=1,
        score=0.9,
        words=frozenset(("seed", "recovery", "mnemonic")),
        accepts=lambda value, _before, _after: _SENTENCE_WORDS.isdisjoint(value.lower().split()),
    ),
)

WHOLE_TEXT_RULES = (
    Rule(
        entity="API_KEY",
        why="private key or certificate between its marks",
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
