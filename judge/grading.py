"""The judge: gives every exchange its verdict, by checks and, where one is configured, by language models."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from harness.config import Settings
from harness.contracts import INFRASTRUCTURE_OUTCOMES, CriterionResult, Exchange, Ledger, Prompt, Verdict
from harness.errors import ConfigurationError
from harness.identity import content_id, file_sha256
from harness.models import ModelClient
from judge import forgery
from judge.checks import Answer, load_checks
from judge.checks.outcomes import OUTCOME_CRITERIA, criteria_of_outcome, criterion_of_expected_block
from judge.own_rubric import OwnRubric, read_rubric
from judge.panel import LOST_IN_A_ROW, Finding, Panel
from judge.rubric import criteria_for, load_templates, model_call, rubric_identity
from judge.unjudged import JUDGE_CRITERION, unjudged

UNJUDGED_IN_A_ROW = 50
"""So many answers in a row without a usable judgement, and never fewer than two full waves of calls: the model is down."""


class Judge:
    """Grades exchanges, one at a time and in any order; safe for many calls in flight.

    Args:
        settings: Of the tier.
        model: Who judges what the checks let pass: a panel, or a single model; None judges by checks alone.

    Raises:
        ConfigurationError: If a check's configuration, or the team's rubric, is bad.
    """

    def __init__(self, settings: Settings, model: ModelClient | Panel | None = None) -> None:
        self._settings = settings
        self._panel = model if isinstance(model, Panel) or model is None else Panel([model])
        self._checks = load_checks(settings)
        self._own = self._own_rubric()
        self.judge_id = self._identity()
        if self._panel is not None:
            load_templates()

    @property
    def is_failing(self) -> bool:
        """Whether the second tier gave up on so many answers in a row that it has to be taken to be down."""
        return self._panel is not None and self._panel.lost_in_a_row >= LOST_IN_A_ROW

    @property
    def certain(self) -> frozenset[str]:
        """Names of the criteria that are decided without a model."""
        return frozenset({*(check.name for check in self._checks), *OUTCOME_CRITERIA})

    def check(self, answer: Answer) -> list[CriterionResult]:
        """Return what the checks alone say of an answer."""
        results = [criterion_of_expected_block(answer), *(check.check(answer) for check in self._checks)]
        return [result for result in results if result is not None]

    async def grade(
        self,
        exchange: Exchange,
        prompt: Prompt | None = None,
        history: Sequence[Exchange] = (),
        *,
        fresh: bool = False,
    ) -> Verdict:
        """Return the verdict on one exchange.

        The model is asked only about answers that every check let pass: it costs money, and cannot acquit.

        Args:
            exchange: One turn.
            prompt: What was to be sent, with its expectations; None where only the exchange was recorded.
            history: Earlier turns of the same conversation, in order.
            fresh: Ask the models even where their judgement of such an answer is kept from an earlier call.

        Raises:
            BudgetSpentError: If a model would have to be asked and cannot be paid; there is no verdict then.
        """
        if exchange.outcome in INFRASTRUCTURE_OUTCOMES:
            return self._verdict(exchange, [], passed=None, ledger="infrastructure")
        criteria = criteria_of_outcome(exchange, prompt)
        if exchange.outcome != "answered":
            return self._verdict(exchange, criteria, passed=_all_pass(criteria), ledger="target")
        answer = Answer(exchange=exchange, prompt=prompt, history=history)
        criteria += self.check(answer)
        if self._panel is None or not _all_pass(criteria):
            return self._verdict(exchange, criteria, passed=_all_pass(criteria), ledger="target")
        return await self._ask(self._panel, answer, criteria, fresh=fresh)

    async def _ask(self, panel: Panel, answer: Answer, criteria: list[CriterionResult], *, fresh: bool) -> Verdict:
        """Return the verdict with the models' findings added; without any it goes to the judge's ledger."""
        asked = criteria_for(answer, self._settings.judge.checks, self._own)
        warning = forgery.addresses_judge(answer.text)
        finding = await panel.judge(
            model_call(answer, asked, self._own),
            asked,
            answer.text,
            exchange_id=answer.exchange.exchange_id,
            suspicious=warning.passed is None,
            fresh=fresh,
        )
        criteria = [*criteria, warning, *finding.criteria]
        if finding.problem:
            criteria.append(unjudged(finding.problem, panel.model_id))
        passed: bool | None = _all_pass(finding.criteria)
        if passed and not (finding.criteria and all(result.passed for result in finding.criteria)):
            passed = None
        ledger: Ledger = "judge" if passed is None else "target"
        return self._verdict(answer.exchange, criteria, passed=passed, ledger=ledger, finding=finding)

    def _verdict(
        self,
        exchange: Exchange,
        criteria: list[CriterionResult],
        *,
        passed: bool | None,
        ledger: Ledger,
        finding: Finding | None = None,
    ) -> Verdict:
        return Verdict(
            prompt_id=exchange.prompt_id,
            exchange_id=exchange.exchange_id,
            turn=exchange.turn,
            attempt=exchange.attempt,
            passed=passed,
            ledger=ledger,
            criteria=criteria,
            opinions=finding.opinions if finding else [],
            judge_id=self.judge_id,
            cost_usd=finding.cost_usd if finding else 0.0,
            tokens=finding.tokens if finding else 0,
            cached=finding.cached if finding else False,
        )

    def _own_rubric(self) -> OwnRubric | None:
        if self._settings.judge.rubric is None:
            return None
        own = read_rubric(Path(self._settings.path(self._settings.judge.rubric)))
        taken = {check.name for check in self._checks} | {JUDGE_CRITERION, forgery.ADDRESSES_JUDGE}
        if clash := taken & {criterion.name for criterion in own.criteria}:
            raise ConfigurationError(f"'judge.rubric': there is a check called '{min(clash)}' already")
        return own

    def _identity(self) -> str:
        """Return the hash of everything that can change a verdict."""
        checks = self._settings.judge.checks
        paths = [self._settings.path(p) for p in (checks.system_prompt, checks.json_schema, checks.answer_schema) if p]
        chunks = [
            orjson.dumps([[check.name, check.version] for check in self._checks]),
            orjson.dumps(checks.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS),
            *(file_sha256(Path(path)).encode() for path in paths),
        ]
        if self._panel is not None:
            parameters = {
                "models": self._panel.identity,
                "rubric": rubric_identity(),
                "forgery": forgery.VERSION,
                "own": [[[c.name, c.question] for c in self._own.criteria], self._own.guidance] if self._own else None,
            }
            chunks.append(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))
        return content_id("judge", chunks)


def is_unjudged(verdict: Verdict) -> bool:
    """Return whether a model that was to judge gave no usable judgement: a later attempt may get one."""
    return any(result.name == JUDGE_CRITERION for result in verdict.criteria)


def _all_pass(criteria: Sequence[CriterionResult]) -> bool:
    return not any(result.passed is False for result in criteria)
