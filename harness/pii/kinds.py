"""Kinds of personal values in words, for people who sign and read."""

_NAMES = {
    "PERSON": "names of people", "LOCATION": "street addresses", "PHONE_NUMBER": "phone numbers", "EMAIL_ADDRESS": "e-mail addresses", "ID": "order, customer and case numbers",
    "DATE_OF_BIRTH": "dates of birth", "AGE": "ages above 89", "CREDIT_CARD": "payment cards", "IBAN_CODE": "bank accounts (IBAN)", "NATIONAL_ID": "national ids", "US_SSN": "US social security numbers",
    "PASSPORT": "passport numbers", "LICENSE_PLATE": "licence plates", "IP_ADDRESS": "IP addresses", "MAC_ADDRESS": "hardware (MAC) addresses", "COORDINATES": "coordinates",
    "USERNAME": "user names", "API_KEY": "API keys and tokens", "PASSWORD": "passwords and PINs", "CRYPTO": "crypto wallets", "URL": "links with a secret or a name",
    "structured": "all values with a form or a check",
}  # fmt: skip


def spoken_kind(name: str) -> str:
    """Return what a certificate's type, form or style is called in running text."""
    return _NAMES.get(name) or name.replace("_", " ").lower()
