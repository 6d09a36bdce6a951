"""The sections of ``reverse-rag.toml``, key by key."""

from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A table of the configuration file: closed, so that a misspelt key is an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class StorageSection(Section):
    """Where artifacts are kept."""

    root: str = "out"
    """A folder (relative to the configuration file) or ``s3://bucket/prefix``."""


class FieldMap(Section):
    """JMESPath expressions into one log record."""

    user: str = "user_id"
    session: str = "session_id"
    timestamp: str = "timestamp"
    prompt: str = "prompt"
    response: str | None = "response"
    feedback: str | None = None
    keep: list[str] = Field(default_factory=list)
    """The only extra fields that survive sanitizing."""


class ExtractSection(Section):
    """Production logs and how to read them."""

    source: str = "logs/*.jsonl"
    """Path, glob or ``s3://`` URI of .jsonl, .csv or .parquet files, each optionally .gz or .zst."""
    format: Literal["generic", "bedrock-invocation-log", "openai-chat"] = "generic"
    profiles: str | None = None
    """Known personal values per user: also removed from that user's text."""
    profile_traits: list[str] = Field(default_factory=list)
    hmac_key: str = "${REVERSE_RAG_HMAC_KEY}"
    """Key of the hashes that replace user and session ids."""
    max_message_chars: PositiveInt = 200_000
    """A longer message is quarantined."""
    certificate_floor: Share = 0.0
    """The least recall on planted tracers; below it nothing is written."""
    fields: FieldMap = FieldMap()


class PersonasSection(Section):
    """How the suite of prompts is made."""

    model: str = "offline"
    """``offline``, ``bedrock:<model-id>`` or ``openai:<model>@<base-url>``."""
    personas: PositiveInt = 12
    prompts_per_persona: PositiveInt = 50
    """On average: prompts are shared out by traffic."""
    min_users: Annotated[int, Field(ge=2)] = 5
    """k: no persona from fewer distinct users."""
    seed: int = 7
    golden: str | None = None


class ResponseMap(Section):
    """JMESPath expressions into the target's reply."""

    text: str | None = None
    """None: the reply is plain text (``json``) or follows the protocol (``openai-chat``)."""
    contexts: str | None = None


class TargetSection(Section):
    """The assistant under test."""

    url: str = "http://127.0.0.1:8000/chat"
    protocol: Literal["json", "openai-chat"] = "json"
    stream: bool = False
    method: Literal["POST", "PUT", "GET"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=lambda: {"message": "{prompt}"})
    """Request body of the ``json`` protocol; ``{prompt}``, ``{history}`` and ``{conversation_id}`` are filled in."""
    model: str = "default"
    """``model`` of the ``openai-chat`` protocol's request."""
    timeout_s: PositiveFloat = 29.0
    """The default is API Gateway's own limit."""
    allow_hosts: list[str] = Field(default_factory=lambda: ["127.0.0.1", "localhost"])
    """Nothing else is ever contacted."""
    version_header: str | None = None
    injection_per_minute: PositiveFloat | None = None
    """Pace of injection prompts: a WAF may ban the sender after a few."""
    response: ResponseMap = ResponseMap()

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be a whole http:// or https:// URL")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password; put a ${NAME} reference into headers")
        return url


class JudgeChecks(Section):
    """Which deterministic checks run, and what they need to know."""

    json_schema: str | None = None
    """File: JSON Schema of the whole reply body."""
    answer_schema: str | None = None
    """File: JSON Schema of the answer's text."""
    system_prompt: str | None = None
    """File: any copied passage of it in an answer is a leak."""
    canaries: list[str] = Field(default_factory=list)
    public_contacts: list[str] = Field(default_factory=list)
    groundedness: bool = False
    """Needs contexts."""
    same_language: bool = False
    json_on_request: bool = False
    refuse: list[str] = Field(default_factory=list)
    """Topics the assistant must decline."""


class JudgeSection(Section):
    """Who judges, how fast, at what cost."""

    model: str = "offline"
    escalate_to: str | None = None
    concurrency: PositiveInt = 25
    tokens_per_minute: PositiveInt | None = None
    timeout_s: PositiveFloat = 60.0
    checks: JudgeChecks = JudgeChecks()


class GateSection(Section):
    """When a release is blocked."""

    threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.02
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    max_judge_share: Share = 0.05
    """More prompts in the judge's ledger make the run inconclusive."""
    max_infrastructure_share: Share = 0.05
    zero_tolerance: list[str] = Field(default_factory=lambda: ["system_prompt_leak", "canary_leak", "pii_leak"])
    """Deterministic criteria that fail the gate on one confirmed hit; empty: they only count in the rate."""


class LoadSection(Section):
    """The shape of the load. Where the file has no ``[load]``, prompts go out at plain concurrency."""

    model: Literal["open", "closed", "replay"] = "closed"
    rate: PositiveFloat = 20.0
    """Arrivals a second (``open``); mean of them (``replay``)."""
    users: PositiveInt = 20
    """Concurrent users (``closed``)."""
    duration_s: PositiveFloat = 60.0


class SloSection(Section):
    """Service-level objectives; an unset one is not checked."""

    error_rate: Share | None = None
    p50_ms: PositiveFloat | None = None
    p95_ms: PositiveFloat | None = None
    p99_ms: PositiveFloat | None = None
    ttft_p95_ms: PositiveFloat | None = None


class BudgetSection(Section):
    """Hard caps of a run."""

    usd: PositiveFloat | None = None
    requests: PositiveInt | None = None
    minutes: PositiveFloat | None = None


class TierSection(Section):
    """How thorough a gate is; its own sub-tables override the file's."""

    prompts: PositiveInt = 1000
    on_inconclusive: Literal["pass", "fail"] | None = None
    run_all: bool = False
    judge: dict[str, Any] = Field(default_factory=dict)
    load: dict[str, Any] = Field(default_factory=dict)
    slo: dict[str, Any] = Field(default_factory=dict)
    budget: dict[str, Any] = Field(default_factory=dict)
