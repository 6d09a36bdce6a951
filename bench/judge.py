"""Measures the judge without a model: groundedness against human labels, every check on seeded defects, speed.

Usage: python -m bench.judge [--data DIR] [--each 40] [--seed 7]

``--each`` answers are made of each form of defect and, ten times as many, of each family of good answers.

DIR is a folder with groundedness/begin_dev.jsonl (fields id, contexts, prompt, response, label) and
assistant_logs (a log and its marked personal data); without them these parts are left out.
"""

import argparse
import asyncio
import bisect
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.answers import CANARY, CLEAN, DEFECTS, PUBLIC, SYSTEM, Case
from harness.config import JudgeChecks, JudgeSection, Settings
from harness.contracts import Exchange, Generator, Prompt, Verdict
from harness.proportions import exact_interval
from judge.checks import Answer
from judge.checks.groundedness import Groundedness
from judge.grading import Judge
from judge.groundedness.terms import passage, support

ZERO_TOLERANCE = {"system_prompt_leak", "canary_leak", "pii_leak"}


def seeded(each: int, rng: random.Random) -> None:
    """Print how many of each check's defects are caught, how many good answers are flagged, and the speed."""
    clean = {family: [make(rng) for _ in range(10 * each)] for family, make in CLEAN.items()}
    spoiled = {
        (criterion, form): [make(rng) for _ in range(each)]
        for criterion, forms in DEFECTS.items()
        for form, make in forms.items()
    }
    cases = [case for made in (*clean.values(), *spoiled.values()) for case in made]
    judge = _judge()
    # What is compiled and loaded once is no part of an answer's cost.
    asyncio.run(_grade(judge, [make(rng) for make in CLEAN.values()]))
    started = time.process_time()
    verdicts = iter(asyncio.run(_grade(judge, cases)))
    spent_s = time.process_time() - started
    alarms = _print_clean({family: [next(verdicts) for _ in made] for family, made in clean.items()})
    _print_defects({key: [next(verdicts) for _ in made] for key, made in spoiled.items()}, alarms)
    print(f"\n{len(cases) / spent_s:,.0f} answers a second of CPU through all {len(DEFECTS)} checks and more\n")


def _judge() -> Judge:
    with tempfile.TemporaryDirectory() as folder:
        system = Path(folder) / "system.txt"
        system.write_text(SYSTEM, encoding="utf-8")
        checks = JudgeChecks(
            system_prompt=str(system),
            canaries=[CANARY],
            public_contacts=list(PUBLIC),
            groundedness=True,
            same_language=True,
        )
        return Judge(Settings(judge=JudgeSection(checks=checks)))


async def _grade(judge: Judge, cases: Sequence[Case]) -> list[Verdict]:
    return [await judge.grade(*_recorded(number, case)) for number, case in enumerate(cases)]


def _recorded(number: int, case: Case) -> tuple[Exchange, Prompt]:
    prompt_id = f"p-{number}"
    exchange = Exchange(
        exchange_id=prompt_id,
        prompt_id=prompt_id,
        prompt=case.question,
        response_text=case.text,
        contexts=case.contexts,
        finish_reason=case.finish_reason,
    )
    return exchange, Prompt(
        prompt_id=prompt_id,
        persona_id="x",
        strategy="plain",
        turns=[case.question],
        checks=case.checks,
        weight=0.0,
        generator=Generator(kind="bench"),
    )


def _failed(verdict: Verdict) -> set[str]:
    return {criterion.name for criterion in verdict.criteria if criterion.passed is False}


def _print_clean(verdicts: dict[str, list[Verdict]]) -> Counter[str]:
    """Print the false alarms by family; return them by criterion."""
    alarms: Counter[str] = Counter()
    print("good answers        seen  flagged                 zero tolerance  by")
    for family, given in verdicts.items():
        flagged = [_failed(verdict) for verdict in given if _failed(verdict)]
        by = Counter(name for names in flagged for name in names)
        alarms += by
        strict = sum(bool(names & ZERO_TOLERANCE) for names in flagged)
        named = ", ".join(f"{name} {count}" for name, count in by.most_common())
        print(f"{family:18} {len(given):5d}  {_share(len(flagged), len(given)):22}  {strict:14d}  {named}")
    seen = sum(map(len, verdicts.values()))
    strict = sum(bool(_failed(verdict) & ZERO_TOLERANCE) for given in verdicts.values() for verdict in given)
    total = sum(bool(_failed(verdict)) for given in verdicts.values() for verdict in given)
    print(f"{'all':18} {seen:5d}  {_share(total, seen):22}  {_share(strict, seen)}\n")
    return alarms


