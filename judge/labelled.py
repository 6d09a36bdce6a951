"""People's labels as controls: answers whose quality a person has settled."""

from collections.abc import Container, Iterable, Sequence

from harness.contracts import ControlKind, Exchange, Finder, Label, PlantedControl, ReviewItem
from harness.identity import content_id
from judge.calibration.labelling import settled

_KINDS: dict[str, ControlKind] = {"good": "known_good", "bad": "known_bad"}


def labelled_controls(
    items: Iterable[ReviewItem],
    labels: Iterable[Label],
    *,
    run_id: str,
    prompt_ids: Container[str],
    has_model: bool,
) -> list[PlantedControl]:
    """Return labelled answers that a judge can be held to.

    Left out are answers that the judge of their time got wrong: such errors are known, the judge card carries them,
    and planted they would void every run. So are bad ones that a check found and that hang on a prompt which is not in
    this suite: its expectations are not at hand.

    Args:
        items: The review store's.
        labels: On them.
        run_id: Of the run that they are for.
        prompt_ids: Of its suite.
        has_model: Whether a model judges what the checks let pass.
    """
    said = settled(labels)
    controls = []
    for item in items:
        kind = _KINDS.get(said.get((item.review_id, None), ""))
        if kind is None or item.sampled == "control" or item.passed is not (kind == "known_good"):
            continue
        by_check = _failed_by_a_check(item)
        if kind == "known_bad" and not (item.prompt_id in prompt_ids if by_check else has_model):
            continue
        controls.append(_control(item, kind, "model" if has_model and not by_check else "checks", run_id))
    return controls


def _failed_by_a_check(item: ReviewItem) -> bool:
    return any(result.passed is False and result.judged_by == "check" for result in item.criteria)


def _control(item: ReviewItem, kind: ControlKind, finder: Finder, run_id: str) -> PlantedControl:
    history = _history(item, run_id)
    exchange = Exchange(
        exchange_id=content_id("ex", [run_id.encode(), item.review_id.encode()]),
        prompt_id=item.prompt_id,
        turn=len(history),
        prompt=item.prompt,
        response_text=item.answer,
        contexts=item.contexts,
    )
    return PlantedControl(
        exchange=exchange, history=history, kind=kind, origin="label", finder=finder, review_id=item.review_id
    )


def _history(item: ReviewItem, run_id: str) -> list[Exchange]:
    """Return the turns before the answer as exchanges: a user's words, and the answer to them."""
    asked = [turn for turn in item.history if turn.role == "user"]
    said: Sequence[str] = [turn.text for turn in item.history if turn.role != "user"]
    return [
        Exchange(
            exchange_id=content_id("ex", [run_id.encode(), item.review_id.encode(), b"%d" % number]),
            prompt_id=item.prompt_id,
            turn=number,
            prompt=turn.text,
            response_text=said[number] if number < len(said) else None,
        )
        for number, turn in enumerate(asked)
    ]
