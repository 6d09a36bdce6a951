"""The sections of ``reverse-rag.toml``, key by key."""

import difflib
import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harness.config.secrets import refuse_literal

Share = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(gt=0)]
NonNegativeInt = Annotated[int, Field(ge=0)]
LogFormatName = Literal[
    "generic",
    "openai-chat",
    "bedrock-invocation-log",
    "otel-genai",
    "cloudwatch-logs",
    "cloudwatch-logs:openai-chat",
    "cloudwatch-logs:bedrock-invocation-log",
    "cloudwatch-logs:otel-genai",
]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A table of the configuration file: closed, so that a misspelt key is an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )


class StorageSection(Section):
    """Where artifacts are kept."""

    root: str = "out"
    """A folder (relative to the configuration file) or ``s3://bucket/prefix``."""


class FieldMap(Section):
    """JMESPath expressions into one log record."""

    user: str = "user_id"
    """Who asked; replaced by a keyed hash."""
    session: str = "session_id"
    """The conversation; replaced by a keyed hash."""
    timestamp: str = "timestamp"
    """ISO 8601, RFC 2822, or seconds, milli-, micro- or nanoseconds since 1970; only the date survives."""
    prompt: str = "prompt"
    """The user's words."""
    response: str | None = "response"
    """The assistant's words; may be null or absent."""
    feedback: str | None = None
    """Thumbs up or down."""
    keep: list[str] = Field(default_factory=list)
    """The only extra fields that survive sanitizing."""


_TAGGER = re.compile(r"shipped|none|(?:spacy|transformers|gliner):\S.*")
_ENTITY = re.compile(r"[A-Z]+(?:_[A-Z]+)*")


class PiiSection(Section):
    """What finds personal values, besides the patterns that always do; see docs/presidio.md."""

    tagger: str | list[str] = "shipped"
    """What finds names and addresses: ``shipped``, ``none``, ``spacy:``, ``transformers:`` or ``gliner:`` and a model's folder or installed name, or several of them in a list. Nothing is downloaded."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Which entity type each label of a configured model means; absent: the usual labels of people and places."""
    threshold: Share = 0.3
    """What configured models and recognizers give a lower score is passed over."""
    recognizers: list[str] = Field(default_factory=list)
    """Presidio recognizers that run, too: ``package.module:Name``, or a YAML file of Presidio's recognizer registry."""
    keep: list[str] = Field(default_factory=list)
    """Words and phrases that are no person and no place: product names, the assistant's own name."""
    learn_ids: bool = True
    """Whether the formats of ids that users write are learned from the log, so that ids nobody knows are found by them; see docs/recognizers.md."""
    learn_ordinary: bool = True
    """Whether words that the assistant tells many users as ordinary nouns are no names where they are written as such."""
    replacement: Literal["placeholder", "surrogate"] = "placeholder"
    """What stands for a personal value: ``placeholder`` (``<PERSON_1>``) or ``surrogate``, an invented value of the same kind that follows from ``hmac_key``; see docs/surrogates.md."""

    @field_validator("tagger")
    @classmethod
    def _is_known(cls, tagger: str | list[str]) -> str | list[str]:
        for name in [tagger] if isinstance(tagger, str) else tagger:
            if not _TAGGER.fullmatch(name):
                raise ValueError("must be 'shipped', 'none', 'spacy:NAME', 'transformers:NAME' or 'gliner:NAME'")
        return tagger

    @field_validator("labels")
    @classmethod
    def _are_entities(cls, labels: dict[str, str]) -> dict[str, str]:
        for entity in labels.values():
            if not _ENTITY.fullmatch(entity):
                raise ValueError("entity types are capitals and underscores, such as PERSON or LOCATION")
        return labels


CERTIFIED_TYPES: tuple[str, ...] = (
    *("API_KEY", "COORDINATES", "CREDIT_CARD", "CRYPTO", "DATE_OF_BIRTH", "EMAIL_ADDRESS", "IBAN_CODE", "ID"),
    *("IP_ADDRESS", "LICENSE_PLATE", "LOCATION", "MAC_ADDRESS", "NATIONAL_ID", "PASSPORT", "PASSWORD", "PERSON"),
    *("PHONE_NUMBER", "URL", "USERNAME", "US_SSN"),
)
"""The types of planted tracers, as the certificate names them."""


