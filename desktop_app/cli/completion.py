"""`colophon completion`: what lets bash, zsh and fish complete commands, options, and names of yours.

A shell runs the program with _COLOPHON_COMPLETE set, in typer's protocol. What completes a value follows from
what the usage line calls it: WORK, NETWORK, fast|safe|sealed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.completion

from desktop_app.cli.command import command
from desktop_app.cli.session import Session
from desktop_app.cli.spoken import commands
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.services.completions import candidates

ASKED = "_COLOPHON_COMPLETE"
SCRIPTS = {
    "bash": r"""
_colophon_completion() {
    local line answer
    COMPREPLY=()
    answer=$(IFS=$'\n'; env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
        _COLOPHON_COMPLETE=complete_bash "$1" 2>/dev/null)
    while IFS= read -r line; do
        case "${COMP_WORDS[COMP_CWORD]}" in
            \"* | \'*) COMPREPLY+=("$line") ;;
            *) COMPREPLY+=("$(printf %q "$line")") ;;
        esac
    done < <([[ -n $answer ]] && printf '%s\n' "$answer")
    return 0
}
complete -o default -F _colophon_completion colophon
""",
    "zsh": r"""
#compdef colophon
_colophon_completion() {
    eval "$(_TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" \
        _COLOPHON_COMPLETE=complete_zsh "${words[1]}" 2>/dev/null)"
}
if [[ $funcstack[1] == _colophon ]]; then
    _colophon_completion "$@"
else
    compdef _colophon_completion colophon
fi
""",
    "fish": r"""
function __colophon_completion
    _COLOPHON_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] \
        _TYPER_COMPLETE_ARGS=(commandline -cp) colophon 2>/dev/null
end
complete --command colophon --no-files --arguments "(__colophon_completion get-args)" \
    --condition "__colophon_completion is-args"
""",
}  # fmt: skip


class Shell(StrEnum):
    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "completion", panel)(completion)


def completion(
    session: Session,
    shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="The shell that you use.")],
) -> None:
    """Print what lets your shell complete commands, options, and names of works with the Tab key.

    bash: put `source <(colophon completion bash)` into ~/.bashrc. fish: colophon completion fish >
    ~/.config/fish/completions/colophon.fish. zsh: write it to a file _colophon in a folder of your fpath.
    The Debian package has done so already.
    """
    script = SCRIPTS[shell.value].strip()
    session.show({"shell": shell.value, "script": script}, script)


@dataclass(frozen=True)
class Candidate:
    """As typer reads it."""

    value: str
    help: str = ""
    type: str = "plain"


def prepare(root: Any) -> None:
    """Where a shell asks, let every value be completed by what the usage line calls it."""
    if ASKED not in os.environ:
        return
    protocol: Any = typer.completion
    protocol.completion_init()
    for _, one in commands(root):
        for parameter in one.params:
            place = str(parameter.metavar or "").strip("[].")
            if place:
                parameter.shell_complete = partial(_complete, place)


def _complete(place: str, context: Any, begun: str) -> list[Candidate]:
    return [
        Candidate(one)
        for one in candidates(_paths(context), place)
        if one.casefold().startswith(begun.casefold())
    ]


def _paths(context: Any) -> AppPaths:
    while context is not None:
        if home := context.params.get("home"):
            return AppPaths(expanded(Path(home)))
        context = context.parent
    return AppPaths.from_environment()
