"""Every dialog of the window in the states that a user meets, over the home of `gui.world`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from gui.world import BEN, CLEO, FILM
from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import UnavailableError
from desktop_app.gui import dialogs
from desktop_app.gui.commands import Command
from desktop_app.gui.dialogs.answer import AnswerDialog
from desktop_app.gui.dialogs.ask import ConfirmDialog, TextDialog
from desktop_app.gui.dialogs.backup_file import BackupCheckDialog, BackupFileDialog
from desktop_app.gui.dialogs.backup_first import BackupFirstDialog
from desktop_app.gui.dialogs.buy import BuyDialog
from desktop_app.gui.dialogs.choose_works import ChooseWorksDialog
from desktop_app.gui.dialogs.command_palette import CommandPalette
from desktop_app.gui.dialogs.confirm_witness import ConfirmWitnessDialog
from desktop_app.gui.dialogs.contact import ContactDialog
from desktop_app.gui.dialogs.data_set import DataSetDialog
from desktop_app.gui.dialogs.describe import DescribeDialog
from desktop_app.gui.dialogs.erase import EraseDialog
from desktop_app.gui.dialogs.error import ErrorDialog
from desktop_app.gui.dialogs.export_payouts import ExportPayoutsDialog
from desktop_app.gui.dialogs.jobs import JobsDialog
from desktop_app.gui.dialogs.ledger import LedgerDialog
from desktop_app.gui.dialogs.licences import BuyLicenceDialog, OfferLicenceDialog, PlaysDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.mint_model import MintModelDialog
from desktop_app.gui.dialogs.money import ClaimDialog, PayDialog, TransferDialog
from desktop_app.gui.dialogs.nodes import NodesDialog
from desktop_app.gui.dialogs.payment_link import PaymentLinkDialog
from desktop_app.gui.dialogs.protection import ProtectionDialog
from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.prove_training import ProveTrainingDialog
from desktop_app.gui.dialogs.receipt import ReceiptDialog
from desktop_app.gui.dialogs.receive import ReceiveDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.sell import SaleSettingsDialog, SellDialog
from desktop_app.gui.dialogs.send import SendDialog
from desktop_app.gui.dialogs.share import ShareDialog
from desktop_app.gui.dialogs.sign_copy import SignDialog
from desktop_app.gui.dialogs.sign_training import SignTrainingDialog
from desktop_app.gui.dialogs.wallet_backup import WalletBackupDialog
from desktop_app.gui.dialogs.wallet_create import WalletCreateDialog
from desktop_app.gui.dialogs.wallet_unlock import WalletUnlockDialog
from desktop_app.gui.dialogs.witness import WitnessDialog
from desktop_app.gui.main_window import MainWindow
from desktop_app.gui.session import Session
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.app import Services
from desktop_app.services.checkout import Checkout, read_checkout
from desktop_app.services.library import Work
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.royalties import Token
from desktop_app.services.training_consents import Terms

PHRASE = "abandon ability able about above absent absorb abstract absurd abuse access accident"
REPORT = "Traceback (most recent call last):\n  File … in _show\nValueError: [redacted]"
ABSTRACT = {"PrepareDialog"}
OWN_TESTS = {"RestoringDialog"}
"""Shown while no services are open; tests/gui/test_wallet_page.py."""


class Holdings:
    """What dialogs are opened with, read once from the services."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services, self.folder = services, folder

    def work(self, title: str) -> Work:
        return next(one for one in self.services.library.page() if one.title == title)

    @cached_property
    def song(self) -> Work:
        return self.work("Night Train")

    @cached_property
    def film(self) -> Work:
        return self.work(FILM)

    @cached_property
    def token(self) -> Token:
        return next(one for one in self.services.royalties.tokens() if one.symbol == "NIGHT")

    @cached_property
    def table(self) -> Path:
        return next(self.folder.parent.rglob("reed-warblers.csv"))

    @cached_property
    def checkout(self) -> Checkout:
        return read_checkout(next(self.folder.parent.rglob("night-train.html")))

    @cached_property
    def sent(self) -> str:
        return next(one.tx_hash for one in self.services.transactions.page() if one.has_receipt)

    @cached_property
    def run(self) -> Any:
        return self.services.training.overview().runs[0]

    @cached_property
    def terms(self) -> Terms:
        consents = self.services.training.consents
        found = consents.read_request(consents.request(self.run.run.id, self.folder))
        assert isinstance(found, Terms)
        return found

    @cached_property
    def grave(self) -> Any:
        """A review with warnings: money to an address that only looks like a known one."""
        services, dollar = self.services, self.services.networks.active.dollar
        assert dollar is not None
        alike = BEN[:8] + "0" * 28 + BEN[-6:]
        sent = services.transactions.prepare_send(alike, Amount(25_000_000, dollar))
        return services.reviews.examine(sent)

    @cached_property
    def light(self) -> Any:
        amount = Amount(12_500_000, self.token.currencies[1])
        paid = self.services.royalties.prepare_pay(self.token, amount, "one listen")
        return self.services.reviews.examine(paid)


