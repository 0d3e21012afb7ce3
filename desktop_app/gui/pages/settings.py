"""Settings: appearance, notifications, data folder, about."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QStandardItemModel
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QSystemTrayIcon, QWidget

import desktop_app
from desktop_app.core.settings import LANGUAGE, MONEY, NOTIFY, TEXT_SIZE, THEME, TRAY, Setting
from desktop_app.gui import theme
from desktop_app.gui.language import can_be_shown, plain_name
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.surfaces import SPACE, Card, Well, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.gui.widgets.update_card import UpdateCard
from desktop_app.services.language import SYSTEM, choices
from desktop_app.services.wording import words

MODES = (theme.SYSTEM, *theme.SCHEMES)
TEXT_SIZES = (90, 100, 115, 130, 150, 175, 200)


class SettingsPage(Page):
    chapter = "privacy"
    reads = False

    def __init__(self, session: Session) -> None:
        self._t = texts("settings")
        super().__init__(self._t("title"))
        self._session = session
        self.body.addWidget(self._look())
        self.body.addWidget(self._text_size())
        self.body.addWidget(self._language())
        self.body.addWidget(self._money())
        self.body.addWidget(self._payments())
        self.body.addWidget(self._folders())
        self.body.addWidget(self._data())
        self.updates = UpdateCard(session)
        self.body.addWidget(self.updates)
        self.body.addWidget(self._about())
        self.body.addStretch(1)

    def _look(self) -> Card:
        card = Card(self._t("look"), self._t("look_text"))
        group = QButtonGroup(self)
        group.setExclusive(True)
        line = row(gap=SPACE.hair)
        self.modes: dict[str, Button] = {}
        for mode in MODES:
            button = Button(self._t(mode), "segment")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setChecked(mode == self._session.theme.mode)
            button.clicked.connect(lambda _on=False, mode=mode: self.set_mode(mode))
            group.addButton(button)
            line.addWidget(button)
            self.modes[mode] = button
        line.addStretch(1)
        card.body.addLayout(line)
        return card

    def _text_size(self) -> Card:
        card = Card(self._t("text_size"), self._t("text_size_text"))
        chosen = self._session.services.settings.number(TEXT_SIZE)
        sizes = sorted({*TEXT_SIZES, chosen})
        self.text_size = Select([(self._t("percent", number=size), size) for size in sizes])
        self.text_size.setCurrentIndex(self.text_size.findData(chosen))
        self.text_size.setAccessibleName(self._t("text_size"))
        self.text_size.activated.connect(lambda: self._build_anew(TEXT_SIZE, self.text_size.value()))
        card.side.addWidget(self.text_size)
        return card

    def set_mode(self, mode: str) -> None:
        """Switch the appearance now, and remember it."""
        self._session.theme.set_mode(mode)
        settings = self._session.services.settings
        self._session.jobs.run(self, lambda _task: settings.set(THEME, mode), None, self.show_error)

    def _language(self) -> Card:
        card = Card(self._t("language"), self._t("language_text"))
        settings = self._session.services.settings
        self.language = Select([(self._t("language_system"), SYSTEM)])
        for tag, name in choices():
            shown = can_be_shown(tag)
            self.language.addItem(name if shown else self._t("language_no_font", name=plain_name(tag)), tag)
            model = self.language.model()
            if not shown and isinstance(model, QStandardItemModel):
                model.item(self.language.count() - 1).setEnabled(False)
        self.language.setCurrentIndex(self.language.findData(settings.text(LANGUAGE)))
        self.language.setAccessibleName(self._t("language"))
        self.language.setSizeAdjustPolicy(Select.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.language.setMinimumContentsLength(len(self._t("language_system")))
        self.language.activated.connect(lambda: self._build_anew(LANGUAGE, self.language.value()))
        card.side.addWidget(self.language)
        return card

    def _build_anew(self, setting: Setting, value: object) -> None:
        """Remember what concerns the whole window, and build it anew, unless that would stop running work."""
        settings = self._session.services.settings
        assert isinstance(value, str | int)

        def done(_nothing: None) -> None:
            if self._session.jobs.open_titles:
                self.show_notice(self._t("later"), self._t("later_text"))
            else:
                self._session.reopen_wanted.emit()

        self._session.jobs.run(self, lambda _task: settings.set(setting, value), done, self.show_error)

    def _money(self) -> Card:
        card = Card(self._t("money"), self._t("money_text"))
        settings = self._session.services.settings
        names = [(self._t("money_none") if one == "none" else one, one) for one in MONEY.choices]
        self.money = Select(names)
        self.money.setCurrentIndex(self.money.findData(settings.text(MONEY)))
        self.money.setAccessibleName(self._t("money"))
        self.money.activated.connect(self._set_money)
        card.side.addWidget(self.money)
        return card

    def _set_money(self) -> None:
        settings, value = self._session.services.settings, str(self.money.value())
        self._session.jobs.run(self, lambda _task: settings.set(MONEY, value), None, self.show_error)

    def _payments(self) -> Card:
        card = Card(self._t("payments"), self._t("payments_text"))
        self.notify = CheckBox(self._t("notify"))
        self.notify.setChecked(self._session.services.settings.text(NOTIFY) == "on")
        self.notify.toggled.connect(self._set_notify)
        self.tray = CheckBox(self._t("tray"))
        self.tray.setChecked(self._session.services.settings.text(TRAY) == "on")
        self.tray.setEnabled(QSystemTrayIcon.isSystemTrayAvailable())
        self.tray.toggled.connect(self._set_tray)
        lines: list[QWidget] = [self.notify, self.tray]
        if not self.tray.isEnabled():
            lines.append(label(self._t("tray_none"), "caption"))
        card.body.addLayout(column(*lines, gap=SPACE.hair))
        return card

    def _set_tray(self, on: bool) -> None:
        settings, value = self._session.services.settings, "on" if on else "off"
        changed = self._session.tray_changed
        self._session.jobs.run(
            self, lambda _task: settings.set(TRAY, value), lambda _none: changed.emit(), self.show_error
        )

    def _set_notify(self, on: bool) -> None:
        settings = self._session.services.settings
        value = "on" if on else "off"
        self._session.jobs.run(self, lambda _task: settings.set(NOTIFY, value), None, self.show_error)

    def _folders(self) -> Card:
        card = Card(self._t("folders"), self._t("folders_text"))
        address = self._session.services.catalogue.cluster_address
        edit = line_edit("tcp://HOST:8786", address, limit=300)
        self.cluster = Field(self._t("cluster"), edit)
        self.use_cluster = Button(self._t("cluster_save"))
        self.use_cluster.clicked.connect(self._use_cluster)
        edit.returnPressed.connect(self._use_cluster)
        line = row(self.cluster)
        line.addWidget(self.use_cluster, 0, Qt.AlignmentFlag.AlignBottom)
        card.body.addLayout(line)
        card.body.addWidget(label(self._t("cluster_hint"), "caption", wrap=True))
        sees = Well()
        sees.body.addWidget(label(words("catalogue.cluster_sees"), "muted", wrap=True))
        card.body.addWidget(sees)
        return card

    def _use_cluster(self) -> None:
        catalogue, address = self._session.services.catalogue, self.cluster.text()

        def done(_nothing: None) -> None:
            if address:
                self.show_notice(self._t("cluster_used", address=address), self._t("cluster_used_text"))
            else:
                self.show_notice(self._t("cluster_none"), "")

        self._session.jobs.run(self, lambda _task: catalogue.set_cluster(address), done, self.show_error)

    def _data(self) -> Card:
        card = Card(self._t("data"), self._t("data_text"))
        home = self._session.services.paths.home
        facts = Facts()
        facts.hash(self._t("folder"), str(home))
        open_folder = Button(self._t("open_folder"), icon="folder")
        open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(home))))
        self.take_along = Button(self._t("take_along"))
        self.take_along.clicked.connect(self._take_along)
        self.support = Button(self._t("support"))
        self.support.clicked.connect(self._save_report)
        card.body.addLayout(row(self.support, None))
        card.side.addWidget(self.take_along)
        card.side.addWidget(open_folder)
        card.body.addWidget(facts)
        return card

    def _save_report(self) -> None:
        name = self._session.services.diagnostics.suggested_name()
        title, options = self._t("support"), QFileDialog.Option.DontConfirmOverwrite  # nothing is replaced
        chosen, _ = QFileDialog.getSaveFileName(self, title, name, options=options)
        if chosen:
            self.save_report(Path(chosen))

    def save_report(self, path: Path) -> None:
        """Write the redacted report for those who help."""
        diagnostics = self._session.services.diagnostics
        self._session.jobs.run(
            self,
            lambda _task: diagnostics.export(path),
            lambda _count: self.show_notice(self._t("supported"), words("diagnostics.saved", path=path)),
            self.show_error,
            title=self._t("supporting"),
        )

    def _take_along(self) -> None:
        privacy = self._session.services.privacy
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("take_along"),
            privacy.suggested_name(),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            self.export_everything(Path(name))

    def export_everything(self, path: Path) -> None:
        """Write all that the app knows about the user to a ZIP file."""
        privacy = self._session.services.privacy
        self._session.jobs.run(
            self,
            lambda task: privacy.export(path, task),
            lambda _count: self.show_notice(self._t("taken_along"), self._t("taken_along_text", path=path)),
            self.show_error,
            title=self._t("taking_along"),
        )

    def _about(self) -> Card:
        card = Card(self._t("about"), self._t("about_text"))
        facts = Facts()
        facts.text(self._t("version"), desktop_app.__version__)
        licences = "\n".join(self._t(name) for name in ("licence_app", "licence_fonts", "licence_qt"))
        facts.text(self._t("licences"), licences)
        card.body.addWidget(facts)
        return card
