"""What a judge card means for a decision, in sentences."""

from harness.contracts import CardUse, Estimate, JudgeCard
from judge.calibration.correction import Correction
from judge.phrases import percent
from judge.statistics import State


def measured(card: JudgeCard) -> str:
    """Return a card's figures: ``card ID: sensitivity 95 % (91 % … 98 %), specificity …``."""
    return (
        f"card {card.card_id}: sensitivity {estimate_words(card.overall.sensitivity)}, "
        f"specificity {estimate_words(card.overall.specificity)}"
    )


def estimate_words(figure: Estimate) -> str:
    """Return a figure with its interval."""
    if figure.estimate is None:
        return "unknown"
    return f"{percent(figure.estimate)} ({percent(figure.lower)} … {percent(figure.upper)})"


def doubt(use: CardUse | None) -> str:
    """Return why the judge's error is not known; empty where it is."""
    if use is None or use.standing == "missing":
        return "there is no judge card"
    if use.standing == "other_judge":
        return f"the judge is not the one that card {_id(use)} measured: its model, prompt, rubric or checks changed"
    if use.standing == "expired":
        return f"card {_id(use)} expired at {use.card.expires_at if use.card else ''}"
    return ""


def trust(use: CardUse, state: State) -> list[str]:
    """Return what stands behind a rate: the judge's measured error, or that it is unknown."""
    if why := doubt(use):
        return [f"The judge's error is unknown ({why}): the rate is the apparent one."]
    if use.card is None or state.correction is None:
        return []
    sentences = [f"The rate is corrected for the judge's error ({measured(use.card)})."]
    return [*sentences, *_answers(state.correction), *limits(state.correction, state)]


def _answers(correction: Correction) -> list[str]:
    """Return how the error of single answers became that of prompts, where these are not the same."""
    if correction.turns <= 1.0:
        return []
    each = f"{correction.turns:.2f}"
    sentence = (
        f"The card measured single answers, and a prompt here gets {each} on average: the interval allows for {each} "
        "times the card's false alarms, and the estimate takes the judge's errors on them for independent."
    )
    return [sentence]


def limits(correction: Correction, state: State | None = None) -> list[str]:
    """Return what no number of prompts can decide with a card.

    Args:
        correction: What the card makes of the gate's threshold.
        state: Of a run; then only what bears on it is said. None: everything.
    """
    if state is not None and state.decision != "undecided":
        return []
    at = percent(correction.threshold)
    if correction.middle is None and not (correction.low.rises or correction.high.rises):
        return [
            f"Nothing can be decided at {at} with this card: for all it says the judge fails good answers as often as bad ones."
        ]
    sentences = []
    if not correction.can_pass:
        sentences.append(f"With this card no release can pass at {at}: the judge's own error may be as large.")
    if not correction.can_fail:
        sentences.append(f"With this card no release can fail at {at}.")
    band = correction.undecidable
    if band is None or (state is not None and not _inside(correction, state)):
        return sentences
    where = f"between {percent(band[0])} and {percent(band[1])}"
    if state is not None:
        return [
            *sentences,
            f"The rate lies where no number of prompts can decide with this card ({where}): label more answers.",
        ]
    return [*sentences, f"At a threshold of {at} no number of prompts decides true failure rates {where}."]


def _inside(correction: Correction, state: State) -> bool:
    lower, upper = correction.band
    return bool(state.judged) and lower <= state.failed / state.judged <= upper


def _id(use: CardUse) -> str:
    return use.card.card_id if use.card else "none"
