"""``reverse-rag personas diff``: what changed from one suite to another."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.contracts import Persona, Prompt
from harness.wording import counted
from pipeline.auditing import Answer
from pipeline.suites import StoredSuite
from pipeline.suitewords import fact, one_line

_SHOWN = 8
_SAME_WEIGHT = 1e-3


def difference(old: StoredSuite, new: StoredSuite) -> Answer:
    """Return prompts added, removed and kept, how personas correspond, and how mix and weights moved."""
    from personas.matching import matched

    homes = matched(old.personas, old.profiles, new.personas, new.profiles)
    values = {
        "old": old.suite_id,
        "new": new.suite_id,
        "prompts": _prompts(old, new),
        "personas": _personas(old, new, homes),
        "strategies": _strategies(old, new),
        "weights": _weights(old, new),
        "divergence_bits": {
            "traffic": _divergence(_traffic(old, homes), _traffic(new, {})),
            "strategies": _divergence(_by_strategy(old.prompts), _by_strategy(new.prompts)),
        },
    }
    return Answer(values, list(_lines(values)))


def _prompts(old: StoredSuite, new: StoredSuite) -> dict[str, Any]:
    before = {prompt.prompt_id: prompt for prompt in old.prompts}
    after = {prompt.prompt_id: prompt for prompt in new.prompts}
    kept = before.keys() & after.keys()
    return {
        "kept": len(kept),
        "now_regression": sum(after[i].origin == "regression" != before[i].origin for i in kept),
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
    }


def _personas(old: StoredSuite, new: StoredSuite, homes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one entry for each new persona with those before it, then the old ones that have no like."""
    counts_old, counts_new = old.counts(), new.counts()
    groups = [(p, [o for o in old.personas if homes.get(o.persona_id) == p.persona_id]) for p in new.personas]
    rows = [_row(persona, before, counts_old, counts_new) for persona, before in groups]
    return rows + [_row(None, [p], counts_old, counts_new) for p in old.personas if p.persona_id not in homes]


def _row(
    now: Persona | None, before: Sequence[Persona], counts_old: Mapping[str, int], counts_new: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "name": now.name if now is not None else before[0].name,
        "persona_id": now.persona_id if now is not None else None,
        "before": [p.persona_id for p in before],
        "share": {
            "old": sum(p.traffic_share for p in before),
            "new": now.traffic_share if now is not None else 0.0,
        },
        "prompts": {
            "old": sum(counts_old.get(p.persona_id, 0) for p in before),
            "new": counts_new.get(now.persona_id, 0) if now is not None else 0,
        },
    }


def _strategies(old: StoredSuite, new: StoredSuite) -> dict[str, dict[str, float]]:
    before, after = _shares(_by_strategy(old.prompts)), _shares(_by_strategy(new.prompts))
    names = sorted(before.keys() | after.keys(), key=lambda name: (-after.get(name, 0.0), name))
    return {name: {"old": round(before.get(name, 0.0), 6), "new": round(after.get(name, 0.0), 6)} for name in names}


def _weights(old: StoredSuite, new: StoredSuite) -> dict[str, Any]:
    """Return how the weights of the prompts in the rate of both moved."""
    before = {p.prompt_id: p.weight for p in old.prompts if p.origin == "generated"}
    ratios = [
        p.weight / before[p.prompt_id]
        for p in new.prompts
        if p.origin == "generated" and before.get(p.prompt_id, 0.0) > 0
    ]
    changed = [ratio for ratio in ratios if abs(ratio - 1) > _SAME_WEIGHT]
    return {
        "compared": len(ratios),
        "changed": len(changed),
        "least_ratio": round(min(ratios), 4) if ratios else None,
        "greatest_ratio": round(max(ratios), 4) if ratios else None,
    }


def _traffic(suite: StoredSuite, homes: Mapping[str, str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for persona in suite.personas:
        home = homes.get(persona.persona_id, persona.persona_id)
        shares[home] = shares.get(home, 0.0) + persona.traffic_share
    return shares


def _by_strategy(prompts: Iterable[Prompt]) -> Counter[str]:
    return Counter(prompt.strategy for prompt in prompts)


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    whole = sum(counts.values()) or 1.0
    return {name: count / whole for name, count in counts.items()}


def _divergence(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    from personas.divergence import divergence

    names = sorted(one.keys() | other.keys())
    return round(divergence([one.get(n, 0.0) for n in names], [other.get(n, 0.0) for n in names]), 6)


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    prompts, weights, bits = values["prompts"], values["weights"], values["divergence_bits"]
    yield f"{values['old']} → {values['new']}" + (" (the same suite)" if values["old"] == values["new"] else "")
    regression = f", {prompts['now_regression']:,} of them now regression prompts" if prompts["now_regression"] else ""
    yield fact(
        "prompts",
        f"{len(prompts['added']):,} added, {len(prompts['removed']):,} removed, {prompts['kept']:,} kept{regression}",
    )
    if weights["compared"]:
        yield fact(
            "weights",
            f"{weights['changed']:,} of {counted(weights['compared'], 'kept prompt')} weigh otherwise ({weights['least_ratio']:g} … {weights['greatest_ratio']:g} times)",
        )
    yield fact(
        "mix moved",
        f"{bits['traffic']:.3f} bits in traffic, {bits['strategies']:.3f} bits in strategies (Jensen-Shannon, 0 … 1)",
    )
    yield ""
    yield f"  {'old':>7} {'new':>7} {'prompts':>15}  persona"
    for row in values["personas"]:
        note = "" if row["before"] and row["persona_id"] else ("  (new)" if row["persona_id"] else "  (gone)")
        made = f"{row['prompts']['old']:,} → {row['prompts']['new']:,}"
        yield f"  {row['share']['old']:>7.1%} {row['share']['new']:>7.1%} {made:>15}  {one_line(row['name'])}{note}"
    moved = sorted(values["strategies"].items(), key=lambda item: -abs(item[1]["new"] - item[1]["old"]))
    shown = [
        f"{name} {s['old']:.1%} → {s['new']:.1%}"
        for name, s in moved[:_SHOWN]
        if abs(s["new"] - s["old"]) > _SAME_WEIGHT
    ]
    if shown:
        yield ""
        yield fact("strategies", ", ".join(shown))
