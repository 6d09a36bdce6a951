"""Prompts in a persona's own language, from the templates of that language."""

import random
import re

from personas.scene import Draft, Material, Scene
from personas.slips import misspelt
from personas.strategies.translated import FRAGMENTS, GENERIC, TEMPLATES
from personas.traits import Manner

_FEW = 4
"""With fewer phrases of a kind than this, generic ones are added."""
_MID_SENTENCE = re.compile(r"([,:] ¿?)([A-ZÀ-Ý])(?=[a-zà-ÿ']+[ ,])")
_ELIDED = re.compile(r"\bde (?=[aeiouéèêàâî])")
_MARKS = re.compile(r"[.,:;?!¿¡]")


def translated(name: str, material: Material, manner: Manner, rng: random.Random, language: str) -> Draft | None:
    """Return a strategy's prompt in a language; None where the strategy has no templates in it."""
    turns = TEMPLATES.get(language, {}).get(name)
    if turns is None:
        return None
    scene = Scene(filled_up(material, language), manner, rng, language=language, fragments=FRAGMENTS[language])
    written = tuple(_disturbed(name, _tidied(scene.say(turn), language), rng) for turn in turns)
    # A conversation may end after its second message.
    kept = written[:2] if name == "follow_up" and rng.random() < 0.4 else written
    return scene.draft(*kept, language=language)


def filled_up(material: Material, language: str) -> Material:
    """Return what a persona talks about, with generic wishes and belongings where it has too few."""
    dos, things = GENERIC[language]
    return Material(
        material.dos if len(material.dos) >= _FEW else material.dos + dos,
        material.things if len(material.things) >= _FEW else material.things + things,
        (),
    )


def _tidied(text: str, language: str) -> str:
    text = _MID_SENTENCE.sub(lambda m: m[1] + m[2].lower(), text)
    return _ELIDED.sub("d'", text) if language == "fr" else text


def _disturbed(name: str, text: str, rng: random.Random) -> str:
    if name == "typos":
        return misspelt(text, rng, rng.choice((0.15, 0.25)))
    return _MARKS.sub("", text).lower() if name == "voice_to_text" else text
