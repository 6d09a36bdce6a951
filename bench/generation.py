"""Measures generation by a model against a local Bedrock stub that throttles, cuts off, talks and repeats itself.

Usage: python -m bench.generation [--prompts 600] [--latency 0.5] [--concurrency 8] [--quota 6] [--seed 7]

The stub answers each call after a fixed time, throttles what is in flight beyond its quota, spoils a share of its
answers, and keeps its own ledger of what it bills. What is compared: the prompts that arrived, the requests that gave
nothing, the cost as the suite states it and as the ledger has it, the time against the best possible at this latency
and quota, and what a second attempt pays after the first was stopped halfway.
"""

import argparse
import datetime as dt
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

from bench.sources import generated_log, rows, timed
from harness.config import BudgetSection, PersonasSection, Settings, StorageSection
from harness.contracts import SanitizedSession, Turn
from harness.models import RetryPolicy, connect
from harness.models.pricing import TokenCount, cost_usd
from harness.models.spec import parse_spec
from harness.sessions import SessionWriter
from harness.storage import Storage
from harness.testing.author import ScriptedAuthor, counted_tokens
from harness.testing.script import Fault, ReceivedCall
from harness.testing.servers import BedrockServer
from personas.author import BATCH_SIZE
from personas.generation import SuiteResult, make_suite

SPOILT = (Fault.truncated(), Fault.malformed(), Fault.invalid(), Fault.plain_text(), Fault.fenced(), Fault.fenced(0.6))
SHARE = 0.08
"""Of the requests that meet one of them."""


class BusyServer(BedrockServer):
    """Throttles what is in flight beyond its quota, and spoils a share of the rest.

    Args:
        quota: Requests in flight that it works on.
        latency_s: Of each answer.
        seed: Of what it spoils.
    """

    def __init__(self, *, quota: int, latency_s: float, seed: int) -> None:
        author = ScriptedAuthor(duplicates=0.05, lacking=0.05, seed=seed)
        super().__init__(author, latency_s=latency_s, count=counted_tokens)
        self._quota = quota
        self._rng = random.Random(seed)
        self.throttled = 0
        self.spoilt = 0

    def begin(self, call: ReceivedCall) -> Fault | None:
        """Remember a request; return the fault it meets."""
        super().begin(call)
        with self._lock:
            if self._in_flight > self._quota:
                self.throttled += 1
                return Fault.throttle()
            if self._rng.random() < SHARE:
                self.spoilt += 1
                return self._rng.choice(SPOILT)
        return None


def sessions_of(work: Path) -> Iterator[SanitizedSession]:
    """Yield the example bank's generated sessions as they are: nothing here is about what was personal in them."""
    talks: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in rows(generated_log(work).records):
        talks[record["user_id"], record["session_id"]].append(record)
    for (user, session), records in talks.items():
        turns = [Turn(role="user", text=str(record["prompt"])) for record in records]
        yield SanitizedSession(session_id=session, user_key=user, started_on=dt.date(2026, 1, 5), turns=turns)


def stored(root: Path, sessions: list[SanitizedSession]) -> Storage:
    """Return a root that holds the sessions as its one dataset."""
    storage = Storage(str(root))
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for session in sessions:
            writer.add(session)
    storage.publish("sanitized", "data-1", folder)
    return storage


def generated(
    storage: Storage, server: BusyServer, options: argparse.Namespace, *, tokens: int | None = None
) -> SuiteResult:
    """Make the suite with the stub."""
    os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = server.url
    section = PersonasSection(
        model=server.spec, personas=10, prompts_per_persona=options.prompts // 10, seed=options.seed
    )
    settings = Settings(
        storage=StorageSection(root=storage.root), personas=section, budget=BudgetSection(tokens=tokens)
    )
    client = connect(
        server.spec,
        timeout_s=60.0,
        concurrency=options.concurrency,
        key="personas.model",
        policy=RetryPolicy(attempts=10),
        adaptive=True,
    )
    return make_suite(settings, storage, model=client)


def ledger_usd(server: BusyServer) -> float:
    """Return what the stub's own ledger comes to."""
    spec = parse_spec(server.spec, key="personas.model")
    counts = [TokenCount(input_tokens=there, output_tokens=back) for there, back in server.billed]
    return sum(cost_usd(spec, count) or 0.0 for count in counts)


def report(
    result: SuiteResult, server: BusyServer, wall_s: float, offline_s: float, options: argparse.Namespace
) -> None:
    """Print what a generation came to."""
    by_model = result.prompts - sum(result.filled_offline.values())
    ideal_s = ceil(len(server.billed) / min(options.quota, options.concurrency)) * options.latency
    billed = ledger_usd(server)
    print(f"prompts     {result.prompts} of {result.planned}; {result.prompts - by_model} filled offline")
    print(
        f"requests    {result.usage.requests} (stub: {server.requests}): {len(server.billed)} answered, "
        f"{server.throttled} throttled ({server.throttled / server.requests:.1%}), {server.spoilt} spoilt"
    )
    print(f"per call    {by_model / len(server.billed):.1f} prompts of {BATCH_SIZE} asked for at most")
    print(f"cost        ${result.usage.cost_usd:.6f}, the stub billed ${billed:.6f}")
    print(f"rejected    {result.rejected}")
    print(
        f"wall        {wall_s:.1f} s, of it {offline_s:.1f} s without a model; the rest is "
        f"{(wall_s - offline_s) / ideal_s:.2f} times the {ideal_s:.1f} s that this many answers take at best"
    )


def main() -> None:
    """Print the figures of one whole generation, and of one that is stopped halfway and taken up again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=600)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--quota", type=int, default=6)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    os.environ |= {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    with tempfile.TemporaryDirectory() as folder:
        sessions = list(sessions_of(Path(folder)))
        print(f"{len(sessions):,} sessions, {options.prompts} prompts, {options.latency:g} s an answer")
        section = PersonasSection(personas=10, prompts_per_persona=options.prompts // 10, seed=options.seed)
        storage = stored(Path(folder) / "offline", sessions)
        with timed() as offline:
            make_suite(Settings(storage=StorageSection(root=storage.root), personas=section), storage)
        storage = stored(Path(folder) / "whole", sessions)
        with BusyServer(quota=options.quota, latency_s=options.latency, seed=options.seed) as server, timed() as spent:
            whole = generated(storage, server, options)
        report(whole, server, spent.wall_s, offline.wall_s, options)
        storage = stored(Path(folder) / "halves", sessions)
        with BusyServer(quota=options.quota, latency_s=options.latency, seed=options.seed) as server:
            first = generated(storage, server, options, tokens=whole.usage.tokens // 2)
            second = generated(storage, server, options)
        print(
            f"resumed     after {first.usage.requests} requests ({sum(first.filled_offline.values())} prompts owed): "
            f"{second.reused} calls reused, {second.usage.requests} more requests, {second.prompts} prompts, "
            f"in all ${second.usage_in_all.cost_usd:.6f}, the stub billed ${ledger_usd(server):.6f}"
        )


if __name__ == "__main__":
    main()
