"""Settings: appearance, wallet, data folder, about."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QButtonGroup

import desktop_app
from desktop_app.core.settings import AUTO_LOCK, THEME
from desktop_app.gui.dialogs.wallet_backup import WalletBackupDialog
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Select
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import Card, Well, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.wallet import WalletState, WalletStatus

MINUTES = (5, 15, 60, 0)
MODES = ("system", "light", "dark")


class SettingsPage(Page):
    def __init__(self, session: Session) -> None:
        self._t = texts("settings")
        super().__init__(self._t("title"))
        self._session = session
        self._status = WalletStatus(WalletState.ABSENT)
        self.body.addWidget(self._look())
        self.body.addWidget(self._wallet())
        self.body.addWidget(self._data())
        self.body.addWidget(self._about())
        self.body.addStretch(1)
        session.wallet_changed.connect(self._read_wallet)

    def shown(self) -> None:
        self._read_wallet()

    def _look(self) -> Card:
        card = Card(self._t("look"), self._t("look_text"))
        group = QButtonGroup(self)
        group.setExclusive(True)
        line = row(gap=4, margin=4)
        self.modes: dict[str, Button] = {}
        for mode in MODES:
            button = Button(self._t(mode), "segment")
            button.setCheckable(True)
            button.setChecked(mode == self._session.theme.mode)
            button.clicked.connect(lambda _on=False, mode=mode: self.set_mode(mode))
            group.addButton(button)
            line.addWidget(button)
            self.modes[mode] = button
        frame = Well()
        frame.body.setContentsMargins(0, 0, 0, 0)
        frame.body.addLayout(line)
        card.side.addWidget(frame)
        return card

    def set_mode(self, mode: str) -> None:
        """Switch the appearance now, and remember it."""
        self._session.theme.set_mode(mode)
        settings = self._session.services.settings
        self._session.jobs.run(self, lambda _task: settings.set(THEME, mode), None, self.show_error)

    def _wallet(self) -> Card:
        card = Card(self._t("wallet"), " ")
        self._wallet_text = card.subtitle
        self._backup_missing = InlineMessage("warn")
        self._backup_missing.show_text(self._t("backup_missing_title"), self._t("backup_missing"))
        self._backup_missing.hide()
        self._backup_done = Chip(self._t("backup_done"), "success")
        self._backup_done.hide()
        card.side.addWidget(self._backup_done)
        self._accounts = Facts()
        self._make = Button(self._t("make_wallet"), "primary", "wallet")
        self._make.clicked.connect(lambda: with_wallet(self._session, self, lambda: None))
        self._lock = Button(self._t("lock"), icon="lock")
        self._lock.clicked.connect(self._lock_wallet)
        self._unlock = Button(self._t("unlock"), "primary", "unlock")
        self._unlock.clicked.connect(lambda: with_wallet(self._session, self, lambda: None))
        self._backup = Button(self._t("backup"), icon="key")
        self._backup.clicked.connect(self._show_backup)
        minutes = self._session.services.settings.number(AUTO_LOCK)
        choices = [*MINUTES] if minutes in MINUTES else [minutes, *MINUTES]
        self._idle = Select(
            [(self._t("minutes", count=each) if each else self._t("never"), each) for each in choices]
        )
        self._idle.setCurrentIndex(choices.index(minutes))
        self._idle.setAccessibleName(self._t("auto_lock"))
        self._idle.currentIndexChanged.connect(self._set_idle)
        self._idle.setFixedWidth(150)
        card.body.addWidget(self._backup_missing)
        card.body.addWidget(self._accounts)
        buttons = row(self._make, self._unlock, self._lock, self._backup, None)
        buttons.addWidget(label(self._t("auto_lock"), "muted"))
        buttons.addWidget(self._idle)
        card.body.addLayout(buttons)
        return card

    def _data(self) -> Card:
        card = Card(self._t("data"), self._t("data_text"))
        home = self._session.services.paths.home
        facts = Facts()
        facts.hash(self._t("folder"), str(home))
        open_folder = Button(self._t("open_folder"), icon="folder")
        open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(home))))
        card.side.addWidget(open_folder)
        card.body.addWidget(facts)
        return card

    def _about(self) -> Card:
        card = Card(self._t("about"), self._t("about_text"))
        facts = Facts()
        facts.text(self._t("version"), desktop_app.__version__)
        licences = "\n".join(self._t(name) for name in ("licence_app", "licence_fonts", "licence_qt"))
        facts.text(self._t("licences"), licences)
        card.body.addWidget(facts)
        return card

    def _read_wallet(self) -> None:
        wallet = self._session.services.wallet
        self._session.jobs.run(self, lambda _task: wallet.status(), self._show_wallet, self.show_error)

    def _show_wallet(self, status: WalletStatus) -> None:
        self._status = status
        absent = status.state is WalletState.ABSENT
        locked = status.state is WalletState.LOCKED
        text = "wallet_absent" if absent else "wallet_locked" if locked else "wallet_open"
        self._wallet_text.setText(self._t(text))
        self._make.setVisible(absent)
        self._unlock.setVisible(locked)
        self._lock.setVisible(status.state is WalletState.UNLOCKED)
        self._backup.setVisible(not absent)
        self._backup_missing.setVisible(not absent and not status.backup_confirmed)
        self._backup_done.setVisible(not absent and status.backup_confirmed)
        self._accounts.setVisible(not absent)
        self._accounts.clear()
        for account in status.accounts:
            self._accounts.hash(account.name, account.address)
        if not absent:
            self._accounts.text(self._t("protection"), self._t(f"by_{status.protection}"))

    def _set_idle(self, _index: int) -> None:
        minutes, settings = self._idle.value(), self._session.services.settings
        assert isinstance(minutes, int)
        self._session.jobs.run(self, lambda _task: settings.set(AUTO_LOCK, minutes), None, self.show_error)

    def _lock_wallet(self) -> None:
        wallet = self._session.services.wallet
        self._session.jobs.run(
            self,
            lambda _task: wallet.lock(),
            lambda _nothing: self._session.wallet_changed.emit(),
            self.show_error,
        )

    def _show_backup(self) -> None:
        protection = self._status.protection
        with_wallet(
            self._session,
            self,
            lambda: WalletBackupDialog(self._session, protection, self).open(),
            self.show_error,
        )
