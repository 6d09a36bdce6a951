"""The assistant: finds policy and answers with the bank's own sentences.

There is no language model in it. An answer is made of whole sentences of the
passages that it returns as its evidence, so nothing in it can be invented.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from larkfield.composition import compose
from larkfield.foreign import english_terms, is_foreign
from larkfield.knowledge import Passage, passage
from larkfield.retrieval import Hit, Search
from larkfield.situations import points_back, situation, wants_json

READ_CHARS = 6_000
"""Of a very long message only this much is read: half from its start, half from its end."""
_OPENERS = ("", "", "", "Sure. ", "Of course. ", "Thanks for asking. ")
_CLOSERS = ("", "", "", "", "", "", " Is there anything else I can help with?")
_OFFER, _ASK_BACK, _WELCOME, _HELLO = range(4)
"""Places of the sentences in the passage ``assistant``."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message that was answered earlier in the conversation."""

    message: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the passages that it rests on."""

    text: str
    evidence: tuple[Passage, ...]


class Assistant:
    """Answers questions about the bank from its passages."""

    def __init__(self) -> None:
        self._search = Search()
        # A message is read again with every later turn of its conversation.
        self._read = lru_cache(maxsize=2_000)(self._understood)

    def answer(self, message: str, history: Sequence[Turn] = ()) -> Answer:
        """Return the reply to a message; the same one for the same conversation.

        Args:
            message: What the customer wrote: any text, also empty, foreign or very long.
            history: The earlier turns of the conversation, oldest first.
        """
        message = _readable(message)
        answer = _fixed(message) or self._from_policy(message, history)
        return _as_json(answer) if wants_json(message) else answer

    def _from_policy(self, message: str, history: Sequence[Turn]) -> Answer:
        query, foreign = self._read(message)
        hits, said = self._search.find(query), ""
        if history and (not hits or (points_back(message) and not self._search.is_plain(query))):
            topic = self._topic_of(history)
            if topic:
                hits = self._search.find(query | topic) if hits else self._search.find(topic)[:1]
                query, said = query | topic, history[-1].reply
        if not hits:
            return _quoted("languages", 0, 1) if foreign else _quoted("assistant", _OFFER, _ASK_BACK)
        return self._composed(message, query, hits, said, foreign=foreign)

    def _understood(self, message: str) -> tuple[frozenset[str], bool]:
        """Return the search terms of a message and whether it is in a foreign language."""
        foreign = is_foreign(message)
        return (english_terms(message) if foreign else self._search.query(message)), foreign

    def _topic_of(self, history: Sequence[Turn]) -> frozenset[str]:
        """Return the search terms of the latest turn that had a topic."""
        for turn in reversed(history):
            query, _ = self._read(_readable(turn.message))
            if self._search.find(query):
                return query
        return frozenset()

    def _composed(
        self, message: str, query: frozenset[str], hits: tuple[Hit, ...], said: str, *, foreign: bool
    ) -> Answer:
        body = compose(message, query, hits, self._search.weight, said)
        evidence = tuple(hit.passage for hit in hits)
        if foreign:
            note = passage("languages")
            return Answer(f"{note.sentences[0]} {body}", (*evidence, note))
        return Answer(_pick(_OPENERS, message) + body + _pick(_CLOSERS, f"end {message}"), evidence)


def _fixed(message: str) -> Answer | None:
    """Return the answer to a message that needs no search, if it is one."""
    match situation(message):
        case "instructions":
            return _quoted("about-this-chat", 0, 1)
        case "others_data":
            return _quoted("personal-details", 0, 1, 2)
        case "greeting":
            return _quoted("assistant", _HELLO, _OFFER, _ASK_BACK)
        case "thanks":
            return _quoted("assistant", _WELCOME)
        case "question":
            return None


def _quoted(passage_id: str, *places: int) -> Answer:
    source = passage(passage_id)
    return Answer(" ".join(source.sentences[place] for place in places), (source,))


def _as_json(answer: Answer) -> Answer:
    content = {"answer": answer.text, "sources": [source.title for source in answer.evidence]}
    return replace(answer, text=json.dumps(content, ensure_ascii=False))


def _readable(message: str) -> str:
    if len(message) <= READ_CHARS:
        return message
    half = READ_CHARS // 2
    return f"{message[:half]} {message[-half:]}"


def _pick(choices: Sequence[str], seed: str) -> str:
    """Return one of the choices, always the same one for the same seed."""
    digest = hashlib.blake2b(seed.encode("utf-8", "replace"), digest_size=4).digest()
    return choices[int.from_bytes(digest, "big") % len(choices)]
