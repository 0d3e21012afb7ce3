"""The data set builder: which column is to be predicted, which are used, and for how many proofs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.training import TablePreview

PROOFS = (4, 16, 64)
COLUMNS_HEIGHT = 380


class DataSetDialog(Dialog):
    """`added` gives the new data set."""

    added = Signal(object)

    def __init__(self, session: Session, path: Path, preview: TablePreview, parent: QWidget) -> None:
        self._t = texts("data_set")
        super().__init__(parent, self._t("title"), self._t("subtitle", rows=preview.rows, name=path.name))
        self._session = session
        self._path = path
        self._preview = preview
        self.name = Field(self._t("name"), line_edit(text=path.stem, limit=200))
        self.label = Select([(one.name, one.name) for one in preview.columns])
        self.label.setCurrentIndex(len(preview.columns) - 1)
        self.kind = Select([(self._t(kind), kind) for kind in ("logistic", "linear")])
        self.positive = Select()
        self._positive_field = Field(self._t("positive"), self.positive, self._t("positive_hint"))
        self.proofs = Select([(self._t("proofs_count", count=count), count) for count in PROOFS])
        self.proofs.setCurrentIndex(1)
        self.skip_gaps = CheckBox(self._t("skip_gaps"))
        self.body.addWidget(self.name)
        self.body.addLayout(
            row(Field(self._t("label"), self.label), Field(self._t("kind"), self.kind), gap=SPACE.medium)
        )
        self.body.addWidget(self._positive_field)
        self.body.addWidget(label(self._t("columns"), "eyebrow"))
        self.columns: dict[str, CheckBox] = {}
        for one in preview.columns:
            word = "numbers" if one.is_number else "groups"
            box = CheckBox(self._t(word, name=one.name, count=one.different))
            box.setChecked(True)
            self.columns[one.name] = box
            self.body.addWidget(box)
        self.body.addWidget(self.skip_gaps)
        self.body.addWidget(Field(self._t("proofs"), self.proofs, self._t("proofs_hint")))
        self.body.addStretch(1)
        self.scroll_content(COLUMNS_HEIGHT)
        self.add_cancel()
        self.commit = self.add_button(self._t("commit"), "primary")
        self.commit.clicked.connect(self._commit)
        self.label.currentIndexChanged.connect(lambda _index: self._label_chosen())
        self.kind.currentIndexChanged.connect(lambda _index: self._label_chosen())
        self._label_chosen()

    def _label_chosen(self) -> None:
        chosen = str(self.label.value())
        for name, box in self.columns.items():
            box.setVisible(name != chosen)
        column = next(one for one in self._preview.columns if one.name == chosen)
        logistic = self.kind.value() == "logistic"
        self._positive_field.setVisible(logistic)
        self.positive.set_choices([(value, value) for value in column.examples])
        self.positive.setCurrentIndex(len(column.examples) - 1)

    def _commit(self) -> None:
        from desktop_app.services.data_sets import Reading

        chosen = str(self.label.value())
        logistic = self.kind.value() == "logistic"
        left_out = tuple(name for name, box in self.columns.items() if not box.isChecked() and name != chosen)
        reading = Reading(
            label=chosen,
            model=str(self.kind.value()),
            positive=str(self.positive.value()) if logistic else None,
            leave_out=left_out,
            skip_gaps=self.skip_gaps.isChecked(),
        )
        training, path, title = self._session.services.training, self._path, self.name.text()
        proofs = int(str(self.proofs.value()))
        self.set_busy(True, self._t("committing"))
        self._session.jobs.run(
            self,
            lambda task: training.data_sets.add(path, reading, title=title, proofs=proofs, task=task),
            self._done,
            self.show_error,
        )

    def _done(self, added: object) -> None:
        self.added.emit(added)
        self.accept()
