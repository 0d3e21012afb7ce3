"""Writes the manual page colophon.1 from the command line itself, so that it never says anything else.

    python packaging/man_page.py OUTPUT
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

import desktop_app
from desktop_app.cli import spoken
from desktop_app.cli.app import app

_BEFORE = """\
.SH DESCRIPTION
Colophon proves privately that a work is yours, and gets you paid for it. Without arguments, or with
certificates to look at, the window opens.
It starts on a practice network inside of the program, offline and free; see the command
.BR demo .
.PP
Whatever signs or pays first shows what it does, to whom, how much, on which network and the most that the fee
can be, and asks.
"""
_AFTER = """\
.SH EXIT STATUS
.TP
.B 0
Done, or valid.
.TP
.B 1
Failed, refused, or not valid; of commands that check or ask, the answer no.
.TP
.B 2
A command line, a file or a name that cannot be used.
.TP
.B 130
Interrupted with Ctrl-C.
.TP
.B 141
Whoever read the output has closed it, as
.BR head (1)
does.
.PP
Errors are printed to standard error with a next step; with
.B \\-\\-json
as a JSON object {"error": {"code", "title", "reason", "next"}}, with nothing on standard output.
.SH ENVIRONMENT
.TP
.B COLOPHON_HOME
The folder with all data of the program.
.TP
.BR COLOPHON_PASSPHRASE_FILE ", " COLOPHON_PASSPHRASE
The file with the passphrase of the wallet, or the passphrase itself. Without them it is asked for.
.TP
.BR COLOPHON_BACKUP_PASSPHRASE_FILE ", " COLOPHON_BACKUP_PASSPHRASE
The same for the passphrase of a backup.
.TP
.BR COLOPHON_HAND_OVER_PASSPHRASE_FILE ", " COLOPHON_HAND_OVER_PASSPHRASE
The same for the passphrase of a data set that is handed over.
.TP
.B COLOPHON_KEY_PASSPHRASE_FILE
The same for the private key of a certificate of your own; a file only.
.TP
.B COLOPHON_LANGUAGE
The language to speak, such as en, whatever settings and system say.
.TP
.B NO_COLOR
Set to anything: print without colours. None either where the output is no terminal, or TERM is dumb.
.SH FILES
.TP
.I ~/.local/share/colophon
All data of the user, unless COLOPHON_HOME names another folder.
.SH SEE ALSO
Every command explains itself with
.BR \\-\\-help .
"""


def page(made_at: int) -> str:
    """The page in the man(7) language; `made_at` in Unix seconds is its date."""
    root = typer.main.get_command(app)
    spoken.speak(root)
    date = datetime.fromtimestamp(made_at, UTC).date().isoformat()
    lines = [
        f'.TH COLOPHON 1 "{date}" "Colophon {desktop_app.__version__}" "User Commands"',
        ".SH NAME",
        "colophon \\- prove privately that a work is yours, and be paid for it",
        ".SH SYNOPSIS",
        ".B colophon",
        ".br",
        ".B colophon",
        ".IR FILE.colophon ...",
        ".br",
        ".B colophon",
        ".RI [ OPTIONS ] \\~COMMAND \\~[ ARGUMENTS ]",
        *_BEFORE.splitlines(),
        ".SH OPTIONS",
        "These stand before or after any command.",
        *_options(root, shared=True),
        ".SH COMMANDS",
    ]
    for path, command in spoken.commands(root):
        if path != "colophon" and not getattr(command, "commands", None):
            lines += _command(path, command)
    return "\n".join([*lines, *_AFTER.splitlines()]) + "\n"


def _command(path: str, command: Any) -> list[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    names = [piece for one in arguments for piece in one.get_usage_pieces(None)]
    needed = [f"{one.opts[0]} {one.metavar}" for one in command.params if spoken.is_needed(one)]
    lines = [".SS " + _word(path), f".B colophon {_word(path)}"]
    if needed or names:
        lines.append(f".I {_word(' '.join([*needed, *names]))}")
    lines += [".PP", *_text(command.help or "")]
    for one in arguments:
        if getattr(one, "help", None):
            lines += [".TP", f".I {_word(one.metavar)}", *_text(one.help)]
    return lines + _options(command, shared=False)


def _options(command: Any, *, shared: bool) -> list[str]:
    lines = []
    for one in command.params:
        known = one.name in spoken.SHARED or (shared and one.name == "network")
        if one.param_type_name != "option" or getattr(one, "hidden", False) or one.name == "help":
            continue
        if known != shared:
            continue
        names = ", ".join(_word(name) for name in (*one.opts, *one.secondary_opts))
        value = "" if one.is_flag else f" {_word(one.metavar)}"
        usual = "" if one.is_flag or one.default in (None, "", ()) else f" Default: {one.default}."
        lines += [".TP", f".B {names}{value}", *_text((one.help or "") + usual)]
    return lines


def _text(text: str) -> list[str]:
    """Paragraphs of help as lines that no leading sign turns into a request."""
    lines: list[str] = []
    for number, part in enumerate(re.split(r"\n\s*\n", text.strip())):
        if number:
            lines.append(".PP")
        folded = " ".join(part.split())
        lines.append(_escaped(folded))
    return [line for line in lines if line]


def _word(text: str) -> str:
    return _escaped(text)


def _escaped(text: str) -> str:
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))), encoding="utf-8")
