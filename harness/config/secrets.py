"""Secrets are references in the configuration; they are resolved where they are used, and nowhere else."""

import os
import re
from collections.abc import Mapping

from harness.errors import ConfigurationError

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRETS_MANAGER_PREFIX = "arn:aws:secretsmanager:"


def is_reference(text: str) -> bool:
    """Return whether a configuration value is one whole ``${NAME}`` reference, or the ARN of a secret."""
    return bool(_REFERENCE.fullmatch(text)) or text.startswith(SECRETS_MANAGER_PREFIX)


def refuse_literal(text: str, *, example: str) -> str:
    """Return a configuration value that has to be a reference.

    A mistyped reference would be the secret itself, and one that everybody can guess.

    Args:
        text: The value.
        example: The name of an environment variable that usually holds it.

    Raises:
        ValueError: If it is none; the message never holds the value.
    """
    if is_reference(text):
        return text
    seen = (
        "looks like a reference, but is none: a name has letters, digits and _, in ${}"
        if text.startswith("$")
        else "is a value of its own: the configuration is written into every dataset"
    )
    raise ValueError(f'{seen}; allowed are "${{{example}}}" or any other ${{NAME}}, and "{SECRETS_MANAGER_PREFIX}…"')


def secret_values(text: str, *, key: str, env: Mapping[str, str] | None = None) -> list[str]:
    """Return the secrets that a configuration value refers to, without what stands around them.

    Args:
        text: The value.
        key: The dotted key it stands at, for the error.
        env: The environment; None takes the process's own.

    Raises:
        ConfigurationError: If one is missing.
    """
    references = [text] if text.startswith(SECRETS_MANAGER_PREFIX) else [m[0] for m in _REFERENCE.finditer(text)]
    return [resolve_secret(reference, key=key, env=env) for reference in references]


def resolve_secret(text: str, *, key: str, env: Mapping[str, str] | None = None) -> str:
    """Return ``text`` with its ``${NAME}`` references replaced, or the secret an ARN names.

    Args:
        text: A configuration value.
        key: The dotted key it stands at, for the error.
        env: The environment; None takes the process's own.

    Raises:
        ConfigurationError: If the environment lacks the name; the message never holds a value.
    """
    source = os.environ if env is None else env
    if text.startswith(SECRETS_MANAGER_PREFIX):
        from harness.aws import read_secret

        return read_secret(text, key=key)

    def value(match: re.Match[str]) -> str:
        found = source.get(match[1])
        if not found:
            raise ConfigurationError(
                f"'{key}' needs the environment variable {match[1]}, which is not set", hint=f"export {match[1]}=…"
            )
        return found

    return _REFERENCE.sub(value, text)
