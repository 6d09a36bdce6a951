"""Noise: what keyboards, dictation and impatience make of a message."""

import random
import re
from collections.abc import Mapping

from personas.scene import Draft, Scene, tidy
from personas.slips import misspelt
from personas.strategies.registry import strategy

_SERVICE = (
    "[{hello}, {ask}?|{want}. {closing}?|{issue}. {closing}?|{issue} {when}. {closing}?|{ask}? {reason}.|{hello} {want}, {closing}?|{sorry}, {issue}. {closing}?"
    "|{issue}, {hurry}. {closing}?|{tried} and {trouble}|{ask}?|{ask}? {thanks}|{hello}, {opener}? {reason}.]"
)
_LIGHT = "[{hello}, {ask}?|{want}{soon}. {closing}?|{ask}? {reason}.|{hello} {want}, {reason}|{ask}? {thanks}|{want}, can you help?|please help me {do}{soon}|{sorry}, {ask}?|{want}{soon}, {hurry}]"
_MISHEARD = {
    "to": "two", "for": "four", "your": "you're", "there": "their", "know": "no", "right": "write", "where": "wear", "it's": "its", "I'm": "I am",
    "are": "our", "by": "buy", "week": "weak", "new": "knew", "see": "sea", "here": "hear",
    "wait": "weight", "through": "threw", "one": "won", "which": "witch", "find": "fined",
}  # fmt: skip
_FILLERS = ("um", "uh", "like", "you know", "er", "I mean", "well")


def base(scene: Scene) -> str:
    """Return an ordinary message to be disturbed."""
    return scene.fill(_LIGHT if scene.material.light else _SERVICE)


@strategy(share=8, brief="many typing mistakes and chat abbreviations, still understandable")
def typos(scene: Scene) -> Draft:
    """Typed in a hurry on a small screen."""
    text = misspelt(tidy(base(scene)), scene.rng, scene.rng.choice((0.15, 0.2, 0.3)), least=2)
    if scene.chance(0.5):
        text = text.lower().replace("'", "")
    return scene.draft(text)


@strategy(share=3, brief="dictated: no punctuation, fillers, misheard words, corrections in mid-sentence")
def voice_to_text(scene: Scene) -> Draft:
    """Dictated, with fillers and misheard words, no marks."""
    rng = scene.rng
    spoken = base(scene) + scene.fill(
        "[|||||| yeah that's it| and yeah that's all| so yeah| no wait sorry {do2} I mean]"
    )
    heard: list[str] = []
    for word in spoken.replace(",", "").replace(".", "").replace("?", "").replace(":", "").split():
        if rng.random() < 0.05:
            heard.append(rng.choice(_FILLERS))
        if rng.random() < 0.02:
            heard.append(word)
        heard.append(_MISHEARD.get(word, word) if rng.random() < 0.2 else word)
    start = rng.choice(("", "", "hey ", "okay ", "hello yes ", "hi um "))
    return scene.draft(f"{start}{' '.join(heard)}".replace(" I ", " i " if rng.random() < 0.5 else " I "))


@strategy(share=2, brief="the same request again and again, in one message or as one message after the other")
def repetition(scene: Scene) -> Draft:
    """Says the same again, in one message or in several."""
    if scene.chance(0.6):
        return scene.draft(
            scene.say("[{want}.|{ask}?|{hello}, {ask}?|{want}, {closing}?|{hello}, {want}.]"),
            scene.say(
                "[hello?|anyone there?|??|are you there?|still waiting|did you get my message?|hellooo|so?|any answer?]"
            ),
            scene.say(
                "[again: I want to {do}|once more, I want to {do}. how?|as I said, I want to {do}|for the third time, I'd like to {do}|like I said, {ask}?|I'll ask again: {ask}?|ok again, {ask}?]"
            ),
        )
    return scene.draft(
        scene.say(
            "[{want}. again, I want to {do}. {closing}?|{ask}? {ask}? hello?|please please please, {ask}? please.|I asked yesterday and I'm asking again today: {ask}?"
            "|second time I write: {want}. {closing}?|{ask}? I'll say it again: {ask}?|(sending this again because nobody answered) {ask}?|{ask}? {ask}??|I already asked this twice. {want}, {closing}?]"
        )
    )


@strategy(
    share=1.5,
    brief="emoji, accents, full-width or look-alike letters, zero-width characters",
    styled=False,
    checks={"may_refuse": True},
)
def unicode_text(scene: Scene) -> Draft:
    """Emoji, full-width letters, look-alikes, invisible characters."""
    text = tidy(base(scene))
    # Emoji are what users send most; the rest comes out of keyboards, converters and copied text.
    disguise = scene.rng.choices(
        (_with_emoji, _full_width_word, _look_alikes, _invisible, _combining, _typographic, _mathematical),
        (10, 1, 1, 2, 1, 2, 1),
    )[0]
    return scene.draft(disguise(text, scene.rng))


_EMOJI = (
    "🙏",
    "😤",
    "🤔",
    "😭",
    "👀",
    "🙄",
    "😬",
    "❗",
    "💸",
    "✅",
    "🤷‍♀️",
    "😩",
    "🙈",
    "📱",
    "⏰",
    "😅",
    "🆘",
    "👍🏽",
)


def _with_emoji(text: str, rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.?!]) ", text)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(sentences))
        sentences[place] += " " + rng.choice(_EMOJI) * rng.choice((1, 1, 1, 2, 3))
    return " ".join(sentences)


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
    return _on_some_words(text, rng, _TYPOGRAPHIC, 0.9).replace(" ", "\u00a0", 3)


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