class ExtractSection(Section):
    """Production logs and how to read them."""

    source: str = "logs/*.jsonl"
    """Path, glob or ``s3://`` URI of .jsonl, .json, .csv or .parquet files, each optionally .gz or .zst."""
    format: LogFormatName = "generic"
    """What one record looks like: see docs/log-formats.md; ``fields`` maps a generic one."""
    large_bodies: Annotated[str, Field(pattern=r"^s3://[^/]+")] | None = None
    """``s3://`` prefix of the bodies over 100 kB that invocation logs refer to, if not in the logs' own bucket."""
    profiles: str | None = None
    """Known personal values per user: also removed from that user's text."""
    profile_traits: list[str] = Field(default_factory=list)
    """The only profile fields that survive, if at least k users share the value."""
    hmac_key: str = "${REVERSE_RAG_HMAC_KEY}"
    """Key of the hashes that replace user and session ids, at least 16 characters: a ``${NAME}`` reference, or the ARN of a secret; never the key itself."""
    max_message_chars: PositiveInt = 200_000
    """A longer message is quarantined."""
    tracers: PositiveInt = 1000
    """Invented values that are planted in copies of records, to measure how many of them are found."""
    certificate_floor: Share = 0.9
    """The least recall on planted tracers (lower end of the exact 95 % interval); below it nothing is written."""
    certificate_structured_floor: Share = 0.95
    """The same for values with a form or a check, such as cards, e-mail addresses and phone numbers."""
    certificate_floors: dict[str, Share] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": list(CERTIFIED_TYPES)}}
    )
    """The same for single types as the certificate names them, such as ``{ CREDIT_CARD = 0.98 }``; 0 asks nothing of a type. Types with a check have 0.98 by default where enough of their tracers are planted; see docs/leak-certificate.md."""
    audit_certainty: Share = 0.9
    """From which score on ``extract --audit`` fails over a finding, 0 … 1."""
    workers: PositiveInt | None = None
    """Processes that sanitize; as many as there are processors if absent, 1 does everything in one."""
    incremental: bool = False
    """Read only what is new since the latest dataset, and carry that one's sessions over; see docs/extracting.md."""
    window_days: PositiveInt | None = None
    """With ``incremental``: carried-over sessions that began more days before the newest record are left out."""
    fields: FieldMap = FieldMap()
    pii: PiiSection = PiiSection()

    @field_validator("hmac_key")
    @classmethod
    def _is_reference(cls, text: str) -> str:
        return refuse_literal(text, example="REVERSE_RAG_HMAC_KEY")

    @field_validator("certificate_floors")
    @classmethod
    def _are_certified(cls, floors: dict[str, float]) -> dict[str, float]:
        for name in floors:
            if name not in CERTIFIED_TYPES:
                near = difflib.get_close_matches(name, CERTIFIED_TYPES, n=1, cutoff=0.4)
                advice = f"did you mean '{near[0]}'?" if near else f"types: {', '.join(CERTIFIED_TYPES)}"
                raise ValueError(f"no tracers are of a type '{name}'; {advice}")
        return floors


