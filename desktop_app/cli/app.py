"""The root command `colophon`: global options, and the groups in the order of a work's life."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

import desktop_app
from desktop_app.cli import (
    backup,
    buying,
    catalogue,
    challenges,
    completion,
    contacts,
    credentials,
    demo,
    details,
    diagnostics,
    guide,
    home,
    library,
    licences,
    minting,
    networks,
    ownership,
    packages,
    paying,
    payouts,
    privacy,
    receipts,
    registration,
    royalties,
    royalty_books,
    selling,
    serving,
    settings,
    spoken,
    training,
    transactions,
    updates,
    usage,
    wallet,
    witnesses,
)
from desktop_app.cli.command import Home, Json, Network, Yes, new_app
from desktop_app.cli.session import FAILED, INTERRUPTED, UNUSABLE, Options, Session
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.services.language import speak_as_set

app = new_app(
    "Prove privately that a work is yours, and be paid for it.\n\n"
    "Without arguments the window opens. Start with: colophon demo",
)


_START, _WORKS, _MONEY, _SETUP = "Start here", "Your works", "Money", "Set up"
demo.add_to(app, _START)
guide.add_to(app, _START)
home.add_to(app, _START)
details.add_to(library.app)
catalogue.add_to(library.app)
app.add_typer(library.app, name="library", rich_help_panel=_WORKS)
registration.add_to(app, _WORKS)
ownership.add_to(app, _WORKS)
minting.add_to(app, _WORKS)
paying.add_to(app, _MONEY)
royalties.add_to(app, _MONEY)
app.add_typer(royalty_books.app, name="royalties", rich_help_panel=_MONEY)
app.add_typer(licences.app, name="licence", rich_help_panel=_MONEY)
app.add_typer(selling.app, name="sell", rich_help_panel=_MONEY)
app.add_typer(buying.app, name="buy", rich_help_panel=_MONEY)
serving.add_to(app, _MONEY)
app.add_typer(challenges.app, name="challenge", rich_help_panel=_WORKS)
app.add_typer(packages.app, name="package", rich_help_panel=_WORKS)
app.add_typer(credentials.app, name="credentials", rich_help_panel=_WORKS)
app.add_typer(witnesses.app, name="witness", rich_help_panel=_WORKS)
app.add_typer(training.app, name="training", rich_help_panel=_WORKS)
app.add_typer(payouts.app, name="payouts", rich_help_panel=_MONEY)
transactions.add_to(app, _MONEY)
app.add_typer(receipts.app, name="receipts", rich_help_panel=_MONEY)
app.add_typer(contacts.app, name="contacts", rich_help_panel=_MONEY)
app.add_typer(wallet.app, name="wallet", rich_help_panel=_SETUP)
app.add_typer(backup.app, name="backup", rich_help_panel=_SETUP)
app.add_typer(privacy.app, name="privacy", rich_help_panel=_SETUP)
app.add_typer(networks.app, name="network", rich_help_panel=_SETUP)
app.add_typer(settings.app, name="settings", rich_help_panel=_SETUP)
app.add_typer(diagnostics.app, name="diagnostics", rich_help_panel=_SETUP)
completion.add_to(app, _SETUP)
app.add_typer(updates.app, name="updates", rich_help_panel=_SETUP)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"colophon {desktop_app.__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    home: Home = None,
    network: Network = "",
    as_json: Json = False,
    yes: Yes = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    ctx.obj = Options(home=home, network=network, as_json=as_json, yes=yes)


def _home(arguments: list[str]) -> AppPaths:
    """Where the settings are, known before the words of the options are."""
    for at, one in enumerate(arguments):
        given = one.partition("=")[2] if one.startswith("--home=") else ""
        given = given or (arguments[at + 1] if one == "--home" and at + 1 < len(arguments) else "")
        if given:
            return AppPaths(expanded(Path(given)))
    return AppPaths.from_environment()


def run(arguments: list[str]) -> int:
    """Carry out one command line; returns its exit code."""
    logging.getLogger("desktop_app").addHandler(logging.NullHandler())
    speak_as_set(_home(arguments).settings)
    command = typer.main.get_command(app)
    spoken.speak(command)
    completion.prepare(command)
    try:
        ended = command.main(args=arguments, prog_name="colophon", standalone_mode=False)
    except usage.UsageError as error:
        if usage.is_help(error):
            return UNUSABLE
        session = Session(Options(as_json="--json" in arguments))
        return session.failed(usage.explained(error, command, arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return ended if isinstance(ended, int) else 0
