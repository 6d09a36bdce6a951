"""The leak certificate: recall on planted tracers with exact intervals, the audit's result, and what both rest on."""

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files

from extract.audit import AuditResult
from extract.planting import Outcome
from extract.proportions import exact_interval
from extract.tracers import STRUCTURED
from harness.config.sections import ExtractSection
from harness.contracts import Certificate, CertificateBasis, OverRedaction, Recall
from harness.errors import SafetyError
from harness.pii.setup import DetectorSetup
from harness.pii.tagger.model import SHIPPED, shipped_model

_LIMITS = (
    "Recall is measured on invented values in invented sentences. It holds for values like these; real ones may be harder or easier, and the interval does not cover that.",
    "Tracers stand in English, German, French, Spanish, Portuguese, Italian, Dutch and a few sentences of Polish, Swedish, Turkish and Indonesian, and all in Latin letters. Nothing is said about other languages and scripts.",
    "Tracers are values that nobody knows beforehand. Values of a user's profile are looked for in that user's texts besides, and searched again in the whole output (the audit).",
    "The audit finds known values in any case, with or without accents, with any separators, and phone numbers without their country code. It does not find misspelt ones or parts of them, nor values of fewer than five characters or a single ordinary word.",
    "A person may also be found by what is said without any name or number: a rare illness, a title, a village. That is not looked for.",
    "Allow-listed fields (keep, profile_traits) are there because the configuration asks for them; only values that too few users share are left out of them, and the audit does not search them.",
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
    structured = _recall("structured", outcomes, lambda outcome: outcome[0] in STRUCTURED)
    types = _by(0, outcomes)
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
        limits=[*_LIMITS, *([_CARRIED] if carried else []), *([_INVENTED] if surrogates else [])],
        passed=whole.lower >= section.certificate_floor
        and structured.lower >= section.certificate_structured_floor
        and audited.leaks == 0,
    )


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
    weakest = sorted(certificate.types, key=lambda each: (each.recall, each.name))[:3]
    name, lower, floor = "certificate_floor", certificate.recall_lower, certificate.floor
    if lower >= floor and certificate.structured is not None:
        name, lower, floor = (
            "certificate_structured_floor",
            certificate.structured.lower,
            certificate.structured_floor,
        )
    raise SafetyError(
        f"recall on {certificate.tracers_planted} planted tracers is at least {lower:.2%}, below {name} = {floor:.2%}; "
        f"weakest: {', '.join(f'{each.name} {each.found} of {each.planted}' for each in weakest)}; nothing was published",
        hint=f"lower [extract] {name} if that is acceptable to your data-protection officer; more tracers narrow the interval",
    )


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
    return facts


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
