"""Which model a configuration value means."""

import pytest

from harness.errors import ConfigurationError
from harness.models import connect, parse_spec


@pytest.mark.parametrize(
    ("text", "kind", "model", "base_url"),
    [
        ("offline", "offline", "", ""),
        ("bedrock:amazon.nova-lite-v1:0", "bedrock", "amazon.nova-lite-v1:0", ""),
        (
            "bedrock:arn:aws:bedrock:eu-west-1:1:inference-profile/eu.m:0",
            "bedrock",
            "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.m:0",
            "",
        ),
        ("openai:small", "openai", "small", "https://api.openai.com/v1"),
        ("openai:small@http://127.0.0.1:8080/v1/", "openai", "small", "http://127.0.0.1:8080/v1"),
        ("openai:@cf/vendor/model@https://gateway.test/v1", "openai", "@cf/vendor/model", "https://gateway.test/v1"),
        ("openai:vendor/m:free@http://[::1]:8080", "openai", "vendor/m:free", "http://[::1]:8080"),
    ],
)
def test_each_form_is_understood(text: str, kind: str, model: str, base_url: str) -> None:
    spec = parse_spec(text, key="judge.model", env={})
    assert (spec.kind, spec.model, spec.base_url, spec.text) == (kind, model, base_url, text)


def test_a_model_without_an_address_is_where_the_environment_says() -> None:
    spec = parse_spec("openai:small", key="judge.model", env={"OPENAI_BASE_URL": "http://gateway.test/v1/"})
    assert spec.base_url == "http://gateway.test/v1"


def test_an_address_in_the_value_wins_over_the_environment() -> None:
    spec = parse_spec("openai:m@http://a.test", key="judge.model", env={"OPENAI_BASE_URL": "http://b.test"})
    assert spec.base_url == "http://a.test"


def test_an_address_may_be_a_reference_and_stays_one_in_the_id() -> None:
    spec = parse_spec("openai:m@${GATEWAY}/v1", key="judge.model", env={"GATEWAY": "https://g.test"})
    assert (spec.base_url, spec.text) == ("https://g.test/v1", "openai:m@${GATEWAY}/v1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Offline",
        "gpt",
        "bedrock",
        "bedrock:",
        "openai:",
        "openai: m",
        "anthropic:m",
        "openai:m@127.0.0.1:80",
        "bedrock:a\nb",
    ],
)
def test_any_other_value_is_refused_with_the_key_and_the_forms(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_spec(text, key="personas.model", env={})
    assert "'personas.model'" in str(caught.value)
    for form in ("offline", "bedrock:<model-id>", "openai:<model>@<base-url>"):
        assert form in caught.value.hint


@pytest.mark.parametrize("url", ["http://", "https:///v1", "http://host:notaport", "http://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"'judge\.model': the base URL"):
        parse_spec(f"openai:m@{url}", key="judge.model", env={})


def test_an_address_from_the_environment_is_checked_too() -> None:
    with pytest.raises(ConfigurationError):
        parse_spec("openai:m", key="judge.model", env={"OPENAI_BASE_URL": "gateway.test"})


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_spec("openai:m@http://me:hunter2@g.test/v1", key="judge.model", env={})
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_key_in_the_place_of_a_model_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_spec("sk:verysecretverysecret", key="judge.model", env={})
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://localhost:1", True), ("http://127.9.9.9", True), ("http://[::1]:8", True), ("http://10.0.0.1", False)],
)
def test_only_this_machines_own_addresses_are_loopback(url: str, loopback: bool) -> None:  # noqa: FBT001
    assert parse_spec(f"openai:m@{url}", key="judge.model", env={}).is_loopback is loopback


def test_connecting_to_offline_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"'judge\.model' is 'offline'"):
        connect("offline", timeout_s=1.0, concurrency=1, key="judge.model", env={})


def test_a_server_elsewhere_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        connect("openai:m@https://gateway.test/v1", timeout_s=1.0, concurrency=1, key="judge.model", env={})


def test_bedrock_needs_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(ConfigurationError, match=r"'judge\.model' needs a usable AWS configuration") as caught:
        connect("bedrock:amazon.nova-lite-v1:0", timeout_s=1.0, concurrency=1, key="judge.model")
    assert "AWS_REGION" in caught.value.hint


def test_the_same_name_at_another_server_is_another_model() -> None:
    """A judge card or a cached judgement of one is none of the other's; an address that may be a secret is not shown."""
    texts = ["openai:m@http://a.test/v1/", "openai:m", "bedrock:m"]
    assert [parse_spec(text, key="judge.model", env={}).model_id for text in texts] == texts
    for text, name in (("openai:m", "OPENAI_BASE_URL"), ("openai:m@${GATEWAY}", "GATEWAY")):
        ids = [parse_spec(text, key="judge.model", env={name: f"http://{one}.test"}).model_id for one in "aab"]
        assert ids[0] == ids[1] != ids[2]
        assert all(found.startswith(f"{text}#") and ".test" not in found for found in ids)