def _print_defects(verdicts: dict[tuple[str, str], list[Verdict]], alarms: Counter[str]) -> None:
    print("criterion              seeded  caught                  false alarms  precision               missed forms")
    for criterion in DEFECTS:
        mine = {form: given for (name, form), given in verdicts.items() if name == criterion}
        caught = {form: sum(criterion in _failed(verdict) for verdict in given) for form, given in mine.items()}
        seen, found, false = sum(map(len, mine.values())), sum(caught.values()), alarms[criterion]
        missed = ", ".join(
            f"{form} {len(given) - caught[form]}/{len(given)}"
            for form, given in mine.items()
            if caught[form] < len(given)
        )
        print(
            f"{criterion:22} {seen:6d}  {_share(found, seen):22}  {false:12d}  {_share(found, found + false):22}  {missed}"
        )


def _share(hits: int, total: int) -> str:
    lower, upper = exact_interval(hits, total)
    return f"{hits / max(1, total):.1%} ({lower:.1%} … {upper:.1%})"


def labelled(path: Path) -> None:
    """Print AUC, precision and recall of the groundedness score against human labels."""
    rows = _rows(path)
    check = Groundedness()
    results = []
    for row in rows:
        exchange = Exchange(
            exchange_id=row["id"],
            prompt_id=row["id"],
            prompt=row["prompt"],
            response_text=row["response"],
            contexts=row["contexts"],
        )
        results.append(check.check(Answer(exchange=exchange)))
    print(
        "part          supported  unsupported    AUC   flagged of supported  of unsupported  of generic  precision  recall"
    )
    everywhere: Counter[str] = Counter()
    for part in sorted({row["id"].split("-")[0] for row in rows}):
        scores: dict[str, list[float]] = {"fully_attributable": [], "not_fully_attributable": [], "generic": []}
        flagged: Counter[str] = Counter()
        for row, result in zip(rows, results, strict=True):
            if result is not None and row["id"].startswith(part):
                scores[row["label"]].append(result.score or 0.0)
                flagged[row["label"]] += result.passed is False
        good, bad = scores["fully_attributable"], sorted(scores["not_fully_attributable"])
        shares = [f"{flagged[label]}/{len(values)}" for label, values in scores.items()]
        everywhere += flagged
        everywhere += Counter({f"{label} seen": len(values) for label, values in scores.items()})
        true, false = flagged["not_fully_attributable"], flagged["fully_attributable"]
        print(
            f"{part:12} {len(good):10d}  {len(bad):11d}  {_auc(good, bad):.3f}  {shares[0]:>21} {shares[1]:>15} {shares[2]:>11}  {true / max(1, true + false):9.1%}  {true / max(1, len(bad)):6.1%}"
        )
    true, false = everywhere["not_fully_attributable"], everywhere["fully_attributable"]
    print(
        f"by default: precision {_share(true, true + false)}, recall {_share(true, everywhere['not_fully_attributable seen'])}, "
        f"false alarms {_share(false, everywhere['fully_attributable seen'])}"
    )
    passage.cache_clear()
    started = time.process_time()
    for row in rows:
        support(row["response"], row["contexts"])
    print(
        f"\n{len(rows) / (time.process_time() - started):,.0f} groundedness scores a second of CPU, no context seen twice\n"
    )


def recorded(folder: Path, count: int, rng: random.Random) -> None:
    """Print the false alarms among a real log's answers in which people marked no personal data."""
    marked = {row["request_id"] for row in _rows(folder / "gold_spans.jsonl") if _in_response(row)}
    rows = [row for row in _rows(folder / "logs.jsonl") if row["response"] and row["request_id"] not in marked]
    rng.shuffle(rows)
    cases = [Case(row["response"], row["prompt"], None) for row in rows[:count]]
    judge = _judge()
    asyncio.run(_grade(judge, cases[:100]))
    started = time.process_time()
    verdicts = asyncio.run(_grade(judge, cases))
    spent_s = time.process_time() - started
    _print_clean({folder.name: verdicts})
    print(f"{len(cases) / spent_s:,.0f} of them a second of CPU\n")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _in_response(row: dict[str, Any]) -> bool:
    return any(span["field"] == "response" for span in row["spans"])


def _auc(good: Sequence[float], ordered_bad: Sequence[float]) -> float:
    """Return the share of pairs in the right order; ties count half."""
    pairs = sum((bisect.bisect_left(ordered_bad, s) + bisect.bisect_right(ordered_bad, s)) / 2 for s in good)
    return pairs / max(1, len(good) * len(ordered_bad))


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    path = options.data / "groundedness" / "begin_dev.jsonl"
    if path.exists():
        labelled(path)
    else:
        print(f"{path} is not there: groundedness is not measured against human labels (see --data)\n")
    log = options.data / "assistant_logs"
    if log.exists():
        recorded(log, 100 * options.each, random.Random(options.seed))
    seeded(options.each, random.Random(options.seed))


if __name__ == "__main__":
    main()
