"""Numbers as people read them."""

_NARROW = "\u202f"


def percent(share: float | None) -> str:
    """Return a share as per cent with two significant digits, such as ``4.9 %``."""
    if share is None:
        return "–"
    value = share * 100
    if value == 0 or value >= 99.95:
        return f"{value:.0f}{_NARROW}%"
    digits = 0 if value >= 10 and abs(value - round(value)) < 0.05 else 1 if value >= 1 else 2 if value >= 0.1 else 3
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{_NARROW}%"


def each_end(confidence: float) -> str:
    """Return how sure the ends of the failure rate's interval are: each by itself, at every look."""
    return f"each end holds with {percent(confidence)}"


MOVED = "The rate changed during the run, so no single rate describes it."


def count(number: float | None) -> str:
    """Return a whole number with separated thousands."""
    return "–" if number is None else f"{number:,.0f}"


def milliseconds(value: float | None) -> str:
    """Return a time in ms below ten seconds and in s from there."""
    if value is None:
        return "–"
    return f"{count(value)}{_NARROW}ms" if value < 10_000 else f"{value / 1000:.1f}{_NARROW}s"


def duration(seconds: float) -> str:
    """Return a time as its two largest units."""
    if seconds < 10:
        return f"{seconds:.1f}{_NARROW}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{_NARROW}h {minutes}{_NARROW}min"
    return f"{minutes}{_NARROW}min {rest}{_NARROW}s" if minutes else f"{rest}{_NARROW}s"


def dollars(value: float) -> str:
    """Return US dollars; small sums with four digits, so that they do not look free."""
    if value == 0:
        return "$0"
    return f"${value:,.2f}" if value >= 0.1 else f"${value:.4f}"


def rate(per_second: float | None) -> str:
    """Return requests a second."""
    return "–" if per_second is None else f"{per_second:.1f}{_NARROW}/s"


def measured(metric: str, value: float | None) -> str:
    """Return a metric's value in the unit that its name tells."""
    if metric.endswith("_ms"):
        return milliseconds(value)
    if metric.endswith("rate") or metric in {"goodput", "kill_switch"}:
        return percent(value)
    return "–" if value is None else f"{value:g}"
