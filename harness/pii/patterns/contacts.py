"""Ways to reach somebody by name: e-mail addresses as written, disguised and spelt out; handles and user names."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words
from harness.pii.patterns.rules import Facts, Recognizer, Rule, Scan, one_of, pattern, word_set

_PROVIDERS = one_of(
    "gmail googlemail yahoo ymail rocketmail hotmail outlook live icloud me mac aol gmx web proton protonmail pm mail email msn yandex orange free"
    " wanadoo laposte t-online freenet libero virgilio uol bol terra qq 163 126 naver rediffmail fastmail zoho tutanota hey inbox comcast verizon"
    " btinternet sky att sbcglobal telenet ziggo kpn bluewin seznam wp o2 onet interia abv mailbox posteo"
)
# A blank or nothing may stand for the dot before one of these: nobody means anything else with "gmail com".
_TELLING_PROVIDERS = one_of("gmail googlemail yahoo ymail hotmail outlook icloud aol gmx protonmail proton msn yandex")
_TOP = one_of(
    "com org net edu gov info biz co io me de uk fr es it pt br nl be ch at se no dk fi pl cz ru ua in cn jp kr au nz ca mx ar cl eu us tv app dev"
    " test example invalid"
)
_AT_WORDS = (
    "at ät aet arroba arobase arrobase chiocciola klammeraffe affenschwanz apenstaartje małpa malpa snabel-a snabela kukac zavináč zavinac собака"
    " miukumauku kissanhäntä kuyruklu_a a_còng a_cong"
)
_DOT_WORDS = "dot punkt punto ponto point punt kropka prick piste tečka tecka pont точка period puntos nokta titik chấm"
_JOIN_WORDS = (
    "underscore under_score unterstrich guion_bajo guión_bajo tiret_bas underline sottolineato trattino_basso laag_streepje dash hyphen minus"
    " bindestrich guion guión tiret trattino hífen hifen streepje plus"
)
_HYPHEN_WORDS = "dash hyphen minus bindestrich guion guión tiret trattino hífen hifen streepje"
_OPEN, _CLOSE = r"[(\[{<_*|-]{1,2}\s*", r"\s*[)\]}>_*|-]{1,2}"
_AT = rf"(?:\s*{_OPEN}(?:{one_of(_AT_WORDS)}|@|a){_CLOSE}\s*|\s+(?:{one_of(_AT_WORDS)}|@)\s+)"
_DOT = rf"(?:\s*{_OPEN}(?:{one_of(_DOT_WORDS)}|\.){_CLOSE}\s*|\s+{one_of(_DOT_WORDS)}\s+|\.)"
_JOIN = rf"(?:{_DOT}|\s+{one_of(_JOIN_WORDS)}\s+)"
# Letters and digits said one by one: "a n n a 8 8".
_SPELT = r"(?:[^\W_][ ,-]{1,2}){2,30}[^\W_](?!\w)"
_LOCAL = rf"(?:(?:{_SPELT}|[\w+%'’-]{{1,64}})(?:{_JOIN}(?:{_SPELT}|[\w+%'’-]{{1,64}})){{0,5}})"
_WORD = re.compile(r"[^\W\d_]+")
_STRONG_OPENER = re.compile(
    r"\b(?:user\s?names?|screen\s?name|gamer\s?tag|nickname|benutzername|nutzername|usuario|usuário|identifiant|gebruikersnaam|brukernavn|brugernavn)\s*$",
    re.IGNORECASE,
)
_NO_HANDLE = frozenset(
    (
        "everyone",
        "here",
        "channel",
        "all",
        "home",
        "work",
        "media",
        "import",
        "property",
        "override",
        "param",
        "return",
        "the",
        "about",
    )
)
_NO_USERNAME = word_set(
    "admin administrator root guest anonymous null none undefined required optional missing blank empty taken available case sensitive somehow something anything different same unique"
    " incorrect disabled inactive unavailable greyed gone hidden field fields recovery invalid verification update box below above hint suggestions rules history hacked compromised registered unknown forgotten"
)


def _may_tell_address(facts: Facts) -> bool:
    """Return whether a text has a word for a dot, a dot inside a word, or a provider's name: "at" alone is everywhere."""
    return not facts.words.isdisjoint(_HOST_WORDS) or _INNER_DOT.search(facts.text) is not None


