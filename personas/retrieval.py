"""Retrieval: the sessions of a segment that a model is shown, few enough to pay for and each for a reason."""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from harness.contracts import Record
from harness.suites import read_suite_lines
from personas.corpus import RARE, Corpus, texts_of
from personas.embedding import Matrix

RETRIEVAL = "retrieval.jsonl"
Role = Literal["representative", "extreme", "complaint"]
ROLES: tuple[Role, ...] = ("representative", "extreme", "complaint")
"""Taken in turn, so that a third of the examples are what users were unhappy with, as far as there are such sessions."""
RELEVANCE = 0.7
"""Weight of the similarity to the segment's centre; the rest is for being unlike the examples chosen already."""
CANDIDATES = 40
"""Sessions of a role that are read, in the role's order, to find the next that can be shown."""
MAX_MESSAGES = 4
MAX_MESSAGE_TOKENS = 90
"""A longer message is cut: how a user writes shows early."""
MAX_RARE_SHARE = 0.5
"""An example of which more words are hidden shows nothing."""


class Example(Record):
    """One session that stood before a model, and why; its text is not repeated here."""

    segment_id: str
    session_id: str
    role: Role
    similarity: float
    """Cosine with the segment's centre."""
    tokens: int
    """Estimated, of what was shown of it."""


@dataclass(slots=True)
class _Choice:
    """The rows of a segment that are chosen so far."""

    points: Matrix
    relevance: Matrix
    nearest: Matrix
    """Similarity of each row to the most similar chosen one; −1 before the first."""
    taken: set[int]

    def take(self, row: int) -> None:
        self.taken.add(row)
        self.nearest = np.maximum(self.nearest, self.points @ self.points[row])


def retrieve(
    corpus: Corpus, segment_id: str, members: Sequence[int], points: Matrix, *, budget_tokens: int
) -> tuple[Example, ...]:
    """Return the sessions that stand for a segment, as many as a budget of tokens holds.

    The first is the one nearest the centre. Then follow in turn: the most representative that is unlike those chosen
    (maximal marginal relevance: Carbonell & Goldstein 1998), the farthest from all chosen (greedy k-centre: Gonzalez
    1985), and the most representative of those that users rated down. What is as good as chosen, reads the same, or
    is mostly hidden by the k floor is passed over.

    Args:
        corpus: The sessions.
        segment_id: The segment's.
        members: Indexes of its sessions.
        points: A row for each of them.
        budget_tokens: For all examples together, as ``estimated_tokens`` counts.
    """
    unit = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    centre = unit.mean(axis=0)
    relevance = unit @ (centre / (np.linalg.norm(centre) or 1.0))
    choice = _Choice(unit, relevance, np.full(len(members), -1.0), set())
    unhappy = np.array([corpus.sessions[i].feedback == "down" for i in members])
    examples: list[Example] = []
    shown: set[str] = set()
    left = budget_tokens
    exhausted: set[Role] = set()
    for role in itertools.cycle(ROLES):
        if len(exhausted) == len(ROLES):
            break
        if role in exhausted:
            continue
        texts = ((row, masked_text(corpus, members[row])) for row in _ranked(choice, role, unhappy))
        found = _showable(texts, choice, shown, left)
        if found is None:
            exhausted.add(role)
            continue
        row, text, tokens = found
        choice.take(row)
        shown.add(text)
        left -= tokens
        session_id, similarity = corpus.sessions[members[row]].session_id, round(float(relevance[row]), 4)
        examples.append(
            Example(segment_id=segment_id, session_id=session_id, role=role, similarity=similarity, tokens=tokens)
        )
    return tuple(examples)


def _showable(
    texts: Iterable[tuple[int, str]], choice: _Choice, shown: Collection[str], left: int
) -> tuple[int, str, int] | None:
    """Return the first row whose text is new, readable and not too long, with the text and its tokens."""
    for row, text in texts:
        choice.taken.add(row)
        tokens = estimated_tokens(text)
        if text not in shown and tokens <= left and _is_readable(text):
            return row, text, tokens
    return None


def _ranked(choice: _Choice, role: Role, unhappy: Matrix) -> Iterator[int]:
    """Yield rows that are not taken yet, those best for a role first."""
    novelty = -choice.nearest
    score = novelty if role == "extreme" else RELEVANCE * choice.relevance + (1.0 - RELEVANCE) * novelty
    if role == "extreme" and not choice.taken:
        score = choice.relevance
    score = score.copy()
    score[list(choice.taken)] = -np.inf
    if role == "complaint":
        score[~unhappy.astype(bool)] = -np.inf
    # Only the best are sorted: a segment may hold a hundred thousand sessions.
    count = min(CANDIDATES, len(score))
    best = np.argpartition(-score, count - 1)[:count]
    for row in sorted(best.tolist(), key=lambda row: (-score[row], row)):
        if score[row] > -np.inf:
            yield row


def _is_readable(text: str) -> bool:
    words = text.split()
    hidden = sum(_HIDDEN in word for word in words)
    return bool(words) and hidden <= MAX_RARE_SHARE * len(words)


def masked_example(corpus: Corpus, example: Example) -> str:
    """Return an example's text as a model sees it.

    Raises:
        KeyError: If the corpus has no such session: it is another dataset's.
    """
    return masked_text(corpus, corpus.place(example.session_id))


def masked_text(corpus: Corpus, index: int) -> str:
    """Return what a user said in a session, message by message, masked.

    A word or number that fewer than k users wrote stands as ``[RARE]``, no angle bracket is left and no line but
    ours begins, so that an example can neither give anybody away nor close the fence around it.
    """
    lines = []
    for text in texts_of(corpus.sessions[index])[:MAX_MESSAGES]:
        masked = corpus.masked(_cut(text)).replace("<", "[").replace(">", "]")
        lines.append(" ".join(masked.split()))
    return "\n  then: ".join(lines)


_HIDDEN = RARE.replace("<", "[").replace(">", "]")


def _cut(text: str) -> str:
    """Return the beginning of a text that a message may have, ended at a word."""
    limit = float(MAX_MESSAGE_TOKENS)
    for place, character in enumerate(text):
        limit -= _weight(character)
        if limit < 0:
            return text[:place].rsplit(maxsplit=1)[0] + " …" if " " in text[:place] else text[:place] + "…"
    return text


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text is.

    No two models cut text alike. Latin script is taken at four characters a token, other alphabets at two, and
    Chinese, Japanese and Korean at one: what the tokenizers of current models reach or stay below.
    """
    return math.ceil(sum(map(_weight, text)))


def _weight(character: str) -> float:
    code = ord(character)
    if code < 0x250:
        return 0.25
    return 1.0 if code >= 0x1100 and not 0x1E00 <= code < 0x2E80 else 0.5


def read_examples(suite_folder: Path) -> list[Example]:
    """Return which sessions a suite's personas were drawn from, the largest segment's first.

    Raises:
        StorageError: If the file is missing, as in suites of earlier versions, or is not the one that was written.
    """
    return list(read_suite_lines(suite_folder, RETRIEVAL, Example))
