"""One call of the command line: its global options, and how every command starts and ends."""

import errno
import functools
import inspect
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from harness.errors import ConfigurationError, ExitCode, ReverseRagError, StorageError
from pipeline.interruption import TerminatedError, interruptible
from pipeline.streams import print_result

Commit = Annotated[
    str | None,
    typer.Option(
        metavar="SHA", help="The commit under test, its whole hash: draws its own prompts, the same every time."
    ),
]
"""An option of every command that draws prompts."""
Baseline = Annotated[
    str | None,
    typer.Option(
        metavar="latest|RUN", help="Compare with this run, prompt by prompt; latest: the newest promoted one."
    ),
]
"""An option of every command that decides."""
Promote = Annotated[
    bool, typer.Option("--promote", help="If it passes, later runs are compared with this one (for the main branch).")
]
"""Another one."""

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.storage import Storage
    from pipeline.console import Console


@dataclass(slots=True, kw_only=True)
class Invocation:
    """The options that every command takes, and what follows from them."""

    config: Path | None
    out: str | None
    as_json: bool
    quiet: bool
    no_progress: bool
    debug: bool
    _storage: "Storage | None" = field(default=None, init=False)

    def settings(self) -> "Settings":
        """Return the validated configuration, with the flags on top."""
        from harness.config import load_settings

        flags = {"storage": {"root": self._root_flag()}} if self.out else {}
        return load_settings(self.config, flags=flags)

    def storage(self, settings: "Settings") -> "Storage":
        """Return the storage the configuration names.

        Raises:
            ConfigurationError: If it is on a kind of storage that is not known.
        """
        from harness.storage import Storage

        root = settings.path(settings.storage.root)
        if "://" in root and not root.startswith("s3://"):
            raise ConfigurationError(
                f"storage root {root}: neither a folder nor an s3:// URI", hint="see [storage] root"
            )
        self._storage = Storage(root)
        return self._storage

    def console(self) -> "Console":
        """Return where talk goes: stderr, or nowhere with ``--quiet``."""
        from pipeline.console import Console, shown

        given = {"-c": shown(self.config) if self.config is not None else None, "--out": self.out}
        options = {name: value for name, value in given.items() if value is not None}
        return Console(quiet=self.quiet, progress=not (self.no_progress or self.quiet), options=options)

    def result(self, values: dict[str, Any]) -> None:
        """Print a machine-readable result on stdout, if asked for.

        Raises:
            StorageError: If stdout does not take it. A reader that has gone away has seen what it wanted.
        """
        if self.as_json:
            write_json(values)

    def hint(self, error: ReverseRagError) -> str:
        """Return what to do about an error; where no configuration was found, that comes first."""
        from harness.config import DEFAULT_FILE

        if self.config is None and type(error) is ConfigurationError and not Path(DEFAULT_FILE).exists():
            return f"there is no {DEFAULT_FILE} here: --config names one, `reverse-rag init` writes one"
        return error.hint

    @property
    def place(self) -> str:
        """Where this command writes, for people."""
        return "the working folder" if self._storage is None else self._storage.root

    def close(self) -> None:
        """Remove what was begun and not finished."""
        if self._storage is not None:
            self._storage.discard_unpublished()

    def _root_flag(self) -> str:
        assert self.out is not None  # noqa: S101 - the caller has checked
        return self.out if "://" in self.out else str(Path(self.out).resolve())


_STORAGE_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)
"""A full or read-only disk is nobody's bug, wherever it is met."""
_OPTIONS = {
    "config": Annotated[
        Path | None, typer.Option("--config", "-c", help="Configuration file.", show_default="reverse-rag.toml")
    ],
    "out": Annotated[str | None, typer.Option("--out", help="Storage root: a folder or s3://bucket/prefix.")],
    "as_json": Annotated[bool, typer.Option("--json", help="Print a machine-readable result on stdout.")],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")],
    "no_progress": Annotated[bool, typer.Option("--no-progress", help="Draw no progress bars.")],
    "debug": Annotated[bool, typer.Option("--debug", help="Show tracebacks.")],
}
_CONTEXT = "context"
_DEFAULTS: dict[str, Any] = {
    "config": None,
    "out": None,
    "as_json": False,
    "quiet": False,
    "no_progress": False,
    "debug": False,
}


class CommandFirst(TyperGroup):
    """A group that does not look at its own options where the first word is a command, since none was given then.

    Typer loads pydantic to read an option, even an absent one, and that takes longer than a whole help text may.
    """

    _passes_on = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the group's options, if there may be any, and leave the rest."""
        self._passes_on = bool(args) and args[0] in self.commands
        try:
            return super().parse_args(ctx, args)
        finally:
            self._passes_on = False

    def get_params(self, ctx: Any) -> Any:
        """Return the options to parse."""
        return [] if self._passes_on else super().get_params(ctx)


