"""Measures the swarm: cost of a request, keeping of a schedule, honesty about a stall and streams, kills, memory.

Usage: python -m bench.swarm [--only cost|processes|schedule|stall|kills|streams|memory] [--requests 6000] [--rounds 2]
       [--kills 4] [--seed 7] [--streams 50 100 150 200 300] [--answers 20] [--exchanges 100000]

The target answers from the last core, the clients work on the others. Clients are compared A B C A B C in one run;
CPU time is the stable figure, wall time is not on a machine that others use. The swarm records every exchange.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.target import STREAM_GAP_S, STREAM_TOKENS, running_target
from harness.config import LoadSection, LoadStage, ResponseMap, SloSection, TargetSection
from harness.contracts import Exchange, Generator, Prompt, RunPlan
from harness.jsonlines import read_parts, write_lines
from judge.generator import marked
from judge.slo import measure
from swarm.job import EXCHANGES_FOLDER, PLAN_FILE, SwarmJob

CLOSED = LoadSection(model="closed", users=20)
LATE_MS = 200.0
"""Twice what the target takes where it stalls."""


def prepare(folder: Path, port: int, prompts: int, load: LoadSection, target: TargetSection | None = None) -> Path:
    """Write a run's folder with so many prompts of one turn; the target is ``bench.target``'s usual one if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"p-{number:06d}" for number in range(prompts)]
    write_lines(folder / "prompts.jsonl", (_prompt(prompt_id, 1 / prompts) for prompt_id in ids))
    plan = RunPlan(run_id="run-bench", suite_id="bench", tier="bench", arm="load", order=ids, counted=prompts, seed=1)
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    SwarmJob(
        run_id=plan.run_id,
        target=target
        or TargetSection(
            url=f"http://127.0.0.1:{port}/api/answer",
            body={"query": "{prompt}"},
            response=ResponseMap(text="data.answer", contexts="data.sources[].content"),
        ),
        load=load,
        prompts_file=str(folder / "prompts.jsonl"),
    ).write(folder)
    return folder


def _prompt(prompt_id: str, weight: float) -> dict[str, Any]:
    return Prompt(
        prompt_id=prompt_id,
        persona_id="bench",
        strategy="bench",
        turns=[f"question {prompt_id}, how late may I check in?"],
        weight=weight,
        generator=Generator(kind="bench"),
    ).to_dict()


