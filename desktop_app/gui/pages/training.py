"""Train on private data and prove it: data sets, trainings, hidden models, examples, and what it all says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.answer import AnswerDialog
from desktop_app.gui.dialogs.ask import TextDialog
from desktop_app.gui.dialogs.data_set import DataSetDialog
from desktop_app.gui.dialogs.prove_training import ProofWish, ProveTrainingDialog
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.training_actions import TrainingActions
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.data_set_list import DataSetList
from desktop_app.gui.widgets.drop_zone import DropZone, file_pattern
from desktop_app.gui.widgets.hidden_model_list import HiddenModelList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.recipe_form import RecipeForm
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.run_list import RunList
from desktop_app.gui.widgets.segment_bar import SegmentBar
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.training_examples import TrainingExamples
from desktop_app.gui.widgets.training_explained import TrainingExplained
from desktop_app.gui.widgets.training_result import TrainingResult
from desktop_app.gui.widgets.training_steps import TrainingSteps

if TYPE_CHECKING:
    from desktop_app.services.data_sets import Added, PrivateDataSet
    from desktop_app.services.hidden_models import Answers, HiddenModel
    from desktop_app.services.training import Overview, TablePreview
    from desktop_app.services.training_runs import ProofFile, RunState, RunSummary

VIEWS = ("train", "models", "examples", "explained")


class TrainingPage(Page):
    chapter = "training"

    def __init__(self, session: Session) -> None:
        self._t = texts("training")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._data_sets: dict[str, PrivateDataSet] = {}
        self._runs: dict[str, RunState] = {}
        self._shown = ""
        self._added = ""
        self.drop = DropZone(
            self._t("drop_title"),
            self._t("drop_text"),
            self._t("choose"),
            icon="data",
            pattern=file_pattern(self._t("pattern"), "csv", "parquet"),
            many=False,
        )
        self.drop.files.connect(lambda paths: self._look(paths[0]))
        self.running = RunArea()
        self.steps = TrainingSteps()
        self.data = DataSetList()
        self.recipe = RecipeForm()
        self.recipe.hide()
        self.result = TrainingResult(session.theme, session.jobs)
        self.runs = RunList()
        self.hidden = HiddenModelList()
        self.examples = TrainingExamples()
        self.beside = TrainingActions(session, self, self.running)
        self.sign = self.header.add_action(Button(self._t("sign"), "quiet", "seal"))
        self.sign.clicked.connect(self.beside.choose_request)
        self.segments = SegmentBar([(name, self._t(f"view_{name}")) for name in VIEWS])
        training = QWidget()
        parts = (self.drop, self.steps, self.data, self.recipe, self.result, self.runs)
        training.setLayout(column(*parts, gap=SPACE.medium))
        views = (training, self.hidden, self.examples, TrainingExplained())
        self._views = dict(zip(VIEWS, views, strict=True))
        for part in (self.segments, self.running, *views):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._wire()
        self.show_view(VIEWS[0])

    def _wire(self) -> None:
        self.segments.chosen.connect(self.show_view)
        self.recipe.wanted.connect(lambda: with_wallet(self._session, self, self._start))
        self.result.resume.connect(lambda: with_wallet(self._session, self, self._resume))
        self.result.prove.connect(self._ask_how)
        self.result.further.connect(self._ask_steps)
        self.result.ask_owners.connect(lambda: self.beside.ask_owners(self._shown))
        self.result.register.connect(lambda: self.beside.register(self._shown))
        self.result.mint.connect(lambda: self.beside.mint(self._shown))
        self.runs.opened.connect(lambda number: with_wallet(self._session, self, lambda: self.open(number)))
        self.hidden.asked.connect(self._choose_table)
        self.examples.wanted.connect(self._choose_folder)
        self.examples.check.connect(self._check)

    def show_view(self, name: str) -> None:
        for key, view in self._views.items():
            view.setVisible(key == name)
        self.fit()

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read again what is here."""
        training = self._session.services.training
        self.load(self._session.jobs, lambda _task: training.overview(), self._show)

    def _show(self, found: Overview) -> None:
        self._data_sets = {each.id: each for each in found.data_sets}
        self._runs = {each.run.id: each for each in found.runs}
        self.data.show_all(found.data_sets, self._added)
        self._added = ""
        self.recipe.setVisible(bool(found.data_sets))
        self.drop.set_compact(bool(found.data_sets))
        self.steps.setHidden(bool(found.data_sets))
        titles = {each.id: each.title for each in found.data_sets}
        self.runs.show_all(found.runs, titles)
        self.hidden.show_all(found.hidden)
        self.fit()

    # --- Data sets ---------------------------------------------------------------------------------------

    def _look(self, path: Path) -> None:
        self.notice.hide()
        training = self._session.services.training
        self._session.jobs.run(
            self,
            lambda _task: training.preview(path),
            lambda preview: with_wallet(self._session, self, lambda: self._build(path, preview)),
            self.show_error,
        )

    def _build(self, path: Path, preview: TablePreview) -> None:
        known = tuple(self._data_sets.values())
        dialog = DataSetDialog(self._session, path, preview, known, self)
        dialog.added.connect(self._committed)
        dialog.open()

    def _committed(self, added: Added) -> None:
        self._added = added.data.id
        self.show_notice(self._t("added"), str(added.certificate))
        self._session.works_changed.emit()
        self.reload()

    # --- Training ----------------------------------------------------------------------------------------

    def _start(self) -> None:
        from desktop_app.services.training_runs import Settings

        form = self.recipe
        self.notice.hide()
        try:
            settings = Settings.typed(
                form.steps.text(),
                form.rate.text(),
                form.batches.text(),
                form.l2.text(),
                form.segments.text(),
                licence=form.licence.text(),
                challenge=form.challenge.text(),
                parties=form.parties.text(),
                units=form.units.text(),
            )
        except InvalidInputError as error:
            self.show_error(error)
            return
        training, chosen, proof = self._session.services.training, self.data.chosen, self._proof_folder()
        numbers = form.numbers.text()

        def work(task: Task, losses: LiveLosses) -> RunSummary:
            licensed = training.licensed(settings, numbers)
            return training.runs.run(chosen, licensed, task, losses.extend_to, proof)

        self._train(work, settings.steps)

    def _proof_folder(self) -> Path | None:
        """Where each piece is proved at once, if that is wanted."""
        at_once = self.recipe.at_once.isChecked()
        return self._session.services.paths.certificates if at_once else None

    def _ask_steps(self) -> None:
        dialog = TextDialog(
            self._t("further"), self._t("further_field"), "64", self._t("further_action"), self
        )
        dialog.entered.connect(self._further)
        dialog.open()

    def _further(self, typed: str) -> None:
        if not typed.strip().isdecimal() or int(typed) < 1:
            self.show_error(InvalidInputError("training.no_numbers"))
            return
        with_wallet(self._session, self, lambda: self._resume(int(typed)))

    def _resume(self, more: int = 0) -> None:
        state = self._runs[self._shown]
        runs, number = self._session.services.training.runs, self._shown
        # What was proved with its weights goes on being proved, what hides them does not.
        proof = state.run.certificate if state.proved else self._proof_folder()
        self._train(
            lambda task, losses: runs.resume(number, more, task, losses.extend_to, proof),
            state.planned + more,
        )

    def _train(self, work: Any, steps: int) -> None:
        """Run a training whose curve is drawn while it goes on."""
        losses = LiveLosses()
        self.notice.hide()
        handle = self._session.jobs.run(
            self,
            lambda task: work(task, losses),
            self._trained,
            self.show_error,
            title=self._t("training"),
        )
        handle.cancelled.connect(self._stopped)
        handle.failed.connect(lambda _error: self.reload())
        self.running.add(handle)
        self.result.follow(losses, steps, handle)
        self._show_result()

    def _trained(self, summary: RunSummary) -> None:
        self._open_with(summary)
        self.reload()

    def _stopped(self) -> None:
        self.result.hide()
        self.show_notice(self._t("stopped"), self._t("stopped_text"), tone="info")
        self.reload()

    def open(self, number: str) -> None:
        """Show a training that was made before."""
        runs = self._session.services.training.runs
        self._session.jobs.run(
            self, lambda _task: runs.summary(number), self._open_with, lambda _error: self._open_bare(number)
        )

    def _open_bare(self, number: str) -> None:
        self._show_run(self._runs[number], None)

    def _open_with(self, summary: RunSummary) -> None:
        runs = self._session.services.training.runs

        def look(_task: Task) -> RunState:
            return runs.state(runs.get(summary.id))

        self._session.jobs.run(self, look, lambda state: self._show_run(state, summary), self.show_error)

    def _show_run(self, state: RunState, summary: RunSummary | None) -> None:
        self._shown = state.run.id
        self._runs[state.run.id] = state
        self.result.show_run(state, summary)
        self._show_result()

    def _show_result(self) -> None:
        """The training that is shown lies below the form that started it."""
        self.fit()
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.result, 0, SPACE.large))

    # --- Proofs ------------------------------------------------------------------------------------------

    def _ask_how(self) -> None:
        state = self._runs[self._shown]
        used = set(state.run.data_sets)
        schema = state.statement.data[0].schema_sha256
        others = [
            each
            for each in self._data_sets.values()
            if each.id not in used and each.header.schema_sha256 == schema
        ]
        dialog = ProveTrainingDialog(state, others, self)
        dialog.chosen.connect(self._choose_place)
        dialog.open()

    def _choose_place(self, wish: ProofWish) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("prove"),
            f"{self._shown}.training.colophon",
            file_pattern(self._t("proofs"), "colophon"),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            with_wallet(self._session, self, lambda: self.write_proof(Path(name), wish))

    def write_proof(self, path: Path, wish: ProofWish) -> None:
        """Make the proof of the training that is shown."""
        self.notice.hide()
        runs, number = self._session.services.training.runs, self._shown

        def work(task: Task) -> ProofFile:
            if wish.answers:
                return runs.prove_hidden(number, path, wish.answers, task, wish.consents).file
            return runs.prove(number, path, wish.segments, task, wish.tests, wish.consents)

        handle = self._session.jobs.run(self, work, self._proved, self.show_error, title=self._t("proving"))
        handle.cancelled.connect(self._proof_stopped)
        handle.finished.connect(self.reload)
        self.running.add(handle)
        self.fit()

    def _proved(self, made: ProofFile) -> None:
        self.show_notice(self._t("proved"), str(made.path), self._t("proved_next"))
        self.open(self._shown)

    def _proof_stopped(self) -> None:
        self.show_notice(self._t("proof_stopped"), self._t("proof_stopped_text"), tone="info")

    def _check(self, path: Path) -> None:
        self._session.proof_opened.emit(path)

    # --- Hidden models -----------------------------------------------------------------------------------

    def _choose_table(self, model: HiddenModel) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._t("choose_rows"), "", file_pattern(self._t("pattern"), "csv", "parquet")
        )
        if not name:
            return
        training, path = self._session.services.training, Path(name)

        def ask(preview: TablePreview) -> None:
            dialog = AnswerDialog(self._session, model, path, preview.rows, self)
            dialog.answered.connect(self._answered)
            dialog.open()

        self._session.jobs.run(
            self,
            lambda _task: training.preview(path),
            lambda preview: with_wallet(self._session, self, lambda: ask(preview)),
            self.show_error,
        )

    def _answered(self, made: Answers) -> None:
        self.show_notice(self._t("answered"), str(made.path), self._t("answered_next"))
        self.reload()

    # --- Examples ----------------------------------------------------------------------------------------

    def _choose_folder(self, name: str) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._t("choose_folder"))
        if folder:
            self.run_example(name, Path(folder))

    def run_example(self, name: str, folder: Path) -> None:
        """Write the files of a worked example into a folder."""
        self.notice.hide()

        def work(task: Task) -> object:
            from desktop_app.services.training_examples import run_example

            return run_example(name, folder, task)

        self.examples.set_running(True)
        title = self._t("example", name=self._t(f"example_{name}"))
        handle = self._session.jobs.run(self, work, self._example_done, self.show_error, title=title)
        handle.finished.connect(lambda: self.examples.set_running(False))
        self.running.add(handle)
        self.fit()

    def _example_done(self, done: Any) -> None:
        self.examples.show_result(done)
        self.fit()


class LiveLosses(list[float]):
    """Losses that a worker adds to and the window draws."""

    def extend_to(self, losses: Any) -> None:
        self.extend(losses[len(self) :])
