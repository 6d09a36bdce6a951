"""``reverse-rag plan``: what a tier can decide and what it takes, before anything is spent."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.invocation import Invocation, command

if TYPE_CHECKING:
    from pipeline.console import Console
    from pipeline.outlook import Decidable
    from pipeline.planning import GatePlan, JudgingPlan

_WIDTH = 64
"""Columns beside the labels."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "plan")
    def plan(
        invocation: Invocation,
        suite: Annotated[str, typer.Option(help="Suite: an id, or latest.")] = "latest",
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
    ) -> None:
        """Say what a tier can decide and what it takes.

        Nothing is sent. Which releases pass and fail is computed from the gate's own test; time and money come from
        the last run like it, or are estimated.
        """
        from pipeline.planning import plan_gate

        settings = invocation.settings()
        made = plan_gate(settings, invocation.storage(settings), suite=suite, tier_name=tier)
        say(invocation.console(), made)
        invocation.result(made.to_dict())


def say(console: "Console", made: "GatePlan") -> None:
    """Say what a plan holds, in 80 columns."""
    from harness.wording import counted
    from judge.phrases import percent
    from pipeline.loadpreview import load_words

    console.say(f"tier       {made.tier}: up to {counted(made.prompts, 'prompt')} are read")
    _fact(console, "gate", f"threshold {percent(made.threshold)}, confidence {percent(made.confidence)}")
    measured = f"as in {made.measured_by}" if made.measured_by else "a guess: no run has measured it"
    _fact(console, "time", f"{_minutes(made.minutes)} if nothing is decided earlier")
    _fact(console, "", f"{made.requests:,} requests of {made.seconds_per_request:.2g} s each ({measured})")
    if made.paired:
        _fact(console, "", f"{counted(made.paired, 'prompt')} of them for the comparison with a baseline alone")
    if made.confirming:
        _fact(console, "", f"failing prompts are asked again with at most {counted(made.confirming, 'request')} more")
    if made.load is not None:
        _fact(console, "load", load_words(made.load))
    if made.judging is not None:
        for label, value in _judging(made.judging):
            _fact(console, label, value)
    card = f"judge card {made.card_id}" if made.without_card else "verdicts as they come"
    _say_decidable(console, card, made.decides, made.prompts)
    if made.without_card is not None:
        _say_decidable(console, "were the judge never wrong", made.without_card, made.prompts)
    for warning in made.warnings:
        _fact(console, "note", warning, "yellow")


def _fact(console: "Console", label: str, value: str, style: str = "") -> None:
    """Print a labelled text in lines that fit into 80 columns."""
    for number, line in enumerate(wrap(value, _WIDTH)):
        console.fact(label if number == 0 else "", line, style)


def _judging(judging: "JudgingPlan") -> Iterator[tuple[str, str]]:
    from judge.phrases import percent

    source = f"as in {judging.source}" if judging.source != "estimate" else "an estimate: no run has paid yet"
    each = f"{judging.tokens_per_answer:,.0f} tokens"
    if judging.usd is None:
        yield "cost", "unknown: a model's price is"
    else:
        flawless = "" if judging.usd_flawless is None else f"; ${judging.usd_flawless:,.2f} for a flawless release"
        yield "cost", f"about ${judging.usd:,.2f} if nothing is decided earlier{flawless}"
        each = f"${judging.usd_per_answer:.2g}, {each}"
    yield "", f"{judging.answers:,} answers of {each} each ({source})"
    yield "", f"{percent(judging.controls_share)} of it tests the judge itself, with planted answers"
    cap = "no cap" if judging.tokens_per_minute is None else f"cap {judging.tokens_per_minute:,}"
    yield "tokens", f"{judging.tokens_per_minute_needed:,.0f} a minute keep up with sending ({cap})"
    yield (
        "judging",
        (f"{_minutes(judging.minutes)}, beside the sending ({judging.seconds_per_call:.2g} s a call are a guess)"),
    )


def _say_decidable(console: "Console", title: str, decides: "Decidable", prompts: int) -> None:
    from judge.phrases import percent
    from pipeline.outlook import HORIZON

    console.say()
    console.say(f"{title}:")
    console.say("  true rate    passes   fails    open   mean read   half decided   9 in 10")
    for o in decides.outlooks:
        shares = "".join(f"{_share(share):>8}" for share in (o.passes, o.fails, o.undecided))
        by = [f"{count:,}" if count is not None else "never" for count in (o.half_by, o.most_by)]
        console.say(f"  {percent(o.true_rate):>9}  {shares}  {o.mean_prompts:>10,.0f}  {by[0]:>13}  {by[1]:>8}")
    if not decides.outlooks:
        console.say("  nothing can be said: the card knows no answers of one kind")
    if decides.undecidable is not None:
        low, high = decides.undecidable
        console.say(f"  no number of prompts decides true rates from {percent(low)} to {percent(high)}")
    console.say(f"  (shares of runs of {prompts:,} prompts; never: not within {HORIZON:,})")


def _share(share: float) -> str:
    return f"{share:.0%}" if share in (0.0, 1.0) or 0.005 <= share < 0.995 else ("<1%" if share < 0.5 else ">99%")


def _minutes(minutes: float) -> str:
    return f"about {minutes:,.1f} minutes" if minutes >= 0.1 else f"about {minutes * 60:,.0f} seconds"