class PersonasSection(Section):
    """How the suite of prompts is made."""

    model: str = "offline"
    """``offline``, ``bedrock:<model-id>`` or ``openai:<model>@<base-url>``."""
    personas: PositiveInt = 12
    """At most so many; fewer where the traffic has fewer kinds of users."""
    prompts_per_persona: PositiveInt = 50
    """On average: prompts are shared out by traffic."""
    min_users: Annotated[int, Field(ge=2)] = 5
    """k: no persona from fewer distinct users."""
    copy_words: Annotated[int, Field(ge=4)] = 8
    """No prompt shares so many words in a row with a sanitized log line, nor nearly so many with one word changed."""
    seed: int = Field(default=7, ge=0, lt=2**32)
    """The same seed and dataset give the same suite."""
    embedding: Literal["embedded", "bedrock:amazon.titan-embed-text-v2:0", "bedrock:amazon.titan-embed-text-v1"] = (
        "embedded"
    )
    """What tells which sessions are about the same: ``embedded`` needs no model and sends nothing; the others send each session's opening, masked, to Amazon Titan on Bedrock; see docs/segments.md."""
    example_tokens: PositiveInt = 600
    """What a model is shown of a segment's sessions with each call, at most; masked, see docs/generation.md."""
    timeout_s: PositiveFloat = 120.0
    """Of one call to a language model: ten prompts take longer than one verdict."""
    concurrency: PositiveInt = 8
    """Calls to the model in flight at most; fewer while it throttles."""
    batch: bool = False
    """Ask for the prompts as Amazon Bedrock batch inference jobs, at half the price and in hours; needs an ``s3://`` storage root."""
    batch_role: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+")] | None = None
    """ARN of the role that a batch job reads and writes the storage root with."""
    evolve: bool = False
    """Go on from the latest suite instead of starting anew: keep what found failures, replace what has been seen; see docs/suites.md."""
    evolve_after: PositiveInt = 1
    """Runs that judge a prompt before it leaves the failure rate: as a regression prompt if it ever failed, for good if not."""
    evolve_runs: PositiveInt = 50
    """So many of the newest runs on a suite, and on those before it, say which prompts failed."""
    regression_share: Share = 0.1
    """At most this share of a suite are regression prompts, those that failed last first."""
    regression_clean_runs: PositiveInt = 5
    """A regression prompt is retired after so many runs without a failure."""
    drift_warning: Share = 0.005
    """From which Jensen-Shannon divergence (bits) between production's mix and the suite's a warning is given, unless chance explains it."""
    golden: str | None = None
    """File of hand-written prompts with expectations, one JSON object a line; see docs/baselines.md."""


class JudgeChecks(Section):
    """Which deterministic checks run, and what they need to know."""

    json_schema: str | None = None
    """File: JSON Schema of the whole reply body."""
    answer_schema: str | None = None
    """File: JSON Schema of the answer's text."""
    system_prompt: str | None = None
    """File: any copied passage of it in an answer is a leak."""
    canaries: list[str] = Field(default_factory=list)
    """Any of these strings in an answer is a leak."""
    public_contacts: list[str] = Field(default_factory=list)
    """Contact data that answers may give."""
    groundedness: bool = False
    """Needs contexts."""
    same_language: bool = False
    """Answers have to be in the user's language."""
    json_on_request: bool = False
    """Answers have to be JSON where the user asks for it."""
    refuse: list[str] = Field(default_factory=list)
    """Topics the assistant must decline."""


class JudgeSection(Section):
    """Who judges, how fast, at what cost."""

    model: str = "offline"
    """``offline`` (deterministic checks only), ``bedrock:<model-id>`` or ``openai:<model>@<base-url>``."""
    jury: list[str] = Field(default_factory=list)
    """Further models that judge every answer with ``model``; what more than half of all say holds."""
    escalate_to: str | None = None
    """A second, stronger model: judges what the first failed, could not decide, or what addresses its judge; see docs/judging.md."""
    audit_share: Share = 0.02
    """Share of the first model's passes that ``escalate_to`` judges too, drawn at random."""
    rubric: str | None = None
    """File: criteria and guidance of your own for the models; see docs/judging.md."""
    cache: bool = True
    """Ask no model the same about the same answer twice; judgements stay in the storage root's private folder."""
    concurrency: PositiveInt = 25
    """Calls to each of the judge's models in flight at most; it begins with few, and halves them while a model throttles."""
    tokens_per_minute: PositiveInt | None = None
    """Cap on the tokens of all the judge's models in any minute, both ways: production may share their quota."""
    timeout_s: PositiveFloat = 60.0
    """Of one call to a language model."""
    card_days: PositiveInt = 90
    """So long a judge card holds; see docs/calibration.md."""
    require_card: bool = False
    """No pass without a valid judge card: a run without one is inconclusive."""
    review_share: Share = 0.02
    """Share of undisputed passes that are kept for review, drawn at random; failed and disputed verdicts all are; see docs/reviewing.md."""
    checks: JudgeChecks = JudgeChecks()


class ReviewsSection(Section):
    """Where judged answers wait for a person's label, and whose labels they are; see docs/reviewing.md."""

    store: Annotated[str, Field(pattern=r"^(storage|dynamodb:[A-Za-z0-9_.-]{3,255})$")] = "storage"
    """``storage`` (beside the other artifacts) or ``dynamodb:<table>``."""
    reviewer: Annotated[str, Field(min_length=1)] | None = None
    """The name that labels get; absent: the user's name on this machine."""


