"""``[target]``: what fits together, what has to be a reference, and where files start."""

from pathlib import Path
from typing import Any

import pytest

from harness.config import AuthSection, Settings, TargetSection, load_settings
from harness.errors import ConfigurationError

OIDC = {"kind": "oidc", "token_url": "https://login.bank.test/t", "client_id": "gate", "client_secret": "${SECRET}"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"tls": {"key_file": "k.pem"}}, "need cert_file"),
    ({"tls": {"cert_file": "c.pem", "key_password": "hunter2"}}, "allowed are"),
    ({"tls": {"verify": False}}, r"unknown key 'target\.tls\.verify'"),
    ({"auth": {"kind": "sigv4", "service": "execute-api"}}, "also needs region"),
    ({"auth": {"kind": "oidc", "client_id": "gate"}}, "also needs token_url, client_secret"),
    ({"auth": {**OIDC, "client_secret": "hunter2"}}, "allowed are"),
    ({"auth": {**OIDC, "token_url": "login.bank.test"}}, r"auth\.token_url.*http"),
    ({"auth": {**OIDC, "region": "eu-west-1"}}, "does not use region"),
    ({"auth": {"scope": "chat"}}, "kind 'none' does not use scope"),
    ({"auth": {"kind": "bearer"}}, "sigv4"),
    ({"auth": OIDC, "headers": {"Authorization": "${TOKEN}"}}, "exclude each other"),
    ({"poll": {"url": "/jobs/{id}"}}, r"target\.poll\.until"),
    ({"poll": {"until": "done"}, "stream": True}, "exclude each other"),
    ({"poll": {"until": "done", "every_s": 0}}, r"poll\.every_s"),
    ({"carry_first": {"thread": "new"}}, "which [target.carry] does not".replace("[", r"\[")),
    ({"carry": {"the thread": "id"}}, r"target\.carry"),
]


@pytest.mark.parametrize(("target", "message"), WRONG)
def test_what_does_not_fit_together_is_named(target: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_settings(flags={"target": target}, env={})
    assert "hunter2" not in str(raised.value)


def test_what_a_run_records_of_a_section_is_read_again_as_it_was() -> None:
    for auth in (OIDC, {"kind": "sigv4", "service": "lambda", "region": "eu-west-1"}, {}):
        section = TargetSection.model_validate({"auth": auth, "poll": {"until": "done"}, "carry": {"a": "b"}})
        assert TargetSection.model_validate_json(section.model_dump_json()) == section
    assert AuthSection().kind == "none"


def test_a_header_may_take_a_carried_token() -> None:
    headers = {"x-session-token": "{carry.token}"}
    assert TargetSection(headers=headers, carry={"token": "token"}).headers == headers


def test_files_start_at_the_configuration_file_and_are_fingerprinted_as_they_are_written(tmp_path: Path) -> None:
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        file = folder / "gate.toml"
        file.write_text('[target.tls]\nca_file = "ca.pem"\ncert_file = "/etc/client.pem"\n')
        settings = load_settings(file, env={})
        tls = settings.located_target().tls
        assert (tls.ca_file, tls.cert_file, tls.key_file) == (str(folder / "ca.pem"), "/etc/client.pem", None)
        found.append(settings.fingerprint())
    assert found[0] == found[1]
    assert Settings().located_target() == TargetSection()
