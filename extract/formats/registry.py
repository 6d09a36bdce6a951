"""Which formats there are, by the name that ``[extract] format`` gives."""

from functools import partial

from extract.formats.bedrock import read_invocation
from extract.formats.cloudwatch import read_log_events
from extract.formats.generic import read_generic
from extract.formats.interface import LogFormat
from extract.formats.offloaded import OffloadedBodies
from extract.formats.openai_chat import read_openai_chat
from extract.formats.otel_genai import read_otlp
from harness.config import ExtractSection
from harness.errors import ConfigurationError

_ENVELOPE = "cloudwatch-logs"


def log_format(section: ExtractSection) -> LogFormat:
    """Return the format that the configuration names; ``cloudwatch-logs:NAME`` is NAME inside log events.

    Raises:
        ConfigurationError: If there is none of that name.
    """
    outer, _, inner = section.format.partition(":")
    if outer == _ENVELOPE:
        return partial(read_log_events, _plain(inner or "generic", section))
    return _plain(section.format, section)


def _plain(name: str, section: ExtractSection) -> LogFormat:
    if name == "bedrock-invocation-log":
        return partial(read_invocation, OffloadedBodies(section.large_bodies))
    formats: dict[str, LogFormat] = {
        "generic": read_generic,
        "openai-chat": read_openai_chat,
        "otel-genai": read_otlp,
    }
    if name not in formats:
        raise ConfigurationError(
            f"'extract.format' = '{section.format}' is no log format", hint="docs/log-formats.md lists them"
        )
    return formats[name]
