"""An address to be paid at, shown only after the wallet's key has vouched for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Well, column
from desktop_app.gui.widgets.text import HashLabel, label
from desktop_app.services.networks import Network
from desktop_app.services.wallet import AnyAccount, DeviceAccount

QR_SIDE = 196
QUIET = 4
"""Modules of white around a QR code (ISO 18004)."""


def qr_picture(text: str, side: int, ratio: float) -> QPixmap:
    """A QR code, dark on white in every theme, as phones expect it."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    width = len(rows) + 2 * QUIET
    image = QImage(width, width, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y, cells in enumerate(rows):
        for x, dark in enumerate(cells):
            if dark:
                image.setPixelColor(x + QUIET, y + QUIET, QColor("black"))
    pixels = max(1, round(side * ratio) // width) * width
    picture = QPixmap.fromImage(image.scaled(pixels, pixels, mode=Qt.TransformationMode.FastTransformation))
    picture.setDevicePixelRatio(ratio)
    return picture


def in_groups(address: str) -> str:
    """An address in groups of four characters, which eyes can compare."""
    digits = address[2:]
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return "0x " + " ".join(groups[:5]) + "\n" + " " * 3 + " ".join(groups[5:])


class ReceiveDialog(Dialog):
    """Open it with an open wallet. `address`: one of the accounts, by default the active one."""

    def __init__(self, session: Session, parent: QWidget, address: str = "") -> None:
        self._t = texts("receive")
        super().__init__(parent, self._t("title"), " ", width=sizes().dialog_small)
        self._session = session
        self._wanted = address
        self._account: AnyAccount | None = None
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.groups = label("", "mono")
        self.groups.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.address = HashLabel("", self._t("address"))
        self.note = InlineMessage("info")
        self.note.hide()
        self._well = Well()
        self._well.body.addLayout(column(self.picture, self.groups, gap=SPACE.small))
        self._well.body.addWidget(self.address)
        self._well.hide()
        self.body.addWidget(self._well)
        self.body.addWidget(self.note)
        self.on_device = self.add_button(self._t("on_device"))
        self.on_device.clicked.connect(self._show_on_device)
        self.on_device.hide()
        self.close_button = self.add_button(self._t("close"), "primary")
        self.close_button.clicked.connect(self.accept)
        self.set_busy(True, self._t("checking"))
        services = session.services

        def check(_task: Task) -> tuple[AnyAccount, Network]:
            status = services.wallet.verified_status()
            wanted = address or status.active
            return next(one for one in status.accounts if one.address == wanted), services.networks.active

        session.jobs.run(self, check, self._checked, self.show_error)

    def _checked(self, found: tuple[AnyAccount, Network]) -> None:
        account, network = found
        self._account = account
        self.set_busy(False)
        self.set_title(account.name, self._t("text", network=network.name))
        self.picture.setPixmap(qr_picture(account.address, QR_SIDE, max(1.0, self.devicePixelRatioF())))
        self.picture.setAccessibleName(self._t("picture", address=account.address))
        self.groups.setText(in_groups(account.address))
        self.address.set_value(account.address)
        self._well.show()
        kind = {"practice": "practice", "test": "test"}.get(network.kind, "main")
        tone = "practice" if kind == "practice" else "info" if kind == "test" else "warn"
        note = self._t(f"{kind}_text", network=network.name, coin=network.native.symbol)
        self.note.show_text(self._t(f"{kind}_title", network=network.name), note, tone=tone)
        self.on_device.setVisible(isinstance(account, DeviceAccount))
        self.fit()

    def _show_on_device(self) -> None:
        account = self._account
        assert account is not None
        wallet = self._session.services.wallet
        self.set_busy(True, self._t("compare"))
        self._session.jobs.run(
            self,
            lambda _task: wallet.show_on_device(account.address),
            lambda _nothing: self._compared(),
            self.show_error,
        )

    def _compared(self) -> None:
        self.set_busy(False)
        self.note.show_text(self._t("same_title"), self._t("same_text"), tone="success")
        self.fit()
