"""What a model client adds to a model's own latency: wall time against the ideal, and CPU per call.

``python -m bench.models`` starts local servers that answer after 600 ms, in processes of their own, and asks each
through the real client.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from math import ceil
from multiprocessing.connection import Connection

from pydantic import BaseModel, Field

from harness.models import ModelCall, connect
from harness.testing.servers import BedrockServer, ModelServer, OpenAIServer

LATENCY_S = 0.6
KINDS: dict[str, type[ModelServer]] = {"openai": OpenAIServer, "bedrock": BedrockServer}


class Grade(BaseModel):
    """An answer of a judge's size."""

    score: float = Field(ge=0, le=1)
    reason: str
    evidence: list[str] = Field(min_length=1)


def serve(kind: str, pipe: Connection) -> None:
    """Run a server until the other end of the pipe closes."""
    with KINDS[kind](latency_s=LATENCY_S) as server:
        pipe.send((server.url, server.spec))
        try:
            pipe.recv()
        except EOFError:
            return


async def measure(spec: str, calls: int, concurrency: int) -> tuple[float, float]:
    """Return wall seconds, and CPU milliseconds per call, of so many calls after a warm-up."""
    client = connect(spec, timeout_s=30.0, concurrency=concurrency, key="bench")
    call = ModelCall(system="You grade answers. " * 40, prompt="Question, contexts and answer. " * 60)
    await asyncio.gather(*(client.ask(call, Grade) for _ in range(concurrency)))
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client.ask(call, Grade) for _ in range(calls)))
    figures = time.perf_counter() - wall, (time.process_time() - cpu) * 1000 / calls
    await client.close()
    return figures


def import_cost() -> None:
    """Print the CPU seconds that connecting costs the first time, beside the bare SDKs."""
    endpoints = "openai:m@http://127.0.0.1:9/v1", "bedrock:amazon.nova-lite-v1:0"
    connecting = "from harness.models import connect; connect({!r}, timeout_s=1, concurrency=1, key='bench')"
    programs = {
        "harness.models, nothing connected": "import harness.models",
        "connect openai": connecting.format(endpoints[0]),
        "connect bedrock": connecting.format(endpoints[1]),
        "bare openai SDK": "import openai; openai.AsyncOpenAI(base_url='http://127.0.0.1:9/v1', api_key='x')",
        "bare boto3 client": "import boto3; boto3.client('bedrock-runtime', region_name='us-east-1')",
    }
    tail = "; import resource as r; u = r.getrusage(r.RUSAGE_SELF); print(u.ru_utime + u.ru_stime, u.ru_maxrss // 1024)"
    for name, program in programs.items():
        runs = [
            subprocess.run([sys.executable, "-c", program + tail], check=True, capture_output=True, text=True).stdout
            for _ in range(3)
        ]
        seconds = statistics.median(float(run.split()[0]) for run in runs)
        print(f"{name:36} {seconds:5.2f} CPU s  {runs[-1].split()[1]:>4} MB")


def main() -> None:
    """Print one line per kind of server and concurrency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[25, 50])
    arguments = parser.parse_args()
    os.environ.update({"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"})
    import_cost()
    for kind in KINDS:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(kind, theirs), daemon=True)
        process.start()
        theirs.close()
        url, spec = ours.recv()
        os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = url
        for concurrency in arguments.concurrency:
            wall, cpu = asyncio.run(measure(spec, arguments.calls, concurrency))
            ideal = ceil(arguments.calls / concurrency) * LATENCY_S
            print(
                f"{kind:8} {concurrency:4} concurrent: {wall:5.2f} s for {arguments.calls} calls, "
                f"{ideal / wall:4.0%} of ideal ({ideal:.1f} s), {cpu:5.1f} CPU ms a call"
            )
        ours.close()
        process.join(timeout=10)


if __name__ == "__main__":
    main()
