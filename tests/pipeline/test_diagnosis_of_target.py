"""What the doctor says of the way to the target: certificates, credentials, proxies."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from harness.config import load_settings
from harness.errors import ExitCode
from harness.storage import Storage
from harness.testing.target import TargetServer
from harness.testing.target_script import Answer, ScriptedTarget
from pipeline.diagnosis import Finding, examine
from tests.swarm.certificates import certificate_and_key, self_signed


def examined(folder: Path, monkeypatch: pytest.MonkeyPatch, **target: Any) -> dict[str, Finding]:
    monkeypatch.setenv("CLIENT_SECRET", "s3cret")
    file = folder / "reverse-rag.toml"
    file.write_text("")
    settings = load_settings(file, flags={"target": {"response": {"text": "message.text"}, **target}}, env={})
    findings = examine(settings, Storage(str(folder / "out")))
    return {finding.dependency: finding for finding in findings}


def test_certificates_beside_the_configuration_file_are_loaded_and_the_target_is_reached_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with TargetServer(ssl_context=context) as server:
        url = server.url("/ok", host="localhost")
        found = examined(tmp_path, monkeypatch, url=url, tls={"ca_file": certificate.name})
    assert (found["target.tls"].ok, found["target"].ok) == (True, True)
    assert "ca_file" in found["target.tls"].observed


def test_a_key_that_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate_and_key(tmp_path, "one.test")
    certificate_and_key(tmp_path, "two.test")
    found = examined(tmp_path, monkeypatch, tls={"cert_file": "one.test.crt", "key_file": "two.test.key"})
    assert not found["target.tls"].ok
    assert "target.tls.key_file" in found["target.tls"].observed
    assert found["target.tls"].exit_code == ExitCode.USAGE


def oidc(host: ScriptedTarget) -> dict[str, str]:
    return {"kind": "oidc", "token_url": host.url(), "client_id": "gate", "client_secret": "${CLIENT_SECRET}"}


def test_a_token_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedTarget(lambda _: Answer({"access_token": "t"})) as host, TargetServer() as server:
        found = examined(tmp_path, monkeypatch, url=server.url("/ok"), auth=oidc(host))
    assert (found["target.auth"].ok, found["target.auth"].observed) == (True, "a token was given")
    assert found["target"].ok


def test_a_token_that_is_refused_is_a_failed_dependency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedTarget(lambda _: Answer({"error": "invalid_scope"}, status=400)) as host:
        found = examined(tmp_path, monkeypatch, auth=oidc(host))
    assert "HTTP 400 (invalid_scope)" in found["target.auth"].observed
    assert found["target.auth"].exit_code == ExitCode.DEPENDENCY
    assert "token_url" in found["target.auth"].remedy


def test_without_such_keys_there_are_no_such_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TargetServer() as server:
        found = examined(tmp_path, monkeypatch, url=server.url("/ok"))
    assert not {"target.tls", "target.auth"} & found.keys()
    assert found["target"].ok


@pytest.mark.parametrize(
    ("contexts", "word"), [("message.sources[].text", "ok"), ("message.sources[].body", "ok, but")]
)
def test_contexts_that_are_configured_and_do_not_come_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contexts: str, word: str
) -> None:
    """A wrong expression there makes a good assistant look like one that invents everything."""
    with TargetServer() as server:
        found = examined(
            tmp_path, monkeypatch, url=server.url("/ok"), response={"text": "message.text", "contexts": contexts}
        )["target"]
    assert (found.word, found.exit_code, found.ok) == (word, ExitCode.OK, True)
    assert ("[target.response] contexts" in found.remedy) == (word != "ok")
