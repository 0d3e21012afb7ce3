"""One training: its curve while it runs and after, how good it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from desktop_app.core.localised import decimal, grouped
from desktop_app.gui.job_bridge import JobBridge, JobHandle
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.loss_chart import LossChart
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import Card, row
from desktop_app.gui.widgets.text import label

if TYPE_CHECKING:
    from desktop_app.services.training_runs import RunState, RunSummary

LOOK_MS = 120


class TrainingResult(Card):
    """Signals say what is wanted of the training that is shown."""

    resume = Signal()
    further = Signal()
    ask_owners = Signal()
    prove = Signal()
    register = Signal()
    mint = Signal()

    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        self._t = texts("training_result")
        super().__init__(self._t("title"))
        self.state = Chip()
        self.side.addWidget(self.state)
        self.chart = LossChart(theme, jobs)
        self.facts = Facts()
        self._note = label(self._t("prove_text"), "muted", wrap=True)
        self.go_on = Button(self._t("resume"), "secondary", "refresh")
        self.go_on.clicked.connect(self.resume)
        self.take_further = Button(self._t("further"), "secondary", "plus")
        self.take_further.clicked.connect(self.further)
        self.request = Button(self._t("ask_owners"), "secondary", "users")
        self.request.clicked.connect(self.ask_owners)
        self.prove_it = Button(self._t("prove"), "primary", "seal")
        self.prove_it.clicked.connect(self.prove)
        self.register_it = Button(self._t("register"), "secondary", "library")
        self.register_it.clicked.connect(self.register)
        self.mint_it = Button(self._t("mint"), "secondary", "royalties")
        self.mint_it.clicked.connect(self.mint)
        self.body.addWidget(self.chart)
        self.body.addWidget(self.facts)
        self.body.addWidget(self._note)
        self.body.addLayout(row(self.go_on, self.take_further, self.request, None, self.prove_it))
        self.body.addLayout(row(self.register_it, self.mint_it, None))
        self._live: Sequence[float] = ()
        self._steps = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._buttons(None)
        self.hide()

    def follow(self, losses: Sequence[float], steps: int, handle: JobHandle) -> None:
        """Draw `losses`, which another thread adds to, until the job ends."""
        self._live, self._steps = losses, steps
        self.facts.clear()
        self._buttons(None)
        self.state.set(self._t("running"), "accent")
        self.chart.show_losses((), steps)
        handle.finished.connect(self._timer.stop)
        self._timer.start()
        self.show()

    def _look(self) -> None:
        # A copy: the list grows meanwhile.
        seen = tuple(self._live)
        if len(seen) != len(self.chart.losses):
            self.chart.show_losses(seen, self._steps)

    def show_run(self, state: RunState, summary: RunSummary | None) -> None:
        """A training that is kept; without a summary, only its curve."""
        self._timer.stop()
        losses = summary.losses if summary else tuple(loss / 1_000_000 for loss in state.run.losses)
        self.chart.show_losses(losses, state.planned)
        self._chip(state)
        self.facts.clear()
        rows = state.statement.rows
        self.facts.text(self._t("rows"), grouped(rows))
        self.facts.text(self._t("steps"), self._t("steps_of", done=grouped(state.trained),
                                                  all=grouped(state.planned)))  # fmt: skip
        ends = [decimal(f"{losses[place]:.4f}") for place in (0, -1)]
        self.facts.text(self._t("loss"), self._t("loss_from_to", first=ends[0], last=ends[1]))
        if summary is not None:
            if summary.hits is not None:
                share = decimal(f"{100 * summary.hits / rows:.1f}")
                self.facts.text(self._t("right"), f"{grouped(summary.hits)} ({share} %)")
            if summary.squared_error is not None:
                self.facts.text(self._t("squared"), decimal(f"{summary.squared_error:.4f}"))
            self.facts.text(self._t("distance"), decimal(f"{summary.distance:.7f}"))
        if state.run.certificate is not None:
            self.facts.text(self._t("proof"), str(state.run.certificate))
        self._buttons(state)
        self.show()

    def _chip(self, state: RunState) -> None:
        text, tone = state_chip(state)
        self.state.set(text, tone)

    def _buttons(self, state: RunState | None) -> None:
        self.go_on.setVisible(state is not None and state.trained < state.planned)
        self.take_further.setVisible(state is not None and state.trained == state.planned)
        for button in (self.request, self.prove_it):
            button.setVisible(state is not None)
        proved = state is not None and state.run.certificate is not None
        self.register_it.setVisible(proved)
        self.mint_it.setVisible(proved)
        self._note.setVisible(state is not None)


def state_chip(state: RunState) -> tuple[str, str]:
    """How far a training is, in a word or two, and the tone of it."""
    t = texts("training_result")
    if state.trained < state.planned:
        return t("stopped", done=grouped(state.trained), all=grouped(state.planned)), "warn"
    if 0 < state.proved < state.trained:
        return t("partly_proved", done=grouped(state.proved), all=grouped(state.trained)), "warn"
    if state.proved or state.run.certificate is not None:
        return t("proved"), "success"
    return t("trained"), "neutral"
