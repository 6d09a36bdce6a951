"""Where the user's Presidio recognizers come from: classes by their import path, and Presidio's YAML."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

import regex  # type: ignore[import-untyped]
import yaml  # type: ignore[import-untyped]
from presidio_analyzer import EntityRecognizer, PatternRecognizer, RemoteRecognizer
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider
from presidio_analyzer.recognizer_registry.recognizers_loader_utils import (
    PredefinedRecognizerNotFoundError,
    RecognizerListLoader,
)
from tldextract import tldextract

from harness.errors import ConfigurationError
from harness.pii.interface import RecognizerSource
from harness.pii.models import go_offline

_KEY = "'extract.pii.recognizers'"
_REGEX_FLAGS = 26
"""Presidio's default: any case, ``^`` and ``$`` at every line, ``.`` matches line ends."""
_LIST_SCORE = 1.0


def load_recognizers(sources: Iterable[RecognizerSource], *, threshold: float) -> list[EntityRecognizer]:
    """Return the recognizers of all sources.

    Raises:
        ConfigurationError: If one cannot be had, would ask the network, or could never reach ``threshold``.
    """
    go_offline()
    found = [recognizer for source in sources for recognizer in _of_source(source)]
    for recognizer in found:
        _refuse_helpless(recognizer, threshold)
        if isinstance(recognizer, PatternRecognizer):
            _never_skip(recognizer)
    if any(isinstance(recognizer, EmailRecognizer) for recognizer in found):
        _pin_suffixes()
    return found


def _of_source(source: RecognizerSource) -> list[EntityRecognizer]:
    found = _imported(source.name) if source.text is None else _of_yaml(source.name, source.text)
    recognizers = found if isinstance(found, list) else [found]
    if not recognizers or not all(isinstance(one, EntityRecognizer) for one in recognizers):
        raise ConfigurationError(
            f"{_KEY}: '{source.name}' is no recognizer of Presidio's",
            hint="name a subclass of EntityRecognizer, an instance of one, or a function that returns one or a list of them",
        )
    return recognizers


def _imported(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigurationError(f"{_KEY}: '{name}' is neither package.module:Name nor a .yaml file")
    try:
        found = getattr(import_module(module), attribute)
        return found() if callable(found) else found
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"{_KEY}: '{name}' cannot be imported: {error}", hint="is its folder on PYTHONPATH, on every machine?"
        ) from None
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{_KEY}: '{name}' cannot be made without arguments: {type(error).__name__}",
            hint="name an instance, or a function without parameters that returns one",
        ) from None


def _of_yaml(name: str, text: str) -> list[EntityRecognizer]:
    """Return the recognizers of Presidio's registry configuration, read by Presidio itself."""
    try:
        configuration = _completed(yaml.safe_load(text))
        _refuse_remote(name, configuration["recognizers"])
        registry = RecognizerRegistryProvider(registry_configuration=configuration).create_recognizer_registry()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{_KEY}: {name}{place}: not valid YAML") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(
            f"{_KEY}: {name}: Presidio refuses it: {_reason(error)}",
            hint="it is a configuration of Presidio's recognizer registry: a list `recognizers`; see docs/presidio.md",
        ) from None
    return list(registry.recognizers)


def _completed(configuration: Any) -> dict[str, Any]:
    """Return a registry's configuration without what Presidio would read as nothing.

    Presidio passes over names that stand for themselves, recognizers of a
    language that the registry does not list, word lists without a score, and
    context words beside a list of languages, all of that silently.
    """
    if not isinstance(configuration, dict) or not isinstance(configuration.get("recognizers"), list):
        raise TypeError("there is no list 'recognizers'")
    languages = list(configuration.get("supported_languages") or ["en"])
    entries: list[dict[str, Any]] = []
    for entry in configuration["recognizers"]:
        named = {"name": entry, "type": "predefined"} if isinstance(entry, str) else dict(entry)
        if named.get("deny_list"):
            named.setdefault("deny_list_score", _LIST_SCORE)
        if not any(_languages(named)):
            # All run on every text here: one for each language would only find everything twice.
            named["supported_languages"] = languages[:1]
        if named.get("context"):
            named["supported_languages"] = [
                {"language": language, "context": named["context"]} if isinstance(language, str) else language
                for language in named.get("supported_languages") or ()
            ]
        languages += _languages(named)
        entries.append(named)
    return {
        "global_regex_flags": _REGEX_FLAGS,
        **configuration,
        "recognizers": entries,
        "supported_languages": sorted(set(languages)),
    }


def _languages(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("supported_language"):
        yield entry["supported_language"]
    for language in entry.get("supported_languages") or ():
        yield language if isinstance(language, str) else language["language"]


def _refuse_remote(name: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what would connect to a server when it is made."""
    for entry in entries:
        try:
            kind = RecognizerListLoader.get_existing_recognizer_cls(RecognizerListLoader.get_recognizer_name(entry))
        except PredefinedRecognizerNotFoundError:
            continue
        if entry.get("enabled", True) and issubclass(kind, RemoteRecognizer):
            raise ConfigurationError(
                f"{_KEY}: {name}: {kind.__name__} sends texts to a server; nothing leaves this machine"
            )


def _reason(error: Exception) -> str:
    """Return what is wrong with a registry's configuration, without its values: word lists may hold names."""
    cause = error.__cause__
    if cause is None or not hasattr(cause, "errors"):
        return str(error).partition("\n")[0].partition(": {")[0]
    problems = cause.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg'].partition(': {')[0]}" for p in problems)


def _refuse_helpless(recognizer: Any, threshold: float) -> None:
    """Refuse what could never find anything here: silence would look like cleanliness."""
    if isinstance(recognizer, SpacyRecognizer):
        raise ConfigurationError(
            f"{_KEY}: '{recognizer.name}' only passes on what an NLP engine found, and there is none here",
            hint='name its model instead: tagger = ["shipped", "spacy:NAME"] in [extract.pii]',
        )
    if isinstance(recognizer, RemoteRecognizer):
        raise ConfigurationError(f"{_KEY}: '{recognizer.name}' sends texts to a server; nothing leaves this machine")
    if not isinstance(recognizer, PatternRecognizer) or _may_verify(recognizer):
        return
    best = max((pattern.score for pattern in recognizer.patterns), default=0.0)
    if recognizer.context:
        enhancer = LemmaContextAwareEnhancer()
        best = max(best + enhancer.context_similarity_factor, enhancer.min_score_with_context_similarity)
    if best < threshold:
        raise ConfigurationError(
            f"{_KEY}: '{recognizer.name}' reaches a score of {best:.2f} at most, below [extract.pii] threshold = {threshold}",
            hint="raise its score, give it context words, or lower the threshold",
        )


def _may_verify(recognizer: Any) -> bool:
    return type(recognizer).validate_result is not PatternRecognizer.validate_result


def _never_skip(recognizer: Any) -> None:
    """Have a pattern that takes too long fail; Presidio would go on without it."""
    for pattern in recognizer.patterns:
        flags = recognizer.global_regex_flags
        pattern.compiled_regex = _Persistent(regex.compile(pattern.regex, flags=flags))
        pattern.compiled_with_flags = flags


class _Persistent:
    """A compiled pattern whose time-outs are not taken for the end of the matches."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def finditer(self, text: str, timeout: float) -> Iterator[Any]:
        try:
            yield from self._compiled.finditer(text, timeout=timeout)
        except TimeoutError:
            raise RuntimeError("a pattern took too long") from None


def _pin_suffixes() -> None:
    """Have Presidio's e-mail recognizer use the bundled list of public suffixes; it would fetch one."""
    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