Then = Callable[[Any], object]


def every_dialog(
    main: MainWindow, session: Session, has: Holdings
) -> Iterator[tuple[str, Dialog, Then | None]]:
    """Each one made anew, not shown yet, with what brings it into its state once it is."""
    for name, make in _made(main, session, has).items():
        yield name, make(), _THEN.get(name)


def _to_people(dialog: MintDialog) -> None:
    dialog.people.add_line("Ben Adeyemi", "25 %")
    dialog.people.add_line(CLEO, "12.5 %")
    dialog._go(1)


def _to_licences(dialog: MintDialog) -> None:
    dialog.new_licence()
    dialog._go(2)


def _to_phrase(dialog: WalletCreateDialog) -> None:
    dialog.words_now.setChecked(True)
    dialog._created(PHRASE)


def _busy(dialog: Dialog) -> None:
    dialog.set_busy(True, "Preparing")
    dialog.progress.update_progress(3, 8, "Looking at the network")


def _failed(dialog: Dialog) -> None:
    dialog.show_error(UnavailableError("chain.timeout", host="rpc.example.org"))


_THEN: dict[str, Then] = {
    "mint-people": _to_people,
    "mint-licences": _to_licences,
    "claim-busy": _busy,
    "pay-failed": _failed,
    "prove-excerpt": lambda dialog: dialog.kind.setCurrentIndex(dialog.kind.findData("excerpt")),
    "prove-member": lambda dialog: dialog.kind.setCurrentIndex(dialog.kind.findData("membership")),
    "export-ledger": lambda dialog: dialog.ledger.click(),
    "wallet-phrase": _to_phrase,
    "wallet-restore": lambda dialog: dialog.restore.click(),
    "wallet-everything": lambda dialog: dialog.everything.click(),
}


def kinds() -> set[str]:
    """The names of every class of dialog that there is."""
    for module in pkgutil.iter_modules(dialogs.__path__):
        importlib.import_module(f"{dialogs.__name__}.{module.name}")

    def below(kind: type) -> set[str]:
        found = {one for one in kind.__subclasses__() if one.__module__.startswith("desktop_app")}
        return {one.__name__ for one in found}.union(*(below(one) for one in found))

    return below(Dialog) - ABSTRACT - OWN_TESTS