def command(app: typer.Typer, name: str, **context: Any) -> Callable[[Callable[..., int | None]], Callable[..., None]]:
    """Return a decorator that adds a command to the app, with the global options and one way to end.

    The decorated function takes an ``Invocation`` first; what it returns is the exit code (None: 0).
    ``context`` holds settings of how its arguments are parsed.
    """

    def decorate(function: Callable[..., int | None]) -> Callable[..., None]:
        call = _called(function)
        app.command(name, context_settings=context)(call)
        return call

    return decorate


def group(app: typer.Typer, name: str) -> Callable[[Callable[..., int | None]], typer.Typer]:
    """Return a decorator that adds a command which has commands of its own, and does its work when called alone.

    The decorated function is like any command's; with one of the group's commands it is not called, and what was
    given for the work it does is refused. The decorator returns the group, to which commands are added.
    """

    def decorate(function: Callable[..., int | None]) -> typer.Typer:
        inner = typer.Typer(
            name=name,
            cls=CommandFirst,
            invoke_without_command=True,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        inner.callback()(_called(function))
        app.add_typer(inner)
        return inner

    return decorate


def _called(function: Callable[..., int | None]) -> Callable[..., None]:
    """Return a command's function as typer calls it: with the global options beside its own."""

    @functools.wraps(function)
    def call(**values: Any) -> None:
        context: typer.Context = values.pop(_CONTEXT)
        given = {key: values.pop(key, _DEFAULTS[key]) for key in _OPTIONS}
        if context.invoked_subcommand is not None:
            _refuse_given(context, values)
            context.obj = {key: value for key, value in given.items() if value != _DEFAULTS[key]}
            return
        # What stands before a group's command holds for it, too; what stands after it wins.
        before = context.obj if isinstance(context.obj, dict) else {}
        invocation = Invocation(**{**given, **{k: v for k, v in before.items() if given[k] == _DEFAULTS[k]}})
        raise typer.Exit(_guarded(invocation, lambda: function(invocation, **values)))

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS[key], annotation=annotation)
        for key, annotation in _OPTIONS.items()
    ]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    parameters = [inspect.Parameter(_CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context), *own, *shared]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def _refuse_given(context: typer.Context, values: Mapping[str, Any]) -> None:
    """Refuse a group's own options before one of its commands, which would pass them over.

    Raises:
        typer.BadParameter: If there is one.
    """
    for key in values:
        source = context.get_parameter_source(key)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{key.replace('_', '-')}"
            raise typer.BadParameter(f"{option} does not belong to '{context.info_name} {context.invoked_subcommand}'")


def error_values(message: str, hint: str, code: int) -> dict[str, Any]:
    """Return an error as ``--json`` shows it."""
    return {"error": {"message": message, "hint": hint, "exit_code": int(code)}}


def write_json(values: dict[str, Any]) -> None:
    """Write one JSON document to stdout.

    Raises:
        StorageError: If stdout is closed or full.
    """
    import orjson

    print_result(orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())


def _guarded(invocation: Invocation, body: Callable[[], int | None]) -> int:
    """Run a command; turn whatever happens into an exit code and a message."""
    try:
        with interruptible():
            return int(body() or ExitCode.OK)
    except ReverseRagError as error:
        return _fail(invocation, error, str(error), invocation.hint(error), error.exit_code)
    except KeyboardInterrupt as error:
        code = ExitCode.TERMINATED if isinstance(error, TerminatedError) else ExitCode.INTERRUPTED
        return _fail(invocation, error, "interrupted; nothing was left half-written", "", code)
    except OSError as error:
        if error.errno not in _STORAGE_ERRORS:
            return _bug(invocation, error)
        message = f"{error.filename or invocation.place}: cannot be written: {error.strerror}"
        return _fail(invocation, error, message, "free some space or choose another --out", ExitCode.DEPENDENCY)
    except Exception as error:  # noqa: BLE001 - the one place that catches all: a bug must not look like a failed gate
        return _bug(invocation, error)
    finally:
        invocation.close()


def _bug(invocation: Invocation, error: Exception) -> int:
    where = traceback.extract_tb(error.__traceback__)[-1]
    message = f"this is a bug in reverse-rag: {type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
    return _fail(invocation, error, message, "run again with --debug and report the traceback", ExitCode.BUG)


def _fail(invocation: Invocation, error: BaseException, message: str, hint: str, code: ExitCode) -> int:
    if invocation.debug:
        traceback.print_exception(error)
    console = invocation.console()
    with suppress(StorageError):
        invocation.result(error_values(message, console.typed(hint), code))
    console.error(message, hint)
    return int(code)
