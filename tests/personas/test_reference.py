"""The documentation's table of strategies."""

from pathlib import Path

from personas.strategies import STRATEGIES
from personas.strategies.reference import table

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"


def test_the_documented_table_is_the_registrys() -> None:
    assert table() in PAGE.read_text(encoding="utf-8")


def test_every_strategy_has_a_row() -> None:
    rows = table().splitlines()[2:]
    assert len(rows) == len(STRATEGIES)


def test_everyday_questions_are_the_largest_family() -> None:
    shares: dict[str, float] = {}
    for strategy in STRATEGIES:
        family = strategy.write.__module__.rsplit(".", 1)[1]
        shares[family] = shares.get(family, 0.0) + strategy.share
    assert max(shares, key=lambda family: shares[family]) == "everyday"
    assert shares["everyday"] > 0.4 * sum(shares.values())
