"""Telling languages apart."""

import pytest

from judge.languages import language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ferry leaves at nine and you can take your dog with you."),
        ("de", "Die Fähre fährt um neun Uhr ab und Sie können Ihren Hund mitnehmen."),
        ("fr", "Le bateau part à neuf heures et vous pouvez prendre votre chien avec vous."),
        ("es", "El barco sale a las nueve y usted puede llevar su perro en la cubierta."),
        ("it", "Il traghetto parte alle nove e può portare il suo cane con lei, ma non in cabina."),
        ("pt", "O barco parte às nove e você pode levar o seu cachorro com uma coleira."),
        ("nl", "De boot vertrekt om negen uur en u kunt uw hond meenemen aan het dek."),
        ("ru", "Паром отправляется в девять часов утра."),
        ("ja", "フェリーは九時に出発します。"),
        ("zh", "渡轮九点出发。"),
        ("el", "Το πλοίο φεύγει στις εννέα."),
        ("ar", "تغادر العبارة في الساعة التاسعة."),
    ],
)
def test_a_sentence_is_recognised(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "OK", "12345", "Calais", "🙂🙂", "SELECT * FROM x"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert language_of(text) is None
