"""What one language model says about one answer, and how much of it is believed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.contracts import CriterionResult
from harness.errors import ModelError, ModelOutputError
from harness.models import ModelCall, ModelClient
from judge.judgements import Judgements, call_key
from judge.own_rubric import Criterion
from judge.quotes import quoted
from judge.rubric import Judgement, neutralised

SCORES = {"pass": 0.95, "fail": 0.1, "unsure": 0.5}
_GRADES = {"pass": True, "fail": False, "unsure": None}
_UNPROVED = "(It proves this by words that the answer does not contain.)"
JURY = "jury"
"""What stands for the judge of a criterion that a jury voted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A model's say on every criterion asked for, or what kept it from having one; or a jury's."""

    judged_by: str
    results: list[CriterionResult] = field(default_factory=list)
    """Empty where there is no usable judgement."""
    problem: str = ""
    """Kind of the error, where there is none."""
    cost_usd: float = 0.0
    tokens: int = 0
    cached: bool = False
    """It was known from an earlier call."""
    said: list[CriterionResult] = field(default_factory=list)
    """What decides nothing by itself: what single jurors said, and failures proved by words that the answer lacks."""

    @property
    def grade(self) -> bool | None:
        """Whether the answer passes by this opinion alone; None: it cannot tell."""
        if any(result.passed is False for result in self.results):
            return False
        usable = bool(self.results) and all(result.passed for result in self.results)
        return True if usable else None


async def opinion_of(
    model: ModelClient, call: ModelCall, asked: Sequence[Criterion], text: str, known: Judgements | None
) -> Opinion:
    """Return a model's opinion of an answer; what it has to be asked again for another time is not kept.

    Args:
        model: To ask.
        call: What to ask it.
        asked: The criteria that the call names.
        text: The answer under judgement.
        known: Earlier judgements; None asks always.

    Raises:
        BudgetSpentError: If the call was not made because it cannot be paid.
    """
    if known is None:
        return await _asked(model, call, asked, text, None, "")
    key = call_key(model.model_id, call)
    async with known.turn(key):
        earlier = known.get(key)
        if earlier is not None and (results := _believed(earlier, asked, text, model.model_id)) is not None:
            return Opinion(judged_by=model.model_id, results=results, cached=True)
        return await _asked(model, call, asked, text, known, key)


def _believed(
    judgement: Judgement, asked: Sequence[Criterion], text: str, model_id: str
) -> list[CriterionResult] | None:
    """Return what an earlier judgement says; None where it would not be believed today."""
    try:
        results, unproved = results_in(judgement, asked, text, model_id)
    except ModelOutputError:
        return None
    return None if unproved else results


async def _asked(
    model: ModelClient, call: ModelCall, asked: Sequence[Criterion], text: str, known: Judgements | None, key: str
) -> Opinion:
    cost_usd, tokens = 0.0, 0
    try:
        reply = await model.ask(call, Judgement)
        cost_usd, tokens = reply.usage.cost_usd, reply.usage.tokens
        results, unproved = results_in(reply.output, asked, text, model.model_id)
    except ModelError as error:
        return Opinion(
            judged_by=model.model_id,
            problem=type(error).__name__,
            cost_usd=cost_usd + error.cost_usd,
            tokens=tokens + error.tokens,
        )
    if unproved:
        # It decides nothing, and is no silence either: what a model tries to fail is not missing by chance.
        problem = ModelOutputError.__name__
        return Opinion(judged_by=model.model_id, problem=problem, said=results, cost_usd=cost_usd, tokens=tokens)
    if known is not None:
        known.put(key, reply.output)
    return Opinion(judged_by=model.model_id, results=results, cost_usd=cost_usd, tokens=tokens)


def results_in(
    judgement: Judgement, asked: Sequence[Criterion], text: str, model_id: str
) -> tuple[list[CriterionResult], bool]:
    """Return a judgement's criteria as results, and whether a failure is proved by words that the answer lacks.

    Where a criterion is graded twice, the last grade counts.

    Raises:
        ModelOutputError: If a criterion is missing.
    """
    given = {result.name: result for result in judgement.criteria}
    missing = [criterion.name for criterion in asked if criterion.name not in given]
    if missing:
        raise ModelOutputError(f"the judgement lacks {', '.join(missing)}")
    results, unproved = [], False
    for criterion in asked:
        said = given[criterion.name]
        quotations = [quotation for quotation in said.evidence if quotation.strip()]
        evidence = [passage for quotation in quotations if (passage := _passage(quotation, text)) is not None]
        lacks_proof = said.grade == "fail" and (not quotations or len(evidence) < len(quotations))
        unproved |= lacks_proof
        results.append(
            CriterionResult(
                name=criterion.name,
                passed=_GRADES[said.grade],
                reason=f"{said.reason} {_UNPROVED}" if lacks_proof else said.reason,
                evidence=evidence,
                score=SCORES[said.grade],
                judged_by=model_id,
            )
        )
    return results, unproved


def _passage(quotation: str, text: str) -> str | None:
    """Return the answer's words behind a quotation of what the model was shown of it."""
    return quoted(quotation, text) or (quotation if quoted(quotation, neutralised(text)) else None)


def verdict_of_jury(opinions: Sequence[Opinion]) -> Opinion:
    """Return what most of a jury say, criterion by criterion.

    More than half of all jurors have to agree: where they do not, or too many of them said nothing usable, the
    criterion stays undecided. The score is the mean of the jurors' scores. Where a juror that said nothing usable leaves
    it open, that juror's problem is the jury's: asked again, it may decide.
    """
    if len(opinions) == 1:
        return opinions[0]
    heard = [opinion for opinion in opinions if opinion.results]
    by_name: dict[str, list[CriterionResult]] = {}
    for opinion in heard:
        for result in opinion.results:
            by_name.setdefault(result.name, []).append(result)
    results = [_majority(name, votes, len(opinions)) for name, votes in by_name.items()]
    silent = [opinion.problem for opinion in opinions if opinion.problem]
    is_open = not results or any(result.passed is None for result in results)
    is_failed = any(result.passed is False for result in results)
    return Opinion(
        judged_by=JURY,
        results=results,
        problem=silent[0] if silent and is_open and not is_failed else "",
        cost_usd=sum(opinion.cost_usd for opinion in opinions),
        tokens=sum(opinion.tokens for opinion in opinions),
        cached=all(opinion.cached for opinion in opinions),
        said=[result for opinion in opinions for result in (*opinion.results, *opinion.said)],
    )


def _majority(name: str, votes: Sequence[CriterionResult], jurors: int) -> CriterionResult:
    counts = Counter(vote.passed for vote in votes)
    grade = next((grade for grade in (True, False) if counts[grade] * 2 > jurors), None)
    agreeing = [vote for vote in votes if vote.passed is grade]
    said = f"{counts[True]} of {jurors} pass it, {counts[False]} fail it."
    scores = [vote.score for vote in votes if vote.score is not None]
    return CriterionResult(
        name=name,
        passed=grade,
        reason=f"{said} {agreeing[0].reason}" if agreeing and grade is not None else said,
        evidence=list(dict.fromkeys(passage for vote in agreeing for passage in vote.evidence)),
        score=sum(scores) / len(scores) if scores else None,
        judged_by=JURY,
    )
