"""The leak certificate: recall on planted tracers with exact intervals, the audit's result, and what both rest on."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from extract.certifying.audit import AuditResult
from extract.certifying.proportions import exact_interval, fewest_for
from extract.tracing.planting import Outcome
from extract.tracing.tracers import KINDS, STRUCTURED, STRUCTURED_NAME, tracers_for
from harness.config.sections import ExtractSection
from harness.contracts import Certificate, CertificateBasis, OverRedaction, Recall
from harness.errors import SafetyError
from harness.pii.setup import DetectorSetup
from harness.pii.tagger.model import SHIPPED, shipped_model

DEFAULT_FLOORS: Mapping[str, float] = dict.fromkeys(
    ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "NATIONAL_ID", "US_SSN"), 0.98
)
"""Types whose values prove themselves, where a miss is a fault and no matter of judgement. In force from
``fewest_in_force`` tracers of a type on: with fewer, a single miss would decide."""
_ACCEPTED_MISSES = 1
_MOST_NAMED = 3
_NEVER_ALL = "No number of tracers shows 100 %: a floor has to be below 1."

_LIMITS = (
    "Recall is measured on invented values in invented sentences. It holds for values like these; real ones may be harder or easier, and the interval does not cover that.",
    "Tracers stand in English, German, French, Spanish, Portuguese, Italian, Dutch and a few sentences of Polish, Swedish, Turkish and Indonesian, and all in Latin letters. Nothing is said about other languages and scripts.",
    "Tracers are values that nobody knows beforehand. Values of a user's profile are looked for in that user's texts besides, and searched again in the whole output (the audit).",
    "The audit finds known values in any case, with or without accents, with any separators, and phone numbers without their country code. It does not find misspelt ones or parts of them, nor values of fewer than five characters or a single ordinary word.",
    "A person may also be found by what is said without any name or number: a rare illness, a title, a village. That is not looked for.",
    "Allow-listed fields (keep, profile_traits) are there because the configuration asks for them. Names, addresses and numbers with a form are replaced in their values, times are coarsened to the date, and values that too few users share are left out, but ids of records (record keys) stay; the audit does not search these fields.",
    "Known values are those of the users in these logs. What a profile says of somebody who is not in them is neither removed as known nor searched for.",
)
_INVENTED = "Invented values stand for personal ones in the texts; tracers and audit were measured on the same texts with placeholders. An invented name may be the name of somebody whom the data does not know."
_CARRIED = "Sessions carried over from an earlier dataset were measured then: that dataset's certificate covers them."


def certify(
    outcomes: Mapping[Outcome, int],
    audited: AuditResult,
    *,
    section: ExtractSection,
    over_redaction: OverRedaction | None = None,
    rests_on: CertificateBasis | None = None,
) -> Certificate:
    """Return what was measured, and whether it passes the configured floors.

    Args:
        outcomes: What became of the tracers.
        audited: The audit of the whole output.
        section: The configuration; has the floors.
        over_redaction: What the same sanitizer takes from messages without anything personal.
        rests_on: Which data, program and detector were measured.
    """
    whole = _recall("all", outcomes, lambda _: True)
    structured = _recall(STRUCTURED_NAME, outcomes, lambda outcome: outcome[0] in STRUCTURED)
    types = _with_floors(_by(0, outcomes), section)
    carried = rests_on is not None and rests_on.earlier_id is not None
    surrogates = section.pii.replacement == "surrogate"
    return Certificate(
        tracers_planted=whole.planted,
        tracers_leaked=whole.planted - whole.found,
        recall_by_type={each.name: each.recall for each in types},
        recall_lower=whole.lower,
        recall_upper=whole.upper,
        floor=section.certificate_floor,
        types=types,
        forms=[*_by(1, outcomes), *_by(2, outcomes)],
        structured=structured,
        structured_floor=section.certificate_structured_floor,
        audited_values=audited.values,
        audited_leaks=audited.leaks,
        audited_leaks_by_type=dict(sorted(audited.by_type.items())),
        over_redaction=over_redaction,
        rests_on=rests_on,
        replacement=section.pii.replacement,
        not_measured=sorted(set(KINDS) - {outcome[0] for outcome in outcomes}),
        limits=[*_LIMITS, *([_CARRIED] if carried else []), *([_INVENTED] if surrogates else [])],
        passed=whole.lower >= section.certificate_floor
        and structured.lower >= section.certificate_structured_floor
        and all(each.lower >= each.floor for each in types)
        and audited.leaks == 0,
    )


@cache
def fewest_in_force(floor: float) -> int:
    """Return from how many tracers of a type on its default floor is in force.

    With one miss among so many the exact interval still begins at the floor.
    """
    return fewest_for(floor, misses=_ACCEPTED_MISSES)


def refuse_failed(certificate: Certificate) -> None:
    """Stop where the certificate does not pass.

    Raises:
        SafetyError: If recall is below a floor, or a known raw value is left in the output.
    """
    if certificate.audited_leaks:
        kinds = ", ".join(f"{count} {kind}" for kind, count in certificate.audited_leaks_by_type.items())
        of_kinds = f" ({kinds})" if kinds else ""
        raise SafetyError(
            f"{certificate.audited_leaks} known raw values are left in the sanitized text{of_kinds}; nothing was published",
            hint="this is a fault of the sanitizer: please report it; until then leave the profile fields or records concerned out",
        )
    if certificate.passed:
        return
    if (below := _below(certificate)) is None:
        raise _failed_types([each for each in certificate.types if each.lower < each.floor])
    raise _failed_whole(certificate, below)


def _failed_whole(certificate: Certificate, below: "_Below") -> SafetyError:
    missed = [each for each in certificate.types if each.found < each.planted and below.covers(each.name)]
    weakest = sorted(missed, key=lambda each: (each.recall, each.name))[:_MOST_NAMED]
    said = (
        f"weakest: {', '.join(f'{each.name} {each.found} of {each.planted}' for each in weakest)}"
        if weakest
        else f"all were found, and {below.planted} tracers can show at most {below.lower:.2%}"
    )
    kinds = "planted tracers" if below.key == "certificate_floor" else "planted tracers with a form or a check"
    return SafetyError(
        f"recall on {below.planted} {kinds} is at least {below.lower:.2%}, below {below.key} = {below.floor:.2%}; "
        f"{said}; nothing was published",
        hint=" ".join(_ways_out(below, missed=bool(weakest))),
    )


def _ways_out(below: "_Below", *, missed: bool) -> Iterator[str]:
    """Yield what to do, the floor last."""
    if below.floor >= 1:
        yield _NEVER_ALL
    elif below.planted < (fewest := fewest_for(below.floor)):
        tracers = tracers_for(STRUCTURED_NAME, fewest) if below.key == "certificate_structured_floor" else fewest
        yield f"[extract] tracers = {tracers} or more can show {below.floor:.0%}, if none of them is missed."
    if missed:
        yield "Look at the weakest types: what [extract.pii] configures (tagger, keep, recognizers) decides what is found."
        yield "More tracers narrow the interval."
    yield f"Lower [extract] {below.key} only if that is acceptable to your data-protection officer."


def detector_facts(setup: DetectorSetup) -> dict[str, str]:
    """Return which detector is measured: its operating point, what finds names and addresses, what a user has set."""
    facts = {"operating_point": "strict", "taggers": ", ".join(setup.taggers) or "none"}
    if "shipped" in setup.taggers:
        model = shipped_model().facts
        if version := model.get("version"):
            facts["tagger_version"] = str(version)
        facts["tagger_sha256"] = sha256((files("harness.pii.tagger") / SHIPPED).read_bytes()).hexdigest()
        facts["tagger_thresholds"] = ", ".join(f"{name} {value}" for name, value in sorted(model["thresholds"].items()))
    if setup.recognizers:
        facts["recognizers"] = ", ".join(source.name for source in setup.recognizers)
    if setup.keep:
        facts["kept_phrases"] = str(len(setup.keep))
    if setup.learned_ids:
        facts["learned_id_formats"] = ", ".join(setup.learned_ids.shown)
    if setup.ordinary:
        facts["learned_ordinary_words"] = " ".join(sorted(setup.ordinary))
    return facts


@dataclass(frozen=True, slots=True)
class _Below:
    """A floor that is not reached."""

    key: str
    planted: int
    lower: float
    floor: float

    def covers(self, name: str) -> bool:
        """Return whether tracers of a type count for this floor."""
        return self.key == "certificate_floor" or name in STRUCTURED


def _below(certificate: Certificate) -> _Below | None:
    """Return the floor of all tracers, or of those with a form, that is not reached; None if both are."""
    whole = _Below("certificate_floor", certificate.tracers_planted, certificate.recall_lower, certificate.floor)
    if whole.lower < whole.floor or certificate.structured is None:
        return whole
    structured = _Below(
        "certificate_structured_floor",
        certificate.structured.planted,
        certificate.structured.lower,
        certificate.structured_floor,
    )
    return structured if structured.lower < structured.floor else None


def _failed_types(failed: list[Recall]) -> SafetyError:
    said = "; ".join(
        f"{each.name}: {each.found} of {each.planted} planted tracers found, which is at least {each.lower:.2%}, "
        f"below certificate_floors.{each.name} = {each.floor:.2%}"
        for each in failed[:_MOST_NAMED]
    )
    more = f" and {len(failed) - _MOST_NAMED} more types" if len(failed) > _MOST_NAMED else ""
    return SafetyError(f"{said}{more}; nothing was published", hint=" ".join(_advice(failed)))


def _advice(failed: list[Recall]) -> Iterator[str]:
    reachable = [each for each in failed if each.floor < 1]
    few = [each for each in reachable if each.planted < fewest_for(each.floor)]
    if few:
        # With so few, not even a type without a miss could pass.
        tracers = max(tracers_for(each.name, fewest_for(each.floor)) for each in few)
        yield f"{', '.join(each.name for each in few)}: so few tracers cannot show so much; [extract] tracers = {tracers} could."
    if len(reachable) < len(failed):
        yield _NEVER_ALL
    yield "Lower the type's floor in [extract] certificate_floors if that is acceptable to your data-protection officer."


def _with_floors(types: list[Recall], section: ExtractSection) -> list[Recall]:
    """Return what was measured by type, with what is asked of each; a type with a floor and no tracer was not measured."""
    measured = {each.name for each in types}
    asked = (name for name, floor in section.certificate_floors.items() if floor > 0 and name not in measured)
    unmeasured = [_recall(name, {}, lambda _: True) for name in asked]
    everything = sorted([*types, *unmeasured], key=lambda each: each.name)
    return [each.model_copy(update={"floor": _floor(each, section)}) for each in everything]


def _floor(measured: Recall, section: ExtractSection) -> float:
    if measured.name in section.certificate_floors:
        return section.certificate_floors[measured.name]
    floor = DEFAULT_FLOORS.get(measured.name, 0.0)
    return floor if floor and measured.planted >= fewest_in_force(floor) else 0.0


def _by(facet: int, outcomes: Mapping[Outcome, int]) -> list[Recall]:
    names = sorted({str(outcome[facet]) for outcome in outcomes})
    return [_recall(name, outcomes, _is(facet, name)) for name in names]


def _is(facet: int, name: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome[facet] == name


def _recall(name: str, outcomes: Mapping[Outcome, int], is_meant: Callable[[Outcome], bool]) -> Recall:
    counted: Counter[bool] = Counter()
    for outcome, count in outcomes.items():
        if is_meant(outcome):
            counted[outcome[3]] += count
    planted, found = counted.total(), counted[False]
    lower, upper = exact_interval(found, planted)
    return Recall(
        name=name,
        planted=planted,
        found=found,
        recall=round(found / planted, 4) if planted else 0.0,
        lower=round(lower, 6),
        upper=round(upper, 6),
    )
