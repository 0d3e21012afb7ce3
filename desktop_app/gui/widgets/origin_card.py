"""Where any file comes from: its Content Credentials; or what is in an encrypted package."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.states import Chip, InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.credentials import CredentialView, Trust
from desktop_app.services.packages import PackageCheck
from desktop_app.services.wording import words

_TONE = {
    Trust.NONE: "info",
    Trust.BROKEN: "danger",
    Trust.UNKNOWN_SIGNER: "warn",
    Trust.TRUSTED: "success",
}


class OriginCard(Card):
    """`file` gives a dropped file; the others ask to decrypt the package or to trust an authority."""

    file = Signal(object)
    open_wanted = Signal()
    trust_wanted = Signal()

    def __init__(self) -> None:
        self._t = texts("origin")
        super().__init__(self._t("heading"), self._t("text"))
        self.drop = DropZone(
            self._t("drop_title"), self._t("drop_text"), self._t("choose"), icon="eye", many=False
        )
        self.drop.set_compact(True)
        self.drop.files.connect(lambda paths: self.file.emit(paths[0]))
        self.body.addWidget(self.drop)
        self._found = column(gap=SPACE.small)
        self.body.addLayout(self._found)
        self.summary: InlineMessage | None = None

    def show_credentials(self, name: str, view: CredentialView) -> None:
        report = view.report
        state = report.trust.value
        self._summary(_TONE[report.trust], words(f"credentials.trust_{state}"),
                      words(f"credentials.trust_{state}_text"))  # fmt: skip
        facts = Facts()
        rows = [
            ("file", name),
            ("signer", report.signer),
            ("issuer", report.issuer),
            ("signed_at", report.signed_at),
            ("title", report.title),
            ("made_with", report.made_with),
            ("training", _training(view)),
            ("earlier", str(report.earlier or "")),
            ("problems", ", ".join(report.problems) if report.trust is Trust.BROKEN else ""),
        ]
        if view.your_work is not None:
            rows.append(("record", words("credentials.your_record", title=view.your_work.title)))
        elif report.registration:
            rows.append(("record", words("credentials.claims_record")))
        if report.remote:
            rows.append(("remote", words("credentials.remote_not_fetched", address=report.remote)))
        for key, value in rows:
            if value:
                facts.text(self._t(key), value)
        if view.by_you:
            chip = Chip()
            chip.set(words("credentials.by_you"), "success")
            self._found.addLayout(row(chip, None))
        self._found.addWidget(facts)
        if report.trust is Trust.UNKNOWN_SIGNER and not view.by_you:
            trust = Button(self._t("trust"), icon="key")
            trust.clicked.connect(self.trust_wanted)
            self._found.addLayout(row(trust, label(self._t("trust_text"), "caption"), None))

    def show_package(self, name: str, check: PackageCheck) -> None:
        text = words("package.opened_whole" if check.opened else "package.counted_only")
        self._summary("success" if check.opened else "info", self._t("package"), text)
        facts = Facts()
        facts.text(self._t("file"), name)
        if check.work is not None:
            facts.text(self._t("work"), check.work.title)
        facts.text(self._t("size"), words("cli.bytes", count=grouped(check.facts.size)))
        facts.hash(self._t("key_commitment"), check.facts.key_commitment.hex())
        facts.hash(self._t("package_root"), check.facts.package_root.hex())
        self._found.addWidget(facts)
        unpack = Button(self._t("unpack"), icon="unlock")
        unpack.clicked.connect(self.open_wanted)
        self._found.addLayout(row(unpack, label(self._t("unpack_text"), "caption"), None))

    def empty(self) -> None:
        clear(self._found)
        self.summary = None

    def _summary(self, tone: str, title: str, text: str) -> None:
        self.empty()
        self.summary = InlineMessage(tone)
        self.summary.show_text(title, text)
        self._found.addWidget(self.summary)


def _training(view: CredentialView) -> str:
    """One rule for all uses where they agree, as they usually do."""
    rules = dict.fromkeys(rule for _, rule in view.report.training)
    known = {"notAllowed", "allowed", "constrained"}
    return ", ".join(
        words(f"credentials.training_{rule.lower()}") if rule in known else rule for rule in rules
    )
