"""Noise: what keyboards, dictation and impatience make of a message."""

import random
from collections.abc import Mapping

from personas.scene import Draft, Scene
from personas.slips import misspelt
from personas.strategies.registry import strategy

_BASE = (
    "[{hello}, {question}?|{want}. {closing}?|{issue}. {closing}?|{issue} {when} and {hurry}. {question2}?|{question}? {reason}."
    "|{reason} and {want}. {question2}?|{sorry} but {issue}. {question2}?|{tried} and {issue}|{where}, {question}?|{hello} {want}, {hurry}. {question2}?]"
)
_MISHEARD = {
    "to": "two", "for": "four", "your": "you're", "there": "their", "know": "no", "right": "write", "where": "wear", "it's": "its", "I'm": "I am",
    "are": "our", "by": "buy", "need": "knead", "whole": "hole", "week": "weak", "new": "knew", "way": "weigh", "see": "sea", "here": "hear",
    "be": "bee", "wait": "weight", "through": "threw", "one": "won", "which": "witch", "some": "sum", "time": "thyme", "find": "fined",
}  # fmt: skip
_FILLERS = (
    "um",
    "uh",
    "like",
    "you know",
    "er",
    "so yeah",
    "I mean",
    "well",
    "let me see",
    "hang on",
    "basically",
    "okay so",
)


@strategy(share=6, brief="many typing mistakes and chat abbreviations, still understandable")
def typos(scene: Scene) -> Draft:
    """Typed in a hurry on a small screen."""
    text = misspelt(scene.say(_BASE), scene.rng, 0.3)
    if scene.chance(0.5):
        text = text.lower().replace("'", "")
    return scene.draft(text)


@strategy(share=4, brief="dictated: no punctuation, fillers, misheard words, corrections in mid-sentence")
def voice_to_text(scene: Scene) -> Draft:
    """Dictated, with fillers and misheard words, no marks."""
    rng = scene.rng
    spoken = scene.fill(
        _BASE
        + "[| and| so| yeah [that's it|that's all|you get it]| [over|end of message|send]| no wait not {thing4} I mean {thing5}]"
    )
    heard: list[str] = []
    for word in spoken.replace(",", "").replace(".", "").replace("?", "").replace(":", "").split():
        if rng.random() < 0.07:
            heard.append(rng.choice(_FILLERS))
        if rng.random() < 0.03:
            heard.append(word)
        heard.append(_MISHEARD.get(word, word) if rng.random() < 0.3 else word)
    start = rng.choice(("", "", "hey ", "okay ", "hello yes ", "hi um "))
    return scene.draft(f"{start}{' '.join(heard)}".replace(" I ", " i " if rng.random() < 0.5 else " I "))


@strategy(share=3, brief="the same request again and again, in one message or as one message after the other")
def repetition(scene: Scene) -> Draft:
    """Says the same again, in one message or in several."""
    if scene.chance(0.5):
        return scene.draft(
            scene.say("[{want}|{ask}?|{issue}]"),
            scene.say("[hello?|anyone there?|??|are you there|still waiting|did you get my message?|hellooo]"),
            scene.say(
                "[again: I want to {do}|once more, {do}, how?|as I said, it's about how to {do}|{do}!! that's all I'm asking|for the third time, I'd like to {do}]"
            ),
        )
    return scene.draft(
        scene.say(
            "[{want}. I repeat, I want to {do}. {do}. is that so hard?|{ask}? {ask}? {closing}??|{issue}. yes, you read that right, {issue}. {closing}?"
            "|please please please, {ask}? please.|{do}, {do}, {do}. everybody else manages it. {ask}?|I asked yesterday, I ask today and I'll ask tomorrow: {ask}?"
            "|{thing}. {thing}! I said {thing}, not {thing2}. {closing}?|answer me this and only this: {ask}? I'll say it again: {ask}?]"
        )
    )


@strategy(
    share=3,
    brief="emoji, accents, full-width or look-alike letters, zero-width characters",
    styled=False,
    checks={"may_refuse": True},
)
def unicode_text(scene: Scene) -> Draft:
    """Emoji, full-width letters, look-alikes, invisible characters."""
    text = scene.say(_BASE)
    disguise = scene.rng.choice(
        (_with_emoji, _full_width_word, _look_alikes, _invisible, _combining, _typographic, _mathematical)
    )
    return scene.draft(disguise(text, scene.rng))


_EMOJI = (
    "🙏",
    "😤",
    "🤔",
    "😭",
    "👀",
    "🙄",
    "🔥",
    "❗",
    "💸",
    "✅",
    "🤷‍♀️",
    "👩‍👩‍👧",
    "🇪🇺",
    "📱",
    "⏰",
    "😅",
    "🆘",
    "👍🏽",
)


def _with_emoji(text: str, rng: random.Random) -> str:
    parts = text.split(" ")
    for _ in range(rng.randint(2, 5)):
        parts.insert(rng.randint(1, len(parts)), rng.choice(_EMOJI) * rng.choice((1, 1, 2, 3)))
    return " ".join(parts)


def _on_some_words(text: str, rng: random.Random, change: Mapping[int, str | int], share: float) -> str:
    return " ".join(w.translate(change) if rng.random() < share else w for w in text.split(" "))


_WIDE = {i: chr(i + 0xFEE0) for i in range(0x21, 0x7F)}
_ALIKE = str.maketrans("aeopcxyiAEOPCTHKMB", "аеорсхуіАЕОРСТНКМВ")
_SCRIPT_BOLD = {
    **{ord("a") + i: chr(0x1D41A + i) for i in range(26)},
    **{ord("A") + i: chr(0x1D400 + i) for i in range(26)},
}
_TYPOGRAPHIC = str.maketrans({"'": "’", "?": "？", ",": "，", ".": "…", "!": "！"})


def _full_width_word(text: str, rng: random.Random) -> str:
    return _on_some_words(text, rng, _WIDE, 0.3)


def _look_alikes(text: str, rng: random.Random) -> str:
    return _on_some_words(text, rng, _ALIKE, 0.4)


def _mathematical(text: str, rng: random.Random) -> str:
    return _on_some_words(text, rng, _SCRIPT_BOLD, 0.35)


def _typographic(text: str, rng: random.Random) -> str:
    return "«" + _on_some_words(text, rng, _TYPOGRAPHIC, 0.9).replace(" ", "\u00a0", 3) + "»"


def _invisible(text: str, rng: random.Random) -> str:
    return "".join(
        c + (rng.choice("\u200b\u200d\u2060\u00ad") if c.isalpha() and rng.random() < 0.08 else "") for c in text
    )


def _combining(text: str, rng: random.Random) -> str:
    return "".join(
        c
        + (
            "".join(rng.choices("\u0300\u0301\u0308\u0323\u0336\u0353", k=2))
            if c.isalpha() and rng.random() < 0.12
            else ""
        )
        for c in text
    )
