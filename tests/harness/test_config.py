"""The configuration: precedence, tiers, and errors that name where, what and what is allowed."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.config import Settings, load_settings, resolve_secret
from harness.config.diagnosis import line_of
from harness.config.settings import environment_values, merge
from harness.errors import ConfigurationError, ExitCode

FILE = """\
# A comment
[storage]
root = "artifacts"

[gate]
threshold = 0.05

[judge]
model = "offline"
concurrency = 10

[tiers.pr]
prompts = 50
[tiers.pr.judge]
concurrency = 3
[tiers.pr.slo]
p95_ms = 900
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "reverse-rag.toml"
    path.parent.mkdir()
    path.write_text(FILE, encoding="utf-8")
    return path


def problem(file: Path, text: str = FILE, **given: Any) -> str:
    """Return what is said of a configuration that is wrong."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, **{"env": {}, **given})
    assert caught.value.exit_code == ExitCode.USAGE
    return str(caught.value)


def test_defaults_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(env={})
    assert (settings.gate.threshold, settings.gate.confidence, settings.load) == (0.02, 0.95, None)
    assert settings.path("logs") == str(tmp_path / "logs")


def test_the_file_wins_over_the_defaults(file: Path) -> None:
    assert load_settings(file, env={}).gate.threshold == 0.05


def test_the_environment_wins_over_the_file(file: Path) -> None:
    settings = load_settings(file, env={"REVERSE_RAG_GATE__THRESHOLD": "0.1"})
    assert settings.gate.threshold == 0.1


def test_flags_win_over_the_environment(file: Path) -> None:
    settings = load_settings(file, env={"REVERSE_RAG_GATE__THRESHOLD": "0.1"}, flags={"gate": {"threshold": 0.2}})
    assert settings.gate.threshold == 0.2


def test_a_tier_overrides_the_files_sections(file: Path) -> None:
    effective, tier = load_settings(file, env={}).tier("pr")
    assert (tier.prompts, effective.judge.concurrency, effective.slo.p95_ms) == (50, 3, 900)
    assert effective.judge.model == "offline", "what the tier leaves out stays"


@pytest.mark.parametrize(
    ("env", "flags", "expected"),
    [
        ({"REVERSE_RAG_JUDGE__CONCURRENCY": "7"}, {}, 7),
        ({}, {"judge": {"concurrency": 8}}, 8),
        ({"REVERSE_RAG_JUDGE__CONCURRENCY": "7"}, {"judge": {"concurrency": 8}}, 8),
        ({"REVERSE_RAG_JUDGE__CONCURRENCY": "7", "REVERSE_RAG_TIERS__PR__JUDGE__CONCURRENCY": "9"}, {}, 9),
    ],
)
def test_environment_and_flags_win_over_a_tier_of_the_file(
    file: Path, env: dict[str, str], flags: dict[str, Any], expected: int
) -> None:
    effective, _ = load_settings(file, env=env, flags=flags).tier("pr")
    assert effective.judge.concurrency == expected


def test_a_tier_may_bring_a_load_where_the_file_has_none(file: Path) -> None:
    file.write_text(FILE + "[tiers.pr.load]\nrate = 5\n", encoding="utf-8")
    settings = load_settings(file, env={})
    assert settings.load is None
    effective, _ = settings.tier("pr")
    assert effective.load is not None
    assert (effective.load.rate, effective.load.model) == (5, "closed")


def test_an_unconfigured_tier_is_named_with_those_there_are(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="tier 'main' is not configured; configured tiers: pr"):
        load_settings(file, env={}).tier("main")


def test_relative_paths_start_at_the_file_and_uris_stay(file: Path) -> None:
    settings = load_settings(file, env={})
    effective, _ = settings.tier("pr")
    for one in (settings, effective):
        assert one.path("logs/*.jsonl") == str(file.parent / "logs/*.jsonl")
        assert one.path("s3://bucket/x") == "s3://bucket/x"
        assert one.path("/var/logs") == "/var/logs"


def test_an_empty_file_is_a_file(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert load_settings(file, env={}).path("x") == str(file.parent / "x")


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.encode())
    assert load_settings(file, env={}).gate.threshold == 0.05


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_valid_one(file: Path) -> None:
    said = problem(file, FILE.replace("threshold =", "treshold ="))
    assert said == f"{file}, line 6: unknown key 'gate.treshold'; did you mean 'threshold'?"


def test_an_unknown_key_near_none_lists_the_valid_ones(file: Path) -> None:
    said = problem(file, FILE + "[budget]\nzzz = 1\n")
    assert "unknown key 'budget.zzz'; valid keys: minutes, on_spent, requests, tokens, usd" in said


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("[gates]\n", "line 1: unknown key 'gates'", "did you mean 'gate'?"),
        ("[tiers.pr]\npromts = 5\n", "line 2: unknown key 'tiers.pr.promts'", "did you mean 'prompts'?"),
        ("[target.response]\ntxt = 'a'\n", "line 2: unknown key 'target.response.txt'", "did you mean 'text'?"),
        ("target.response.txt = 'a'\n", "line 1: unknown key 'target.response.txt'", "did you mean 'text'?"),
        ("[target]\nresponse = { txt = 'a' }\n", "line 2: unknown key 'target.response.txt'", "did you mean 'text'?"),
        ("[tiers.pr.judge]\nmodle = 'a'\n", "line 2: unknown key 'tiers.pr.judge.modle'", "did you mean 'model'?"),
        ("[tiers.pr]\nslo = { p95 = 1 }\n", "line 2: unknown key 'tiers.pr.slo.p95'", "did you mean 'p95_ms'?"),
    ],
)
def test_the_place_is_found_in_every_way_to_write_a_table(file: Path, text: str, place: str, advice: str) -> None:
    said = problem(file, text)
    assert place in said
    assert advice in said


def test_a_bad_number_is_shown_with_what_is_allowed(file: Path) -> None:
    said = problem(file, FILE.replace("0.05", "1.5"))
    assert said == f"{file}, line 6: 'gate.threshold': must be less than 1 (found 1.5)"


def test_bad_text_is_not_shown_for_it_may_be_a_secret(file: Path) -> None:
    said = problem(file, FILE.replace("0.05", '"hunter2"'))
    assert "line 6: 'gate.threshold'" in said
    assert "hunter2" not in said


def test_a_bad_choice_lists_the_choices(file: Path) -> None:
    assert "'json' or 'openai-chat'" in problem(file, "[target]\nprotocol = 'soap'\n")


def test_every_problem_is_named_at_once(file: Path) -> None:
    said = problem(file, "[gate]\nthreshold = 2\nconfidence = 2\n").splitlines()
    assert ["line 2" in said[0], "line 3" in said[1]] == [True, True]


def test_a_bad_value_of_the_environment_is_not_blamed_on_the_file(file: Path) -> None:
    said = problem(file, env={"REVERSE_RAG_GATE__THRESHOLD": "7"})
    assert said.startswith("environment variable REVERSE_RAG_GATE__THRESHOLD: 'gate.threshold'")
    assert str(file) not in said


def test_a_bad_flag_is_not_blamed_on_the_file(file: Path) -> None:
    said = problem(file, flags={"tiers": {"pr": {"prompts": -1}}})
    assert said.startswith("command line: 'tiers.pr.prompts'")


def test_an_environment_variable_with_an_unknown_key_is_an_error(file: Path) -> None:
    said = problem(file, env={"REVERSE_RAG_JUDGE__MODLE": "x"})
    assert "environment variable REVERSE_RAG_JUDGE__MODLE: unknown key 'judge.modle'; did you mean 'model'?" in said


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "ftp://host/x", "http://", "http://host:99999/", "http://host:port/", "http://[::1"]
)
def test_a_url_that_is_none_is_refused(file: Path, url: str) -> None:
    assert "line 2: 'target.url'" in problem(file, f"[target]\nurl = '{url}'\n")


def test_a_url_with_a_password_is_refused_and_not_repeated(file: Path) -> None:
    said = problem(file, "[target]\nurl = 'http://me:hunter2@host/'\n")
    assert "must not hold a user name or password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "0"])
def test_durations_are_positive_and_finite(file: Path, value: str) -> None:
    assert "'target.timeout_s'" in problem(file, f"[target]\ntimeout_s = {value}\n")


def test_broken_toml_is_told_with_its_line(file: Path) -> None:
    assert problem(file, "[gate\n").startswith(f"{file}: not valid TOML")


def test_a_missing_file_is_told_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such configuration file") as caught:
        load_settings(tmp_path / "none.toml", env={})
    assert "init" in caught.value.hint


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(path, env={})


def test_the_environment_sets_numbers_lists_and_text() -> None:
    values = environment_values(
        {
            "REVERSE_RAG_JUDGE__CONCURRENCY": "5",
            "REVERSE_RAG_JUDGE__CHECKS__CANARIES": '["a", "b"]',
            "REVERSE_RAG_JUDGE__CHECKS__GROUNDEDNESS": "true",
            "REVERSE_RAG_STORAGE__ROOT": "s3://bucket/x",
            "REVERSE_RAG_EXTRACT__SOURCE": "2026-01-02",
            "REVERSE_RAG_HMAC_KEY": "no key of the configuration",
            "OTHER__X": "1",
        }
    )
    assert values == {
        "judge": {"concurrency": 5, "checks": {"canaries": ["a", "b"], "groundedness": True}},
        "storage": {"root": "s3://bucket/x"},
        "extract": {"source": "2026-01-02"},
    }


def test_the_fingerprint_follows_what_is_configured_and_no_secret(file: Path) -> None:
    one = load_settings(file, env={})
    same = load_settings(file, env={"STAGING_TOKEN": "other"})
    other = load_settings(file, env={"REVERSE_RAG_GATE__THRESHOLD": "0.1"})
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


def test_a_secret_is_resolved_where_it_is_used() -> None:
    assert resolve_secret("Bearer ${A}-${B}", key="target.headers", env={"A": "x", "B": "y"}) == "Bearer x-y"
    assert resolve_secret("plain", key="k", env={}) == "plain"


@pytest.mark.parametrize("env", [{}, {"TOKEN": ""}])
def test_a_missing_secret_is_named_with_its_key(env: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"'target\.headers' needs the environment variable TOKEN") as caught:
        resolve_secret("Bearer ${TOKEN}", key="target.headers", env=env)
    assert caught.value.hint == "export TOKEN=…"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().gate.threshold = 0.5  # type: ignore[misc]


def test_a_bracket_inside_a_list_is_no_table_header() -> None:
    text = '[judge.checks]\ncanaries = [\n  ["a",\n]\n[gate]\nthreshold = 1\n'
    assert line_of(text, ["gate", "threshold"]) == 6


TABLES = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8
)
TREES = st.dictionaries(st.sampled_from("abc"), TABLES, max_size=3)


@settings(deadline=None)
@given(TREES, TREES)
def test_merging_lets_the_changes_win_and_alters_neither(base: dict[str, Any], changes: dict[str, Any]) -> None:
    before = repr(base), repr(changes)
    merged = merge(base, changes)
    assert merge(merged, changes) == merged
    assert set(merged) == set(base) | set(changes)
    assert (repr(base), repr(changes)) == before


def test_a_secret_header_has_to_be_a_reference(tmp_path: Path) -> None:
    """Runs hold their target's configuration, so a secret spelled out in it would lie in every run's folder."""
    file = tmp_path / "reverse-rag.toml"
    for header in ("authorization", "X-Api-Key", "cookie"):
        file.write_text(f'[target]\nheaders = {{ {header} = "sp3lled-out" }}\n', encoding="utf-8")
        with pytest.raises(ConfigurationError, match="reference") as caught:
            load_settings(file, env={})
        assert "sp3lled" not in str(caught.value)
    file.write_text('[target]\nheaders = { authorization = "Bearer ${TOKEN}", x-team = "blue" }\n', encoding="utf-8")
    assert load_settings(file, env={}).target.headers["x-team"] == "blue"


@pytest.mark.parametrize(
    "value", ["$REVERSE_RAG_HMAC_KEY", "${REVERSE-RAG-HMAC-KEY}", "hunter2-hunter2-hunter2", "x${KEY}", "", "  "]
)
def test_a_key_that_is_no_reference_is_refused_with_its_place_and_not_repeated(file: Path, value: str) -> None:
    said = problem(file, f"[extract]\nhmac_key = '{value}'\n")
    assert said.startswith(f"{file}, line 2: 'extract.hmac_key': ")
    assert '"${REVERSE_RAG_HMAC_KEY}"' in said
    assert "hunter2" not in said


@pytest.mark.parametrize("value", ["${KEY}", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key"])
def test_references_to_a_key_are_taken(file: Path, value: str) -> None:
    file.write_text(f"[extract]\nhmac_key = '{value}'\n", encoding="utf-8")
    assert load_settings(file, env={}).extract.hmac_key == value


def test_a_value_of_the_wrong_kind_is_told_in_the_words_of_the_file(file: Path) -> None:
    assert "must be a list, such as" in problem(file, "[extract.fields]\nkeep = 'channel'\n")
    assert problem(file, "[extract.pii]\ntagger = 5\n") == (
        f"{file}, line 2: 'extract.pii.tagger': must be text in quotes (found 5)"
    )
    assert "must be true or false" in problem(file, "[target]\nstream = 'perhaps'\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("protocol = 'openai-chat'", "protocol is not for WebSockets"),
        ("method = 'GET'", "method is not for WebSockets"),
        ("poll = { until = 'done' }", "poll is not for WebSockets"),
        ("url = 'wss:///chat'", "must be a whole http:// or https:// URL, or ws:// or wss://"),
        ("url = 'wss://me:hunter2@host/'", "must not hold a user name or password"),
        ("url = 'wss://host/chat#now'", "must not hold a fragment"),
    ],
)
def test_what_a_websocket_target_does_not_take_is_told_with_its_place(file: Path, line: str, said: str) -> None:
    url = "" if line.startswith("url") else "url = 'wss://host/chat'\n"
    problems = problem(file, f"[target]\n{url}{line}\n")
    assert problems.startswith(f"{file}, line ")
    assert "'target" in problems
    assert said in problems
    assert "hunter2" not in problems


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8000/chat", "WSS://host/chat"])
def test_a_websocket_s_url_is_taken(file: Path, url: str) -> None:
    file.write_text(f"[target]\nurl = '{url}'\n", encoding="utf-8")
    assert load_settings(file, env={}).target.over_websocket
