"""Train on private data and prove it: the data sets, one training, and its proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop_app.core.localised import grouped
from desktop_app.gui.dialogs.data_set import DataSetDialog
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone, file_pattern
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.loss_chart import LossChart
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox

if TYPE_CHECKING:
    from desktop_app.services.data_sets import Added, PrivateDataSet
    from desktop_app.services.training import TablePreview
    from desktop_app.services.training_runs import ProofFile, RunSummary


class TrainingPage(Page):
    chapter = "training"

    def __init__(self, session: Session) -> None:
        self._t = texts("training")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._run: RunSummary | None = None
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
        self.data = Card(self._t("data"), self._t("data_text"))
        self._list = column(gap=SPACE.small)
        self.data.body.addLayout(self._list)
        self.data.hide()
        self.boxes: dict[str, CheckBox] = {}
        self.recipe = self._recipe()
        self.recipe.hide()
        self.result = self._result()
        self.result.hide()
        for part in (self.drop, self.running, self.data, self.recipe, self.result):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def _recipe(self) -> Card:
        card = Card(self._t("recipe"), self._t("recipe_text"))
        self.steps = Field(self._t("steps"), line_edit(text="64", limit=9), self._t("steps_hint"))
        self.rate = Field(self._t("rate"), line_edit(text="0.5", limit=9), self._t("rate_hint"))
        self.batches = Field(self._t("batches"), line_edit(text="1", limit=9), self._t("batches_hint"))
        self.l2 = Field(self._t("l2"), line_edit(text="0", limit=9), self._t("l2_hint"))
        self.licence = Field(self._t("licence"), line_edit(limit=200), self._t("licence_hint"))
        self.challenge = Field(self._t("challenge"), line_edit(limit=200), self._t("challenge_hint"))
        self.train = Button(self._t("train"), "primary")
        self.train.clicked.connect(self._train)
        card.body.addLayout(row(self.steps, self.rate, gap=SPACE.medium))
        card.body.addLayout(row(self.batches, self.l2, gap=SPACE.medium))
        card.body.addLayout(row(self.licence, self.challenge, gap=SPACE.medium))
        card.body.addLayout(row(None, self.train))
        return card

    def _result(self) -> Card:
        card = Card(self._t("result"))
        self.chart = LossChart(self._session.theme, self._session.jobs)
        self.facts = Facts()
        self.prove = Button(self._t("prove"), "primary", "seal")
        self.prove.clicked.connect(self._choose_place)
        card.body.addWidget(self.chart)
        card.body.addWidget(self.facts)
        card.body.addWidget(label(self._t("prove_text"), "muted", wrap=True))
        card.body.addLayout(row(None, self.prove))
        return card

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read the list of data sets again."""
        training = self._session.services.training
        self._session.jobs.run(self, lambda _task: training.data_sets.all(), self._show, self.show_error)

    def _show(self, found: list[PrivateDataSet]) -> None:
        chosen = {number for number, box in self.boxes.items() if box.isChecked()}
        clear(self._list)
        self.boxes = {}
        for each in found:
            box = CheckBox(each.title)
            box.setChecked(each.id in chosen)
            self.boxes[each.id] = box
            size = label(self._t("size", rows=each.header.rows, columns=each.header.features), "muted")
            left = each.proofs_left()
            chip = Chip(self._t("left", count=left), "neutral" if left > 1 else "warn")
            self._list.addLayout(row(box, None, size, chip, gap=SPACE.medium))
        self.data.setVisible(bool(found))
        self.recipe.setVisible(bool(found))
        self.drop.set_compact(bool(found))
        self.fit()

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
        dialog = DataSetDialog(self._session, path, preview, self)
        dialog.added.connect(self._added)
        dialog.open()

    def _added(self, added: Added) -> None:
        self.boxes[added.data.id] = CheckBox(added.data.title)
        self.boxes[added.data.id].setChecked(True)
        self.show_notice(self._t("added"), str(added.certificate))
        self._session.works_changed.emit()
        self.reload()

    def _train(self) -> None:
        chosen = [number for number, box in self.boxes.items() if box.isChecked()]
        with_wallet(self._session, self, lambda: self._start(chosen))

    def _start(self, chosen: list[str]) -> None:
        self.notice.hide()
        training = self._session.services.training
        given = (self.steps.text(), self.rate.text(), self.batches.text(), self.l2.text())
        licence, challenge = self.licence.text(), self.challenge.text()
        handle = self._session.jobs.run(
            self,
            lambda task: training.train(chosen, given, licence, challenge, task),
            self._trained,
            self.show_error,
            title=self._t("training"),
        )
        self.running.add(handle)

    def _trained(self, summary: RunSummary) -> None:
        self._run = summary
        rows = summary.statement.rows
        self.facts.clear()
        self.facts.text(self._t("rows"), grouped(rows))
        self.facts.text(
            self._t("loss"),
            self._t("loss_from_to", first=f"{summary.losses[0]:.4f}", last=f"{summary.losses[-1]:.4f}"),
        )
        if summary.hits is not None:
            self.facts.text(self._t("right"), f"{grouped(summary.hits)} ({summary.hits / rows:.1%})")
        if summary.squared_error is not None:
            self.facts.text(self._t("squared"), f"{summary.squared_error:.4f}")
        self.facts.text(self._t("distance"), f"{summary.distance:.2g}")
        self.chart.show_losses(summary.losses)
        self.result.show()
        self.fit()

    def _choose_place(self) -> None:
        assert self._run is not None
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("prove"),
            f"{self._run.id}.training.colophon",
            file_pattern(self._t("proofs"), "colophon"),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            self.write_proof(Path(name))

    def write_proof(self, path: Path) -> None:
        """Make the proof of the training that is shown."""
        assert self._run is not None
        self.notice.hide()
        training, number = self._session.services.training, self._run.id
        handle = self._session.jobs.run(
            self,
            lambda task: training.runs.prove(number, path, task=task),
            self._proved,
            self.show_error,
            title=self._t("proving"),
        )
        self.running.add(handle)

    def _proved(self, made: ProofFile) -> None:
        self.show_notice(self._t("proved"), f"{made.path} ({made.size / 1e6:.2f} MB)")
        self.reload()
