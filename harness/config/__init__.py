"""``reverse-rag.toml``: sections, precedence, and errors that name the line."""

from harness.config.killswitch import KillSwitchSection
from harness.config.load import LoadSection, LoadStage
from harness.config.secrets import resolve_secret, secret_values
from harness.config.sections import (
    BudgetSection,
    ExtractSection,
    FieldMap,
    GateSection,
    JudgeChecks,
    JudgeSection,
    PersonasSection,
    ReviewsSection,
    SloSection,
    StorageSection,
    TierSection,
)
from harness.config.settings import DEFAULT_FILE, Settings, load_settings
from harness.config.target import AuthSection, PollSection, ResponseMap, TargetSection, TlsSection
from harness.config.telemetry import TelemetrySection

__all__ = [
    "DEFAULT_FILE",
    "AuthSection",
    "BudgetSection",
    "ExtractSection",
    "FieldMap",
    "GateSection",
    "JudgeChecks",
    "JudgeSection",
    "KillSwitchSection",
    "LoadSection",
    "LoadStage",
    "PersonasSection",
    "PollSection",
    "ResponseMap",
    "ReviewsSection",
    "Settings",
    "SloSection",
    "StorageSection",
    "TargetSection",
    "TelemetrySection",
    "TierSection",
    "TlsSection",
    "load_settings",
    "resolve_secret",
    "secret_values",
]
