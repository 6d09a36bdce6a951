"""The certificate in words and tables, for whoever has to sign it."""

from collections.abc import Iterable, Iterator, Sequence

from harness.contracts import Certificate, CertificateBasis, Recall

_NAMES = {
    "PERSON": "names of people", "LOCATION": "street addresses", "PHONE_NUMBER": "phone numbers", "EMAIL_ADDRESS": "e-mail addresses", "ID": "order, customer and case numbers",
    "DATE_OF_BIRTH": "dates of birth", "CREDIT_CARD": "payment cards", "IBAN_CODE": "bank accounts (IBAN)", "NATIONAL_ID": "national ids", "US_SSN": "US social security numbers",
    "PASSPORT": "passport numbers", "LICENSE_PLATE": "licence plates", "IP_ADDRESS": "IP addresses", "MAC_ADDRESS": "hardware (MAC) addresses", "COORDINATES": "coordinates",
    "USERNAME": "user names", "API_KEY": "API keys and tokens", "PASSWORD": "passwords and PINs", "CRYPTO": "crypto wallets", "URL": "links with a secret or a name",
    "structured": "all values with a form or a check",
}  # fmt: skip


def statement(certificate: Certificate) -> str:
    """Return a certificate as Markdown."""
    return "\n".join(_lines(certificate)) + "\n"


def _lines(certificate: Certificate) -> Iterator[str]:
    basis = certificate.rests_on
    removed = certificate.tracers_planted - certificate.tracers_leaked
    yield f"# Leak certificate{f' of {basis.dataset_id}' if basis else ''}: {'passed' if certificate.passed else 'NOT PASSED'}"
    yield ""
    yield (
        f"Of {certificate.tracers_planted:,} invented personal values that were planted among the records, {removed:,} were removed. "
        f"With 95 % confidence, {_percent(certificate.recall_lower)} to {_percent(certificate.recall_upper)} of values like these are "
        f"(exact interval; the least accepted is {_percent(certificate.floor)})."
    )
    yield ""
    yield (
        f"{certificate.audited_values:,} known values (profiles, user and session ids, id-like values of other fields, in all their forms) were searched for in the whole output: "
        f"{certificate.audited_leaks:,} found."
    )
    if (lost := certificate.over_redaction) is not None:
        yield ""
        yield (
            f"Of {lost.words:,} words in {lost.messages:,} messages without anything personal, {lost.lost:,} were lost: {_percent(lost.share)} "
            f"({_percent(lost.lower)} to {_percent(lost.upper)})."
        )
    rows = [*certificate.types, *([certificate.structured] if certificate.structured else [])]
    yield from _recalls("By type of value", rows)
    yield from _recalls("By place and writing", certificate.forms)
    if basis is not None:
        yield from _section("What this rests on", _facts(basis))
    if certificate.limits:
        yield from _section("What this does not say", certificate.limits)


def _recalls(title: str, recalls: Sequence[Recall]) -> Iterator[str]:
    if not recalls:
        return
    yield from ("", f"## {title}", "", "| | planted | removed | share | 95 % interval |", "|---|--:|--:|--:|---|")
    for each in recalls:
        name = _NAMES.get(each.name) or each.name.replace("_", " ").lower()
        yield (
            f"| {name} | {each.planted:,} | {each.found:,} | {_percent(each.recall)} "
            f"| {_percent(each.lower)} to {_percent(each.upper)} |"
        )


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *(f"- {line}" for line in lines))


def _facts(basis: CertificateBasis) -> Iterator[str]:
    yield f"Made {basis.created_at} by reverse-rag {basis.tool_version}, configuration {basis.configuration_hash[:16]}, seed of the tracers {basis.seed}"
    facts = (f"{name.replace('_', ' ')} {value}" for name, value in basis.detector.items())
    yield f"Detector: {', '.join(facts)}"
    yield f"{basis.records:,} records read; {basis.sessions:,} sessions of {basis.users:,} users with {basis.turns:,} messages"
    left_out = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in basis.quarantined.items())
    yield f"Left out in quarantine: {left_out or 'nothing'}"
    if basis.earlier_id:
        yield f"Sessions carried over from {basis.earlier_id}, which has a certificate of its own"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
