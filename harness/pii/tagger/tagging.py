"""From texts to the names and addresses in them: the network's opinion of each word, made into spans."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import phrases, words
from harness.pii.tagger.model import Model, shipped_model
from harness.pii.tagger.network import CLASSES, Floats, batch_of, class_probabilities, word_vectors
from harness.pii.tagger.words import LONGEST_WORD, features_of, piece_inputs, plain, words_of

_PERSON, _LOCATION, _PLACE = (CLASSES.index(name) for name in ("PERSON", "LOCATION", "GPE"))
_MOST_WORDS = 100_000
"""Distinct words remembered at a time."""
_FIRST_WORDS = 1024
_MOST_TOKENS = 12_000
"""Tokens looked at together: more cost memory and are no quicker."""
_INSIDE = frozenset(",.'’&/#–-\n")
"""Signs that belong to the name or address whose words are on both sides."""
_SHORT_NUMBER = 2
_LIKELY = 0.5
_SUREST = 0.99
"""Only what is checked is certain."""
_CURRENCY = re.compile(r"[$£€¥₹]\s?(?:\d[\d,.]*)?$")
_MEASURE = re.compile(r"%|°|(?:p|px|dpi|fps|[kmgt]b|[kmg]bps|[kmg]?hz|[kcm]m|kg|mg|ml|kwh?|ms|rpm)\b", re.IGNORECASE)
"""Right behind digits: "1080p", "256GB"; not "12m", which may be a house."""
Token = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on a word is taken for part of a name or an address."""

    alone: float
    beside: float
    """For the neighbour of a word that counts."""


