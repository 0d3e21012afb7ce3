"""How a function becomes a command: the options that every command has, and calm errors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from desktop_app.cli.session import Options, Session
from desktop_app.core.errors import ColophonError

F = TypeVar("F", bound=Callable[..., Any])

PANEL = "For every command"
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="Keep all data of the app here (or set COLOPHON_HOME).",
        rich_help_panel=PANEL,
    ),
]
Network = Annotated[
    str,
    typer.Option(
        "--network",
        metavar="NETWORK",
        help="Use this network, this time only.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=PANEL)]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Approve what is asked, without asking.", rich_help_panel=PANEL)
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what has that name already.")]
"""Of commands that write a file where somebody's other file might be."""
_SHARED: dict[str, tuple[Any, Any]] = {
    "home": (Home, None),
    "network_option": (Network, ""),
    "as_json": (Json, False),
    "yes": (Yes, False),
}


def new_app(help_text: str, **settings: Any) -> typer.Typer:
    """A root or group of commands with this project's manners."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        add_completion=False,
        **settings,
    )


def command(app: typer.Typer, name: str, panel: str | None = None) -> Callable[[F], F]:
    """Register `function(session, ...)` as a command of `app`.

    The function may return an exit code (None is 0). Expected errors are shown with title, reason and next
    step, and end with the exit code of their kind.
    """

    def register(function: F) -> F:
        given = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

        @functools.wraps(function)
        def run(ctx: typer.Context, **values: Any) -> None:
            shared = {key: values.pop(key) for key in _SHARED}
            options = Options(
                home=shared["home"],
                network=shared["network_option"],
                as_json=shared["as_json"],
                yes=shared["yes"],
            )
            session = Session(options.over(ctx.obj if isinstance(ctx.obj, Options) else Options()))
            try:
                code = function(session, **values)
            except BrokenPipeError:
                raise
            except ColophonError as error:
                code = session.failed(error)
            except Exception as error:  # noqa: BLE001 - nobody should meet a traceback
                code = session.broke(error)
            finally:
                session.close()
            if code:
                raise typer.Exit(code)

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter("ctx", keyword, annotation=typer.Context)]
        parameters += [one.replace(kind=keyword) for one in given]
        parameters += [
            inspect.Parameter(key, keyword, default=default, annotation=annotation)
            for key, (annotation, default) in _SHARED.items()
        ]
        del run.__wrapped__  # typer would read the inner annotations
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(name, rich_help_panel=panel)(run)
        return function

    return register
