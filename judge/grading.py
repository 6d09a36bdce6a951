"""The judge: gives every exchange its verdict, by checks and, where one is configured, by a language model."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from harness.config import Settings
from harness.contracts import INFRASTRUCTURE_OUTCOMES, CriterionResult, Exchange, Ledger, Prompt, Verdict
from harness.errors import ModelError, ModelOutputError
from harness.identity import content_id, file_sha256
from harness.models import ModelClient
from judge.checks import Answer, load_checks
from judge.checks.outcomes import criteria_of_outcome, criterion_of_expected_block
from judge.rubric import (
    MAX_TOKENS,
    TEMPERATURE,
    Criterion,
    CriterionJudgement,
    Judgement,
    criteria_for,
    model_call,
    neutralised,
    template_hashes,
)

JUDGE_CRITERION = "model_judgement"
"""Criterion that records why the model gave no usable judgement."""
_SCORES = {"pass": 0.95, "fail": 0.1, "unsure": 0.5}
_GRADES = {"pass": True, "fail": False, "unsure": None}


class Judge:
    """Grades exchanges, one at a time and in any order; safe for many calls in flight.

    Args:
        settings: Of the tier.
        model: The language model that judges what the checks let pass; None judges by checks alone.

    Raises:
        ConfigurationError: If a check's configuration is bad.
    """

    def __init__(self, settings: Settings, model: ModelClient | None = None) -> None:
        self._settings = settings
        self._model = model
        self._checks = load_checks(settings)
        self.judge_id = self._identity()

    async def grade(
        self, exchange: Exchange, prompt: Prompt | None = None, history: Sequence[Exchange] = ()
    ) -> Verdict:
        """Return the verdict on one exchange.

        The model is asked only about answers that every check let pass: it costs money, and cannot acquit.

        Args:
            exchange: One turn.
            prompt: What was to be sent, with its expectations; None where only the exchange was recorded.
            history: Earlier turns of the same conversation, in order.
        """
        if exchange.outcome in INFRASTRUCTURE_OUTCOMES:
            return self._verdict(exchange, [], passed=None, ledger="infrastructure")
        criteria = criteria_of_outcome(exchange, prompt)
        if exchange.outcome != "answered":
            return self._verdict(exchange, criteria, passed=_all_pass(criteria), ledger="target")
        answer = Answer(exchange=exchange, prompt=prompt, history=history)
        results = [criterion_of_expected_block(answer), *(check.check(answer) for check in self._checks)]
        criteria += [result for result in results if result is not None]
        if self._model is None or not _all_pass(criteria):
            return self._verdict(exchange, criteria, passed=_all_pass(criteria), ledger="target")
        return await self._ask(self._model, answer, criteria)

    async def _ask(self, model: ModelClient, answer: Answer, criteria: list[CriterionResult]) -> Verdict:
        """Return the verdict with the model's judgement added; without one it goes to the judge's ledger."""
        asked = criteria_for(answer, self._settings.judge.checks)
        cost_usd = 0.0
        try:
            reply = await model.ask(model_call(answer, asked), Judgement)
            cost_usd = reply.usage.cost_usd
            criteria += _results(reply.output, asked, answer, model.model_id)
        except ModelError as error:
            reason = f"The judge's model gave no usable judgement ({type(error).__name__})."
            criteria.append(CriterionResult(name=JUDGE_CRITERION, passed=None, reason=reason, judged_by=model.model_id))
            cost_usd += error.cost_usd
            return self._verdict(answer.exchange, criteria, passed=None, ledger="judge", cost_usd=cost_usd)
        passed = _all_pass(criteria)
        if passed and any(result.passed is None and result.judged_by != "check" for result in criteria):
            return self._verdict(answer.exchange, criteria, passed=None, ledger="judge", cost_usd=cost_usd)
        return self._verdict(answer.exchange, criteria, passed=passed, ledger="target", cost_usd=cost_usd)

    def _verdict(
        self,
        exchange: Exchange,
        criteria: list[CriterionResult],
        *,
        passed: bool | None,
        ledger: Ledger,
        cost_usd: float = 0.0,
    ) -> Verdict:
        return Verdict(
            prompt_id=exchange.prompt_id,
            exchange_id=exchange.exchange_id,
            turn=exchange.turn,
            passed=passed,
            ledger=ledger,
            criteria=criteria,
            judge_id=self.judge_id,
            cost_usd=cost_usd,
        )

    def _identity(self) -> str:
        """Return the hash of everything that can change a verdict."""
        checks = self._settings.judge.checks
        paths = [self._settings.path(p) for p in (checks.system_prompt, checks.json_schema, checks.answer_schema) if p]
        chunks = [
            (self._model.model_id if self._model else "offline").encode(),
            orjson.dumps([[check.name, check.version] for check in self._checks]),
            orjson.dumps(checks.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS),
            *(file_sha256(Path(path)).encode() for path in paths),
        ]
        if self._model is not None:
            parameters = {"temperature": TEMPERATURE, "max_tokens": MAX_TOKENS, "templates": template_hashes()}
            chunks.append(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))
        return content_id("judge", chunks)


def _all_pass(criteria: Sequence[CriterionResult]) -> bool:
    return not any(result.passed is False for result in criteria)


def _results(judgement: Judgement, asked: Sequence[Criterion], answer: Answer, model_id: str) -> list[CriterionResult]:
    """Return the model's criteria as results.

    Raises:
        ModelOutputError: If a criterion is missing, or a failure is proved by words that the answer does not contain.
    """
    given = {result.name: result for result in judgement.criteria}
    missing = [criterion.name for criterion in asked if criterion.name not in given]
    if missing:
        raise ModelOutputError(f"the judgement lacks {', '.join(missing)}")
    results = []
    for criterion in asked:
        result = given[criterion.name]
        if result.grade == "fail":
            _require_evidence(result, answer.text)
        results.append(
            CriterionResult(
                name=criterion.name,
                passed=_GRADES[result.grade],
                reason=result.reason,
                evidence=[passage for passage in result.evidence if passage in answer.text],
                score=_SCORES[result.grade],
                judged_by=model_id,
            )
        )
    return results


def _require_evidence(result: CriterionJudgement, text: str) -> None:
    told = " ".join(neutralised(text).split())
    quotes = [" ".join(quote.split()) for quote in result.evidence if quote.strip()]
    if not quotes or not all(neutralised(quote) in told for quote in quotes):
        raise ModelOutputError(f"'{result.name}' fails by words that the answer does not contain")
