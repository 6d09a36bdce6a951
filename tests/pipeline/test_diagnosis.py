"""What the doctor says of single dependencies."""

from pathlib import Path

import pytest

from harness.config import PersonasSection, Settings, StorageSection
from harness.config.sections import ReviewsSection
from harness.errors import ExitCode
from harness.storage import Storage
from harness.testing.embeddings import TitanServer
from harness.testing.script import Fault
from pipeline.diagnosis import Finding, examine, exit_code


def _of_the_embedding(folder: Path, monkeypatch: pytest.MonkeyPatch, server: TitanServer) -> Finding:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    values = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = Settings(
        storage=StorageSection(root=str(folder / "out")),
        personas=PersonasSection.model_validate({"embedding": server.spec}),
    )
    found = {finding.dependency: finding for finding in examine(settings, Storage(settings.storage.root))}
    return found["personas.embedding"]


def test_a_configured_embedding_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TitanServer() as server:
        found = _of_the_embedding(tmp_path, monkeypatch, server)
    assert found.ok
    assert "512 dimensions" in found.observed
    assert server.requests == 1


def test_an_embedding_that_is_refused_is_a_failed_dependency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TitanServer(faults=[Fault.error(403, code="AccessDeniedException")]) as server:
        found = _of_the_embedding(tmp_path, monkeypatch, server)
    assert not found.ok
    assert "credentials are refused" in found.observed
    assert "may use the model" in found.remedy
    assert exit_code([found]) is ExitCode.DEPENDENCY


def test_without_one_nothing_is_asked(tmp_path: Path) -> None:
    settings = Settings(storage=StorageSection(root=str(tmp_path / "out")))
    assert "personas.embedding" not in {f.dependency for f in examine(settings, Storage(settings.storage.root))}


def test_a_review_table_that_is_configured_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_DYNAMODB", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    values = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented"}
    for name, value in {**values, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(name, value)
    try:
        settings = Settings(
            storage=StorageSection(root=str(tmp_path / "out")), reviews=ReviewsSection(store="dynamodb:not-there")
        )
        findings = examine(settings, Storage(settings.storage.root))
    finally:
        server.stop()
    found = {finding.dependency: finding for finding in findings}["reviews.store"]
    assert (found.ok, found.exit_code) == (False, ExitCode.DEPENDENCY)
    assert "table not-there: cannot be read or written: ResourceNotFoundException" in found.observed