def _find_told_addresses(facts: Facts) -> Iterator[PiiSpan]:
    """Yield addresses whose signs are words or stand in brackets: "anna dot lind at mail dot example"."""
    text = facts.text
    for match in _TOLD_HOST.finditer(text):
        window = max(0, match.start() - _LONGEST_LOCAL)
        local = _LOCAL_BEFORE.search(text, window, match.start())
        if local is None:
            continue
        start = _with_words_before(text, local.start())
        said = _WORD.findall(text[start : match.start()].lower())
        if len(said) == 1 and said[0] in words("common_words") and not any(c.isdigit() for c in local[0]):
            continue  # "Contact me at gmail dot com" names only a provider.
        yield PiiSpan(start=start, end=match.end(), entity="EMAIL_ADDRESS", score=0.9)


def _with_words_before(text: str, start: int) -> int:
    """Return where a name of several words begins: "anna lind 88 at mail dot example"."""
    for _ in range(_MOST_WORDS_BEFORE):
        match = _LAST_WORD.search(text, max(0, start - _LONGEST_LOCAL), start)
        if match is None or match[1].lower() in words("common_words") or match[1].lower() in _NO_LOCAL:
            break
        start = match.start(1)
    return start


def _is_address_without_top(value: str, _before: str, _after: str) -> bool:
    local, _, host = value.partition("@")
    return any(c.isalpha() for c in local) and len(host.strip()) > 2


def _is_address_in_parts(value: str, _before: str, _after: str) -> bool:
    """Return whether the word before the sign is a name and not "is" or "insta": "my insta is @anna.lind"."""
    local, sign, host = re.split(r"([@＠﹫])", value, maxsplit=1)
    plain = local.strip().lower()
    if local == local.rstrip() or any(c.isdigit() or c in "._+-" for c in plain):
        return bool(sign and host)
    return plain not in words("common_words") and plain not in _USERNAME_WORDS


def _is_handle(value: str, _before: str, _after: str) -> bool:
    return value[1:].lower() not in _NO_HANDLE


def _is_username(value: str, before: str, after: str) -> bool:
    """Return whether what follows "user name" is one: in "login failed" nothing but its shape could tell."""
    if any(c.isdigit() or c in "_.-@" for c in value.strip(".-")):
        return True
    plain = value.lower()
    if plain in _NO_USERNAME or plain in words("common_words"):
        return False
    if re.search(r"[:=]\s*[\"'“@]?$", before):
        return True
    if plain.endswith(("ing", "ed", "'t")):
        return False
    linked = re.search(r"\b(?:is|ist|es|est|é|è|was|called|under|as)\s*[\"'“@]?$", before, re.IGNORECASE)
    return bool(linked) or (
        _STRONG_OPENER.search(before) is not None
        and re.match(r"\W*(?:$|[.,;!\n]|(?:and|but|please|thanks|with|for|is)\b)", after) is not None
    )


_TOLD_HOST = pattern(
    rf"""(?:{_AT}[\w-]+(?:\s+{one_of(_HYPHEN_WORDS)}\s+[\w-]+)?(?:{_DOT}[\w-]+){{0,2}}?{_DOT}{_TOP}\b(?:{_DOT}{_TOP}\b)?
    |\s+et\s+[\w-]+(?:\s+nokta\s+[\w-]+)?\s+nokta\s+{_TOP}\b
    |(?:{_AT}|\s?@\s?)(?:{_PROVIDERS}\s?[.,]?\s?(?:com|net|org|de|fr|es|it|co\.uk|me|ru|com\.br)|{_TELLING_PROVIDERS}))\b"""
)
_LOCAL_BEFORE = pattern(rf"(?<![\w.]){_LOCAL}$")
_LAST_WORD = pattern(r"(?<![\w'’])([\w'’-]+)[ ]$")
_LONGEST_LOCAL = 80
_MOST_WORDS_BEFORE = 3
_HOST_WORDS = word_set(_DOT_WORDS) | word_set(
    "gmail googlemail yahoo ymail hotmail outlook icloud aol gmx protonmail proton msn yandex com net"
)
_INNER_DOT = re.compile(r"[\w)\]}]\.\w|[(\[{]\s*\.")
_NO_LOCAL = word_set(
    "saya ini adalah của tôi là em c'est e-postam it's its email e-mail mail gmail address adresse correo courriel indirizzo posta endereço endereco mijn min mio is ist es est és é è är er su mi my mon ma meu mein meine at to il la le lo het de spelt spelled"
)
_MENTIONS_AT = frozenset(word for word in _AT_WORDS.split() if "-" not in word) | {
    "snabel",
    "a",
    "còng",
    "cong",
    "kuyruklu",
    "et",
}
_USERNAME_WORDS = word_set(
    "username usernames user userid login log logon handle nickname nick screenname gamertag benutzername benutzer nutzername anmeldename usuario"
    " identifiant pseudo utente gebruikersnaam användarnamn brukernavn brugernavn käyttäjätunnus skype telegram insta instagram twitter snapchat"
    " discord tiktok reddit steam ig snap wechat line screen alias utilisateur usuário apelido psn xbox twitch bluesky mastodon keybase venmo cashapp"
)
_USERNAME_OPENERS = (
    r"(?:user\s?-?names?|user\s?-?ids?|user|log\s?in(?:\s+(?:name|id))?|logon|screen\s?name|handle|nick(?:name)?|gamer\s?tag|alias|benutzer(?:name|kennung)?|nutzername|anmeldename"
    r"|(?:nombre\s+de\s+)?usuario|usuário|identifiant|pseudo|nom\s+d['’]utilisateur|(?:nome\s+)?utente|gebruikersnaam|användarnamn|brukernavn|brugernavn|käyttäjätunnus"
    r"|skype|telegram|insta(?:gram)?|twitter|snap(?:chat)?|discord|tiktok|reddit|steam|ig|wechat|apelido|psn|xbox|twitch|bluesky|mastodon|keybase|venmo|cashapp)(?:\s+(?:handle|id|name|account|user(?:name)?))?"
)