class Tagger:
    """Finds people's names and street addresses.

    Args:
        model: The trained network.
        thresholds: From where on a word counts.
    """

    def __init__(self, model: Model, thresholds: Thresholds) -> None:
        self._model = model
        self._pieces = model.pieces
        self._thresholds = thresholds
        self._numbers: dict[str, int] = {}
        self._vectors = [
            np.zeros((_FIRST_WORDS, network.weights["word_out"].shape[1]), np.float32) for network in model.networks
        ]

    def find(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return, for each text, the names and addresses in it, ordered and without overlaps."""
        found: list[list[PiiSpan]] = []
        for chunk in _chunks([(text, words_of(text)) for text in texts]):
            chances = self._look(chunk)
            personal = chances[:, _PERSON] + chances[:, _LOCATION]
            counts = personal >= self._thresholds.alone
            start = 0
            for text, tokens in chunk:
                end = start + len(tokens)
                # Most texts hold nothing, so that going through their words one by one would be most of the work.
                found.append(self._spans(text, tokens, chances[start:end]) if counts[start:end].any() else [])
                start = end
        return found

    def _look(self, chunk: Sequence[tuple[str, list[Token]]]) -> Floats:
        """Return the probability of each class for each token of some texts, [tokens, classes]."""
        if len(self._numbers) > _MOST_WORDS:
            self._numbers.clear()
        self._learn({form: None for _, tokens in chunk for form, _, _ in tokens if form not in self._numbers})
        rows = [[self._numbers[form] for form, _, _ in tokens] for _, tokens in chunk]
        batch = batch_of([text for text, _ in chunk], rows)
        opinions = [
            class_probabilities(network.weights, vectors, batch)
            for network, vectors in zip(self._model.networks, self._vectors, strict=True)
        ]
        return np.asarray(sum(opinions[1:], opinions[0]) / np.float32(len(opinions)))

    def _learn(self, forms: Collection[str]) -> None:
        """Make the vectors of words that were not seen before; all at once, since one by one costs ten times as much."""
        if not forms:
            return
        first, needed = len(self._numbers), len(self._numbers) + len(forms)
        if needed > len(self._vectors[0]):
            # Twice what is needed, so that growing costs little however many words follow.
            room = 2 * needed - len(self._vectors[0])
            self._vectors = [
                np.concatenate([vectors, np.zeros((room, vectors.shape[1]), np.float32)]) for vectors in self._vectors
            ]
        features = [[row for group in features_of(form, self._model.lexicon) for row in group] for form in forms]
        starts = np.cumsum([0, *(len(rows) for rows in features[:-1])])
        rows = np.fromiter((row for rows in features for row in rows), np.intp)
        pieces = np.stack([piece_inputs(form, self._pieces, self._model.vectors) for form in forms])
        for network, vectors in zip(self._model.networks, self._vectors, strict=True):
            hidden = np.add.reduceat(network.table[rows], starts, axis=0) + pieces @ network.weights["piece_in"]
            vectors[first:needed] = word_vectors(network.weights, hidden)
        self._numbers.update(zip(forms, range(first, needed), strict=True))

    def _spans(self, text: str, tokens: Sequence[Token], chances: Floats) -> list[PiiSpan]:
        personal = chances[:, _PERSON] + chances[:, _LOCATION]
        spans = []
        free = 0
        for start, end in _runs(tokens, self._marked(text, tokens, chances, personal.tolist())):
            if end <= free:
                continue
            sums = chances[start:end].sum(axis=0)
            entity = "PERSON" if sums[_PERSON] >= sums[_LOCATION] else "LOCATION"
            score = float(personal[start:end].max())
            extended = _with_honorific(tokens, start) if entity == "PERSON" else _with_corner(tokens, start)
            # Never into the span before: "the corner of 5th and main" may be two.
            extended = max(free, extended)
            if entity == "PERSON":
                end = _with_calling(tokens, end)
            last = tokens[end - 1][2]
            if any(text[tokens[first][1] : last].lower() in phrases("brands") for first in (start, extended)):
                continue
            spans.append(PiiSpan(start=tokens[extended][1], end=last, entity=entity, score=min(score, _SUREST)))
            free = end
        return spans

    def _marked(self, text: str, tokens: Sequence[Token], chances: Floats, personal: Sequence[float]) -> list[bool]:
        """Return which tokens are personal: those that surely are, and from there on their likely neighbours."""
        alone, beside = self._thresholds.alone, self._thresholds.beside
        marked = [
            chance >= alone and end - start <= LONGEST_WORD
            for chance, (_, start, end) in zip(personal, tokens, strict=True)
        ]
        for at in range(1, len(tokens)):
            if marked[at - 1] and not marked[at]:
                # A town behind a street is part of the address, one by itself is not personal.
                of_address = (
                    chances[at, _LOCATION] + chances[at, _PLACE] >= _LIKELY and chances[at - 1, _PERSON] < _LIKELY
                )
                marked[at] = personal[at] >= beside or of_address or tokens[at][0] in _INSIDE
        for at in range(len(tokens) - 2, -1, -1):
            if marked[at + 1] and not marked[at]:
                marked[at] = personal[at] >= beside or tokens[at][0] in _INSIDE
        for at, (form, start, end) in enumerate(tokens):
            if (
                marked[at]
                and form.isdigit()
                and (_CURRENCY.search(text, max(0, start - 12), start) or _MEASURE.match(text, end))
            ):
                marked[at] = False
        return marked


def _runs(tokens: Sequence[Token], marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the runs of marked tokens, without what only stands at their ends."""
    at, count = 0, len(tokens)
    while at < count:
        if not marked[at]:
            at += 1
            continue
        start = at
        while at < count and marked[at]:
            at += 1
        first, last = start, at
        while first < last and _is_edge(tokens[first][0]):
            first += 1
        while first < last and (_is_edge(tokens[last - 1][0]) or _is_possessive(tokens, last)):
            last -= 1
        if first < last and not _says_nothing(tokens[first:last]):
            yield first, last


def _is_edge(form: str) -> bool:
    return not form[0].isalnum() or form.lower() in words("span_edges")


def _is_possessive(tokens: Sequence[Token], end: int) -> bool:
    return end > 1 and tokens[end - 1][0] in ("s", "S") and tokens[end - 2][0] in ("'", "’")


def _with_honorific(tokens: Sequence[Token], start: int) -> int:
    """Return where a name begins that a title or a word for a relative stands before: "Mr. Ford", "Aunt Jenny"."""
    before = start - 1 - (start > 1 and tokens[start - 1][0] == ".")
    return before if before >= 0 and plain(tokens[before][0]) in words("honorifics") else start


def _with_calling(tokens: Sequence[Token], end: int) -> int:
    """Return where a name ends that a calling or a degree in capitals follows: "Pamela Butler, Psychologist"."""
    after = [form for form, _, _ in tokens[end : end + 2]]
    if len(after) < 2 or after[0] != "," or not after[1][0].isupper() or plain(after[1]) not in words("callings"):
        return end
    end += 2
    while end < len(tokens) and (tokens[end][0][0].isupper() or tokens[end][0] == "and"):
        end += 1
    return end - 1 if tokens[end - 1][0] == "and" else end


def _with_corner(tokens: Sequence[Token], start: int) -> int:
    """Return where an address begins, with a number or the word for a street right before it, or "the corner of"."""
    while start and (tokens[start - 1][0].isdigit() or plain(tokens[start - 1][0]) in words("street_openers")):
        start -= 1
    before = [plain(form) for form, _, _ in tokens[max(0, start - 2) : start]]
    return start - 2 if before == ["corner", "of"] else start


def _says_nothing(tokens: Sequence[Token]) -> bool:
    """Return whether only a small number or a lone foreign letter is left: a count, an hour, a broken quotation mark."""
    return all(
        (form.isdigit() and len(form) <= _SHORT_NUMBER)
        or not form[0].isalnum()
        or (len(form) == 1 and not form.isascii())
        for form, _, _ in tokens
    )


def _chunks(texts: Sequence[tuple[str, list[Token]]]) -> Iterator[list[tuple[str, list[Token]]]]:
    chunk: list[tuple[str, list[Token]]] = []
    size = 0
    for text, tokens in texts:
        if chunk and size + len(tokens) > _MOST_TOKENS:
            yield chunk
            chunk, size = [], 0
        chunk.append((text, tokens))
        size += len(tokens)
    if chunk:
        yield chunk


@cache
def shipped_tagger() -> Tagger:
    """Return the tagger that comes with the package, at its thresholds."""
    model = shipped_model()
    return Tagger(model, Thresholds(**model.facts["thresholds"]))
