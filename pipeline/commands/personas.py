"""``reverse-rag personas``: sanitized sessions in, a suite of hard prompts out; and what is in a suite."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.invocation import Invocation, command, group

if TYPE_CHECKING:
    from pipeline.auditing import Answer

_REFERENCE = "an id, the beginning of one, or latest."
_SUITE = typer.Argument(metavar="SUITE", help=f"Suite: {_REFERENCE}")
_OLD = typer.Argument(metavar="OLD", help=f"Earlier suite: {_REFERENCE}")
_NEW = typer.Argument(metavar="NEW", help=f"Later suite: {_REFERENCE}")


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""

    @group(app, "personas")
    def personas(
        invocation: Invocation,
        dataset: Annotated[str, typer.Option(help="Sanitized dataset: an id, or latest.")] = "latest",
        evolve: Annotated[
            str | None,
            typer.Option(
                metavar="SUITE",
                help="Go on from this suite (an id, the beginning of one, or latest): keep what found failures, replace what runs have judged, follow the traffic.",
            ),
        ] = None,
    ) -> None:
        """Make personas and their hardest prompts.

        Reads a sanitized dataset and writes a suite. The commands below look into suites.
        """
        from pipeline.authoring import run_personas

        settings = invocation.settings()
        storage = invocation.storage(settings)
        invocation.result(run_personas(settings, storage, invocation.console(), dataset=dataset, evolve=evolve))

    _register_show(personas)
    _register_diff(personas)
    _register_sample(personas)


def _register_show(app: typer.Typer) -> None:
    @command(app, "show")
    def show(
        invocation: Invocation,
        suite: Annotated[str, _SUITE] = "latest",
        persona: Annotated[str | None, typer.Option(help="List a persona's prompts: its id or name.")] = None,
        strategy: Annotated[str | None, typer.Option(help="List a strategy's prompts.")] = None,
        prompt: Annotated[str | None, typer.Option(metavar="ID", help="Show one prompt whole.")] = None,
        drift: Annotated[
            str | None,
            typer.Option(metavar="DATASET", help="Compare with this dataset's traffic: an id, or latest."),
        ] = None,
        examples: Annotated[
            bool, typer.Option("--examples", help="Show which sessions stood for each segment, masked.")
        ] = False,
    ) -> None:
        """Show what is in a suite.

        Without options: its personas, strategies, diversity and where it comes from.
        """
        from harness.errors import UsageError
        from pipeline import suiteview
        from pipeline.suites import open_suite

        listed = persona is not None or strategy is not None
        if sum((listed, prompt is not None, drift is not None, examples)) > 1:
            raise UsageError(
                "--prompt, --drift, --examples and a list (--persona, --strategy) are different things",
                hint="give one of them",
            )
        settings = invocation.settings()
        storage = invocation.storage(settings)
        stored = open_suite(storage, suite)
        if listed:
            answer = suiteview.listing(stored, persona=persona, strategy=strategy)
        elif prompt is not None:
            answer = suiteview.conversation(stored, prompt)
        elif drift is not None:
            answer = suiteview.drift_of(stored, settings, storage, drift)
        elif examples:
            answer = suiteview.examples(stored, settings, storage)
        else:
            answer = suiteview.overview(stored)
        _print(invocation, answer)


def _register_diff(app: typer.Typer) -> None:
    @command(app, "diff")
    def diff(
        invocation: Invocation,
        old: Annotated[str, _OLD],
        new: Annotated[str, _NEW] = "latest",
    ) -> None:
        """Show what changed from one suite to another.

        Prompts, personas, strategies, weights, and how far the mix moved.
        """
        from pipeline.suitediff import difference
        from pipeline.suites import open_suite

        storage = invocation.storage(invocation.settings())
        _print(invocation, difference(open_suite(storage, old), open_suite(storage, new)))


def _register_sample(app: typer.Typer) -> None:
    @command(app, "sample")
    def sample(
        invocation: Invocation,
        suite: Annotated[str, _SUITE] = "latest",
        count: Annotated[int, typer.Option(min=1, help="How many prompts.")] = 50,
        commit: Annotated[
            str | None, typer.Option(metavar="SHA", help="A commit's whole hash: it always gets the same sample.")
        ] = None,
        seed: Annotated[int | None, typer.Option(help="Seed; the configuration's if absent.")] = None,
        to: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Write the prompts here instead of on stdout.")
        ] = None,
    ) -> None:
        """Draw prompts for other tools, as JSON lines.

        Stratified by persona and strategy, in proportion to production's traffic.
        """
        from harness.errors import UsageError
        from pipeline.suitesample import draw_sample

        if commit is not None and seed is not None:
            raise UsageError("--commit and --seed both fix the sample", hint="give one of them")
        settings = invocation.settings()
        storage = invocation.storage(settings)
        draw_sample(invocation, settings, storage, suite=suite, count=count, commit=commit, seed=seed, to=to)


def _print(invocation: Invocation, answer: "Answer") -> None:
    from pipeline.streams import print_result

    if invocation.as_json:
        invocation.result(answer.values)
    elif not invocation.quiet:
        print_result(answer.text)
