"""What judging with a language model costs beside the model: wall time against the ideal, CPU, throttling, caching, caps.

``python -m bench.judge_model`` starts local servers in processes of their own and judges made-up answers through the
real judge, its panel and the real clients.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from harness.config import BudgetSection, JudgeSection, Settings
from harness.contracts import Exchange, Verdict
from harness.errors import BudgetSpentError
from harness.testing.script import Fault, ReceivedCall
from harness.testing.servers import BedrockServer, ModelServer, OpenAIServer
from judge.grading import Judge
from judge.judgements import Judgements
from judge.panel import Panel, answers_at_once
from pipeline.models import connect_judge

KINDS: dict[str, type[ModelServer]] = {"openai": OpenAIServer, "bedrock": BedrockServer}
PRICED = "bedrock:amazon.nova-lite-v1:0"
_CRITERION = re.compile(r"^- (\w+):", re.MULTILINE)
_FACTS = "The reading room opens at nine and closes at six; groups of more than ten book a week ahead. " * 12


def judgement(call: ReceivedCall) -> dict[str, Any]:
    """Return a judgement that passes whatever is asked."""
    names = _CRITERION.findall(call.system)
    reason = "The answer repeats what the passages say about the opening hours, and nothing else."
    return {"criteria": [{"name": name, "reason": reason, "evidence": [], "grade": "pass"} for name in names]}


def throttling(share: float, seed: int) -> Iterator[Fault]:
    """Yield faults of which a share are throttles; the others answer after 20 ms."""
    rng = random.Random(seed)
    while True:
        yield Fault.throttle() if rng.random() < share else Fault.slow(0.02)


def serve(kind: str, latency_s: float, throttled: float, pipe: Connection) -> None:
    """Run a server until the other end of the pipe closes; tell how many requests came when asked."""
    faults = throttling(throttled, 7) if throttled else iter(())
    with KINDS[kind](judgement, latency_s=latency_s, faults=faults) as server:
        pipe.send((server.url, server.spec))
        try:
            while True:
                pipe.recv()
                pipe.send(server.requests)
        except EOFError:
            return


@contextmanager
def served(kind: str, *, latency_s: float = 0.6, throttled: float = 0.0) -> Iterator[tuple[str, Connection]]:
    """Yield the configuration value of a server in a process of its own, and the pipe to it."""
    ours, theirs = multiprocessing.Pipe()
    target = (kind, latency_s, throttled, theirs)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=target, daemon=True)
    process.start()
    theirs.close()
    url, spec = ours.recv()
    os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = url
    try:
        yield spec, ours
    finally:
        ours.close()
        process.join(timeout=10)


def exchanges(count: int) -> list[Exchange]:
    """Return so many different questions with the same grounded answer."""
    return [
        Exchange(
            exchange_id=f"e-{number}",
            prompt_id=f"p-{number}",
            prompt=f"Visitor {number} asks: when does the reading room open?",
            response_text="The reading room opens at nine.",
            contexts=[_FACTS],
        )
        for number in range(count)
    ]


async def judge_all(
    panel: Panel, settings: Settings, answers: Sequence[Exchange]
) -> tuple[list[Verdict], float, float]:
    """Return verdicts, wall seconds and CPU seconds; answers that cannot be paid have no verdict."""
    judge = Judge(settings, panel)
    slots = asyncio.Semaphore(answers_at_once(settings.judge.concurrency))

    async def grade(answer: Exchange) -> Verdict | None:
        async with slots:
            try:
                return await judge.grade(answer)
            except BudgetSpentError:
                return None

    try:
        wall, cpu = time.perf_counter(), time.process_time()
        verdicts = await asyncio.gather(*map(grade, answers))
        return [v for v in verdicts if v], time.perf_counter() - wall, time.process_time() - cpu
    finally:
        await panel.close()


def connected(settings: Settings, folder: Path | None = None) -> Panel:
    """Return the configured panel; with a folder, its judgements are kept there."""
    panel = connect_judge(settings)
    assert panel is not None
    if folder is not None:
        panel = Panel(panel.first, known=Judgements(folder))
    return panel


def overhead(calls: int, concurrency: int) -> None:
    """Print what the judge adds to a model that takes 600 ms, from the first call on: growing to the concurrency counts."""
    for kind in KINDS:
        with served(kind) as (spec, _):
            settings = Settings(judge=JudgeSection(model=spec, concurrency=concurrency))
            verdicts, wall, cpu = asyncio.run(judge_all(connected(settings), settings, exchanges(calls)))
        ideal = calls * 0.6 / concurrency
        assert all(verdict.passed for verdict in verdicts)
        print(
            f"{kind:8} {concurrency} concurrent: {wall:6.2f} s for {calls} verdicts, {wall / ideal - 1:+6.1%} "
            f"over calls x latency / concurrency ({ideal:.1f} s); {cpu * 1000 / calls:.1f} CPU s per 1,000 calls"
        )


def under_throttling(calls: int, share: float) -> None:
    """Print what becomes of verdicts while the model refuses most requests."""
    with served("openai", throttled=share) as (spec, pipe):
        settings = Settings(judge=JudgeSection(model=spec))
        verdicts, wall, _ = asyncio.run(judge_all(connected(settings), settings, exchanges(calls)))
        pipe.send("requests")
        requests = pipe.recv()
    lost = sum(verdict.passed is None for verdict in verdicts)
    print(
        f"throttles {share:.0%}: {len(verdicts)} of {calls} judged, {lost} in the judge's ledger, "
        f"{requests / calls:.2f} requests a verdict, {wall:.1f} s"
    )


def cached(calls: int) -> None:
    """Print what judging the same answers again costs."""
    with served("openai", latency_s=0.0) as (spec, pipe), tempfile.TemporaryDirectory() as folder:
        settings = Settings(judge=JudgeSection(model=spec))
        for name in ("first", "again"):
            panel = connected(settings, Path(folder))
            verdicts, wall, cpu = asyncio.run(judge_all(panel, settings, exchanges(calls)))
            pipe.send("requests")
            print(
                f"cache, {name}: {calls} verdicts in {wall:.2f} s ({cpu * 1000 / calls:.2f} CPU ms each), "
                f"{sum(v.cached for v in verdicts)} from the cache, {pipe.recv()} requests so far"
            )


def capped(calls: int, usd: float) -> None:
    """Print how far calls in flight overshoot a budget."""
    with served("bedrock", latency_s=0.1):
        settings = Settings(judge=JudgeSection(model=PRICED), budget=BudgetSection(usd=usd))
        verdicts, _, _ = asyncio.run(judge_all(connected(settings), settings, exchanges(calls)))
    spent = sum(verdict.cost_usd for verdict in verdicts)
    print(f"budget ${usd:.4f}, 25 concurrent: ${spent:.4f} spent on {len(verdicts)} of {calls} verdicts")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[25, 50])
    parser.add_argument("--throttled-calls", type=int, default=200)
    arguments = parser.parse_args()
    os.environ.update({"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"})
    for concurrency in arguments.concurrency:
        overhead(arguments.calls, concurrency)
    under_throttling(arguments.throttled_calls, 0.8)
    cached(arguments.calls)
    capped(arguments.calls, 0.002)


if __name__ == "__main__":
    main()
