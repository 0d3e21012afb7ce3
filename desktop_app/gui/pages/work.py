"""One work: the path from its fingerprint over the sealed record and the proof to royalties."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import Amount, amount_text, format_share
from desktop_app.core.localised import grouped
from desktop_app.gui.content_actions import ContentActions
from desktop_app.gui.desktop import open_folder
from desktop_app.gui.dialogs.ask import ConfirmDialog, TextDialog
from desktop_app.gui.dialogs.erase import EraseDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.share import ShareDialog
from desktop_app.gui.flows import approve, approve_form, with_wallet
from desktop_app.gui.formatting import file_size, kind_of, local_date, local_time
from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.models.work_view import WorkView, read_work
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button, IconButton
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.step_card import StepCard
from desktop_app.gui.widgets.stepper import Stepper
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, column, row
from desktop_app.gui.widgets.text import ElidedLabel, Glyph
from desktop_app.services.disclosures import title as kind_title
from desktop_app.services.ownership import Certificate, CertificateFile
from desktop_app.services.practice_payment import prepare_practice_payment
from desktop_app.services.privacy import Erasure
from desktop_app.services.registration import Registration
from desktop_app.services.royalties import PaymentReceipt, Token


class WorkPage(Page):
    chapter = "first-steps"

    left = Signal()

    def __init__(self, session: Session) -> None:
        self._t = texts("work")
        super().__init__(" ", " ")
        self._session = session
        self._work_id = ""
        self._view: WorkView | None = None
        back = Button(self._t("back"), "link", "back")
        back.clicked.connect(self.left)
        self.sheet.insertLayout(0, row(back, None))
        self.rename = self.header.add_action(Button(self._t("rename"), "quiet"))
        self.rename.clicked.connect(self._rename)
        self.remove = self.header.add_action(Button(self._t("remove"), "quiet"))
        self.remove.clicked.connect(self._remove)
        names = ("step_added", "step_registered", "step_proof", "step_royalties")
        self.stepper = Stepper([self._t(name) for name in names])
        path = Card()
        path.body.addWidget(self.stepper)
        self.running = RunArea()
        self.register = StepCard(self._t("register_heading"))
        self.register.acted.connect(self._register)
        self.proof = StepCard(self._t("proof_heading"))
        self.proof.acted.connect(self._prove)
        self.royalties = StepCard(self._t("royalties_heading"))
        self.royalties.acted.connect(self._mint)
        self.paying = StepCard(" ")
        self.paying.acted.connect(self._next_payment)
        self._fingerprint = Card(self._t("added_heading"), " ")
        self._show_facts = Button(self._t("show_details"), "quiet")
        self._show_facts.clicked.connect(self._toggle_facts)
        self.erase = Button(self._t("erase"), "quiet")
        self.erase.clicked.connect(self._erase)
        self._fingerprint.side.addWidget(self._show_facts)
        self._fingerprint.side.addWidget(self.erase)
        self._facts = Facts()
        self._facts.hide()
        self._fingerprint.body.addWidget(self._facts)
        self.content = ContentActions(session, self, self.running)
        about, handing = self.content.about, self.content.handing
        # The next step is above what is done, and what is not yet possible is only named in the stepper.
        steps = (self.paying, self.proof, self.royalties, self.register)
        for part in (path, self.running, *steps, about, handing, self._fingerprint):
            self.body.addWidget(part)
        self.body.addStretch(1)
        for signal in (session.works_changed, session.money_changed, session.network_changed):
            signal.connect(self._refresh)
        session.payouts_changed.connect(self._refresh)

    def set_work(self, work_id: str) -> None:
        """Show another work."""
        if work_id != self._work_id:
            self._view = None
            self.awaited.forget()
            self.header.set_title(" ", " ")
            self._may_change(False)
            self.notice.hide()
            self._facts.hide()
            self._show_facts.set_text(self._t("show_details"))
            self.verticalScrollBar().setValue(0)
        self._work_id = work_id

    def shown(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        if not self._work_id or not self.isVisible():
            return
        services, work_id = self._session.services, self._work_id
        self.load(self._session.jobs, lambda _task: read_work(services, work_id), self._show)

    def _show(self, view: WorkView) -> None:
        if view.work.id != self._work_id or view == self._view:
            return
        self._view = view
        work = view.work
        kind = kind_of(work.media_type)[1]
        self.header.set_title(work.title, f"{kind} · {file_size(work.size)}")
        self.setAccessibleName(work.title)
        self._may_change(True)
        self.stepper.set_done(view.done)
        self._show_registration(view)
        self._show_proofs(view)
        self._show_royalties(view)
        self._show_paying(view)
        self.content.show_work(view)
        self._fingerprint.subtitle.setText(self._t("added_text", date=local_time(work.added_at)))
        self._facts.clear()
        self._facts.text(self._t("file"), str(work.path))
        self._facts.hash(self._t("sha256"), work.sha256.hex())
        self._facts.hash(self._t("blake3"), work.blake3.hex())
        self.fit()

    def _may_change(self, known: bool) -> None:
        for button in (self.rename, self.remove):
            button.setEnabled(known)

    def _show_registration(self, view: WorkView) -> None:
        record = view.registration
        self.register.heading.setText(self._t("registered_heading" if record else "register_heading"))
        if record is None:
            self.register.set_todo(self._t("register_text"), self._t("register_action"), "seal")
            return
        facts = Facts()
        facts.hash(self._t("commitment"), "0x" + record.commitment_id.hex())
        facts.hash(self._t("registrant"), record.registrant)
        if record.tx_hash:
            facts.hash(self._t("transaction"), record.tx_hash)
        when = local_time(record.block_time)
        self.register.set_done(
            self._t("registered_text", network=view.network.name, date=when),
            facts,
            chip=self._t("proved_chip" if record.proved else "anchored_chip"),
            tone="success" if record.proved else "warn",
        )

    def _show_proofs(self, view: WorkView) -> None:
        self.proof.heading.setText(self._t("certificates" if view.certificates else "proof_heading"))
        self.proof.setVisible(view.registration is not None)
        if not view.certificates:
            self.proof.set_todo(self._t("proof_text"), self._t("proof_action"), "verify")
        else:
            listed = LongList(self._certificate_row)
            listed.filled.connect(self.fit)
            listed.show_all(view.certificates)
            self.proof.set_done(self._t("proof_text"), listed, action=self._t("proof_again"))

    def _certificate_row(self, certificate: Certificate) -> QWidget:
        issued, kind = local_date(certificate.issued_at), kind_title(certificate.kind)
        if certificate.expires_at:
            expires = local_date(certificate.expires_at)
            text = self._t("certificate_date", kind=kind, issued=issued, expires=expires)
        else:
            text = self._t("certificate_forever", kind=kind, issued=issued)
        title = self._t("certificate_row", audience=certificate.audience)
        share = Button(self._t("share"), "quiet")
        share.setAccessibleName(f"{self._t('share')}: {title}")
        share.clicked.connect(lambda: self._share(certificate.path))
        show = IconButton("folder", f"{self._t('show_file')}: {title}", 18)
        show.clicked.connect(lambda: open_folder(certificate.path))
        names = column(ElidedLabel(title, "strong"), ElidedLabel(text, "caption"), gap=SPACE.line)
        holder = QWidget()
        line = row(Glyph("seal", sizes().icon, "info"), gap=SPACE.small)
        line.addLayout(names, 1)
        check = Button(self._t("check"), icon="verify")
        check.setAccessibleName(self._t("certificate_checked", title=title))
        check.clicked.connect(lambda: self._session.proof_opened.emit(certificate.path))
        for button in (check, share, show):
            line.addWidget(button)
        holder.setLayout(column(Rule(), line, gap=SPACE.small))
        return holder

    def _show_royalties(self, view: WorkView) -> None:
        token = view.token
        self.royalties.setVisible(view.registration is not None)
        if token is not None:
            facts = Facts()
            facts.text(self._t("symbol"), token.symbol)
            facts.text(self._t("supply"), grouped(token.supply))
            facts.hash(self._t("token"), token.address)
            if token.collaborators:
                people = ", ".join(format_share(each.share_ppm) for each in token.collaborators)
                facts.text(self._t("collaborators"), f"{len(token.collaborators)} ({people})")
            money = ", ".join(amount_text(amount) for amount in view.received) or self._t("nothing_yet")
            facts.text(self._t("received"), money, "strong")
            see = Button(self._t("see_royalties"), icon="royalties")
            see.clicked.connect(lambda: self._session.page_wanted.emit("royalties"))
            self.royalties.heading.setText(token.name)
            self.royalties.set_done(
                self._t("earning_heading"), facts, row(see, None), chip=token.symbol, tone="accent"
            )
            return
        self.royalties.heading.setText(self._t("royalties_heading"))
        self.royalties.set_todo(
            self._t("royalties_text"),
            self._t("royalties_action"),
            "royalties",
            primary=bool(view.certificates),
        )

    def _show_paying(self, view: WorkView) -> None:
        """The last step, until a first payment has come in: practice pays itself, real works are sold."""
        self.paying.setVisible(view.payment is not None)
        if view.payment == "sell":
            self.paying.heading.setText(self._t("sell_heading"))
            text = self._t("sell_text", network=view.network.name)
            self.paying.set_todo(text, self._t("sell_action"), "sell")
        elif isinstance(view.payment, Amount):
            self.paying.heading.setText(self._t("try_heading"))
            text = self._t("try_text", amount=amount_text(view.payment))
            self.paying.set_todo(text, self._t("try_action"), "practice")

    def _register(self) -> None:
        if self._view is None:
            return
        self.notice.hide()
        work = self._view.work
        registration = self._session.services.registration
        approve(
            self._session,
            self,
            lambda _task: registration.prepare(work.id),
            self._t("registering", title=work.title),
            self._registered,
            self._failed,
            self._started,
        )

    def _registered(self, _record: Registration) -> None:
        self._session.works_changed.emit()
        network = self._view.network.name if self._view else ""
        self.show_notice(self._t("registered_title"), self._t("registered_done", network=network))

    def _prove(self) -> None:
        if self._view is None:
            return
        self.notice.hide()
        work = self._view.work

        def ask() -> None:
            dialog = ProveDialog(self._session, work, self)
            dialog.made.connect(self._proved)
            dialog.open()

        with_wallet(self._session, self, ask, self._failed)

    def _proved(self, made: CertificateFile) -> None:
        self._session.works_changed.emit()
        self.show_notice(self._t("proved_title"), self._t("proved_text", path=made.path))

    def _share(self, certificate: Path) -> None:
        dialog = ShareDialog(self._session, certificate, self)
        dialog.saved.connect(lambda path: self.show_notice(self._t("shared_title"), str(path)))
        dialog.open()

    def _mint(self) -> None:
        if self._view is None:
            return
        self.notice.hide()
        work = self._view.work
        approve_form(
            self._session,
            self,
            lambda: MintDialog(self._session, [work], self),
            self._t("minting", title=work.title),
            self._minted,
            self._failed,
            self._started,
        )

    def _next_payment(self) -> None:
        view = self._view
        if view is None or view.token is None:
            return
        self.notice.hide()
        if not isinstance(view.payment, Amount):
            self._session.page_wanted.emit("selling")
            return
        services, token = self._session.services, view.token
        approve(
            self._session,
            self,
            lambda task: prepare_practice_payment(
                services.networks, services.wallet, services.royalties, token, task
            ),
            self._t("trying", title=view.work.title),
            self._tried,
            self._failed,
            self._started,
        )

    def _tried(self, receipt: PaymentReceipt) -> None:
        self._session.money_changed.emit()
        self.show_notice(
            self._t("tried_title"), self._t("tried_text", amount=amount_text(receipt.received))
        )

    def _minted(self, _token: Token) -> None:
        self._session.works_changed.emit()
        self._session.money_changed.emit()
        self.show_notice(self._t("minted_title"), self._t("minted_text"))

    def _started(self, handle: JobHandle) -> None:
        self.running.add(handle)

    def _failed(self, error: BaseException) -> None:
        self._session.works_changed.emit()
        self.show_error(error)

    def _rename(self) -> None:
        if self._view is None:
            return
        work = self._view.work
        dialog = TextDialog(
            self._t("rename_title"), self._t("rename_field"), work.title, self._t("rename_save"), self
        )
        library = self._session.services.library

        def save(title: str) -> None:
            self._session.jobs.run(
                self,
                lambda _task: library.rename(work.id, title),
                lambda _work: self._session.works_changed.emit(),
                self.show_error,
            )

        dialog.entered.connect(save)
        dialog.open()

    def _remove(self) -> None:
        if self._view is None:
            return
        work = self._view.work
        dialog = ConfirmDialog(
            self._t("remove_title", title=work.title),
            self._t("remove_text"),
            self._t("remove_action"),
            self,
        )
        library = self._session.services.library

        dialog.agreed.connect(
            lambda: self._session.jobs.run(
                self, lambda _task: library.remove(work.id), self._removed, self.show_error
            )
        )
        dialog.open()

    def _erase(self) -> None:
        if self._view is None:
            return
        work_id, privacy = self._view.work.id, self._session.services.privacy

        def ask(plan: Erasure) -> None:
            dialog = EraseDialog(plan, self)
            dialog.agreed.connect(
                lambda: self._session.jobs.run(
                    self, lambda _task: privacy.erase(work_id), self._removed, self.show_error
                )
            )
            dialog.open()

        self._session.jobs.run(self, lambda _task: privacy.look_at(work_id), ask, self.show_error)

    def _removed(self, _done: object) -> None:
        self._work_id = ""
        self._session.works_changed.emit()
        self.left.emit()

    def _toggle_facts(self) -> None:
        shown = not self._facts.isVisible()
        self._facts.setVisible(shown)
        self._show_facts.set_text(self._t("hide_details" if shown else "show_details"))
