"""URLs that look like production's."""

import pytest

from harness.errors import ExitCode, SafetyError
from swarm.markers import refuse_production
from tests.swarm.senders import sender_to


@pytest.mark.parametrize(
    "url",
    [
        "https://prod.bank.test/chat",
        "https://api.PROD.bank.test/chat",
        "https://chat-prod.bank.test/",
        "https://prod-eu-1.bank.test/",
        "https://production.bank.test/",
        "https://live.bank.test/",
        "https://www.bank.test/chat",
        "https://ab12.execute-api.eu-west-1.amazonaws.com/prod/chat",
        "https://ab12.execute-api.eu-west-1.amazonaws.com/Prod",
    ],
)
def test_marks_of_production_are_refused(url: str) -> None:
    with pytest.raises(SafetyError, match="looks like production") as raised:
        refuse_production(url)
    assert raised.value.exit_code == ExitCode.SAFETY
    assert "[target] production = true" in raised.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://staging.bank.test/chat",
        "https://nonprod.bank.test/",
        "https://non-prod.bank.test/",
        "https://pre-prod.bank.test/",
        "https://preprod.bank.test/",
        "https://products.bank.test/",
        "https://delivery.bank.test/",
        "https://bank.test/chat/prod",
        "https://wwwstaging.bank.test/",
        "http://127.0.0.1:8000/prod/chat",
        "http://localhost/live",
        "http://10.0.0.7/chat",
    ],
)
def test_other_urls_are_not(url: str) -> None:
    refuse_production(url)


def test_the_key_forces_it() -> None:
    url, hosts = "https://prod.bank.invalid/chat", ["prod.bank.invalid"]
    with pytest.raises(SafetyError, match="prod"):
        sender_to(url, allow_hosts=hosts)
    sender_to(url, allow_hosts=hosts, production=True).close()
