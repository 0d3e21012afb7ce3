"""Wallet: money and accounts, backup, what protects it, watched addresses and the address book."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from desktop_app.core.amounts import Amount
from desktop_app.core.progress import Task
from desktop_app.core.settings import AUTO_LOCK
from desktop_app.gui.dialogs.ask import ConfirmDialog, TextDialog
from desktop_app.gui.dialogs.backup_file import BackupCheckDialog, BackupFileDialog
from desktop_app.gui.dialogs.contact import ContactDialog
from desktop_app.gui.dialogs.ledger import LedgerDialog
from desktop_app.gui.dialogs.protection import ProtectionDialog
from desktop_app.gui.dialogs.receive import ReceiveDialog
from desktop_app.gui.dialogs.send import SendDialog
from desktop_app.gui.dialogs.wallet_backup import WalletBackupDialog
from desktop_app.gui.flows import approve_form, with_wallet
from desktop_app.gui.formatting import local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.account_row import AccountRow, Balances
from desktop_app.gui.widgets.address_book_card import AddressBookCard
from desktop_app.gui.widgets.backup_reminder import BackupReminder
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import Select
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import Chip, EmptyState
from desktop_app.gui.widgets.surfaces import SPACE, Card, Rule, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.address_book import Contact
from desktop_app.services.backup import BackupState, BackupStatus
from desktop_app.services.networks import NetworkService
from desktop_app.services.transactions import Transaction
from desktop_app.services.wallet import AnyAccount, DeviceAccount, WalletState, WalletStatus
from desktop_app.services.wording import words

MINUTES = (5, 15, 60, 0)


@dataclass(frozen=True)
class WalletView:
    status: WalletStatus
    backup: BackupStatus
    contacts: tuple[Contact, ...]


class WalletPage(Page):
    chapter = "security"

    def __init__(self, session: Session) -> None:
        self._t = texts("wallet_page")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._status = WalletStatus(WalletState.ABSENT)
        self._account_rows: dict[str, AccountRow] = {}
        self._followed: tuple[str, ...] = ()
        self._balances = Balances()
        self.receive = self.header.add_action(Button(self._t("receive"), icon="payouts"))
        self.receive.clicked.connect(lambda: self._receive(""))
        self.send = self.header.add_action(Button(self._t("send"), "primary", "send"))
        self.send.clicked.connect(lambda: self._send(""))
        self.reminder = BackupReminder()
        self.reminder.wanted.connect(self._make_backup)
        self.running = RunArea()
        self._empty = EmptyState("wallet", self._t("empty_title"), self._t("empty_text"), self._t("make"))
        self._empty.acted.connect(lambda: with_wallet(self._session, self, lambda: None))
        self.book = AddressBookCard(self._balances)
        self.book.add.clicked.connect(lambda: self._edit_contact(None))
        self.book.acted.connect(self._contact_action)
        self.book.list.filled.connect(self.fit)
        self.cards = [self._accounts(), self._backup(), self._protection(), self.book]
        self.body.addWidget(self.reminder)
        self.body.addWidget(self.running)
        self.body.addWidget(self._empty, 1)
        for card in self.cards:
            self.body.addWidget(card)
        self.body.addStretch(1)
        for signal in (session.wallet_changed, session.contacts_changed, session.works_changed):
            signal.connect(self.reload)
        for signal in (session.money_changed, session.transactions_changed):
            signal.connect(self._read_balances)
        session.network_changed.connect(self._forget_balances)
        session.payouts_arrived.connect(lambda _count: self._read_balances())

    # --- Building ----------------------------------------------------------------------------------------

    def _accounts(self) -> Card:
        card = Card(self._t("accounts"), self._t("accounts_text"))
        self.add = Button(self._t("add_account"), icon="plus")
        self.add.clicked.connect(self._add_account)
        self.add_ledger = Button(self._t("add_ledger"), "quiet")
        self.add_ledger.clicked.connect(
            lambda: with_wallet(self._session, self, lambda: LedgerDialog(self._session, self).open())
        )
        self._account_list = column(gap=SPACE.small)
        card.body.addLayout(self._account_list)
        self._dollar = label("", "caption", wrap=True)
        self._dollar.hide()
        card.body.addWidget(self._dollar)
        card.body.addLayout(Flow(self.add, self.add_ledger))
        return card

    def _backup(self) -> Card:
        card = Card(self._t("backup"), " ")
        self._backup_text = card.subtitle
        self._backup_chip = Chip("", "success")
        card.side.addWidget(self._backup_chip)
        self.make_backup = Button(self._t("make_backup"), "primary", "key")
        self.make_backup.clicked.connect(self._make_backup)
        self.check_backup = Button(self._t("check_backup"), icon="verify")
        self.check_backup.clicked.connect(self._check_backup)
        self.show_phrase = Button(self._t("show_phrase"), icon="eye")
        self.show_phrase.clicked.connect(self._show_phrase)
        card.body.addLayout(Flow(self.make_backup, self.check_backup, self.show_phrase))
        return card

    def _protection(self) -> Card:
        card = Card(self._t("protection"), " ")
        self._protection_text = card.subtitle
        self.lock = Button(self._t("lock"), icon="lock")
        self.lock.clicked.connect(self._lock)
        self.unlock = Button(self._t("unlock"), "primary", "unlock")
        self.unlock.clicked.connect(lambda: with_wallet(self._session, self, lambda: None))
        self.change = Button(self._t("change_passphrase"))
        self.change.clicked.connect(lambda: self._protect("passphrase"))
        self.change_keeper = Button("")
        self.change_keeper.clicked.connect(self._change_keeper)
        minutes = self._session.services.settings.number(AUTO_LOCK)
        choices = [*MINUTES] if minutes in MINUTES else [minutes, *MINUTES]
        self._idle = Select(
            [(self._t("minutes", count=each) if each else self._t("never"), each) for each in choices]
        )
        self._idle.setCurrentIndex(choices.index(minutes))
        self._idle.setAccessibleName(self._t("auto_lock"))
        self._idle.currentIndexChanged.connect(self._set_idle)
        self._idle.setFixedWidth(sizes().choice)
        card.side.addWidget(self.lock)
        card.side.addWidget(self.unlock)
        card.body.addLayout(Flow(self.change, self.change_keeper))
        card.body.addLayout(row(label(self._t("auto_lock"), "muted"), self._idle, None))
        return card

    # --- Showing -----------------------------------------------------------------------------------------

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read the wallet, the state of the backup and the address book again."""
        if not self.isVisible():
            return
        services = self._session.services

        def read(_task: Task) -> WalletView:
            status = services.wallet.status_to_show()
            return WalletView(status, services.backup.status(), services.address_book.contacts())

        self.load(self._session.jobs, read, self._show)

    def _show(self, view: WalletView) -> None:
        self._status = status = view.status
        absent = status.state is WalletState.ABSENT
        is_open = status.state is WalletState.UNLOCKED
        self._empty.setVisible(absent)
        for card in self.cards:
            card.setVisible(not absent or card is self.cards[-1])
        for button in (self.send, self.receive):
            button.setVisible(not absent)
        self.lock.setVisible(is_open)
        self.unlock.setVisible(not is_open)
        self.reminder.set_status(view.backup)
        self._show_accounts(status)
        self._show_backup(view.backup)
        protection = self._t(f"by_{status.protection}") if status.protection else ""
        self._protection_text.setText(self._t("open_text" if is_open else "locked_text", how=protection))
        by_passphrase = status.protection == "passphrase"
        self.change.setVisible(by_passphrase)
        self.change_keeper.set_text(self._t("to_keyring" if by_passphrase else "to_passphrase"))
        self.book.show_all(view.contacts)
        watched = (one.address for one in view.contacts if one.watched)
        self._followed = (*(one.address for one in status.accounts), *watched)
        self._read_balances()

    def _show_accounts(self, status: WalletStatus) -> None:
        clear(self._account_list)
        self._account_rows = {}
        for number, account in enumerate(status.accounts):
            if number:
                self._account_list.addWidget(Rule())
            active = account.address == status.active
            chips = [(self._t("active"), "accent")] if active else []
            actions = [("receive", self._t("receive")), ("rename", self._t("rename"))]
            if not active:
                actions.insert(0, ("use", self._t("use")))
            if isinstance(account, DeviceAccount):
                chips.append((self._t("ledger"), "neutral"))
                actions.append(("remove", self._t("remove")))
            line = AccountRow(account.name, account.address if status.verified else "", chips, actions)
            line.acted.connect(partial(self._account_action, account))
            self._account_list.addWidget(line)
            self._balances.tell(account.address, line)
            self._account_rows[account.address] = line

    def _show_backup(self, backup: BackupStatus) -> None:
        text = self._t("no_backup")
        if backup.last is not None:
            text = self._t("last", when=local_time(backup.last.created_at), path=backup.last.path)
        self._backup_text.setText(text)
        good = backup.state is BackupState.DONE
        self._backup_chip.set(self._t("backup_good" if good else "backup_due"), "success" if good else "warn")

    @property
    def rows(self) -> dict[str, AccountRow]:
        """The rows whose money is told, by address."""
        return self._account_rows | self.book.watched

    def _read_balances(self) -> None:
        if not self.isVisible() or not self._followed:
            return
        networks, addresses = self._session.services.networks, self._followed

        def read(_task: Task) -> dict[str, tuple[Amount, ...]]:
            network = networks.active.key
            return {address: networks.balances(address, network) for address in addresses}

        jobs = self._session.jobs
        self.load(jobs, read, self._show_balances, part="balances", failed=self._balances_unknown)

    def _balances_unknown(self, error: BaseException) -> None:
        self._balances.unknown()
        self._tell_balances()
        self.could_not_read(error, 0, part="balances")

    def _forget_balances(self) -> None:
        """Another network: other money."""
        self.disregard("balances")
        self._balances.forget()
        self._tell_balances()
        self._read_balances()

    def _tell_balances(self) -> None:
        for address, line in self.rows.items():
            self._balances.tell(address, line)

    def _show_balances(self, found: dict[str, tuple[Amount, ...]]) -> None:
        self._balances.known(found)
        self._tell_balances()
        for amounts in found.values():
            self._explain_dollar(amounts)

    def _explain_dollar(self, amounts: tuple[Amount, ...]) -> None:
        """What a practice dollar is, where it is first seen."""
        for currency in (one.currency for one in amounts if not one.currency.is_native):
            if NetworkService.by_chain_id(currency.chain_id).kind == "practice":
                self._dollar.setText(words("network.practice_dollar", symbol=currency.symbol))
                self._dollar.show()
                return
        self._dollar.hide()

    # --- Acting ------------------------------------------------------------------------------------------

    def _receive(self, address: str) -> None:
        with_wallet(
            self._session,
            self,
            lambda: ReceiveDialog(self._session, self, address).open(),
            self.show_error,
        )

    def _send(self, to: str) -> None:
        approve_form(
            self._session,
            self,
            lambda: SendDialog(self._session, self, to),
            self._t("sending"),
            self._sent,
            self.show_error,
            self.running.add,
        )

    def _sent(self, sent: Transaction) -> None:
        self.show_notice(self._t("sent_title"), sent.text)
        self._session.money_changed.emit()

    def _add_account(self) -> None:
        def ask() -> None:
            dialog = TextDialog(
                self._t("add_account"), self._t("account_name"), "", self._t("add"), self
            )
            wallet = self._session.services.wallet
            dialog.entered.connect(lambda name: self._change(lambda _task: wallet.add_account(name)))
            dialog.open()

        with_wallet(self._session, self, ask, self.show_error)

    def _account_action(self, account: AnyAccount, key: str) -> None:
        wallet, address = self._session.services.wallet, account.address

        def act() -> None:
            if key == "use":
                self._change(lambda _task: wallet.select_account(address))
            elif key == "remove":
                self._change(lambda _task: wallet.remove_device(address))
            else:
                dialog = TextDialog(
                    self._t("rename_title"), self._t("account_name"), account.name, self._t("save"), self
                )
                dialog.entered.connect(
                    lambda name: self._change(lambda _task: wallet.rename_account(address, name))
                )
                dialog.open()

        if key == "receive":
            self._receive(address)
        else:
            with_wallet(self._session, self, act, self.show_error)

    def _change(self, change: object) -> None:
        self._session.jobs.run(
            self,
            change,  # type: ignore[arg-type]
            lambda _nothing: self._session.wallet_changed.emit(),
            self.show_error,
        )

    def _contact_action(self, contact: Contact, key: str) -> None:
        if key == "send":
            self._send(contact.name)
        elif key == "edit":
            self._edit_contact(contact)
        else:
            ask = ConfirmDialog(
                self._t("remove_title", name=contact.name), self._t("remove_text"), self._t("remove"), self
            )
            ask.agreed.connect(lambda: self._remove_contact(contact))
            ask.open()

    def _edit_contact(self, contact: Contact | None) -> None:
        # The wallet's key vouches for the entry, so it has to be open where there is one.
        def edit() -> None:
            ContactDialog(self._session, self, contact).open()

        if self._status.state is WalletState.ABSENT:
            edit()
        else:
            with_wallet(self._session, self, edit, self.show_error)

    def _remove_contact(self, contact: Contact) -> None:
        book = self._session.services.address_book
        self._session.jobs.run(
            self,
            lambda _task: book.remove(contact.address),
            lambda _nothing: self._session.contacts_changed.emit(),
            self.show_error,
        )

    def _make_backup(self) -> None:
        with_wallet(
            self._session, self, lambda: BackupFileDialog(self._session, self).open(), self.show_error
        )

    def _check_backup(self) -> None:
        backup = self._session.services.backup

        def opened(status: BackupStatus) -> None:
            path = status.last.path if status.last is not None else None
            BackupCheckDialog(self._session, path, self).open()

        self._session.jobs.run(self, lambda _task: backup.status(), opened, self.show_error)

    def _show_phrase(self) -> None:
        protection = self._status.protection
        with_wallet(
            self._session,
            self,
            lambda: WalletBackupDialog(self._session, protection, self).open(),
            self.show_error,
        )

    def _protect(self, change: str) -> None:
        with_wallet(
            self._session, self, lambda: ProtectionDialog(self._session, change, self).open(), self.show_error
        )

    def _change_keeper(self) -> None:
        self._protect("to_keyring" if self._status.protection == "passphrase" else "to_passphrase")

    def _lock(self) -> None:
        wallet = self._session.services.wallet
        self._change(lambda _task: wallet.lock())

    def _set_idle(self, _index: int) -> None:
        minutes, settings = self._idle.value(), self._session.services.settings
        assert isinstance(minutes, int)
        self._session.jobs.run(self, lambda _task: settings.set(AUTO_LOCK, minutes), None, self.show_error)
