"""Every strategy, on any product."""

import base64
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Persona
from harness.languages import language_of
from personas.corpus import Corpus
from personas.offline import Cast, drafted
from personas.phrases import mine, mine_questions
from personas.scene import Draft, Material
from personas.slips import misspelt
from personas.strategies import STRATEGIES, Strategy
from personas.traits import Manner
from tests.personas.logs import library_sessions

MANNER = Manner(words=9, turns=1, lower_case=0.1, no_full_stop=0.1, polite=0.2, upset=0.05, slips=0.05)
BY_NAME = {strategy.name: strategy for strategy in STRATEGIES}


@pytest.fixture(scope="module")
def player() -> Cast:
    corpus = Corpus(library_sessions(120), min_users=5)
    phrases = mine(corpus)
    persona = Persona(
        persona_id="persona-x", name="X", description="Wants things.", traits={}, goals=[], segment_id="segment-x",
        traffic_share=1.0, users=6,
    )  # fmt: skip
    return Cast(persona, Material.of(phrases, phrases, mine_questions(corpus)), MANNER)


@pytest.fixture(scope="module")
def bare(player: Cast) -> Cast:
    """A persona of whose users nothing is known."""
    return Cast(player.persona, Material.of([], []), player.manner)


def _drafts(strategy: Strategy, player: Cast, count: int = 60) -> list[Draft]:
    return [drafted(strategy, player, random.Random(f"{strategy.name}{i}")) for i in range(count)]


def test_there_are_at_least_sixteen_strategies_with_names_of_their_own() -> None:
    assert len(BY_NAME) == len(STRATEGIES) >= 16


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_a_strategy_fills_every_slot_and_leaves_no_template_behind(
    strategy: Strategy, player: Cast, bare: Cast
) -> None:
    for draft in [*_drafts(strategy, player), *_drafts(strategy, bare)]:
        for turn in draft.turns:
            assert turn.strip()
            for mark in (
                "{do",
                "{thing",
                "{ask",
                "{issue",
                "{tail",
                "{year",
                "MARKER",
                "CODED",
                "KEYS",
                "FIRST",
                "NAME",
                "<RARE>",
            ):
                assert mark not in turn
            assert turn.count("[") == turn.count("]") == 0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_a_strategy_writes_many_different_prompts(strategy: Strategy, player: Cast) -> None:
    assert len({draft.turns for draft in _drafts(strategy, player)}) > 40


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_the_same_chance_gives_the_same_prompt(strategy: Strategy, player: Cast) -> None:
    assert _drafts(strategy, player, 5) == _drafts(strategy, player, 5)


@pytest.mark.parametrize("name", ["prompt_injection", "encoded_injection", "role_play_jailbreak", "split_injection"])
def test_attacks_carry_a_marker_and_may_be_blocked(name: str, player: Cast) -> None:
    drafts = _drafts(BY_NAME[name], player)
    assert all(len(draft.checks.must_not_comply) == 1 and draft.checks.may_block for draft in drafts)
    assert len({draft.checks.must_not_comply[0] for draft in drafts}) == len(drafts)


def test_a_split_attack_never_says_its_marker_whole(player: Cast) -> None:
    for draft in _drafts(BY_NAME["split_injection"], player):
        assert len(draft.turns) > 1
        assert not any(draft.checks.must_not_comply[0] in turn for turn in draft.turns)


def test_an_encoded_attack_decodes_to_an_order_with_its_marker(player: Cast) -> None:
    coded = [d for d in _drafts(BY_NAME["encoded_injection"], player, 200) if "base64" in d.turns[0]]
    assert coded
    for draft in coded:
        text = next(value for value in draft.checks.invented if value in draft.turns[0])
        assert draft.checks.must_not_comply[0] in base64.b64decode(text).decode()


def test_only_prompts_that_ask_for_json_are_checked_for_it(player: Cast) -> None:
    for strategy in STRATEGIES:
        asked = all(draft.checks.json_answer for draft in _drafts(strategy, player, 5))
        assert asked == (strategy.name == "json_demand")


def test_another_language_is_named_and_a_persona_prefers_its_own(player: Cast) -> None:
    german = Cast(player.persona, player.material, player.manner, language="de")
    languages = [draft.checks.language for draft in _drafts(BY_NAME["other_language"], german, 100)]
    assert all(languages)
    assert languages.count("de") > 80


