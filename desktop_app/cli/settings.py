"""`colophon settings`: look at and change the settings file."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop_app.cli import output, spoken
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.settings import SETTINGS, Settings, Value, setting_named

app = new_app("The settings.")

KeyArgument = Annotated[str, typer.Argument(metavar="SETTING", help="As in: colophon settings list")]


@command(app, "list")
def list_settings(session: Session) -> None:
    """List all settings with their values and what they are for."""
    settings = Settings(session.paths.settings)
    session.show(
        {one.key: settings.get(one) for one in SETTINGS},
        output.listing(
            ["Key", "Value", ""], [(one.key, settings.get(one), spoken.description(one)) for one in SETTINGS]
        ),
    )


@command(app, "get")
def get(session: Session, key: KeyArgument) -> None:
    """Print one setting."""
    value = Settings(session.paths.settings).get(setting_named(key))
    session.show({key: value}, str(value))


@command(app, "set")
def set_value(
    session: Session,
    key: KeyArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value.")],
) -> None:
    """Change one setting."""
    setting = setting_named(key)
    given: Value = value
    if isinstance(setting.default, int):
        if not value.isascii() or not value.isdecimal():
            raise InvalidInputError("settings.wrong_type", key=key, expected="a whole number")
        given = int(value)
    Settings(session.paths.settings).set(setting, given)
    session.show({key: given}, f"{key} = {given}")
