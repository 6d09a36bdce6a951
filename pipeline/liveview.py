"""A run's live view: one block on the terminal, drawn in place, never wider than it."""

import time
from collections.abc import Callable

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from judge.statistics import State
from pipeline.standing import Quantiles, Sending, Standing

EVERY_S = 0.2
"""How often it is drawn anew."""
_LABEL = 14
_BAR = 21
_TIME_BAR = 21
_DECISIONS = {"pass": ("passes", "green"), "fail": ("fails", "red")}


class LiveView:
    """Draws how a run stands; whoever watches sees no word of prompts or answers.

    Args:
        console: A terminal.
        clock: Monotonic seconds.
    """

    def __init__(self, console: RichConsole, *, clock: Callable[[], float] = time.monotonic) -> None:
        # Redirected streams would come back to this console: its own talk would call itself for ever.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._clock = clock
        self._began = clock()
        self._drawn_at = float("-inf")

    def show(self, standing: Callable[[], Standing]) -> None:
        """Draw it, unless the last one was drawn a moment ago."""
        now = self._clock()
        if now - self._drawn_at >= EVERY_S:
            self._drawn_at = now
            self._live.update(_Block(standing(), now - self._began), refresh=True)

    def __enter__(self) -> "LiveView":
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()


class _Block:
    """A standing that fits itself into the terminal as it is when it is drawn."""

    def __init__(self, standing: Standing, elapsed_s: float) -> None:
        self._lines = lines(standing, elapsed_s)

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        # The last column stays free: some terminals go on to the next line once it is written.
        width = max(options.max_width - 1, 1)
        for number, line in enumerate(self._lines[: max(options.size.height - 1, 1)]):
            shown = line.copy()
            shown.truncate(width)
            shown.no_wrap = True
            shown.end = ""
            if number:
                yield Text("\n", end="")
            yield shown


def lines(standing: Standing, elapsed_s: float) -> list[Text]:
    """Return a standing line by line, the most important first: a low terminal shows the first few.

    Args:
        standing: How the run stands.
        elapsed_s: Since it began.
    """
    sending = standing.sending
    rows = [_line(standing.phase or "starting", _times(standing, elapsed_s)), _line("prompts", _prompts(standing))]
    if standing.verdict is not None:
        rows.append(_line("verdict", _verdict(standing.verdict)))
    if sending is not None and standing.phase != "judging":
        rows.append(_line("rate", _rate(sending)))
        rows.append(_line("last 10 s", _latencies(sending)))
    if sending is not None:
        rows.append(_line("errors", _errors(sending)))
        rows.append(_line("generator", _lag(sending)))
    if standing.cost_usd is not None and (standing.cost_usd or standing.budget_usd):
        of = f" of ${standing.budget_usd:,.2f}" if standing.budget_usd is not None else ""
        rows.append(_line("cost", Text(f"${standing.cost_usd:,.2f}{of}")))
    return rows


def _line(label: str, content: Text) -> Text:
    return Text.assemble((f"{label:<{_LABEL}}", "bold"), " ", content)


def _times(standing: Standing, elapsed_s: float) -> Text:
    sending, lasts_s = standing.sending, standing.duration_s
    if standing.phase != "load" or sending is None or not lasts_s:
        return Text(_clock(elapsed_s))
    share = min(sending.position_s / lasts_s, 1.0)
    full = round(share * _TIME_BAR)
    times = f"{_clock(sending.position_s)} of {_clock(lasts_s)}"
    return Text.assemble(("━" * full, "cyan"), ("─" * (_TIME_BAR - full), "dim"), f"  {times}")


def _prompts(standing: Standing) -> Text:
    counts = standing.prompts
    if standing.verdict is None:
        return Text(f"{counts.sent:,} of {counts.planned:,} sent")
    failed = (f"{counts.failed:,} failed", "red" if counts.failed else "")
    return Text.assemble(f"{counts.sent:,} of {counts.planned:,} sent · {counts.judged:,} judged · ", failed)


def _verdict(state: State) -> Text:
    """Return the interval as a bar in whose middle the threshold is, wherever that is: rate / (rate + threshold)."""
    lower, upper = _cell(state.lower, state), _cell(state.upper, state)
    cells = ["━" if lower <= cell <= upper else "·" for cell in range(_BAR)]
    estimate = state.estimate
    if estimate is not None:
        cells[_cell(estimate, state)] = "●"
    middle = _BAR // 2
    cells[middle] = "┿" if cells[middle] == "━" else "│" if cells[middle] == "·" else cells[middle]
    word, style = _DECISIONS.get(state.decision, ("", "yellow"))
    ends = [_percent(state.lower), *([_percent(estimate)] if estimate is not None else []), _percent(state.upper)]
    numbers = f" {' … '.join(ends)}, limit {_percent(state.threshold)}"
    return Text.assemble(("".join(cells), style), numbers, (f" {word}" if word else "", style))


def _cell(rate: float, state: State) -> int:
    return min(int(rate / (rate + state.threshold) * _BAR), _BAR - 1)


def _rate(sending: Sending) -> Text:
    flying = f" · {sending.in_flight:,} in flight"
    if sending.scheduled is None:
        return Text(f"{sending.rate:,.1f} a second{flying}")
    return Text(f"{sending.rate:,.1f} of {sending.scheduled:,.1f} a second{flying}")


def _latencies(sending: Sending) -> Text:
    if sending.latency is None:
        return Text("no reply yet", style="yellow")
    first = "" if sending.first_token is None else f" · TTFT {_pair(sending.first_token)}"
    return Text(f"latency {_pair(sending.latency)}{first}")


def _errors(sending: Sending) -> Text:
    errors = sorted(sending.errors.items(), key=lambda item: (-item[1], item[0]))
    replies = sum(sending.outcomes.values())
    if not errors:
        return Text(f"none of {replies:,}")
    named = ", ".join(f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in errors)
    return Text(f"{sum(sending.errors.values()):,} of {replies:,}: {named}", style="red")


def _lag(sending: Sending) -> Text:
    lag = f"lag p99 {_ms(sending.lag_p99_ms)}"
    return Text(f"behind: {lag}, not the target's fault", style="yellow") if sending.behind else Text(f"on time: {lag}")


def _pair(quantiles: Quantiles) -> str:
    return f"p50 {_ms(quantiles.p50_ms)}, p95 {_ms(quantiles.p95_ms)}"


def _ms(time_ms: float) -> str:
    if time_ms >= 10_000:
        return f"{time_ms / 1000:.0f} s"
    return f"{time_ms / 1000:.1f} s" if time_ms >= 1000 else f"{time_ms:.0f} ms"


def _percent(rate: float) -> str:
    return f"{rate:.2%}" if 0 < rate < 0.001 else f"{rate:.1%}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
