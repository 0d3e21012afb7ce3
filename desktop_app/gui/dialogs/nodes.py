"""The nodes of a network: how each of them does, and nodes of one's own."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Well, clear, row
from desktop_app.gui.widgets.text import ElidedLabel, label
from desktop_app.services.networks import EndpointHealth, EndpointState, Network
from desktop_app.services.wording import message, words

_TONES = {
    EndpointState.GOOD: "success",
    EndpointState.UNKNOWN: "neutral",
    EndpointState.RESTING: "warn",
    EndpointState.WRONG_NETWORK: "danger",
    EndpointState.DOUBTED: "danger",
}


class NodesDialog(Dialog):
    def __init__(self, session: Session, network: Network, parent: QWidget) -> None:
        self._t = texts("nodes")
        title = self._t("title", network=network.name)
        super().__init__(parent, title, self._t("subtitle"), width=sizes().dialog_wide)
        self._session = session
        self._network = network
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(SPACE.medium)
        self._rows.setVerticalSpacing(SPACE.tight)
        self._rows.setColumnStretch(0, 1)
        self._well = Well()
        self._well.body.addLayout(self._rows)
        self._well.hide()
        self.check = Button(self._t("check"), icon="refresh")
        self.check.clicked.connect(self._check)
        self.trouble = InlineMessage("danger")
        self.trouble.hide()
        self.edit = QPlainTextEdit()
        self.edit.setProperty("role", "mono")
        self.edit.setFixedHeight(sizes().few_lines)
        self.edit.setTabChangesFocus(True)
        self.edit.setPlaceholderText("https://")
        self.own = Field(self._t("own"), self.edit, self._t("own_hint"))
        self.body.addWidget(self._well)
        self.body.addLayout(row(self.check, None))
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.own)
        self.add_cancel()
        self.save = self.add_button(self._t("save"), "primary")
        self.save.clicked.connect(self._save)
        networks, key = session.services.networks, network.key
        session.jobs.run(
            self,
            lambda _task: (networks.own_endpoints(key), networks.health(key)),
            self._known,
            self.show_error,
        )

    def _known(self, found: tuple[tuple[str, ...], tuple[EndpointHealth, ...]]) -> None:
        urls, health = found
        self.edit.setPlainText("\n".join(urls))
        self._show(health)

    def _check(self) -> None:
        networks, key = self._session.services.networks, self._network.key
        self.set_busy(True, self._t("checking"))
        self._session.jobs.run(
            self, lambda _task: networks.health(key, check=True), self._checked, self.show_error
        )

    def _checked(self, health: tuple[EndpointHealth, ...]) -> None:
        self.set_busy(False)
        self._show(health)

    def _show(self, health: tuple[EndpointHealth, ...]) -> None:
        clear(self._rows)
        self._well.setVisible(bool(health))
        for line, one in enumerate(health):
            facts = []
            if one.head is not None:
                facts.append(self._t("block", number=grouped(one.head)))
            if one.latency_ms is not None:
                facts.append(self._t("latency", ms=one.latency_ms))
            self._rows.addWidget(ElidedLabel(one.host, "mono"), line, 0)
            self._rows.addWidget(label(" · ".join(facts), "caption"), line, 1)
            self._rows.addWidget(Chip(words(f"endpoint.{one.state.value}"), _TONES[one.state]), line, 2)
        grave = [
            error
            for one in health
            for error in (*one.doubts, one.problem)
            if error is not None and one.state in (EndpointState.DOUBTED, EndpointState.WRONG_NETWORK)
        ]
        self.trouble.setVisible(bool(grave))
        if grave:
            self.trouble.show_message(message(grave[0]))
        self.fit()

    def _save(self) -> None:
        lines = [line.strip() for line in self.edit.toPlainText().splitlines()]
        urls = tuple(line for line in lines if line)
        networks, key = self._session.services.networks, self._network.key

        def save(_task: Task) -> tuple[EndpointHealth, ...]:
            networks.set_endpoints(key, urls)
            return networks.health(key, check=True)

        self.set_busy(True, self._t("saving"))
        self._session.jobs.run(self, save, self._saved, self.show_error)

    def _saved(self, health: tuple[EndpointHealth, ...]) -> None:
        self.set_busy(False)
        self._show(health)
        self._session.network_changed.emit()
        bad = [one for one in health if one.state is not EndpointState.GOOD]
        if not bad:
            self.accept()
