"""``reverse-rag.toml``: sections, precedence, and errors that name the line."""

from harness.config.secrets import resolve_secret
from harness.config.sections import (
    BudgetSection,
    ExtractSection,
    FieldMap,
    GateSection,
    JudgeChecks,
    JudgeSection,
    LoadSection,
    PersonasSection,
    ResponseMap,
    SloSection,
    StorageSection,
    TargetSection,
    TierSection,
)
from harness.config.settings import DEFAULT_FILE, Settings, load_settings

__all__ = [
    "DEFAULT_FILE",
    "BudgetSection",
    "ExtractSection",
    "FieldMap",
    "GateSection",
    "JudgeChecks",
    "JudgeSection",
    "LoadSection",
    "PersonasSection",
    "ResponseMap",
    "Settings",
    "SloSection",
    "StorageSection",
    "TargetSection",
    "TierSection",
    "load_settings",
    "resolve_secret",
]
