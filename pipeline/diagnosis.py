"""One real, cheap call to every dependency a configuration names."""

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple

from pydantic import BaseModel

from harness.config import Settings, TlsSection, resolve_secret
from harness.config.sections import PiiSection, ReviewsSection
from harness.errors import DependencyError, ExitCode, ReverseRagError
from harness.models import OFFLINE, ModelCall, RetryPolicy
from harness.models.embeddings import EMBEDDED, connect_embeddings
from harness.storage import Storage
from pipeline.models import connect_model

_REMEDIES = {
    "connection_error": "is it running, is the port right, and does the way there (proxy, certificate) fit?",
    "timeout": "raise [target] timeout_s, or look at why it is slow; over a WebSocket, is [target.response] end right?",
    "malformed": "compare [target.response] and protocol with what the target really sends",
    "blocked": "its filter refuses this machine: ask its owner to let the run's header x-reverse-rag-run pass",
    "throttled": "its rate limit is lower than a single request: raise it for this machine",
    "http_error": "check method, path, headers and body in [target]",
}

_NO_CONTEXTS = (
    "no contexts came with this reply: does [target.response] contexts fit what the target sends (`sources[].text` of texts "
    "gives none, `sources` does)? Without them groundedness fails or cannot be checked"
)
_SAMPLE = "Hello, I am Marit Okoro of 12 Example Street, please call me on +44 20 7946 0000."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one dependency said."""

    dependency: str
    ok: bool
    observed: str
    remedy: str = ""
    exit_code: ExitCode = ExitCode.OK

    @property
    def style(self) -> str:
        """How it is shown."""
        return {"ok": "", "ok, but": "yellow", "FAILS": "red"}[self.word]

    @property
    def word(self) -> str:
        """What it comes to; a remedy beside an answer says what is likely not meant."""
        if not self.ok:
            return "FAILS"
        return "ok, but" if self.remedy else "ok"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return what the command ends with: usage before safety before dependencies, as for every command."""
    found = {finding.exit_code for finding in findings if not finding.ok}
    order = (ExitCode.BUG, ExitCode.USAGE, ExitCode.SAFETY, ExitCode.DEPENDENCY)
    return next((code for code in order if code in found), ExitCode.OK)


class Doubt(NamedTuple):
    """What a dependency said that works, and is likely not set up as it was meant to be."""

    observed: str
    remedy: str


class Pong(BaseModel):
    """The answer a model is asked for."""

    ok: bool


def examine(settings: Settings, storage: Storage) -> list[Finding]:
    """Return a finding for every dependency, in the order the pipeline meets them."""
    checks: list[tuple[str, Callable[[], str | Doubt]]] = [
        ("secrets", lambda: _secrets(settings)),
        ("source", lambda: _source(settings)),
        ("storage", lambda: _storage(storage)),
        ("target", lambda: _target(settings)),
    ]
    if settings.target.auth.kind != "none":
        checks.insert(-1, ("target.auth", lambda: _credentials(settings)))
    if settings.target.tls != TlsSection():
        checks.insert(-1, ("target.tls", lambda: _certificates(settings)))
    if settings.extract.profiles is not None:
        checks.insert(2, ("profiles", lambda: _profiles(settings)))
    if settings.extract.pii != PiiSection():
        checks.insert(2, ("detector", lambda: _detector(settings)))
    checks += [(key, partial(_model, settings, spec, key)) for spec, key in _models(settings).items()]
    if settings.reviews.store != ReviewsSection().store:
        checks.append(("reviews.store", lambda: _reviews(settings, storage)))
    if settings.personas.embedding != EMBEDDED:
        checks.append(("personas.embedding", lambda: _embedding(settings)))
    return [_finding(name, check) for name, check in checks]


def _models(settings: Settings) -> dict[str, str]:
    """Return the keys of the configured models by model: each is asked once, wherever it stands."""
    named = {"personas.model": settings.personas.model, "judge.model": settings.judge.model}
    named |= {f"tiers.{tier}.judge.model": settings.tier(tier)[0].judge.model for tier in settings.tiers}
    judges = [("judge", settings.judge), *((f"tiers.{t}.judge", settings.tier(t)[0].judge) for t in settings.tiers)]
    for table, judge in judges:
        named |= {f"{table}.jury[{number}]": spec for number, spec in enumerate(judge.jury)}
        named |= {f"{table}.escalate_to": judge.escalate_to} if judge.escalate_to is not None else {}
    by_model: dict[str, str] = {}
    for key, spec in named.items():
        if spec != OFFLINE:
            by_model.setdefault(spec, key)
    return by_model


def _finding(name: str, check: Callable[[], str | Doubt]) -> Finding:
    try:
        said = check()
        observed, remedy = (said.observed, said.remedy) if isinstance(said, Doubt) else (said, "")
        return Finding(dependency=name, ok=True, observed=observed, remedy=remedy)
    except ReverseRagError as error:
        return Finding(dependency=name, ok=False, observed=str(error), remedy=error.hint, exit_code=error.exit_code)


