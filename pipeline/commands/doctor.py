"""``reverse-rag doctor``: one real, cheap call to every dependency."""

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "doctor")
    def doctor(invocation: Invocation) -> int:
        """Check every dependency with one cheap call.

        Says which fails and what to do.

        Exits 0 when all answer; 2 when the configuration, a key or a file is wrong, 3 when something does not answer.
        """
        from pipeline.diagnosis import examine, exit_code

        settings = invocation.settings()
        findings = examine(settings, invocation.storage(settings))
        console = invocation.console()
        for finding in findings:
            console.fact(finding.dependency, f"{finding.word} — {finding.observed}", finding.style)
            if finding.remedy:
                console.say(f"{'':15}→ {finding.remedy}", "dim")
        invocation.result({"ok": all(f.ok for f in findings), "findings": [f.to_dict() for f in findings]})
        return exit_code(findings)
