"""Ways to hand a work on: a signed copy, an encrypted package; and who else dates its record."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.gui.formatting import local_date, local_time
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, clear, column, row
from desktop_app.gui.widgets.text import ElidedLabel, label
from desktop_app.services.packages import Package
from desktop_app.services.witnesses import WitnessState, WitnessView
from desktop_app.services.wording import words


class HandingCard(Card):
    """`sign`, `pack`, `ask`, `publish` want a dialog; `key` has a package's id, the last four a witness's."""

    sign = Signal()
    pack = Signal()
    ask = Signal()
    publish = Signal()
    key = Signal(str)
    complete = Signal(str)
    confirm = Signal(str)
    trust = Signal(str)
    export = Signal(str)

    def __init__(self) -> None:
        self._t = texts("handing")
        super().__init__(self._t("heading"))
        self.buttons: dict[str, Button] = {}
        self._way("sign", self.sign)
        self._packages = self._list()
        self._way("pack", self.pack)
        self.body.addLayout(self._packages)
        self._way("publish", self.publish)
        self._witnesses = self._list()
        self._witnessing = self._way("ask", self.ask)
        self.body.addLayout(self._witnesses)

    def show_work(
        self, packages: tuple[Package, ...], witnesses: tuple[WitnessView, ...], registered: bool
    ) -> None:
        clear(self._packages)
        clear(self._witnesses)
        for package in packages:
            self._packages.addWidget(self._package(package))
        for part in self._witnessing:
            part.setVisible(registered)
        for view in witnesses:
            self._witnesses.addWidget(self._witness(view))

    @staticmethod
    def _list() -> QVBoxLayout:
        made = QVBoxLayout()
        made.setSpacing(SPACE.small)
        return made

    def _way(self, name: str, wanted: SignalInstance) -> tuple[QWidget, ...]:
        """A way to hand the work on, with its button; answers the widgets that it consists of."""
        button = Button(self._t(f"{name}_action"))
        button.clicked.connect(wanted)
        line = row(gap=SPACE.large)
        text = label(self._t(f"{name}_text"), "muted", wrap=True)
        line.addLayout(column(label(self._t(f"{name}_title"), "strong"), text, gap=SPACE.line), 1)
        line.addWidget(button)
        holder = QWidget()
        holder.setLayout(line)
        parts: tuple[QWidget, ...] = (Rule(), holder) if self.buttons else (holder,)
        for part in parts:
            self.body.addWidget(part)
        self.buttons[name] = button
        return parts

    def _package(self, package: Package) -> QWidget:
        state = "package_done" if package.finished else "package_unfinished"
        text = self._t(state, date=local_date(package.created_at))
        key = Button(self._t("key"), "quiet")
        key.setAccessibleName(f"{self._t('key')}: {package.path.name}")
        key.clicked.connect(lambda: self.key.emit(package.id))
        return _line(package.path.name, text, *([key] if package.finished else []))

    def _witness(self, view: WitnessView) -> QWidget:
        kind = words(f"witness.kind_{view.witness.kind.value}")
        state = words(f"witness.state_{view.state.value}")
        when = local_time(view.time) if view.time else local_date(view.witness.created_at)
        buttons = []
        if view.state is WitnessState.PROMISED:
            complete = Button(self._t("complete"), "quiet")
            complete.clicked.connect(lambda: self.complete.emit(view.witness.id))
            buttons.append(complete)
        if view.state in (WitnessState.IN_BLOCK, WitnessState.SIGNED):
            wanted = self.confirm if view.state is WitnessState.IN_BLOCK else self.trust
            check = Button(self._t("check"), "quiet")
            check.clicked.connect(lambda: wanted.emit(view.witness.id))
            buttons.append(check)
        export = Button(self._t("export"), "quiet")
        export.setAccessibleName(f"{self._t('export')}: {kind}")
        export.clicked.connect(lambda: self.export.emit(view.witness.id))
        return _line(f"{kind}: {view.witness.server}", f"{state} · {when}", *buttons, export)


def _line(title: str, text: str, *buttons: Button) -> QWidget:
    line = row(gap=SPACE.small)
    line.setContentsMargins(SPACE.medium, 0, 0, 0)
    line.addLayout(column(ElidedLabel(title), label(text, "caption"), gap=SPACE.line), 1)
    for button in buttons:
        line.addWidget(button)
    holder = QWidget()
    holder.setLayout(line)
    return holder
