"""The records through which the stages meet; field names that other tools may rely on."""

from harness.contracts.base import SCHEMA_VERSION, Part, Record
from harness.contracts.exchange import (
    INFRASTRUCTURE_OUTCOMES,
    Arm,
    Exchange,
    Ledger,
    Outcome,
    conversation_ended,
)
from harness.contracts.gate import (
    Controls,
    CriterionCount,
    Decision,
    EvidencePoint,
    FailureRate,
    GateResult,
    Ledgers,
    PromptCounts,
    Rate,
    SloResult,
)
from harness.contracts.run import Manifest, Parents, RunPlan
from harness.contracts.session import (
    ArrivalCell,
    Arrivals,
    Certificate,
    QuarantinedRecord,
    Role,
    SanitizedSession,
    Turn,
)
from harness.contracts.suite import Expected, Generator, Origin, Persona, Prompt, PromptChecks
from harness.contracts.verdict import CriterionResult, Verdict

__all__ = [
    "INFRASTRUCTURE_OUTCOMES",
    "SCHEMA_VERSION",
    "Arm",
    "ArrivalCell",
    "Arrivals",
    "Certificate",
    "Controls",
    "CriterionCount",
    "CriterionResult",
    "Decision",
    "EvidencePoint",
    "Exchange",
    "Expected",
    "FailureRate",
    "GateResult",
    "Generator",
    "Ledger",
    "Ledgers",
    "Manifest",
    "Origin",
    "Outcome",
    "Parents",
    "Part",
    "Persona",
    "Prompt",
    "PromptChecks",
    "PromptCounts",
    "QuarantinedRecord",
    "Rate",
    "Record",
    "Role",
    "RunPlan",
    "SanitizedSession",
    "SloResult",
    "Turn",
    "Verdict",
    "conversation_ended",
]