CONTACT_RULES: tuple[Recognizer, ...] = (
    Rule(
        entity="EMAIL_ADDRESS",
        why="written as an e-mail address",
        # `help@bank.test` is as good as `help@bank.com`: no list of top-level domains is asked.
        pattern=pattern(r"(?<![\w.+%-])[\w.+%'’!\#$&*/=?^`{|}~-]{1,64}@{1,2}(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,23}\b"),
        score=1.0,
        holds=("@",),
        precise=True,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        why="e-mail address with blanks in it",
        # Blanks or a line's end around the sign and the dots.
        pattern=pattern(
            rf"(?<![\w.+%-])[\w.+%-]{{2,64}}\s{{0,2}}[@＠﹫]\s{{0,2}}[\w-]+(?:\.[\w-]+){{0,4}}(?:\s{{1,2}}\.\s{{0,2}}|[.,]\s{{0,2}}){_TOP}\b(?:\.{_TOP}\b)?|[\w.+%-]{{2,64}}\s{{0,2}}[＠﹫@]\s{{0,2}}[\w-]+(?:\.[\w-]+)+"
        ),
        score=0.9,
        holds=("@", "＠", "﹫"),
        accepts=_is_address_in_parts,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        why="e-mail address as links and forms write it",
        # As links and forms write it: "anna%2Bbank%40mail.example".
        pattern=pattern(r"(?:(?<=%3d)|(?<![\w.%-]))[\w.+%-]{1,64}%40(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,23}\b"),
        score=1.0,
        needs=lambda facts: "%40" in facts.text,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        why="e-mail address with another sign for the @",
        # Another sign for the one that the keyboard lacks: "anna.lind#web.de".
        pattern=pattern(rf"(?<![\w.+%-])[\w.+-]{{2,64}}\#{_PROVIDERS}\.{_TOP}\b"),
        score=0.9,
        needs=lambda facts: "#" in facts.text,
    ),
    Rule(
        entity="EMAIL_ADDRESS",
        why="e-mail address without its top-level domain",
        pattern=pattern(r"(?<![\w.@])[\w.+%-]{2,64}@[^\W\d_][\w-]{2,62}(?![\w@])"),
        score=0.8,
        holds=("@",),
        accepts=_is_address_without_top,
    ),
    Scan(look=_find_told_addresses, why="e-mail address told in words", words=_MENTIONS_AT, needs=_may_tell_address),
    Rule(
        entity="EMAIL_ADDRESS",
        why="e-mail address spelt letter by letter",
        # Letters spelt out before a sign that is there.
        pattern=pattern(rf"(?<![\w'’]){_SPELT}\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)*"),
        score=0.9,
        holds=("@",),
    ),
    Rule(
        entity="ID",
        why="written as a handle",
        pattern=pattern(r"(?<![\w@.])@[a-z_][\w.]{1,30}\b"),
        score=0.7,
        holds=("@",),
        accepts=_is_handle,
    ),
    Rule(
        entity="ID",
        why="told to be a user name",
        pattern=pattern(
            rf"\b{_USERNAME_OPENERS}\b\s*(?:(?:(?:is|was|ist|es|est|é|è|är|er|on|called|under|as)\b|[:=,–-])\s*){{0,3}}[\"'“@(]?\s?(live:[\w.@+-]{{3,40}}|[^\W_][\w.@+-]{{2,40}}(?:\#\d{{4}})?|_+[^\W_][\w.-]{{2,40}})"
        ),
        group=1,
        score=0.8,
        words=_USERNAME_WORDS,
        accepts=_is_username,
    ),
)