def _secrets(settings: Settings) -> str:
    from extract.keys import hmac_key

    hmac_key(settings)
    for name, value in settings.target.headers.items():
        resolve_secret(value, key=f"target.headers.{name}")
    secrets = {
        "auth.client_id": settings.target.auth.client_id,
        "auth.client_secret": settings.target.auth.client_secret,
        "tls.key_password": settings.target.tls.key_password,
    }
    for name, reference in secrets.items():
        if reference is not None:
            resolve_secret(reference, key=f"target.{name}")
    return "every reference resolves"


def _source(settings: Settings) -> str:
    from extract.probing import probe_source

    return probe_source(settings)


def _profiles(settings: Settings) -> str:
    from extract.probing import probe_profiles

    return probe_profiles(settings)


def _detector(settings: Settings) -> str:
    from harness.pii.setup import DetectorSetup

    setup = DetectorSetup.of(settings)
    detector = setup.detector()
    started = time.perf_counter()
    detector.find(_SAMPLE)
    took_ms = (time.perf_counter() - started) * 1000
    named = " and ".join(setup.taggers) or "no tagger"
    return f"{named}, {len(setup.recognizers)} recognizers, {len(setup.keep)} kept words; a sentence takes {took_ms:.0f} ms"


def _storage(storage: Storage) -> str:
    folder = storage.staging("runs")
    try:
        (folder / "marker").write_text("written by reverse-rag doctor\n", encoding="utf-8")
    finally:
        shutil.rmtree(folder)
    free = shutil.disk_usage(folder.parent).free
    return f"written and deleted a marker under {storage.root}; {free / 1e9:.0f} GB free"


def _reviews(settings: Settings, storage: Storage) -> str:
    from pipeline.reviewing import review_table

    table = review_table(settings, storage)
    table.probe()
    return f"{settings.reviews.store} can be read and written"


def _target(settings: Settings) -> str | Doubt:
    from swarm.replay import Call
    from swarm.sender import HttpSender

    sender = HttpSender(settings.located_target(), "doctor")
    try:
        sender.authorize()
        reply = sender.send(Call(prompt="Hello", history=(), conversation_id="doctor"))
    finally:
        sender.close()
    took_ms = (reply.ended - reply.sent) * 1000
    if reply.outcome != "answered":
        raise DependencyError(
            f"{settings.target.url}: {reply.outcome}{f', HTTP {reply.status}' if reply.status else ''}"
            f"{f' ({reply.error})' if reply.error else ''} after {took_ms:.0f} ms",
            hint=_REMEDIES.get(reply.outcome, "look at the reply with curl"),
        )
    way = f" through the proxy {sender.proxy_host}" if sender.proxy_host else ""
    observed = f"answers in {took_ms:.0f} ms{way}{_mapped(reply.text, reply.contexts, settings)}"
    return Doubt(observed, _NO_CONTEXTS) if settings.target.response.contexts and not reply.contexts else observed


def _credentials(settings: Settings) -> str:
    """Return that requests can be authorized; its own finding, because it fails for reasons of its own."""
    from swarm.sender import HttpSender

    sender = HttpSender(settings.located_target(), "doctor")
    try:
        sender.authorize()
    finally:
        sender.close()
    return {"sigv4": "AWS credentials to sign with", "oidc": "a token was given"}[settings.target.auth.kind]


def _certificates(settings: Settings) -> str:
    from swarm.tls import tls_context

    tls = settings.located_target().tls
    tls_context(tls, certificate=True)
    authorities = "the system's authorities and those of ca_file" if tls.ca_file else "the system's authorities"
    return f"trusts {authorities}{'; shows cert_file, whose key fits' if tls.cert_file else ''}"


def _mapped(text: str | None, contexts: list[str] | None, settings: Settings) -> str:
    found = f"; {len(text or '')} characters of text"
    if settings.judge.checks.groundedness:
        found += (
            f", {len(contexts)} contexts" if contexts is not None else ", no contexts: groundedness cannot be checked"
        )
    return found


def _model(settings: Settings, spec: str, key: str) -> str:
    async def ask() -> str:
        # Once more than once: a passing fault is none, and a lasting one is to be named at once.
        client = connect_model(
            spec, settings, key=key, concurrency=1, policy=RetryPolicy(attempts=2, output_attempts=2)
        )
        assert client is not None  # noqa: S101 - offline models are not asked
        try:
            reply = await client.ask(
                ModelCall(system="You test a connection.", prompt="Answer ok.", max_tokens=64), Pong
            )
            return f"answers; {reply.usage.tokens_in} tokens in, {reply.usage.tokens_out} out"
        finally:
            await client.close()

    return asyncio.run(ask())


def _embedding(settings: Settings) -> str:
    # Once more than once: a passing fault is none, and a lasting one is to be named at once.
    policy = RetryPolicy(attempts=2)
    client = connect_embeddings(settings.personas.embedding, key="personas.embedding", concurrency=1, policy=policy)
    assert client is not None  # noqa: S101 - the embedded way is not asked
    try:
        vectors = client.embed(["Which documents do I need to open an account?"])
        return f"answers with {vectors.shape[1]} dimensions; {client.usage.tokens_in} tokens in"
    finally:
        client.close()
