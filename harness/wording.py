"""Words that every stage says in the same way."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 record``, ``2 records``, ``1,200 entries``."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return a regular noun's plural."""
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
