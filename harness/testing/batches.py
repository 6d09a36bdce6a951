"""A local control plane of Bedrock batch inference: jobs that read and write a local S3.

Source: Amazon Bedrock API reference, "CreateModelInvocationJob" and its neighbours.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import unquote

from harness.testing.script import ReceivedCall
from harness.testing.wire import BedrockWire, Tokens

ACCOUNT = "arn:aws:bedrock:us-east-1:000000000000:model-invocation-job"
_MIN_RECORDS = 100


class BatchServer:
    """Speaks ``POST /model-invocation-job``, ``GET`` of a job, and its ``stop``.

    Args:
        reply: The answer to a record.
        count: How many tokens a record and its answer are.
        s3: A client of the local S3.
        polls: How often a job is looked at before it has ended.
        broken: Which records, by their place in the input, meet an error.
        ends: What a job ends as.
    """

    def __init__(
        self,
        reply: Callable[[ReceivedCall], Any],
        *,
        count: Callable[[ReceivedCall, Any], Tokens],
        s3: Any,
        polls: int = 3,
        broken: Callable[[int], bool] = lambda _: False,
        ends: str = "Completed",
    ) -> None:
        self.reply = reply
        self.count = count
        self.s3 = s3
        self.polls = polls
        self.broken = broken
        self.ends = ends
        self.jobs: dict[str, dict[str, Any]] = {}
        self.calls: list[ReceivedCall] = []
        self.billed: list[Tokens] = []
        """The provider's own ledger."""
        self.stopped: list[str] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """What ``AWS_ENDPOINT_URL_BEDROCK`` has to be."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Begin a job; the same token means the same job."""
        with self._lock:
            for arn, job in self.jobs.items():
                if job["clientRequestToken"] == body["clientRequestToken"]:
                    return 200, {"jobArn": arn}
            records = self._lines(body["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
            if len(records) < _MIN_RECORDS or body.get("modelInvocationType") != "Converse":
                return 400, {"message": "scripted: not a job"}
            arn = f"{ACCOUNT}/{len(self.jobs) + 1:012d}"
            self.jobs[arn] = {**body, "status": "Submitted", "looked": 0, "records": records}
            return 200, {"jobArn": arn}

    def look(self, arn: str) -> tuple[int, dict[str, Any]]:
        """Return how far a job is; it ends when it was looked at often enough."""
        with self._lock:
            job = self.jobs[arn]
            job["looked"] += 1
            if job["status"] in {"Submitted", "InProgress", "Stopping"}:
                job["status"] = "InProgress"
                if job["looked"] > self.polls or arn in self.stopped:
                    self._finish(arn, job)
            hidden = {"looked", "records"}
            return 200, {"jobArn": arn, **{name: value for name, value in job.items() if name not in hidden}}

    def stop(self, arn: str) -> tuple[int, dict[str, Any]]:
        """End a job early."""
        self.stopped.append(arn)
        return 200, {}

    def _finish(self, arn: str, job: dict[str, Any]) -> None:
        job["status"] = "Stopped" if arn in self.stopped else self.ends
        if job["status"] == "Failed":
            return
        lines = [json.dumps(self._done(place, record, job["modelId"])) for place, record in enumerate(job["records"])]
        bucket, key = _place(job["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"])
        folder = f"{key}{arn.rpartition('/')[2]}"
        # Bedrock promises no order.
        self.s3.put_object(Bucket=bucket, Key=f"{folder}/input.jsonl.out", Body="\n".join(reversed(lines)).encode())
        self.s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json.out", Body=b"{}")

    def _done(self, place: int, record: dict[str, Any], model: str) -> dict[str, Any]:
        if self.broken(place):
            return {**record, "error": {"errorCode": 400, "errorMessage": "scripted"}}
        wire = BedrockWire()
        call = wire.parse(f"/model/{model}/converse", record["modelInput"], {})
        if call is None:
            return {**record, "error": {"errorCode": 400, "errorMessage": "not a Converse body"}}
        value = self.reply(call)
        tokens = self.count(call, value)
        self.calls.append(call)
        self.billed.append(tokens)
        return {**record, "modelOutput": wire.metered(wire.answer(call, value, None), tokens)}

    def _lines(self, uri: str) -> list[dict[str, Any]]:
        bucket, key = _place(uri)
        return [json.loads(line) for line in self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()]


def _place(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _handler(server: BatchServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_BatchHandler):
        owner = server

    return Handler


class _BatchHandler(BaseHTTPRequestHandler):
    owner: ClassVar[BatchServer]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(*self.owner.look(unquote(self.path.removeprefix("/model-invocation-job/"))))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        path = unquote(self.path)
        if path.endswith("/stop"):
            self._send(*self.owner.stop(path.removeprefix("/model-invocation-job/").removesuffix("/stop")))
        else:
            self._send(*self.owner.create(json.loads(body)))

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if status != 200:
            self.send_header("x-amzn-errortype", "ValidationException")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""
