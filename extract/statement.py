"""The certificate in words and tables, for whoever has to sign it."""

from collections.abc import Iterable, Iterator, Sequence

from harness.contracts import Certificate, CertificateBasis, Recall
from harness.pii.kinds import spoken_kind

_LEARNED = {
    "learned_id_formats": "Formats of ids that this log showed, and whose values are removed (A letters, 9 digits, X both)",
    "learned_ordinary_words": "Words that the assistant told many users as ordinary nouns, and that are no names where they are written as such",
}


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
    structured = certificate.structured
    asked = [structured.model_copy(update={"floor": certificate.structured_floor})] if structured else []
    yield from _recalls("By type of value", [*certificate.types, *asked], floors=True)
    yield from _recalls("By place and writing", certificate.forms)
    if basis is not None:
        yield from _section("What this rests on", _facts(basis))
    if certificate.limits:
        yield from _section("What this does not say", certificate.limits)


def _recalls(title: str, recalls: Sequence[Recall], *, floors: bool = False) -> Iterator[str]:
    if not recalls:
        return
    columns = ("| least accepted |", "--:|") if floors else ("|", "")
    yield from ("", f"## {title}", "")
    yield from (f"| | planted | removed | share | 95 % interval {columns[0]}", f"|---|--:|--:|--:|---|{columns[1]}")
    for each in recalls:
        name = spoken_kind(each.name)
        yield (
            f"| {name} | {each.planted:,} | {each.found:,} | {_percent(each.recall)} "
            f"| {_percent(each.lower)} to {_percent(each.upper)} |{_accepted(each) if floors else ''}"
        )


def _accepted(each: Recall) -> str:
    below = " **not reached**" if each.lower < each.floor else ""
    return f" {_percent(each.floor)}{below} |" if each.floor else " – |"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *(f"- {line}" for line in lines))


def _facts(basis: CertificateBasis) -> Iterator[str]:
    yield f"Made {basis.created_at} by reverse-rag {basis.tool_version}, configuration {basis.configuration_hash[:16]}, seed of the tracers {basis.seed}"
    facts = (f"{name.replace('_', ' ')} {value}" for name, value in basis.detector.items() if name not in _LEARNED)
    yield f"Detector: {', '.join(facts)}"
    yield from (f"{said}: {basis.detector[name]}" for name, said in _LEARNED.items() if name in basis.detector)
    yield f"{basis.records:,} records read; {basis.sessions:,} sessions of {basis.users:,} users with {basis.turns:,} messages"
    left_out = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in basis.quarantined.items())
    yield f"Left out in quarantine: {left_out or 'nothing'}"
    if basis.earlier_id:
        yield f"Sessions carried over from {basis.earlier_id}, which has a certificate of its own"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
