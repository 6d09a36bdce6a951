"""Personas that do not write English."""

import datetime as dt
import random

import pytest

from harness.config import PersonasSection
from harness.contracts import Persona, SanitizedSession, Turn
from harness.languages import language_of
from harness.progress import SilentProgress
from personas.casting import shares_of
from personas.composition import Suite, compose
from personas.corpus import Corpus
from personas.foreign import LANGUAGES, mine_foreign
from personas.gazetteer import region
from personas.offline import Cast, drafted
from personas.scene import Material
from personas.strategies import STRATEGIES
from personas.strategies.translated import TEMPLATES
from personas.traits import Manner

MANNER = Manner(words=9, turns=1, lower_case=0, no_full_stop=0, polite=0.2, upset=0, slips=0)
MESSAGES = {
    "de": ("Wie kann ich meine Karte sperren?", "Hallo, ich möchte meine Adresse ändern.", "Ich will ein Konto eröffnen, bitte."),
    "es": ("¿Cómo puedo cambiar mi contraseña?", "Hola, quiero abrir una cuenta.", "Necesito bloquear mi tarjeta, gracias."),
    "fr": ("Comment puis-je bloquer ma carte ?", "Bonjour, je voudrais ouvrir un compte.", "Je veux changer mon adresse, merci."),
}  # fmt: skip
WISHES = {"de": "meine Karte sperren", "es": "cambiar mi contraseña", "fr": "bloquer ma carte"}


def _sessions(language: str, users: int = 6) -> list[SanitizedSession]:
    return [
        SanitizedSession(
            session_id=f"{language}-{user}-{number}",
            user_key=f"user-{user}",
            started_on=dt.date(2026, 3, 2),
            turns=[Turn(role="user", text=text)],
        )
        for user in range(users)
        for number, text in enumerate(MESSAGES[language])
    ]


def _player(language: str) -> Cast:
    phrases = mine_foreign(Corpus(_sessions(language), min_users=5), language)
    return Cast(_persona(), Material.foreign(phrases), MANNER, language)


def _persona() -> Persona:
    return Persona(
        persona_id="persona-x", name="X", description="Wants things.", traits={}, goals=[], segment_id="segment-x",
        traffic_share=1.0, users=6,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_wishes_are_mined_from_messages_of_enough_users(language: str) -> None:
    phrases = mine_foreign(Corpus(_sessions(language), min_users=5), language)
    assert WISHES[language] in {phrase.text for phrase in phrases if phrase.kind == "do"}
    assert mine_foreign(Corpus(_sessions(language, users=4), min_users=5), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_persona_mostly_writes_its_own_language(language: str) -> None:
    player = _player(language)
    shares = shares_of(player)
    own = sum(shares[name] for name in (*TEMPLATES[language], "other_language"))
    assert own > 0.85 * sum(shares.values())
    by_name = {strategy.name: strategy for strategy in STRATEGIES}
    texts = [
        " ".join(drafted(by_name[name], player, random.Random(f"{name}{i}")).turns)
        for name in ("ordinary", "emotional_pressure", "rambling", "wrong_premise")
        for i in range(25)
    ]
    assert sum(language_of(text) == language for text in texts) > 0.8 * len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(TEMPLATES["de"]))
def test_every_template_of_a_language_fills_its_slots(language: str, name: str) -> None:
    strategy = next(s for s in STRATEGIES if s.name == name)
    for number in range(20):
        draft = drafted(strategy, _player(language), random.Random(number))
        assert draft.checks.language == language
        assert not any(mark in turn for turn in draft.turns for mark in "[]{}|")


def test_a_strategy_without_templates_does_not_mix_languages_in_a_sentence() -> None:
    strategy = next(s for s in STRATEGIES if s.name == "json_demand")
    texts = [" ".join(drafted(strategy, _player("de"), random.Random(i)).turns) for i in range(20)]
    assert not any("meine" in text for text in texts)


_GERMAN_WISHES = (
    "meinen Ausweis verlängern",
    "ein Buch vormerken",
    "meine Adresse ändern",
    "einen Raum buchen",
    "eine Mahnung bezahlen",
    "meine Ausleihe verlängern",
    "ein Dokument drucken",
    "meine Vormerkung löschen",
)
_GERMAN_LINES = (
    "Wie kann ich {wish}?",
    "Hallo, ich möchte {wish}.",
    "Ich will {wish}, aber die Seite lädt nicht.",
    "Kann ich {wish}, bitte?",
    "Guten Tag, wo kann ich {wish}? Danke.",
    "Ich muss {wish} und finde das nicht.",
    "Ich wollte {wish}. Wie lange dauert das?",
)


def _german_log(users: int = 60) -> list[SanitizedSession]:
    rng = random.Random(4)
    return [
        SanitizedSession(
            session_id=f"de-{user}-{number}",
            user_key=f"user-{user}",
            started_on=dt.date(2026, 3, 2 + user % 20),
            turns=[Turn(role="user", text=rng.choice(_GERMAN_LINES).format(wish=rng.choice(_GERMAN_WISHES)))],
        )
        for user in range(users)
        for number in range(3)
    ]


@pytest.fixture(scope="module")
def german() -> Suite:
    section = PersonasSection(personas=2, prompts_per_persona=60, min_users=5, seed=5)
    return compose(_german_log(), section, progress=SilentProgress())


def test_a_german_log_gives_mostly_german_prompts(german: Suite) -> None:
    told = [language_of(" ".join(prompt.turns)) for prompt in german.prompts]
    assert len(told) == german.planned
    assert told.count("de") > 0.8 * len(told)


def test_german_prompts_are_about_what_germans_wrote_and_say_so_in_whole_words(german: Suite) -> None:
    written = [" ".join(prompt.turns).lower() for prompt in german.prompts if prompt.checks.language == "de"]
    assert sum(any(wish.lower() in text for wish in _GERMAN_WISHES) for text in written) > 0.5 * len(written)


def test_names_in_a_german_suite_are_german(german: Suite) -> None:
    names, people = region("de"), [v for p in german.prompts for v in p.checks.invented if " " in v and v.istitle()]
    assert all(person.split(" ", 1)[0] in names.first or person in names.places for person in people)


def test_a_german_persona_is_called_and_described_so(german: Suite) -> None:
    for persona in german.personas:
        assert "German" in persona.name
        assert persona.traits["language"] == "German"
        assert persona.goals
        assert all(goal.strip("“”") in _GERMAN_WISHES for goal in persona.goals)
