"""Home: what waits for the user, what came in, what happened; for a newcomer, where to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout

from desktop_app.core.amounts import Currency, amount_text
from desktop_app.gui.formatting import local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone, dropped_files
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.surfaces import SPACE, Card, Item, Rule, clear, column, refill, row
from desktop_app.gui.widgets.text import AmountLabel, ElidedLabel, Glyph, label
from desktop_app.services.earnings import Income
from desktop_app.services.home import Attention, Happening, Home, NextStep
from desktop_app.services.wording import words

_ICONS = {"payment": "payouts", "claim": "wallet", "transaction": "send"}
_NEXT_ICONS = {
    "register": "seal", "prove": "verify", "share": "royalties", "pay": "payouts", "sell": "sell",
    "real": "networks",
}  # fmt: skip
STEPS = (("seal", "step_seal"), ("verify", "step_prove"), ("payouts", "step_paid"))
TO_DO = 6
"""So many things to do are listed at once."""


class AttentionRow(Card):
    """One thing to do, and the way there."""

    wanted = Signal(str)

    def __init__(self, what: Attention, action: str) -> None:
        super().__init__(margin=SPACE.medium)
        self.setAccessibleName(f"{what.title}. {what.text}")
        go = Button(action)
        go.setAccessibleName(f"{action}: {what.title}")
        go.clicked.connect(lambda: self.wanted.emit(what.page))
        self.go = go
        line = row(gap=SPACE.small)
        line.addWidget(Glyph("warn", sizes().icon, "warn"), 0, Qt.AlignmentFlag.AlignTop)
        title, text = label(what.title, "strong", wrap=True), label(what.text, "muted", wrap=True)
        line.addLayout(column(title, text, gap=SPACE.line), 1)
        line.addWidget(go)
        self.body.addLayout(line)


class NextCard(Card):
    """The next step with the newest work, and the way there."""

    def __init__(self, eyebrow: str, step: NextStep, action: str) -> None:
        super().__init__(margin=SPACE.inset)
        self.setAccessibleName(f"{eyebrow}: {step.title}. {step.text}")
        self.go = Button(action, "primary")
        self.go.setAccessibleName(f"{action}: {step.title}")
        line = row(gap=SPACE.medium)
        glyph = Glyph(_NEXT_ICONS[step.code], sizes().icon_large, "accent")
        line.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        title, text = label(step.title, "section", wrap=True), label(step.text, "muted", wrap=True)
        line.addLayout(column(label(eyebrow, "eyebrow"), title, text, gap=SPACE.hair), 1)
        line.addWidget(self.go)
        self.body.addLayout(line)


class EarningsCard(Card):
    """One period: each currency's sum in large figures; `none` where nothing came in. `dollar` is the
    practice dollar, which is explained where it stands."""

    def __init__(self, heading: str, sums: tuple[Income, ...], none: str, dollar: Currency | None) -> None:
        super().__init__(margin=SPACE.inset)
        self.body.addWidget(label(heading, "eyebrow"))
        for one in sums:
            self.body.addWidget(AmountLabel(one.received, "figure"))
        if not sums:
            self.body.addWidget(label(none, "muted", wrap=True))
        if dollar is not None and dollar in [one.received.currency for one in sums]:
            explained = words("network.practice_dollar", symbol=dollar.symbol)
            self.body.addWidget(label(explained, "caption", wrap=True))
        self.body.addStretch(1)
        said = ", ".join(amount_text(one.received) for one in sums) or none
        self.setAccessibleName(f"{heading}: {said}")


class HomePage(Page):
    """`files_dropped` gives files that a newcomer dropped or chose here."""

    chapter = "first-steps"
    files_dropped = Signal(list)

    def __init__(self, session: Session) -> None:
        self._t = texts("home")
        super().__init__(self._t("title"))
        self._session = session
        self.setAcceptDrops(True)
        self._shown: Home | None = None
        self.drop = DropZone(
            self._t("drop_title"), self._t("drop_text"), self._t("choose"), icon="library", folders=True
        )
        self.drop.files.connect(self.files_dropped)
        self.drop.hide()
        self._steps = self._first_steps()
        self._steps.hide()
        self._attention = LongList(self._to_do, gap=SPACE.tight, step=TO_DO)
        self._attention.filled.connect(self.fit)
        self._next = column()
        self._figures = row(gap=SPACE.medium)
        self._news = Card(self._t("news"))
        self._news.hide()
        self._lines = column(gap=SPACE.small)
        self._news.body.addLayout(self._lines)
        self._calm = label(self._t("calm"), "muted", wrap=True)
        self._calm.hide()
        self.body.addWidget(self.drop, 1)
        self.body.addWidget(self._steps)
        self.body.addWidget(self._attention)
        self.body.addLayout(self._next)
        self.body.addWidget(self._calm)
        self.body.addLayout(self._figures)
        self.body.addWidget(self._news)
        self.body.addStretch(1)
        for signal in (
            session.works_changed,
            session.wallet_changed,
            session.network_changed,
            session.payouts_changed,
            session.transactions_changed,
            session.tracker_changed,
        ):
            signal.connect(self.reload)

    def _first_steps(self) -> Card:
        card = Card(self._t("steps"))
        for icon, name in STEPS:
            line = row(gap=SPACE.medium)
            line.addWidget(Glyph(icon, sizes().icon_large, "accent"), 0, Qt.AlignmentFlag.AlignTop)
            title, text = label(self._t(name), "strong", wrap=True), self._t(f"{name}_text")
            line.addLayout(column(title, label(text, "muted", wrap=True), gap=SPACE.line), 1)
            card.body.addLayout(line)
        return card

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Look again; what is shown stays meanwhile."""
        if not self.isVisible():
            return
        home = self._session.services.home
        self.load(self._session.jobs, lambda _task: home.look(), self._show)

    def _show(self, found: Home) -> None:
        if found == self._shown:
            return
        self._shown = found
        new = found.works == 0
        self.drop.setVisible(new)
        self.drop.set_compact(bool(found.attention or found.total or found.news))
        self._steps.setVisible(new and not found.news)
        self._attention.setVisible(bool(found.attention))
        self._attention.show_all(found.attention)
        clear(self._next)
        if found.next is not None:
            self._next.addWidget(self._lead_on(found.next))
        self._calm.setVisible(not new and not found.attention and found.next is None)
        clear(self._figures)
        if found.total or (not new and found.next is None):  # before a first payment they would say nothing
            dollar = found.network.dollar if found.network.kind == "practice" else None
            for name, sums in (("month", found.month), ("total", found.total)):
                self._figures.addWidget(EarningsCard(self._t(name), sums, self._t("nothing_yet"), dollar), 1)
        self._show_news(found.news)
        self.fit()

    def _to_do(self, what: Attention) -> AttentionRow:
        line = AttentionRow(what, self._t("look"))
        line.wanted.connect(self._session.page_wanted)
        return line

    def _lead_on(self, step: NextStep) -> NextCard:
        card = NextCard(self._t("next"), step, self._t("next_action"))
        if step.page == "work":
            card.go.clicked.connect(lambda: self._session.work_opened.emit(step.work_id))
        else:
            card.go.clicked.connect(lambda: self._session.page_wanted.emit(step.page))
        return card

    def _show_news(self, news: tuple[Happening, ...]) -> None:
        self._news.setVisible(bool(news))
        lines: list[Item] = []
        for one in news:
            lines += [Rule(), self._line(one)]
        refill(self._lines, *lines[1:])

    def _line(self, one: Happening) -> QHBoxLayout:
        detail = ElidedLabel(one.detail, "muted")
        line = row(gap=SPACE.medium)
        line.addWidget(Glyph(_ICONS[one.kind], sizes().icon, "muted"), 0, Qt.AlignmentFlag.AlignTop)
        text = label(one.text, "strong", wrap=True)
        line.addLayout(column(text, detail, gap=SPACE.line), 1)
        line.addWidget(label(local_time(one.when), "caption"))
        if one.receipt:
            receipt = Button(self._t("receipt"), "quiet")
            receipt.setAccessibleName(f"{receipt.text()}: {one.text}")
            receipt.clicked.connect(partial(self._session.receipt_wanted.emit, one.receipt))
            line.addWidget(receipt)
        return line

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData(), folders=True):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event.mimeData(), folders=True)
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)
