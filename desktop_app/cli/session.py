"""One run of the command line: its options, its services, and how it speaks."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.text import Text

from desktop_app.cli import output, progress
from desktop_app.core.errors import (
    CancelledError,
    ColophonError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from desktop_app.core.logging import redacted_traceback, set_up_logging
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.settings import NETWORK
from desktop_app.services.wording import message, words

if TYPE_CHECKING:
    from desktop_app.core.progress import Task
    from desktop_app.services.actions import Action
    from desktop_app.services.app import Services
    from desktop_app.services.approval import ReviewText

T = TypeVar("T")
_log = logging.getLogger(__name__)

FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0."""


@dataclass(frozen=True)
class Options:
    """The options of every command."""

    home: Path | None = None
    network: str = ""
    as_json: bool = False
    yes: bool = False

    def over(self, root: Options) -> Options:
        """These options, and where one is not given, the one written before the command."""
        return Options(
            home=self.home or root.home,
            network=self.network or root.network,
            as_json=self.as_json or root.as_json,
            yes=self.yes or root.yes,
        )


class Session:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = output.console()
        self.err = output.console(stderr=True)
        self._services: Services | None = None
        self._log: logging.Handler | None = None

    @cached_property
    def paths(self) -> AppPaths:
        home = self.options.home
        return AppPaths(expanded(home).resolve()) if home else AppPaths.from_environment()

    @property
    def services(self) -> Services:
        """The app's services, built when first needed."""
        if self._services is None:
            from desktop_app.services.app import build_services

            self.start_log()
            self._services = build_services(self.paths)
            if self.options.network:
                self._services.settings.override(NETWORK, self.options.network)
        return self._services

    def start_log(self) -> None:
        """Write the app's log in the data folder until `close`."""
        if self._log is None:
            self._log = set_up_logging(self.paths.logs)

    def close(self) -> None:
        services, self._services = self._services, None
        if services is not None:
            services.close()
        log, self._log = self._log, None
        if log is not None:
            logging.getLogger("desktop_app").removeHandler(log)
            log.close()

    def run(self, work: Callable[[Task], T]) -> T:
        """Do long work with a progress bar; Ctrl-C stops it."""
        return progress.wait(self.services.jobs.submit("command", work), self.err)

    def show(self, value: object, *people: output.Part) -> None:
        """Print `value` as JSON where that was asked, else `people` to people."""
        if self.options.as_json:
            self.out.print(output.json_text(value), markup=False)
            return
        for part in people:
            self.out.print(Text(part) if isinstance(part, str) else part)

    def line(self, value: object, people: str) -> None:
        """One result of many: a line of JSON where that was asked, else a line of text."""
        text = output.json_text(value, indent=None) if self.options.as_json else output.plain(people)
        self.out.print(text, markup=False)

    def note(self, code: str, **params: str | int) -> None:
        """A remark to people on stderr; scripts that asked for JSON are spared."""
        if not self.options.as_json:
            self.err.print(output.plain(words(code, "text", **params)), markup=False, style="dim")

    @property
    def can_ask(self) -> bool:
        return sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> bool:
        """A yes or no from the person at the terminal; no is the default."""
        self.err.print(f"{question} {words('cli.agree')} ", end="", markup=False)
        yes = {"y", "yes", *words("cli.agree", "yes").casefold().split()}
        return sys.stdin.readline().strip().casefold() in yes

    def approve(self, code: str, **params: str | int) -> None:
        """Ask before something that cannot be undone; --yes approves, no terminal refuses."""
        if self.options.yes:
            return
        if not self.options.as_json or self.can_ask:
            self.err.print(output.plain(words(code, "text", **params)), markup=False)
        self._approved()

    def carry_out(self, action: Action[T]) -> T:
        """Show what an action will do, ask, and do it."""
        from desktop_app.services.approval import describe

        review = self.run(lambda _: self.services.reviews.examine(action))
        if not self.options.as_json or (self.can_ask and not self.options.yes):
            self._show_review(describe(review))
        if self.options.yes and review.is_dangerous:
            # A script cannot look at a warning; who knows better gives the address a name.
            raise RefusedError("cli.dangerous", warning=describe(review).warnings[0].title)
        if not self.options.yes:
            self._approved(in_full=review.is_dangerous)
        return self.run(action.execute)

    def _approved(self, in_full: bool = False) -> None:
        if not self.can_ask:
            raise InvalidInputError("cli.approval_needed")
        if in_full:
            self.err.print(words("cli.approve_danger") + " ", end="", markup=False)
            agreed = sys.stdin.readline().strip().lower() == words("cli.danger_answer")
        else:
            agreed = self.ask(words("cli.approve"))
        if not agreed:
            raise RefusedError("cli.not_approved")

    def _show_review(self, told: ReviewText) -> None:
        self.err.print(Text(output.plain(told.headline), style="bold"))
        self.err.print(output.facts([(line.label, line.text) for line in told.lines]))
        for warning in (*told.warnings, told.money):
            style = {"danger": "bold red", "caution": "bold yellow"}.get(warning.weight.value, "bold")
            self.err.print(Text(output.plain(warning.title), style=style))
            self.err.print(Text(output.plain(warning.text)))

    def failed(self, error: ColophonError) -> int:
        """Say what went wrong and what to do; returns the exit code."""
        self._explain(error.code, error)
        if isinstance(error, CancelledError):
            return INTERRUPTED
        return UNUSABLE if isinstance(error, InvalidInputError | NotFoundError) else FAILED

    def broke(self, error: Exception) -> int:
        """The same for a mistake of ours, whose traceback goes to the log."""
        _log.error("unexpected\n%s", redacted_traceback(error))
        self._explain("app.unexpected", error)
        return FAILED

    def _explain(self, code: str, error: Exception) -> None:
        said = message(error)
        if self.options.as_json:
            told = {"code": code, "title": said.title, "reason": said.reason, "next": said.next_step}
            print(output.json_text({"error": told}), file=sys.stderr)  # noqa: T201 - scripts read this
        else:
            self.err.print(Text(output.plain(said.title), style="bold red"))
            self.err.print(Text(output.plain(said.reason)))
            self.err.print(Text(output.plain(said.next_step)))
