"""Whether the answer says only what its contexts and the conversation say."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from harness.config import Settings
from harness.contracts import CriterionResult
from harness.errors import ConfigurationError
from judge.checks.interface import Answer, Check, fails, passes, undecided
from judge.groundedness.claims import Claim, unsupported_claims
from judge.groundedness.discourse import claims_something, negated
from judge.groundedness.language import FUNCTION_WORDS, plain, sentences, stem, words
from judge.groundedness.terms import support
from judge.json_text import looks_like_json, read_json, texts_in
from judge.languages import language_of, may_be_in

DEFAULT_THRESHOLD = 0.02
"""A claiming sentence supported less than this is invented: 0 of 313 answers that people had called fully attributable
fell below, and none of 81 that claim nothing."""
_HARD = 0.05
_WEAK = 0.3
_MIN_WITHOUT_CONTEXTS = 2
_SAME_STATEMENT = 0.8


class Groundedness:
    """Fails an answer with hard claims or whole sentences that nothing supports.

    Hard claims (numbers of two or more digits, amounts, dates, addresses, names
    in mid-sentence) may stand in the contexts, in the user's words or in earlier
    turns. Other sentences are compared by the blend of
    ``judge.groundedness.terms``. The score ranks answers by the contexts alone.

    Args:
        public: Contact data and other texts that answers may repeat.
        threshold: Least support of a claiming sentence.
    """

    name = "groundedness"
    version = "3"

    def __init__(self, public: Sequence[str] = (), *, threshold: float = DEFAULT_THRESHOLD) -> None:
        self._public = tuple(public)
        self._threshold = threshold

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return whether the contexts support the answer; None for an assistant that gives none."""
        if answer.exchange.contexts is None:
            return None
        text = _told(answer.text)
        contexts = [context for context in answer.contexts if context.strip()]
        sources = [*contexts, *answer.user_texts, *answer.earlier_answers, *self._public]
        same_language = _same_language(text, tuple(contexts))
        claims = unsupported_claims(
            text, sources, names=same_language and language_of(text) != "de", asked=answer.user_texts
        )
        if not contexts:
            return self._without_contexts(answer, claims)
        score = support(text, contexts)
        if claims:
            return self._invented(answer, text, claims, score)
        return self._by_sentences(answer, text, contexts, sources, score, same_language=same_language)

    def _without_contexts(self, answer: Answer, claims: Sequence[Claim]) -> CriterionResult:
        if len(claims) >= _MIN_WITHOUT_CONTEXTS and any(claim.kind != "name" for claim in claims):
            return self._invented(answer, _told(answer.text), claims, 0.5)
        return undecided(self.name, "Nothing was retrieved to compare with.", score=0.5)

    def _invented(self, answer: Answer, text: str, claims: Sequence[Claim], score: float) -> CriterionResult:
        kinds = sorted({claim.kind for claim in claims})
        reason = f"The answer names {_listed(kinds)} that neither its contexts nor the conversation hold."
        return fails(self.name, reason, *_marked(answer.text, text, claims), score=_HARD * score)

    def _by_sentences(
        self, answer: Answer, text: str, contexts: list[str], sources: list[str], score: float, *, same_language: bool
    ) -> CriterionResult:
        told = sentences(text)
        claiming = [sentence for sentence in told if claims_something(sentence)]
        if not claiming:
            return undecided(self.name, "The answer claims nothing.", score=score)
        if not same_language:
            return undecided(self.name, "Answer and contexts are in different languages.", score=score)
        if len(told) == len(claiming) == 1 and score >= self._threshold:
            return self._supported(claiming, contexts, score)
        invented = [sentence for sentence in claiming if support(sentence, sources) < self._threshold]
        if invented:
            shown = [sentence for sentence in invented if sentence in answer.text]
            reason = "Nothing in the contexts or the conversation supports what the answer says."
            return fails(self.name, reason, *shown, score=_WEAK * score)
        return self._supported(claiming, contexts, score)

    def _supported(self, claiming: Sequence[str], contexts: Sequence[str], score: float) -> CriterionResult:
        """Pass; a sentence that only differs from a context's by a negation is worth a word, no more."""
        if any(negated(sentence) and _denies(sentence, contexts) for sentence in claiming):
            return passes(self.name, score=score, reason="A sentence denies what a context says, or the reverse.")
        return passes(self.name, score=score)


def _told(text: str) -> str:
    """Return what an answer says: of a JSON answer its values, one a line."""
    if looks_like_json(text):
        try:
            return "\n".join(texts_in(read_json(text)))
        except ValueError:
            return text
    return text


@lru_cache(maxsize=4096)
def _context_language(contexts: tuple[str, ...]) -> str | None:
    return language_of(" ".join(contexts))


def _same_language(text: str, contexts: tuple[str, ...]) -> bool:
    return may_be_in(text, _context_language(contexts))


def _marked(answer: str, text: str, claims: Sequence[Claim]) -> list[str]:
    """Return the sentences with the claims, word for word; the claims alone where the sentence is not in the answer."""
    marked: list[str] = []
    place = 0
    for sentence in sentences(text):
        start = text.find(sentence, place)
        place = start + len(sentence)
        inside = [claim for claim in claims if start <= claim.start < place]
        shown = (
            [sentence] if inside and sentence in answer else [claim.text for claim in inside if claim.text in answer]
        )
        marked += [passage for passage in shown if passage not in marked]
    return marked


def _denies(sentence: str, contexts: Sequence[str]) -> bool:
    content = {stem(word) for word in words(plain(sentence)) if word not in FUNCTION_WORDS}
    for context in contexts:
        for other in sentences(context):
            found = content & {stem(word) for word in words(plain(other))}
            if content and len(found) / len(content) >= _SAME_STATEMENT and not negated(other):
                return True
    return False


def _listed(kinds: Sequence[str]) -> str:
    named = {"address": "an address", "link": "a link", "number": "a number", "name": "a name", "date": "a date"}
    shown = [named[kind] for kind in kinds]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def build(settings: Settings) -> Check | None:
    """Return the check where ``[judge.checks] groundedness`` is on.

    The system prompt, where one is configured, counts as known: an assistant may say who it is.

    Raises:
        ConfigurationError: If the configured system prompt cannot be read.
    """
    checks = settings.judge.checks
    if not checks.groundedness:
        return None
    public = list(checks.public_contacts)
    if checks.system_prompt is not None:
        path = settings.path(checks.system_prompt)
        try:
            public.append(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"'judge.checks.system_prompt' ({path}): cannot be read: {type(error).__name__}"
            ) from None
    return Groundedness(public)
