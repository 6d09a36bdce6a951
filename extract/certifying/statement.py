"""The certificate in words and tables, for whoever has to sign it."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.contracts import Certificate, CertificateBasis, ProfilesUsed, Recall
from harness.pii.kinds import spoken_kind
from harness.wording import counted

_LEARNED = {
    "learned_id_formats": "Formats of ids that this log showed, and whose values are removed (A letters, 9 digits, X both)",
    "learned_ordinary_words": "Words that the assistant told many users as ordinary nouns, and that are no names where they are written as such",
}
_WIDTH = 120
_REPLACEMENTS = {"placeholder": "numbered placeholders", "surrogate": "invented values"}


def statement(certificate: Certificate) -> str:
    """Return a certificate as Markdown."""
    return "\n".join(_lines(certificate)) + "\n"


def _lines(certificate: Certificate) -> Iterator[str]:
    basis = certificate.rests_on
    yield f"# Leak certificate{f' of {basis.dataset_id}' if basis else ''}: {'passed' if certificate.passed else 'NOT PASSED'}"
    for said in _findings(certificate):
        yield ""
        yield said
    structured = certificate.structured
    asked = [structured.model_copy(update={"floor": certificate.structured_floor})] if structured else []
    yield from _recalls("By type of value", [*certificate.types, *asked], floors=True)
    yield from _recalls("By place and writing", certificate.forms)
    if basis is not None:
        yield from _section("What this rests on", _facts(basis, certificate.replacement))
    if certificate.limits:
        yield from _section("What this does not say", certificate.limits)


def _findings(certificate: Certificate) -> Iterator[str]:
    planted, removed = certificate.tracers_planted, certificate.tracers_planted - certificate.tracers_leaked
    yield (
        f"{planted:,} invented personal values were planted in copies of records; the sanitizer removed {removed:,} of them. "
        f"So, with 95 % confidence, it removes {_percent(certificate.recall_lower)} to {_percent(certificate.recall_upper)} "
        f"of values like these (exact interval). The configuration accepts no less than {_percent(certificate.floor)}."
    )
    if (structured := certificate.structured) is not None:
        yield (
            f"Of values with a form or a check (cards, accounts, e-mail addresses and the like) it removed {structured.found:,} "
            f"of {structured.planted:,}: {_percent(structured.lower)} to {_percent(structured.upper)}. The configuration accepts "
            f"no less than {_percent(certificate.structured_floor)}."
        )
    if certificate.not_measured:
        kinds = ", ".join(map(spoken_kind, certificate.not_measured))
        yield f"**Not measured**, because not one of them was planted: {kinds}. More `tracers` measure all types."
    yield (
        f"{certificate.audited_values:,} different known values (of the profiles of users in these logs, user and session ids, "
        f"id-like values of other fields) were searched for in the whole output: {certificate.audited_leaks:,} found."
    )
    if (lost := certificate.over_redaction) is not None:
        yield (
            f"Of {lost.words:,} words in {lost.messages:,} messages without anything personal, {lost.lost:,} were lost: {_percent(lost.share)} "
            f"({_percent(lost.lower)} to {_percent(lost.upper)})."
        )


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
    yield from ("", f"## {title}", "", *map(_item, lines))


def _item(line: str) -> str:
    """Return an item of a list; one that is very long (hundreds of learned words) in several lines."""
    return textwrap.fill(f"- {line}", _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _facts(basis: CertificateBasis, replacement: str) -> Iterator[str]:
    seed = f"fingerprint of the tracers' seed {basis.seed_fingerprint}" if basis.seed_fingerprint else ""
    made = f"Made {basis.created_at} by reverse-rag {basis.tool_version}, configuration {basis.configuration_hash[:16]}"
    yield f"{made}, {seed}" if seed else made
    facts = (f"{name.replace('_', ' ')} {value}" for name, value in basis.detector.items() if name not in _LEARNED)
    yield f"Detector: {', '.join(facts)}"
    yield from (f"{said}: {basis.detector[name]}" for name, said in _LEARNED.items() if name in basis.detector)
    yield f"What is personal was replaced by {_REPLACEMENTS.get(replacement, replacement)} (`replacement = {replacement}`)"
    holding = "" if basis.exchanges is None else f", holding {counted(basis.exchanges, 'exchange')}"
    yield (
        f"{counted(basis.records, 'record')} read{holding}; {counted(basis.sessions, 'session')} of "
        f"{counted(basis.users, 'user')} with {counted(basis.turns, 'message')}"
    )
    left_out = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in basis.quarantined.items())
    yield f"Left out in quarantine: {left_out or 'nothing'}"
    yield _profiles(basis.profiles)
    if basis.min_users is not None:
        yield from _allowed(basis, basis.min_users)
    if basis.earlier_id:
        yield f"Sessions carried over from {basis.earlier_id}, which has a certificate of its own"


def _profiles(used: ProfilesUsed | None) -> str:
    if used is None:
        return "Profiles: none were used"
    none = ": **no user's profile was found**, so no value of one was removed as known" if not used.matched else ""
    return (
        f"Profiles: of {used.matched:,} of the {counted(used.users, 'user')} in the logs read; {used.strangers:,} further "
        f"ones are of nobody in these logs and were not used{none}"
    )


def _allowed(basis: CertificateBasis, min_users: int) -> Iterator[str]:
    yield (
        f"Allow-listed: fields {_listed(basis.keep)} (`keep`), traits {_listed(basis.profile_traits)} (`profile_traits`); "
        f"values that fewer than {min_users} users share (k = {min_users}) were left out: {_counts(basis.suppressed)}"
    )
    yield f"Allow-listed values in which something personal was replaced: {_counts(basis.personal)}"
    if basis.record_keys:
        yield (
            f"**Record keys**: {_listed(basis.record_keys)}. These allow-listed fields hold ids of records, a different one for "
            "nearly every session, and were kept: whoever holds the logs can find a session's record by them"
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} of `{name}`" for name, count in counts.items()) or "none"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