def _made(main: MainWindow, session: Session, has: Holdings) -> dict[str, Callable[[], Dialog]]:
    parent: QWidget = main.current
    services = session.services
    def palette() -> Dialog:
        listed = [Command("Payouts", print, shortcut="Ctrl+5"), Command("Make a backup", print, "Wallet")]
        return CommandPalette(main, listed * 8)

    def known() -> Any:
        return next(one for one in services.address_book.contacts() if one.name.startswith("Cleo"))

    def preview() -> Any:
        return services.training.preview(has.table)

    network = services.networks.active
    works = services.library.page()
    (offer,) = services.licences.offers(has.token)
    (licence,) = services.licences.sold(has.token)
    (sale,) = services.selling.sales.sales()
    certificate = services.ownership.certificates(has.song.id)[0]
    (model,) = services.training.hidden.all()
    record = services.registration.current(has.song.id)
    said = services.details.metadata(has.song.id)
    owed = (Amount(4_250_000, has.token.currencies[1]), Amount(10**15, has.token.currencies[0]))
    return {
        "answer": lambda: AnswerDialog(session, model, has.table, 640, parent),
        "backup-check": lambda: BackupCheckDialog(session, None, parent),
        "backup-file": lambda: BackupFileDialog(session, parent),
        "backup-first": lambda: BackupFirstDialog(session, "Base", parent),
        "buy": lambda: BuyDialog(session, has.checkout, parent),
        "choose-works": lambda: ChooseWorksDialog(
            "Register several", "One transaction, one network fee.", "Go on", works, parent
        ),
        "choose-none": lambda: ChooseWorksDialog("Register several", "", "Go on", [], parent),
        "claim": lambda: ClaimDialog(session, has.token, owed, parent),
        "claim-busy": lambda: ClaimDialog(session, has.token, owed, parent),
        "claim-nothing": lambda: ClaimDialog(session, has.token, (), parent),
        "confirm": lambda: ConfirmDialog(
            "Take it out of the library?", "Its record stays on the network.", "Take it out", parent
        ),
        "contact": lambda: ContactDialog(session, parent, known()),
        "contact-new": lambda: ContactDialog(session, parent),
        "data-set": lambda: DataSetDialog(
            session, has.table, preview(), services.training.data_sets.all(), parent
        ),
        "describe": lambda: DescribeDialog(session, has.song, said, parent),
        "erase": lambda: EraseDialog(services.privacy.look_at(has.song.id), parent),
        "error": lambda: ErrorDialog(ValueError("unforeseen"), REPORT, parent),
        "export-ledger": lambda: ExportPayoutsDialog(session, PayoutFilter(), parent),
        "export-payouts": lambda: ExportPayoutsDialog(session, PayoutFilter(), parent),
        "jobs": lambda: JobsDialog(parent, main.job_list),
        "ledger": lambda: LedgerDialog(session, parent),
        "licence-buy": lambda: BuyLicenceDialog(session, has.token, offer, parent),
        "licence-offer": lambda: OfferLicenceDialog(session, has.token, parent),
        "licence-replace": lambda: OfferLicenceDialog(session, has.token, parent, offer),
        "mint": lambda: MintDialog(session, [has.work("The Lighthouse Keeper")], parent),
        "mint-people": lambda: MintDialog(session, [has.work("The Lighthouse Keeper")], parent),
        "mint-licences": lambda: MintDialog(session, [has.work("The Lighthouse Keeper")], parent),
        "mint-model": lambda: MintModelDialog(
            session, has.run.run.id, services.training.models.parents(has.run.run.id), parent
        ),
        "nodes": lambda: NodesDialog(session, network, parent),
        "palette": palette,
        "pay": lambda: PayDialog(session, has.token, parent),
        "pay-failed": lambda: PayDialog(session, has.token, parent),
        "payment-link": lambda: PaymentLinkDialog(session, has.token, parent),
        "plays": lambda: PlaysDialog(session, licence, parent),
        "protection": lambda: ProtectionDialog(session, "passphrase", parent),
        "prove": lambda: ProveDialog(session, has.song, parent),
        "prove-excerpt": lambda: ProveDialog(session, has.song, parent),
        "prove-member": lambda: ProveDialog(session, has.song, parent),
        "prove-training": lambda: ProveTrainingDialog(has.run, (), parent),
        "receive": lambda: ReceiveDialog(session, parent),
        "receipt": lambda: ReceiptDialog(session, has.sent, parent),
        "review": lambda: ReviewDialog(has.light, parent),
        "review-grave": lambda: ReviewDialog(has.grave, parent),
        "sale-settings": lambda: SaleSettingsDialog(session, sale, parent),
        "sell": lambda: SellDialog(session, [has.token], True, parent),
        "send": lambda: SendDialog(session, parent, CLEO),
        "share": lambda: ShareDialog(session, certificate.path, parent),
        "sign-copy": lambda: SignDialog(
            session, has.song, record, services.credentials.proposal(has.song.id), parent
        ),
        "sign-training": lambda: SignTrainingDialog(has.terms, parent),
        "text": lambda: TextDialog("Rename", "Title", "Night Train", "Save", parent),
        "transfer": lambda: TransferDialog(session, has.token, 850, parent),
        "wallet-backup": lambda: WalletBackupDialog(session, "passphrase", parent),
        "wallet-create": lambda: WalletCreateDialog(session, parent),
        "wallet-everything": lambda: WalletCreateDialog(session, parent),
        "wallet-phrase": lambda: WalletCreateDialog(session, parent),
        "wallet-restore": lambda: WalletCreateDialog(session, parent),
        "wallet-unlock": lambda: WalletUnlockDialog(session, "passphrase", parent),
        "witness": lambda: WitnessDialog(session, has.song, parent),
        "witness-confirm": lambda: ConfirmWitnessDialog(session, "none", parent),
    }