def started(folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start a swarm process on a run's folder."""
    command = [sys.executable, "-P", "-m", "swarm", str(folder), *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def swarmed(folder: Path) -> float:
    """Run a swarm process to its end; return its CPU seconds."""
    before = _children_s()
    _end_of(started(folder))
    return _children_s() - before


def _end_of(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a swarm process has sent everything."""
    assert process.stdout is not None
    # Standard input stays open: the swarm stops when its parent goes.
    process.stdout.read()
    code = process.wait()
    _close(process)
    if code:
        raise SystemExit(f"the swarm ended with exit code {code}")


def _close(process: "subprocess.Popen[bytes]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cost(work: Path, requests: int, rounds: int) -> None:
    """Print what a request costs each client."""
    names = {
        "swarm": "swarm, everything recorded",
        "fast_http": "Locust FastHttpUser, bare",
        "gevent_client": "geventhttpclient, bare",
        "gevent_sockets": "gevent's sockets, unparsed",
        "requests": "requests, one session, bare",
    }
    figures: dict[str, list[tuple[float, float]]] = {kind: [] for kind in names}
    with running_target() as port:
        url = f"http://127.0.0.1:{port}/api/answer"
        for number in range(rounds):
            figures["swarm"].append(_swarm_cost(work / f"cost-{number}", port, requests))
            for kind in list(names)[1:]:
                count = requests // 8 if kind == "requests" else requests
                command = [sys.executable, "-m", "bench.clients", kind, url, str(count)]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                cpu_us, wall_s = map(float, out.split())
                figures[kind].append((cpu_us, wall_s / count * 1e6))
    print("client, closed loop             CPU µs per request   of FastHttpUser   wall µs   CPU µs of each round")
    bare = statistics.median(cpu for cpu, _ in figures["fast_http"])
    for kind, found in figures.items():
        cpu, wall = (statistics.median(part) for part in zip(*found, strict=True))
        print(
            f"{names[kind]:30} {cpu:19,.0f} {cpu / bare:17.2f} {wall:9,.0f}   "
            f"{', '.join(f'{one:,.0f}' for one, _ in found)}",
            flush=True,
        )


def _swarm_cost(folder: Path, port: int, requests: int) -> tuple[float, float]:
    """Return CPU and wall microseconds per request."""
    cpu_s, wall_s, already = _sent(prepare(folder, port, requests, CLOSED))
    return cpu_s / (requests - already) * 1e6, wall_s / (requests - already) * 1e6


def _sent(folder: Path, *options: str) -> tuple[float, float, int]:
    """Return CPU and wall seconds from the first recorded requests to the ``end`` event, and how many those first were.

    Starting an interpreter and ending it are left out, as they are for the clients it is compared with.
    """
    process = started(folder, *options)
    while not (already := _recorded(folder)) and process.poll() is None:
        time.sleep(0.005)
    start_up_s, begun = _cpu_of(process.pid), time.perf_counter()
    assert process.stdout is not None
    while b'"event":"end"' not in (line := process.stdout.readline()) and line:
        pass
    wall_s, cpu_s = time.perf_counter() - begun, _cpu_of(process.pid) - start_up_s
    _end_of(process)
    return cpu_s, wall_s, already


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process and its children have used so far, also those that it has waited for."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    # proc(5): fields 14 to 17, in clock ticks.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(_cpu_of(int(child)) for child in children)


def processes(work: Path, requests: int, rounds: int) -> None:
    """Print what a request costs where one process sends, and where workers of one master do, all processes together."""
    print("\n20 users, closed loop         CPU µs per request   requests/s   CPU µs of each round", flush=True)
    for answer, total in (("whole", requests), ("streamed", requests // 10)):
        figures: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        with running_target() as port:
            target = _streaming_target(port) if answer == "streamed" else None
            for number in range(rounds):
                for count, found in figures.items():
                    folder = prepare(work / f"processes-{answer}-{count}-{number}", port, total, CLOSED, target)
                    cpu_s, wall_s, already = _sent(folder, "--processes", str(count))
                    found.append((cpu_s / (total - already) * 1e6, (total - already) / wall_s))
        for count, found in figures.items():
            cpu, rate = (statistics.median(part) for part in zip(*found, strict=True))
            print(
                f"--processes {count}, {answer:12}{cpu:22,.0f}{rate:13,.0f}   {', '.join(f'{one:,.0f}' for one, _ in found)}",
                flush=True,
            )


def _streaming_target(port: int) -> TargetSection:
    return TargetSection(url=f"http://127.0.0.1:{port}/stream", protocol="openai-chat", stream=True)


def schedule(work: Path, rate: float, duration_s: float) -> None:
    """Print how open loads of the same mean rate keep their schedules."""
    shapes = {
        "constant": LoadSection(model="open", rate=rate, duration_s=duration_s),
        "poisson": LoadSection(model="open", rate=rate, duration_s=duration_s, arrivals="poisson"),
        f"ramp to {2 * rate:.0f}/s": LoadSection(
            model="open", stages=[LoadStage(duration_s=duration_s, rate=2 * rate)]
        ),
    }
    print(
        f"\nopen loop, {rate:.0f}/s on average for {duration_s:.0f} s   scheduled/s   sent/s   sent late by p50 ms   p99 ms"
        "   max ms   behind   CPU µs a request"
    )
    for name, load in shapes.items():
        folder = work / f"open-{name.partition(' ')[0]}"
        with running_target(latency_s=0.05) as port:
            cpu_s, _, already = _sent(prepare(folder, port, int(rate * duration_s), load))
        rows = [Exchange.model_validate(row) for row in read_parts(folder / EXCHANGES_FOLDER)]
        _, found = marked(*measure(rows, SloSection()))
        lag = found["lag_ms"]
        print(
            f"{name:38}{found['scheduled_rate']:14.2f}{found['sent_rate']:9.2f}{lag['p50']:22.2f}{lag['p99']:9.1f}"
            f"{lag['max']:9.1f}   {'yes' if found['generator_behind'] else 'no':6}"
            f"{cpu_s / (len(rows) - already) * 1e6:19,.0f}",
            flush=True,
        )


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def coordinated_omission(work: Path, rate: float = 200.0, duration_s: float = 10.0) -> None:
    """Print how much of one stall of two seconds an open and a closed loop show."""
    count = int(rate * duration_s)
    print(f"\none stall of 2 s, {count:,} requests at {rate:.0f}/s      requests  late  share    p50 ms   p99 ms")
    for name, load in (
        ("on schedule (open loop)", LoadSection(model="open", rate=rate, duration_s=duration_s)),
        ("closed loop, 20 users", CLOSED),
    ):
        with running_target(latency_s=0.1) as port:
            folder = prepare(work / f"stall-{load.model}", port, count, load)
            stall = threading.Thread(target=_stall_later, args=(port, folder))
            stall.start()
            swarmed(folder)
            stall.join()
        latency = [row["latency_ms"] for row in read_parts(folder / EXCHANGES_FOLDER)]
        late = sum(value > LATE_MS for value in latency)
        print(
            f"{name:44} {len(latency):8,} {late:5} {late / len(latency):6.1%} {_quantile(latency, 0.5):9,.0f} "
            f"{_quantile(latency, 0.99):8,.0f}",
            flush=True,
        )


def _stall_later(port: int, folder: Path) -> None:
    """Stall the target three seconds after the first reply was recorded."""
    while not any((folder / EXCHANGES_FOLDER).glob("part-*")):
        time.sleep(0.05)
    time.sleep(3.0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stall") as reply:
        reply.read()


def kills(work: Path, times: int, rng: random.Random, prompts: int = 1500) -> None:
    """Print what is left of a run that was killed at random moments and resumed, and what the target got of it."""
    print(
        f"\n{prompts:,} prompts, SIGKILL after   recorded then   after resuming   twice   missing   "
        "received again   marked   received again, not marked"
    )
    for number in range(times):
        wanted = rng.randrange(20, prompts - 100)
        with running_target(latency_s=0.02) as port:
            target = TargetSection(url=f"http://127.0.0.1:{port}/counted", body={"query": "{prompt}"})
            folder = prepare(work / f"kill-{number}", port, prompts, CLOSED, target)
            process = started(folder)
            while process.poll() is None and _recorded(folder) < wanted:
                time.sleep(0.002)
            process.kill()
            process.wait()
            _close(process)
            at_kill = sum(1 for _ in read_parts(folder / EXCHANGES_FOLDER))
            swarmed(folder)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/received") as reply:
                received = json.load(reply)
        rows = list(read_parts(folder / EXCHANGES_FOLDER))
        seen = Counter(row["prompt_id"] for row in rows)
        again = {row["request_body"]: received.get(row["request_body"], 0) - 1 for row in rows}
        twice, missing = sum(count > 1 for count in seen.values()), prompts - len(seen)
        marked = sum(row["resent"] for row in rows)
        unmarked = sum(max(again[row["request_body"]] - row["resent"], 0) for row in rows)
        print(
            f"{wanted:15,} exchanges {at_kill:15,} {len(rows):16,} {twice:7} {missing:9} {sum(again.values()):16} "
            f"{marked:8} {unmarked:28}",
            flush=True,
        )


def streams(work: Path, counts: Sequence[int], answers: int) -> None:
    """Print what is measured of the pauses within answers that so many users at once have streamed to them."""
    print(
        f"\n{STREAM_TOKENS} tokens, one every {STREAM_GAP_S * 1000:.0f} ms: what is measured, and what the target did, in ms\n"
        "streams at once   p50 measured/true   p95 measured/true   p99 measured/true   p95 off   events/s   CPU µs an event"
    )
    for count in counts:
        folder = work / f"streams-{count}"
        load = LoadSection(model="closed", users=count)
        with running_target() as port:
            cpu_s, _, already = _sent(prepare(folder, port, count * answers, load, _streaming_target(port)))
        found, true, moments = [], [], []
        for row in read_parts(folder / EXCHANGES_FOLDER):
            sent = [float(token) for token in row["response_text"].split()]
            true += [(after - before) * 1000 for before, after in pairwise(sent)]
            found += row["gaps_ms"]["each"]
            moments += [sent[0], sent[-1]]
        rate = count * answers * STREAM_TOKENS / (max(moments) - min(moments))
        pairs = [(_quantile(found, share), _quantile(true, share)) for share in (0.5, 0.95, 0.99)]
        shown = "".join(f"{f'{measured:.1f}/{truth:.1f}':>20}" for measured, truth in pairs)
        off = pairs[1][0] / pairs[1][1] - 1
        events = (count * answers - already) * STREAM_TOKENS
        print(f"{count:15}{shown}{off:10.0%}{rate:11,.0f}{cpu_s / events * 1e6:18.0f}", flush=True)


def memory(work: Path, exchanges: int) -> None:
    """Print how much memory a swarm, and the figures of its load, take after a tenth of the exchanges and after all."""
    folder = work / "memory"
    samples: list[tuple[int, float]] = []
    with running_target() as port:
        process = started(prepare(folder, port, exchanges, CLOSED))
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress":
                samples.append((event["done"], _resident_mb(process.pid)))
        process.wait()
        _close(process)
    print(f"\nswarm, {exchanges:,} prompts planned: resident MB by exchanges recorded")
    for share in (0.1, 0.5, 1.0):
        count, resident = min(samples, key=lambda sample: abs(sample[0] - share * exchanges))
        print(f"{count:10,} {resident:8.1f}", flush=True)
    before = _resident_mb(os.getpid())
    rows = (Exchange.model_validate(row) for row in read_parts(folder / EXCHANGES_FOLDER))
    measure(rows, SloSection(p95_ms=1000.0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"figures of their load: {before:.1f} MB before, {peak:.1f} MB at most", flush=True)


def _resident_mb(pid: int) -> float:
    """Return a process's resident memory (proc(5): the second field of statm, in pages)."""
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _recorded(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in (folder / EXCHANGES_FOLDER).glob("part-*"))


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--duration-s", type=float, default=20.0)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--streams", type=int, nargs="+", default=[50, 100, 150, 200, 300], help="streams at once")
    parser.add_argument("--answers", type=int, default=20, help="streamed answers for each user")
    parser.add_argument("--exchanges", type=int, default=100_000, help="of the section on memory")
    names = ("cost", "processes", "schedule", "stall", "kills", "streams", "memory")
    parser.add_argument("--only", choices=names, help="one section; all if absent")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sections: dict[str, Callable[[], None]] = {
            "cost": lambda: cost(work, options.requests, options.rounds),
            "processes": lambda: processes(work, options.requests, options.rounds),
            "schedule": lambda: schedule(work, options.rate, options.duration_s),
            "stall": lambda: coordinated_omission(work),
            "kills": lambda: kills(work, options.kills, random.Random(options.seed)),
            "streams": lambda: streams(work, options.streams, options.answers),
            "memory": lambda: memory(work, options.exchanges),
        }
        for name, section in sections.items():
            if options.only in (None, name):
                section()


if __name__ == "__main__":
    main()
