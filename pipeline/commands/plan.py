"""``reverse-rag plan``: what a tier can decide, before anything is spent."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "plan")
    def plan(
        invocation: Invocation,
        suite: Annotated[str, typer.Option(help="Suite: an id, or latest.")] = "latest",
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
    ) -> None:
        """Say what a tier can and cannot decide.

        Nothing is sent: the test is simulated at several true failure rates.
        """
        from pipeline.planning import load_words, plan_gate

        settings = invocation.settings()
        made = plan_gate(settings, invocation.storage(settings), suite=suite, tier_name=tier)
        console = invocation.console()
        console.say(f"tier {made.tier}: the test reads up to {made.prompts:,} prompts ({made.turns:,} requests)")
        console.fact("time", f"about {made.minutes:.1f} minutes if nothing is decided earlier")
        if made.load is not None:
            console.fact("load", load_words(made.load))
        if made.suite_ended:
            console.fact("suite", "the suite holds fewer prompts than the tier asks for", "yellow")
        if made.can_pass:
            console.fact("can pass", f"yes: a flawless release passes after {made.pass_needs:,} prompts")
        else:
            console.fact(
                "can pass",
                f"no: a flawless release needs {made.pass_needs:,} prompts; this tier can at best exclude "
                f"rates above {made.excludes:.1%}",
                "yellow",
            )
        console.say(f"  {'true rate':>9}  {'passes':>6}  {'fails':>6}  {'undecided':>9}  {'prompts (mean)':>14}")
        for o in made.outlooks:
            console.say(
                f"  {o.true_rate:>9.2%}  {o.passes:>6.0%}  {o.fails:>6.0%}  {o.undecided:>9.0%}  {o.mean_prompts:>14,.0f}"
            )
        console.fact("judge error", "unknown (no judge card): these rates are of verdicts, not of truth")
        invocation.result(made.to_dict())