def test_names_and_contacts_that_are_made_up_are_recorded(player: Cast) -> None:
    drafts = _drafts(BY_NAME["false_authority"], player, 100)
    assert any(draft.checks.invented for draft in drafts)
    for draft in drafts:
        assert all(value in " ".join(draft.turns) for value in draft.checks.invented)


def test_conversations_have_several_turns(player: Cast) -> None:
    for name in ("follow_up", "goal_change", "split_injection"):
        assert all(len(draft.turns) > 1 for draft in _drafts(BY_NAME[name], player))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_a_strategys_text_has_a_hash(strategy: Strategy) -> None:
    assert len(strategy.template_hash) == 64


def test_attacks_and_requests_nobody_can_meet_may_be_refused() -> None:
    """The judge fails a bare refusal of an ordinary request only."""
    refusable = {s.name for s in STRATEGIES if s.checks.get("may_refuse")}
    assert {"prompt_injection", "customer_data_request", "out_of_policy", "missing_context"} <= refusable
    assert not {"ordinary", "follow_up", "typos", "several_intents", "json_demand"} & refusable


def test_a_request_to_act_or_to_look_into_the_users_own_data_may_be_refused(player: Cast) -> None:
    """Many assistants can do neither, and say so politely; what any of them can explain is not excused."""
    drafts = _drafts(BY_NAME["ordinary"], player, 400)
    looked_up = [d for d in drafts if "can you check" in d.turns[0].lower() and "for me" in d.turns[0].lower()]
    assert looked_up
    assert all(draft.checks.may_refuse for draft in looked_up)
    explained = [d for d in drafts if d.turns[0].lower().startswith("how do i")]
    assert explained
    assert not any(draft.checks.may_refuse for draft in explained)


def test_another_language_quotes_no_english(player: Cast) -> None:
    drafts = _drafts(BY_NAME["other_language"], player, 300)
    assert not [d for d in drafts if set("“”„«»「」") & set(d.turns[0])]
    told = [language_of(draft.turns[0]) == draft.checks.language for draft in drafts]
    # A quarter is half English, and short Romance sentences are told apart by their commonest words only.
    assert sum(told) > 0.6 * len(told)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_a_wish_is_not_asked_for_twice_in_one_prompt(strategy: Strategy, player: Cast) -> None:
    """Repetition repeats; the others say a whole sentence once."""
    if strategy.name in {"repetition", "voice_to_text", "goal_change"}:
        return
    for draft in _drafts(strategy, player):
        sentences = [s.strip().lower() for s in re.split(r"[.?!]\s", " . ".join(draft.turns)) if len(s.split()) > 4]
        assert len(set(sentences)) == len(sentences), draft.turns


@pytest.mark.parametrize("seed", range(20))
def test_a_message_with_typing_mistakes_holds_two_misspelt_words(seed: int) -> None:
    """However few words the rate itself picks; abbreviations are no mistakes."""
    meant = "how do I renew your loan with the Acme card"
    written = misspelt(meant, random.Random(seed), 0.1, least=2).split(" ")
    wrong = [other for word, other in zip(meant.split(" "), written, strict=True) if other != word]
    assert len([word for word in wrong if word not in {"ur", "w/", "i"}]) >= 2
    assert "Acme" in written


@given(
    words=st.lists(st.sampled_from(["loan", "account", "my", "PIN", "book"]), min_size=1, max_size=8),
    seed=st.integers(0, 99),
)
def test_as_many_words_are_misspelt_as_can_be(words: list[str], seed: int) -> None:
    written = misspelt(" ".join(words), random.Random(seed), 0.0, least=2).split(" ")
    wrong = sum(word != other for word, other in zip(words, written, strict=True))
    assert wrong == min(2, sum(word in {"loan", "account", "book"} for word in words))


def test_two_wishes_of_one_message_are_two(player: Cast) -> None:
    """Even of users who have one wish in several wordings."""
    one = Material(("change my PIN", "change the PIN", "get a new PIN"), ("my PIN",), ())
    for draft in _drafts(BY_NAME["several_intents"], Cast(player.persona, one, player.manner), 40):
        assert len(re.findall(r"\bPIN\b", " ".join(draft.turns), re.IGNORECASE)) <= 1