class GateSection(Section):
    """When a release is blocked."""

    threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.02
    """The largest share of production's traffic that may be hit."""
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """Of the decision, however often it is looked at."""
    max_judge_share: Share = 0.05
    """More prompts in the judge's ledger make the run inconclusive."""
    max_infrastructure_share: Share = 0.05
    """More prompts in the infrastructure's ledger make the run inconclusive."""
    commit: str | None = None
    """The commit under test, such as ``"${GITHUB_SHA}"``: each commit draws prompts of its own, the same ones every time. Absent: every run draws the same ones."""
    zero_tolerance: list[str] = Field(default_factory=lambda: ["system_prompt_leak", "canary_leak", "pii_leak"])
    """Deterministic criteria that fail the gate on one confirmed hit; empty: they only count in the rate."""
    baseline: str | None = None
    """A run to compare with, prompt by prompt: an id, or ``latest`` for the newest promoted one of this suite's line and this judge; see docs/baselines.md."""
    require_baseline: bool = False
    """No pass without a comparison: a run that has nothing to compare with is inconclusive."""
    regression_confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """Of the regression test, which has an error of its own beside ``confidence``."""
    max_new_failures: NonNegativeInt | None = None
    """More prompts that fail now and passed in the baseline fail the gate, whatever the regression test says."""
    max_golden_failures: NonNegativeInt = 0
    """More failing hand-written prompts, or regression prompts that the baseline passed, fail the gate."""
    confirm: Annotated[int, Field(ge=0, le=10)] = 2
    """How often failing prompts are asked again after the decision, to tell lasting failures from flaky ones; see docs/gate.md."""
    worst_segment: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """A persona whose failure rate is above this, for sure, fails the gate; see docs/gate.md."""
    max_quality_drop: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None
    """The gate fails if under load surely more prompts fail than alone, by more than this share; needs ``[load] control``; see docs/gate.md."""
    controls: Annotated[int, Field(ge=0)] = 20
    """Answers of known quality, half good and half bad, that each run has its judge judge unknowingly; 0: none; see docs/controls.md."""
    max_missed_controls: Share = 0.4
    """More missed than this share of the good ones, or of the bad ones, make the run void."""


class SloSection(Section):
    """Service-level objectives; an unset one is not checked."""

    error_rate: Share | None = None
    """Share of requests without a whole reply."""
    p50_ms: PositiveFloat | None = None
    """Median latency from the scheduled time, in milliseconds."""
    p95_ms: PositiveFloat | None = None
    """95th percentile of it."""
    p99_ms: PositiveFloat | None = None
    """99th percentile of it."""
    ttft_p95_ms: PositiveFloat | None = None
    """95th percentile of the time to the first token."""
    gap_p95_ms: PositiveFloat | None = None
    """95th percentile of the pauses between the pieces of streamed answers, in milliseconds; see docs/latency.md."""
    goodput: Share | None = None
    """The least share of requests that meet the other objectives all at once."""


class BudgetSection(Section):
    """Hard caps of a run."""

    usd: PositiveFloat | None = None
    """Dollars for language models: of the suite's generation, and again of each run's judge."""
    tokens: PositiveInt | None = None
    """Tokens of language models, both ways: of the suite's generation, and again of each run's judge."""
    requests: PositiveInt | None = None
    """Turns sent to the target, in all arms together; a resumed run goes on counting."""
    minutes: PositiveFloat | None = None
    """Wall time of a run, or of each part of one that is resumed; what is in flight then has a few seconds more."""
    on_spent: Literal["inconclusive", "void"] = "inconclusive"
    """What a run is whose budget was spent before it was decided; ``void`` exits 5. It can be resumed with a larger one."""


class TierSection(Section):
    """How thorough a gate is; its own sub-tables override the file's."""

    prompts: PositiveInt = 1000
    """At most so many; a suite that ends earlier says so."""
    on_inconclusive: Literal["pass", "fail"] | None = None
    """What an inconclusive run exits with: 0, 1, or 4 where it is absent."""
    run_all: bool = False
    """Send and judge the whole tier even when the gate is decided."""
    paired: NonNegativeInt = 0
    """So many of the baseline's prompts are asked beyond the tier's own, for the comparison alone; see docs/baselines.md."""
    judge: dict[str, Any] = Field(default_factory=dict)
    load: dict[str, Any] = Field(default_factory=dict)
    slo: dict[str, Any] = Field(default_factory=dict)
    budget: dict[str, Any] = Field(default_factory=dict)
