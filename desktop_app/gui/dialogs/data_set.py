"""The data set builder: which column is to be predicted, how the others are read, and for how many proofs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.core.localised import decimal, grouped
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import ElidedLabel, label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.training import ColumnPreview, TablePreview

if TYPE_CHECKING:
    from desktop_app.services.data_sets import PrivateDataSet

PROOFS = (4, 16, 64)
SECURITIES = (100, 128)
NUMBER, CATEGORY, LEFT_OUT = "number", "category", ""
MOST_GROUPS = 64
NAMED_GROUPS = 4


class DataSetDialog(Dialog):
    """`added` gives the new data set. `known`: data sets that it can be read like, or that it replaces."""

    added = Signal(object)

    def __init__(
        self,
        session: Session,
        path: Path,
        preview: TablePreview,
        known: Sequence[PrivateDataSet],
        parent: QWidget,
    ) -> None:
        self._t = texts("data_set")
        subtitle = self._t("subtitle", rows=grouped(preview.rows), name=path.name)
        super().__init__(parent, self._t("title"), subtitle, width=sizes().dialog_wide)
        self._session = session
        self._path = path
        self._preview = preview
        self.name = Field(self._t("name"), line_edit(text=path.stem, limit=200))
        self.like = Select([(self._t("like_new"), ""), *((each.title, each.id) for each in known)])
        self._like_field = Field(self._t("like"), self.like, self._t("like_hint"))
        self._like_field.setVisible(bool(known))
        self.label = Select([(one.name, one.name) for one in preview.columns])
        self.label.setCurrentIndex(len(preview.columns) - 1)
        self.kind = Select([(self._t(kind), kind) for kind in ("logistic", "linear")])
        self.positive = Select()
        self._positive_field = Field(self._t("positive"), self.positive, self._t("positive_hint"))
        self.skip_gaps = CheckBox(self._t("skip_gaps"))
        self.skip_gaps.setVisible(any(one.gaps for one in preview.columns))
        self.proofs = Select([(self._t("proofs_count", count=count), count) for count in PROOFS])
        self.proofs.setCurrentIndex(1)
        self.security = Select([(self._t("bits", bits=bits), bits) for bits in SECURITIES])
        self.replaces = Select([(self._t("replaces_none"), ""), *((each.title, each.id) for each in known)])
        self._replaces_field = Field(self._t("replaces"), self.replaces, self._t("replaces_hint"))
        self._replaces_field.setVisible(bool(known))
        self.columns: dict[str, Select] = {}
        self._new = QWidget()
        self._arrange()
        self.scroll_content(sizes().list)
        self.add_cancel()
        self.commit = self.add_button(self._t("commit"), "primary")
        self.commit.clicked.connect(self._commit)
        self.label.currentIndexChanged.connect(lambda _index: self._label_chosen())
        self.kind.currentIndexChanged.connect(lambda _index: self._label_chosen())
        self.like.currentIndexChanged.connect(lambda _index: self._like_chosen())
        self._label_chosen()

    def _arrange(self) -> None:
        inside = QGridLayout()
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setHorizontalSpacing(SPACE.medium)
        inside.setVerticalSpacing(SPACE.tight)
        inside.setColumnStretch(1, 1)
        self._cells: dict[str, list[QWidget]] = {}
        for line, one in enumerate(self._preview.columns):
            choices = [(self._t("as_numbers"), NUMBER)] if one.is_number else []
            if one.different <= MOST_GROUPS:
                choices.append((self._t("as_groups"), CATEGORY))
            choices.append((self._t("left_out"), LEFT_OUT))
            reading = Select(choices)
            reading.setAccessibleName(self._t("reading", name=one.name))
            self.columns[one.name] = reading
            shown = ElidedLabel(one.name, "strong")
            shown.setMaximumWidth(sizes().contents)
            told = label(self._told(one), "muted", wrap=True)
            self._cells[one.name] = [shown, told, reading]
            for place, widget in enumerate(self._cells[one.name]):
                inside.addWidget(widget, line, place)
        predicted = row(
            Field(self._t("label"), self.label), Field(self._t("kind"), self.kind), gap=SPACE.medium
        )
        heading = column(
            label(self._t("columns"), "eyebrow"),
            label(self._t("columns_text"), "caption", wrap=True),
            gap=SPACE.hair,
        )
        parts = (predicted, self._positive_field, heading, inside, self.skip_gaps)
        self._new.setLayout(column(*parts, gap=SPACE.medium))
        self.body.addLayout(row(self.name, self._like_field, gap=SPACE.medium))
        self.body.addWidget(self._new)
        self.body.addLayout(
            row(
                Field(self._t("proofs"), self.proofs, self._t("proofs_hint")),
                Field(self._t("security"), self.security, self._t("security_hint")),
                gap=SPACE.medium,
            )
        )
        self.body.addWidget(self._replaces_field)
        self.body.addWidget(label(self._t("at_rest"), "caption", wrap=True))
        self.body.addStretch(1)

    def _told(self, one: ColumnPreview) -> str:
        """What values a column has."""
        if one.is_number:
            told = self._t("range", lowest=decimal(one.lowest), highest=decimal(one.highest))
        elif one.different <= NAMED_GROUPS:
            told = self._t("groups", names=", ".join(one.examples))
        else:
            told = self._t("many_groups", count=grouped(one.different))
        return f"{told} {self._t('gaps', count=grouped(one.gaps))}" if one.gaps else told

    def _label_chosen(self) -> None:
        chosen = str(self.label.value())
        for name, cells in self._cells.items():
            for widget in cells:
                widget.setVisible(name != chosen)
        predicted = next(one for one in self._preview.columns if one.name == chosen)
        logistic = self.kind.value() == "logistic"
        self._positive_field.setVisible(logistic)
        self.positive.set_choices([(value, value) for value in predicted.examples])
        self.positive.setCurrentIndex(len(predicted.examples) - 1)

    def _like_chosen(self) -> None:
        self._new.setVisible(not self.like.value())
        self.fit()

    def _commit(self) -> None:
        from desktop_app.services.data_sets import Reading

        chosen = str(self.label.value())
        logistic = self.kind.value() == "logistic"
        read = {name: select.value() for name, select in self.columns.items() if name != chosen}
        numbers = {one.name for one in self._preview.columns if one.is_number}
        reading = Reading(
            label=chosen,
            model=str(self.kind.value()),
            positive=str(self.positive.value()) if logistic else None,
            categories=tuple(name for name, kind in read.items() if kind == CATEGORY and name in numbers),
            leave_out=tuple(name for name, kind in read.items() if kind == LEFT_OUT),
            skip_gaps=self.skip_gaps.isChecked(),
            like=str(self.like.value()),
        )
        training, path, title = self._session.services.training, self._path, self.name.text()
        proofs, security = int(str(self.proofs.value())), int(str(self.security.value()))
        replaced = str(self.replaces.value())
        self.set_busy(True, self._t("committing"))
        self._session.jobs.run(
            self,
            lambda task: training.data_sets.add(
                path, reading, title=title, proofs=proofs, security=security, predecessor=replaced, task=task
            ),
            self._done,
            self.show_error,
        )

    def _done(self, added: object) -> None:
        self.added.emit(added)
        self.accept()
