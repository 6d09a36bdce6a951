"""Telling languages apart, in messages as short as people send them."""

from pathlib import Path

import pytest

from harness.languages import NAMES, language_of

SENTENCES = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in Path(__file__).parent.glob("sentences/*.txt")}  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pt"])
def test_short_messages_are_told_apart_and_hardly_one_is_taken_for_another_language(language: str) -> None:
    """Of 60 and more a language, three to ten words each, written for this test; what is not told is left open."""
    told = [language_of(sentence) for sentence in SENTENCES[language]]
    assert len(told) >= 60
    assert sum(each == language for each in told) >= 0.9 * len(told)
    assert sum(each not in (language, None) for each in told) <= 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie kann ich meine Karte sperren und was kostet das?", "de"),
        ("¿Cómo puedo renovar mi préstamo? Gracias", "es"),
        ("Bonjour, comment puis-je renouveler mon prêt dans l'application ?", "fr"),
        ("How do I renew my loan?", "en"),
        ("Dlaczego nie mogę zalogować się na moje konto?", "pl"),
        ("Merhaba, kartım neden çalışmıyor?", "tr"),
        ("Hej, varför kan jag inte betala med mitt kort?", "sv"),
        ("كيف أجدد إعارتي؟", "ar"),
        ("איך מאריכים השאלה?", "he"),
        ("図書館のカードについて教えてください", "ja"),
        ("怎么续借这本书", "zh"),
        ("Как продлить книгу?", "ru"),
        ("Πώς ανανεώνω το βιβλίο;", "el"),
        ("मैं अपनी किताब कैसे बढ़ाऊँ", "hi"),
        ("책 대출을 연장하고 싶어요", "ko"),
        ("ฉันต้องการต่ออายุหนังสือ", "th"),
    ],
)
def test_a_language_is_told_by_its_script_or_its_words(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language in NAMES


@pytest.mark.parametrize("text", ["", "OK", "12345", "Calais", "🙂🙂", "ok, hotel?", "pin reset", "<PERSON_1> :-)"])
def test_what_says_too_little_has_no_language(text: str) -> None:
    assert language_of(text) is None


def test_accents_may_be_left_out() -> None:
    typed = {"es": "como esta mi tarjeta, tambien manana?", "pt": "nao esta funcionando, voce pode?", "fr": "j'ai deja recu la meme facture, ca va pas"}  # fmt: skip
    assert {language: language_of(text) for language, text in typed.items()} == {
        language: language for language in typed
    }


def test_a_foreign_name_does_not_change_a_messages_language() -> None:
    assert language_of("Kann ich mit Bytedance Premium bezahlen?") == "de"
    assert language_of("where is my Aperol Spritz order") == "en"
