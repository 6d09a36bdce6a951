"""Amazon Bedrock batch inference: many calls as one job over S3, at half the price, in hours.

Sources: Amazon Bedrock API reference, "CreateModelInvocationJob", "GetModelInvocationJob", "StopModelInvocationJob".
"""

import asyncio
import hashlib
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from harness.errors import ConfigurationError, ModelError
from harness.models.interface import ModelCall, OutputT, Usage
from harness.models.spec import ModelSpec, parse_spec

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_RECORDS = 100
"""A job of fewer records is refused (service quotas, "Minimum number of records per batch inference job")."""
_ENDED = {"Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired"}
_JOB = "job|"
_BILLED = "billed|"


class Notes(Protocol):
    """What outlives the process, so that a job that was paid for is waited for and not made again."""

    notes: dict[str, str]

    def note(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """How often a job is looked at."""

    first_s: float = 15.0
    growth: float = 1.5
    most_s: float = 300.0
    give_up_s: float = 24 * 3600.0
    """A job that takes longer is stopped; what it has done is taken."""


class BedrockBatches:
    """Asks calls as batch inference jobs.

    Args:
        spec: A ``bedrock:…`` model.
        role_arn: The role that the job reads and writes the bucket with.
        place: ``s3://bucket/prefix`` for input and output; nothing else may be there.
        region: AWS region.
        polling: How often a job is looked at.
    """

    def __init__(
        self, spec: ModelSpec, *, role_arn: str, place: str, region: str | None, polling: Polling | None = None
    ) -> None:
        self._spec = spec
        self._role_arn = role_arn
        self._place = place.rstrip("/")
        self._bucket, _, self._prefix = self._place.removeprefix("s3://").partition("/")
        self._polling = polling or Polling()
        self._jobs, self._s3 = _clients(region)
        self._lines: dict[str, dict[str, Any]] = {}
        """Of all jobs read so far, by record id."""
        self._read: set[str] = set()
        self.usage = Usage()
        """What all jobs consumed; those that an earlier attempt counted are left out."""
        self.small = 0
        """Calls that were too few for a job."""
        self.jobs: dict[str, str] = {}
        """How each job ended, by its ARN."""

    async def ask_all(self, calls: Sequence[ModelCall], output: type[OutputT], journal: Notes) -> list[OutputT | None]:
        """Return each call's answer, or None where no job gave one that can be used.

        A job of an earlier attempt is waited for first; fewer than ``MIN_RECORDS`` calls that remain are left to
        be asked one by one.

        Raises:
            ModelError: If a job cannot be made or looked at.
        """
        from harness.models.batch_records import answered, record_of

        records = [record_of(call, output, self._spec) for call in calls]
        for name in [name for name in journal.notes if name.startswith(_JOB)]:
            await self._collect(journal.notes[name], journal)
        left = {r["recordId"]: r for r in records if r["recordId"] not in self._lines}
        if len(left) >= MIN_RECORDS:
            await self._collect(await self._job(list(left.values()), journal), journal)
        else:
            self.small += len(left)
        return [
            answered(self._lines.get(record["recordId"], {}), call, output)
            for record, call in zip(records, calls, strict=True)
        ]

    async def discard(self) -> None:
        """Delete what the jobs read and wrote."""
        await self._called(self._delete)

    async def _job(self, records: Sequence[Mapping[str, Any]], journal: Notes) -> str:
        """Make a job, or find the one that was made of the same records; return its ARN."""
        token = hashlib.sha256("".join(sorted(r["recordId"] for r in records)).encode()).hexdigest()
        body = b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)
        key = f"{self._prefix}/{token[:16]}/input.jsonl"

        def create() -> str:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
            made = self._jobs.create_model_invocation_job(
                jobName=f"reverse-rag-{token[:16]}",
                clientRequestToken=token,
                roleArn=self._role_arn,
                modelId=self._spec.model,
                modelInvocationType="Converse",
                inputDataConfig={
                    "s3InputDataConfig": {"s3Uri": f"s3://{self._bucket}/{key}", "s3InputFormat": "JSONL"}
                },
                outputDataConfig={"s3OutputDataConfig": {"s3Uri": f"{self._place}/{token[:16]}/output/"}},
                timeoutDurationInHours=24,
            )
            return str(made["jobArn"])

        arn: str = await self._called(create)
        journal.note(f"{_JOB}{token[:16]}", arn)
        return arn

    async def _collect(self, arn: str, journal: Notes) -> None:
        """Wait for a job and take what it wrote."""
        if arn in self._read:
            return
        self.jobs[arn] = await self._ended(arn)
        token = next(name.removeprefix(_JOB) for name, value in journal.notes.items() if value == arn)
        from harness.models.batch_records import consumed

        lines: list[dict[str, Any]] = await self._called(lambda: self._output(f"{self._prefix}/{token}/output/"))
        for line in lines:
            self._lines[line["recordId"]] = line
            if _BILLED + arn not in journal.notes:
                self.usage += consumed(line, self._spec)
        journal.note(_BILLED + arn, "1")
        self._read.add(arn)

    async def _ended(self, arn: str) -> str:
        wait_s, give_up_at = self._polling.first_s, time.monotonic() + self._polling.give_up_s
        stopped = False
        while True:
            job: dict[str, Any] = await self._called(lambda: self._jobs.get_model_invocation_job(jobIdentifier=arn))
            if job["status"] in _ENDED:
                return str(job["status"])
            if time.monotonic() > give_up_at and not stopped:
                await self._called(lambda: self._jobs.stop_model_invocation_job(jobIdentifier=arn))
                stopped = True
            await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))
            wait_s = min(self._polling.most_s, wait_s * self._polling.growth)

    def _output(self, prefix: str) -> list[dict[str, Any]]:
        lines = []
        for key in self._keys(prefix):
            if key.endswith(".jsonl.out"):
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
                lines += [line for raw in body.iter_lines() if (line := _parsed(raw)) is not None]
        return lines

    def _keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def _delete(self) -> None:
        for key in self._keys(f"{self._prefix}/"):
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    async def _called(self, work: "Callable[[], Any]") -> Any:
        """Do what blocks in a thread.

        Raises:
            ModelError: If AWS refuses it; its own message, which may quote the prompt, is left out.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return await asyncio.to_thread(work)
        except (BotoCoreError, ClientError) as error:
            code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
            raise ModelError(
                f"{self._spec.text}: batch inference cannot be used: {type(error).__name__}{f' ({code})' if code else ''}",
                hint="check the role's and your own permissions for Bedrock and the bucket, and that the model takes batches",
            ) from None


def connect_batches(
    spec: str, *, role_arn: str | None, root: str, name: str, key: str, polling: Polling | None = None
) -> BedrockBatches:
    """Return what asks a configured model in batches.

    Args:
        spec: ``bedrock:<model-id>``.
        role_arn: The role of the jobs.
        root: The storage root.
        name: Of the generation: input and output go to ``<root>/batch/<name>``.
        key: The dotted key of ``batch``, for errors.
        polling: How often a job is looked at.

    Raises:
        ConfigurationError: If the model is not Bedrock's, the root is no bucket, or the role is missing.
    """
    parsed = parse_spec(spec, key=key)
    problem = ""
    if parsed.kind != "bedrock":
        problem = f"only Amazon Bedrock has batch inference, and the model is '{parsed.kind}'"
    elif not root.startswith("s3://"):
        problem = "its jobs read and write S3, and [storage] root is a local folder"
    elif role_arn is None:
        problem = "its jobs need the ARN of a role that may read and write the bucket"
    if problem or role_arn is None:
        raise ConfigurationError(
            f"'{key}': {problem}", hint='set [storage] root = "s3://…" and [personas] batch_role, or batch = false'
        )
    from harness.models.aws import region_in, usable

    region = region_in(os.environ)
    place = f"{root.rstrip('/')}/batch/{name}"
    with usable(key):
        return BedrockBatches(parsed, role_arn=role_arn, place=place, region=region, polling=polling)


def _clients(region: str | None) -> tuple[Any, Any]:
    import boto3
    from botocore.config import Config

    session = boto3.Session()
    config = Config(retries={"total_max_attempts": 8, "mode": "standard"})
    return tuple(session.client(name, region_name=region, config=config) for name in ("bedrock", "s3"))


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return line if isinstance(line, dict) and "recordId" in line else None
