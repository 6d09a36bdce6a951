"""The whole configuration: flags over environment over file over defaults."""

import datetime as dt
import hashlib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, PrivateAttr, ValidationError

from harness.config.diagnosis import Sources, explain
from harness.config.load import LoadSection
from harness.config.sections import (
    BudgetSection,
    ExtractSection,
    GateSection,
    JudgeSection,
    PersonasSection,
    ReviewsSection,
    Section,
    SloSection,
    StorageSection,
    TierSection,
)
from harness.config.target import TargetSection
from harness.config.telemetry import TelemetrySection
from harness.errors import ConfigurationError

DEFAULT_FILE = "reverse-rag.toml"
ENV_PREFIX = "REVERSE_RAG_"
_TIER_PARTS = ("judge", "load", "slo", "budget")


class Settings(Section):
    """A validated configuration. Secrets stay ``${NAME}`` references in it."""

    storage: StorageSection = StorageSection()
    extract: ExtractSection = ExtractSection()
    personas: PersonasSection = PersonasSection()
    target: TargetSection = TargetSection()
    judge: JudgeSection = JudgeSection()
    gate: GateSection = GateSection()
    tiers: dict[str, TierSection] = Field(default_factory=dict)
    load: LoadSection | None = None
    slo: SloSection = SloSection()
    budget: BudgetSection = BudgetSection()
    telemetry: TelemetrySection = TelemetrySection()
    reviews: ReviewsSection = ReviewsSection()

    _base: Path = PrivateAttr(default_factory=Path.cwd)
    _sources: Sources = PrivateAttr(default_factory=Sources)

    def path(self, value: str) -> str:
        """Return ``value`` as an absolute path (relative ones start at the configuration file), or as its URI."""
        return value if "://" in value else str(self._base / value)

    def located_target(self) -> TargetSection:
        """Return ``[target]`` with its files' paths absolute, for those who do not know where they start."""
        files = {name: getattr(self.target.tls, name) for name in ("ca_file", "cert_file", "key_file")}
        absolute = {name: self.path(file) for name, file in files.items() if file is not None}
        if not absolute:
            return self.target
        return self.target.model_copy(update={"tls": self.target.tls.model_copy(update=absolute)})

    def tier(self, name: str) -> tuple["Settings", TierSection]:
        """Return the configuration as the tier overrides it, and the tier.

        A tier's sub-tables are the file's: what the environment or the command line says of a section still wins.

        Raises:
            ConfigurationError: If the file has no such tier, or its sub-tables do not fit.
        """
        if name not in self.tiers:
            known = ", ".join(sorted(self.tiers)) or "none"
            raise ConfigurationError(
                f"tier '{name}' is not configured; configured tiers: {known}", hint=f"add a [tiers.{name}] table"
            )
        tier = self.tiers[name]
        values = {part: value for part, value in self.model_dump(by_alias=True).items() if value is not None}
        given = merge(self._sources.environment, self._sources.flags)
        own = {part: getattr(tier, part) for part in _TIER_PARTS if getattr(tier, part)}
        for layer in (own, given, given.get("tiers", {}).get(name, {})):
            values = merge(values, {part: layer[part] for part in _TIER_PARTS if part in layer})
        try:
            effective = Settings.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError(explain(error, self._sources, Settings, table=("tiers", name))) from None
        effective._sources = self._sources
        effective._base = self._base
        return effective, tier

    def fingerprint(self) -> str:
        """Return the SHA-256 of the configuration, wherever its artifacts and labels are kept and its telemetry goes.

        Secrets are references in it and so do not enter; nor does what it may cost, so that a run whose budget was
        spent goes on with a larger one.
        """
        unseen = {"storage": True, "telemetry": True, "reviews": True, "budget": True}
        values = self.model_dump(mode="json", exclude={**unseen, "tiers": {"__all__": {"budget"}}})
        return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``changes`` on top, table by table; neither is altered."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def load_settings(
    file: Path | None = None, *, flags: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None
) -> Settings:
    """Read and validate the configuration.

    Args:
        file: The configuration file; None looks for ``reverse-rag.toml`` here and goes without if there is none.
        flags: Values given on the command line, as nested tables.
        env: The environment; None takes the process's own.

    Raises:
        ConfigurationError: If the file is missing, is no TOML, or holds an unknown key or a bad value;
            the message names file, line, key and the nearest valid key.
    """
    path = file or Path(DEFAULT_FILE)
    text = _read(path, required=file is not None)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    environment = environment_values(os.environ if env is None else env)
    found = path if file is not None or path.is_file() else None
    sources = Sources(path=found, text=text, environment=environment, flags=flags or {})
    try:
        settings = Settings.model_validate(merge(merge(values, environment), flags or {}))
    except ValidationError as error:
        raise ConfigurationError(
            explain(error, sources, Settings), hint="see docs/reference/configuration.md"
        ) from None
    settings._base = found.resolve().parent if found is not None else Path.cwd()
    settings._sources = sources
    for name in settings.tiers:
        settings.tier(name)
    return settings


def environment_values(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that ``REVERSE_RAG_SECTION__KEY=value`` variables set, as nested tables.

    A value that is valid TOML (a number, a list, a table, true) is taken as such, anything else as text; so are
    dates, which no key takes.
    """
    values: dict[str, Any] = {}
    for name, raw in sorted(env.items()):
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        keys = name.removeprefix(ENV_PREFIX).lower().split("__")
        nested: Any = _toml_value(raw)
        for key in reversed(keys):
            nested = {key: nested}
        values = merge(values, nested)
    return values


def _toml_value(raw: str) -> Any:
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw
    return raw if isinstance(value, dt.date | dt.time) else value


def _read(path: Path, *, required: bool) -> str:
    try:
        # Some editors put a byte-order mark first, which is no TOML.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if not required:
            return ""
        raise ConfigurationError(
            f"{path}: no such configuration file", hint="`reverse-rag init` writes a commented one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {type(error).__name__}") from None
