"""All recognizers by pattern, as the books that the detector opens: for sanitizing and for judging, for texts and for windows of them."""

from harness.pii.patterns.addresses import ADDRESS_RULES
from harness.pii.patterns.contacts import CONTACT_RULES
from harness.pii.patterns.documents import DOCUMENT_RULES
from harness.pii.patterns.nationals import NATIONAL_RULES
from harness.pii.patterns.network import NETWORK_RULES
from harness.pii.patterns.paths import PATH_RULES
from harness.pii.patterns.payments import PAYMENT_RULES
from harness.pii.patterns.phones import PHONE_RULES
from harness.pii.patterns.references import REFERENCE_RULES
from harness.pii.patterns.rules import Recognizer, RuleBook
from harness.pii.patterns.secrets import SECRET_RULES, WHOLE_TEXT_RULES
from harness.pii.patterns.spelling import SPELLING_RULES
from harness.pii.patterns.spoken import SPOKEN_RULES
from harness.pii.patterns.streets import STREET_RULES
from harness.pii.patterns.world_addresses import WORLD_ADDRESS_RULES

RULES: tuple[Recognizer, ...] = (
    *CONTACT_RULES,
    *PHONE_RULES,
    *SPOKEN_RULES,
    *NETWORK_RULES,
    *PAYMENT_RULES,
    *DOCUMENT_RULES,
    *NATIONAL_RULES,
    *SECRET_RULES,
    *REFERENCE_RULES,
    *STREET_RULES,
    *ADDRESS_RULES,
    *WORLD_ADDRESS_RULES,
    *PATH_RULES,
    *SPELLING_RULES,
)
"""Those that may look at a long text window by window."""

STRICT = RuleBook(RULES)
PRECISE = RuleBook(rule for rule in RULES if rule.precise)
WHOLE = RuleBook(WHOLE_TEXT_RULES)
"""Those that need the whole text: a private key is longer than a window."""
