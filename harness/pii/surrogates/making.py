"""Which fake stands for which value."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping

from harness.pii.known.folding import fold, word_set
from harness.pii.surrogates import addresses, contacts, names, phones
from harness.pii.surrogates.addresses import fake_address
from harness.pii.surrogates.contacts import fake_email, fake_url, fake_username
from harness.pii.surrogates.dates import fake_age, fake_date
from harness.pii.surrogates.keyed import Seed
from harness.pii.surrogates.names import Spelled, fake_name
from harness.pii.surrogates.network import fake_ip, fake_mac
from harness.pii.surrogates.numbers import fake_card, fake_code, fake_iban, fake_phone, fake_ssn

_LABEL = b"reverse-rag surrogates 1\x00"
_ATTEMPTS = 6
_SHORTEST_TELLING = 3
_LONGEST = 200
"""A longer value is no value but a mistake, and gets a placeholder."""
_MOST_REMEMBERED = 100_000
_TOKEN = re.compile(r"[^\W_]+")
_KEY_ID_BYTES = 4

Taken = Callable[[str], bool]
_Maker = Callable[[str, Seed], str | None]
_NAMED: Mapping[str, Callable[[str, Seed, Spelled], str | None]] = {
    "PERSON": fake_name,
    "EMAIL_ADDRESS": fake_email,
    "USERNAME": fake_username,
}
_MAKERS: Mapping[str, _Maker] = {
    "LOCATION": fake_address,
    "PHONE_NUMBER": fake_phone,
    "CREDIT_CARD": fake_card,
    "IBAN_CODE": fake_iban,
    "US_SSN": fake_ssn,
    "IP_ADDRESS": fake_ip,
    "MAC_ADDRESS": fake_mac,
    "DATE_OF_BIRTH": fake_date,
    "AGE": fake_age,
    "URL": fake_url,
}
_CODES = word_set(
    "ID NATIONAL_ID PASSPORT LICENSE_PLATE MEDICAL_LICENSE US_PASSPORT US_DRIVER_LICENSE US_BANK_NUMBER US_ITIN UK_NHS UK_NINO"
)
_COUNTRY_CODE = re.compile(r"[A-Z]{2}_[A-Z_]+")
"""A national number, in Presidio's manner: ``ES_NIF``."""


def surrogate_key(hmac_key: bytes) -> bytes:
    """Return the key of the fakes, derived from that of the hashes (as HKDF's expansion, RFC 5869).

    Ids in a dataset and fakes in its texts cannot be linked by who does not have the key.
    """
    return hmac.digest(hmac_key, _LABEL + b"\x01", "sha256")


class Surrogates:
    """Returns for a personal value an invented one that is always the same, and of the same kind and form.

    Nothing is stored but what was asked for lately: a fake follows from the
    key and the value alone. The one exception is a fake that by chance holds
    a word of the value itself, of what is known to be personal where it would
    stand, or somebody's whole real value; then the next one is taken.

    Args:
        key: From ``surrogate_key``.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made: dict[tuple[str, str], tuple[str | None, frozenset[str]]] = {}
        """Fakes, each with its folded words that do not stand in every other, too."""

    def __reduce__(self) -> tuple[type["Surrogates"], tuple[bytes]]:
        return Surrogates, (self._key,)

    def __repr__(self) -> str:
        return f"Surrogates(key_id={self.key_id!r})"

    @property
    def key_id(self) -> str:
        """Tells keys apart without telling them."""
        return hmac.digest(self._key, b"key id", hashlib.sha256).hex()[: 2 * _KEY_ID_BYTES]

    def of(
        self,
        entity: str,
        value: str,
        *,
        avoided: frozenset[str] = frozenset(),
        spelled: Spelled | None = None,
        taken: Taken | None = None,
    ) -> str | None:
        """Return the fake of a value; None where there is none, and a placeholder has to stand.

        Args:
            entity: What the value is, in Presidio's vocabulary.
            value: As it stands in the text.
            avoided: Folded words that are personal where the fake will stand.
            spelled: Returns the name that a folded word misspells.
            taken: Whether a fake holds somebody's real value.
        """
        if len(value) > _LONGEST:
            return None
        if spelled is not None and entity in _NAMED and any(spelled(word) != word for word in _words(value)):
            return self._make(entity, value, avoided, spelled, taken)
        place = (entity, value)
        if place not in self._made:
            if len(self._made) >= _MOST_REMEMBERED:
                self._made.clear()
            made = self._make(entity, value, frozenset(), fold, None)
            self._made[place] = made, frozenset(_words(made or "")) - kept_words(entity)
        fake, words = self._made[place]
        if fake is None or (avoided.isdisjoint(words) and not (taken and taken(fake))):
            return fake
        return self._make(entity, value, avoided, fold, taken)

    def _make(
        self, entity: str, value: str, avoided: frozenset[str], spelled: Spelled, taken: Taken | None
    ) -> str | None:
        hidden = tuple(telling_words(entity, value))
        for attempt in range(_ATTEMPTS):
            seed = Seed(self._key, hidden, avoided, attempt)
            fake = _fake(entity, value, seed, spelled)
            if fake is None or (_is_usable(fake, value, entity, seed) and not (taken and taken(fake))):
                return fake
        return None


def telling_words(entity: str, value: str) -> list[str]:
    """Return the folded words and numbers of a value that no fake of it may hold: all but those that say nothing."""
    kept = kept_words(entity)
    return [word for word in _words(value) if len(word) >= _SHORTEST_TELLING and word not in kept and word.strip("x")]


def kept_words(entity: str) -> frozenset[str]:
    """Return the folded words that stay in fakes of a kind: titles, types of streets, and the like."""
    if entity == "PERSON":
        return names.kept_words()
    if entity == "LOCATION":
        return addresses.kept_words()
    if entity == "PHONE_NUMBER":
        return phones.KEPT
    return contacts.KEPT if entity in ("EMAIL_ADDRESS", "USERNAME", "URL") else frozenset()


def _fake(entity: str, value: str, seed: Seed, spelled: Spelled) -> str | None:
    if named := _NAMED.get(entity):
        return named(value, seed, spelled)
    if maker := _MAKERS.get(entity):
        return maker(value, seed)
    return fake_code(value, seed) if entity in _CODES or _COUNTRY_CODE.fullmatch(entity) else None


def _is_usable(fake: str, value: str, entity: str, seed: Seed) -> bool:
    """Return whether a fake is another value than the original and holds nothing of it."""
    folded = fold(fake)
    kept = kept_words(entity)
    words = [word for word in _words(fake) if word not in kept]
    joined = " ".join(words)
    return (
        folded != fold(value) and not any(token in joined for token in seed.hidden) and seed.avoided.isdisjoint(words)
    )


def _words(text: str) -> Iterable[str]:
    return _TOKEN.findall(fold(text))
