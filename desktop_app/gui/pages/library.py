"""The library: drop files, watch them being fingerprinted, open a work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QListView

from desktop_app.core.localised import grouped
from desktop_app.gui.dialogs.choose_works import ChooseWorksDialog
from desktop_app.gui.flows import approve
from desktop_app.gui.models.work_delegate import WorkDelegate
from desktop_app.gui.models.works import ITEM, WorkRow, WorksModel
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import load_tokens
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone, dropped_files, file_pattern
from desktop_app.gui.widgets.fields import line_edit
from desktop_app.gui.widgets.more_button import MoreButton
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.text import label
from desktop_app.services.catalogue import FolderReport, TableReport
from desktop_app.services.library import AddOutcome, AddResult, FileCheck, FileState, Work, WorkStep
from desktop_app.services.wording import message, words

FAILURES_SHOWN = 5
SEARCH_FROM = 8
LIST_FRAME = 18
ALWAYS_TALL = 12
NO_LIMIT = 16_777_215  # Qt's own "no maximum"


class LibraryPage(Page):
    chapter = "works"

    def __init__(self, session: Session) -> None:
        self._t = texts("library")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self.setAcceptDrops(True)
        self.several = self.header.add_action(Button(self._t("several"), icon="seal"))
        self.several.clicked.connect(self._choose_several)
        self.several.hide()
        self.drop = DropZone(
            self._t("drop_title"), self._t("drop_text"), self._t("choose"), icon="library", folders=True
        )
        self.drop.files.connect(self.add_files)
        self.more = MoreButton(self._t("more"))
        self.header.add_action(self.more)
        for name, function in (
            ("add_folder", self._choose_folder),
            ("check_files", self._check_files),
            ("read_files_again", lambda: self.check_files(None, read_again=True)),
            ("import_table", self._choose_table),
            ("save_table", self._save_table),
        ):
            self.more.add(self._t(name), function)
        self._running = RunArea()
        self.search = line_edit(self._t("search"))
        self.search.setAccessibleName(self._t("search"))
        self.search.setClearButtonEnabled(True)
        self.search.hide()
        self._count = label("", "caption")
        self._count.hide()
        self._nothing = label(self._t("nothing_found"), "muted")
        self._nothing.hide()
        self.model = WorksModel(session, self)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.could_not_read)
        self.list = QListView()
        self.list.setAccessibleName(self._t("list_name"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(WorkDelegate(session.theme, self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMinimumHeight(load_tokens().size.work_row + LIST_FRAME)
        self.list.clicked.connect(self._open)
        self.list.activated.connect(self._open)
        self.list.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(load_tokens().motion.typing)
        self._timer.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        for part in (self.drop, self._running, self.search, self._count, self._nothing):
            self.body.addWidget(part)
        self.body.addWidget(self.list, 100)
        self.body.setStretchFactor(self.drop, 1)
        self.body.addStretch(0)
        session.works_changed.connect(self.model.reload)
        session.network_changed.connect(self.model.reload)
        session.theme.changed.connect(self.list.viewport().update)

    def shown(self) -> None:
        self.awaited.begin()
        self.model.reload()

    def add_files(self, paths: list[Path], *, then_open: bool = False) -> None:
        """Fingerprint each file, or all below a folder, in the background, with progress and cancel.

        With `then_open` the work's page comes to the front once its fingerprint is known.
        """
        self.notice.hide()
        for path in paths:
            if path.is_dir():
                self.add_folder(path)
            else:
                self._add(path, then_open)

    def add_folder(self, folder: Path) -> None:
        """Add all files below a folder, on all processors."""
        catalogue = self._session.services.catalogue
        cluster = catalogue.cluster_address
        title = self._t("adding_folder_by" if cluster else "adding_folder", name=folder.name, address=cluster)
        self._running.add(
            self._session.jobs.run(
                self,
                lambda task: catalogue.add_folder(folder, task),
                self._added_folder,
                self._failed,
                title=title,
            )
        )

    def _added_folder(self, report: FolderReport) -> None:
        self._session.works_changed.emit()
        new = report.count(AddOutcome.ADDED) + report.count(AddOutcome.CHANGED)
        known = len(report.results) - new + report.unchanged
        text = self._t("folder_text", new=grouped(new), known=grouped(known))
        failed = "\n".join(
            f"{path.name}: {message(error).title}" for path, error in report.failed[:FAILURES_SHOWN]
        )
        if len(report.failed) > FAILURES_SHOWN:
            failed += "\n" + self._t("more_failed", count=len(report.failed) - FAILURES_SHOWN)
        self.show_notice(self._t("folder_title"), text, failed, "warn" if failed else "success")

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self._t("add_folder"))
        if name:
            self.add_files([Path(name)])

    def _choose_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._t("import_table"), "", file_pattern(self._t("table_pattern"), "csv")
        )
        if name:
            self.import_table(Path(name))

    def import_table(self, path: Path) -> None:
        """Describe works from a table, all lines or none."""
        catalogue = self._session.services.catalogue
        self.notice.hide()
        self._running.add(
            self._session.jobs.run(
                self,
                lambda task: catalogue.import_table(path, task),
                self._imported,
                self.show_error,
                title=self._t("importing", name=path.name),
            )
        )

    def _save_table(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._t("save_table"),
            self._t("table_name"),
            file_pattern(self._t("table_pattern"), "csv"),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            self.save_table(Path(name))

    def save_table(self, path: Path) -> None:
        """Write what is said about all works as a table."""
        services = self._session.services
        self._session.jobs.run(
            self,
            lambda _task: services.catalogue.write_table(path),
            lambda count: self.show_notice(self._t("saved"), self._t("saved_text", count=count, path=path)),
            self.show_error,
        )

    def _check_files(self) -> None:
        """See which files are where they were; ask where to look for those that are not."""
        name = QFileDialog.getExistingDirectory(self, self._t("look_in"))
        self.check_files(Path(name) if name else None)

    def check_files(self, look_in: Path | None, *, read_again: bool = False) -> None:
        library = self._session.services.library
        self.notice.hide()
        self._running.add(
            self._session.jobs.run(
                self,
                lambda task: library.check_all(look_in, task, read_again=read_again),
                self._checked,
                self.show_error,
                title=self._t("checking_files"),
            )
        )

    def _checked(self, checks: tuple[FileCheck, ...]) -> None:
        self._session.works_changed.emit()
        odd = [one for one in checks if one.state is not FileState.UNCHANGED]
        lines = [
            f"{one.work.title}: {words(f'library.file_is_{one.state.value}')}" for one in odd[:FAILURES_SHOWN]
        ]
        if len(odd) > FAILURES_SHOWN:
            lines.append(self._t("more_failed", count=len(odd) - FAILURES_SHOWN))
        text = words("library.files_unchanged", count=grouped(len(checks) - len(odd)))
        self.show_notice(self._t("files_checked"), text, "\n".join(lines), "warn" if odd else "success")

    def _imported(self, report: TableReport) -> None:
        self._session.works_changed.emit()
        self.show_notice(self._t("imported_title"), self._t("imported_text", count=grouped(report.changed)))

    def _failed(self, error: BaseException) -> None:
        self._session.works_changed.emit()
        self.show_error(error)

    def _add(self, path: Path, then_open: bool = False) -> None:
        title = self._t("fingerprinting", name=path.name)
        library = self._session.services.library

        def added(result: AddResult) -> None:
            self._added(result)
            if then_open:
                self._session.work_opened.emit(result.work.id)

        self._running.add(
            self._session.jobs.run(
                self, lambda task: library.add(path, task=task), added, self.show_error, title=title
            )
        )

    def _added(self, result: AddResult) -> None:
        if result.already_there:
            title = self._t(f"{result.outcome.value}_title")
            self.show_notice(title, self._t("already_text", title=result.work.title), tone="info")
        else:
            self._look_into(result)
        if result.outcome is AddOutcome.CHANGED and result.previous is not None:
            text = self._t("changed_text", title=result.previous.title)
            self.show_notice(self._t("changed_title"), text, tone="info")
        self._session.works_changed.emit()

    def _look_into(self, result: AddResult) -> None:
        details, work = self._session.services.details, result.work
        self._running.add(
            self._session.jobs.run(
                self,
                lambda task: details.look(work.id, task),
                lambda _portrait: self._session.works_changed.emit(),
                self.show_error,
                title=self._t("looking_into", title=work.title),
            )
        )

    def _loaded(self) -> None:
        count = self.model.rowCount()
        searching = bool(self.model.search)
        empty = count == 0 and not searching
        self.drop.set_compact(not empty)
        self.body.setStretchFactor(self.drop, 1 if empty else 0)
        self.body.setStretch(self.body.count() - 1, 0 if empty else 1)
        self.list.setVisible(count > 0)
        self.several.setVisible(count > 1 or searching)
        tall = max(count, 1) * load_tokens().size.work_row + LIST_FRAME
        self.list.setMaximumHeight(tall if count < ALWAYS_TALL else NO_LIMIT)
        self._nothing.setVisible(searching and count == 0)
        self.search.setVisible(searching or count >= SEARCH_FROM)
        self._count.setVisible(count >= SEARCH_FROM)
        self._count.setText(self._t("count", count=grouped(self.model.total)))
        self.have_read()

    def _choose_several(self) -> None:
        """Register many works in one transaction."""
        services = self._session.services
        self.notice.hide()

        def ready(_task: object) -> tuple[Work, ...]:
            return services.library.at_steps(services.networks.active.chain_id, (WorkStep.ADDED,))

        def choose(works: tuple[Work, ...]) -> None:
            dialog = ChooseWorksDialog(
                self._t("several_title"), self._t("several_text"), self._t("several_action"), works, self
            )
            dialog.chosen.connect(register)
            dialog.open()

        def register(works: list[Work]) -> None:
            def done(_records: object) -> None:
                self._session.works_changed.emit()
                self.show_notice(self._t("several_done"), self._t("several_done_text", count=len(works)))

            ids = [work.id for work in works]
            approve(
                self._session,
                self,
                lambda _task: services.registration.prepare_many(ids),
                self._t("registering_several", count=len(works)),
                done,
                self.show_error,
                self._running.add,
            )

        self.several.setEnabled(False)
        job = self._session.jobs.run(self, ready, choose, self.show_error)
        job.finished.connect(lambda: self.several.setEnabled(True))

    def _search(self) -> None:
        self.model.search = self.search.text().strip()
        self.model.reload()

    def _open(self, index: QModelIndex) -> None:
        row: WorkRow | None = index.data(ITEM)
        if row is not None:
            self._session.work_opened.emit(row.work.id)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData(), folders=True):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event.mimeData(), folders=True)
        if paths:
            event.acceptProposedAction()
            self.add_files(paths)
