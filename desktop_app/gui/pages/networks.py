"""Networks: the practice network with its money, and the facts known about the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.dialogs.nodes import NodesDialog
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.restyling import style_now
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import AmountLabel, ElidedLabel, HashLabel, label
from desktop_app.services.networks import PRACTICE, Network, NetworkStatus
from desktop_app.services.wording import message

FIRST = 8
"""So many networks are shown before more are asked for, with the one that is in use."""


@dataclass(frozen=True)
class PracticeView:
    status: NetworkStatus
    address: str | None
    balances: tuple[Amount, ...]


class NetworkCard(Card):
    """A network that the app knows, with the facts that have a source."""

    def __init__(self, network: Network) -> None:
        t = texts("networks")
        super().__init__(margin=SPACE.inset)
        self.network = network
        self._active = False
        self.setAccessibleName(network.name)
        real = network.is_real
        self.chip = Chip(t("main" if real else "test"), "neutral")
        self.use = Button(t("use"))
        self.use.setAccessibleName(f"{t('use')}: {network.name}")
        if not network.usable:
            self.use.hide()
        self.body.addLayout(row(label(network.name, "section", wrap=True), None, self.chip))
        facts = Facts(name_width=sizes().name_short)
        facts.text(t("chain_id"), str(network.chain_id)).setToolTip(self._source("chain_id"))
        facts.text(t("coin"), network.native.symbol).setToolTip(self._source("coin"))
        if network.dollar is not None:
            facts.text(t("dollars"), network.dollar.symbol).setToolTip(self._source("dollar"))
        if network.proof_on_chain is not None:
            shown = facts.text(t("proof_check"), t("yes" if network.proof_on_chain else "no"))
            shown.setToolTip(self._source("proof_on_chain"))
        if not network.usable:
            facts.text(t("use_word"), t("only_compared"))
        if network.rpc_urls:
            facts.widget(t("rpc"), ElidedLabel(network.rpc_urls[0].split("//")[-1]))
        sources = "\n".join(f"{fact}: {source}" for fact, source in sorted(network.sources.items()))
        self._sources = label(sources.replace("_", " ").replace("/", "/\u200b"), "caption", wrap=True)
        self._sources.hide()
        more = Button(t("sources"), "quiet")
        more.setAccessibleName(f"{t('sources')}: {network.name}")
        more.setCheckable(True)
        more.toggled.connect(self._sources.setVisible)
        self.body.addWidget(facts)
        self.body.addStretch(1)
        self.nodes = Button(t("nodes"), "quiet")
        self.nodes.setAccessibleName(f"{t('nodes')}: {network.name}")
        self.body.addLayout(row(self.use, None))
        self.body.addLayout(row(self.nodes, more, None))
        self.body.addWidget(self._sources)

    def set_active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            kind = "active" if active else "main" if self.network.is_real else "test"
            self.chip.set(texts("networks")(kind), "accent" if active else "neutral")
            self.use.setEnabled(not active)

    def _source(self, fact: str) -> str:
        found = self.network.sources.get(fact)
        return texts("networks")("source", source=found) if found else ""


class NetworksPage(Page):
    chapter = "networks"

    def __init__(self, session: Session) -> None:
        self._t = texts("networks")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._cards: dict[str, NetworkCard] = {}
        self._practice_at = 0
        self.compare = self.header.add_action(Button(self._t("compare"), icon="networks"))
        self.compare.clicked.connect(lambda: session.page_wanted.emit("compare"))
        self.running = RunArea()
        self._build_practice()
        self._known, self._further_lines = column(gap=SPACE.medium), column(gap=SPACE.medium)
        self._further = QWidget()
        self._further.setLayout(self._further_lines)
        self._further.hide()
        self.more = Button(texts("common")("show_more"))
        self.more.clicked.connect(self._show_all)
        self.more.hide()
        self.body.addWidget(self.running)
        self.body.addWidget(self._practice)
        self.body.addSpacing(SPACE.tight)
        heading = label(self._t("known"), "heading")
        self.body.addLayout(column(heading, label(self._t("known_text"), "muted", wrap=True), gap=SPACE.line))
        self.body.addLayout(self._known)
        self.body.addWidget(self._further)
        self.body.addLayout(row(None, self.more, None))
        self.body.addStretch(1)
        session.wallet_changed.connect(self._wallet_changed)
        session.money_changed.connect(self._read_practice)
        session.payouts_changed.connect(self._read_practice)
        session.network_changed.connect(self._read_active)

    def _build_practice(self) -> None:
        self._practice = Card(self._t("practice"), self._t("practice_text"))
        self._active = Chip(self._t("active"), "practice")
        self._use_practice = Button(self._t("use"))
        self._use_practice.clicked.connect(lambda: self._select(PRACTICE))
        self._use_practice.hide()
        self._practice.side.addWidget(self._active)
        self._practice.side.addWidget(self._use_practice)
        self._facts = Facts()
        self._block = self._facts.text(self._t("state"), self._t("starting"))
        self._address = HashLabel("", self._t("account"))
        self._no_account = label(self._t("no_account"), "muted", wrap=True)
        holder = QWidget()
        holder.setLayout(column(self._address, self._no_account, gap=0))
        for part in (self._address, self._no_account):
            part.hide()
        self._facts.widget(self._t("account"), holder)
        self._coin = AmountLabel()
        self._dollar = AmountLabel()
        self._facts.widget(self._t("coin"), self._coin)
        self._facts.widget(self._t("dollar"), self._dollar)
        self.get_money = Button(self._t("get_money"), "primary", "payouts")
        self.get_money.clicked.connect(self._faucet)
        self.reset = Button(self._t("reset"), icon="refresh")
        self.reset.clicked.connect(self._ask_reset)
        self._practice.body.addWidget(self._facts)
        self._practice.body.addLayout(row(self.get_money, self.reset, None))

    def shown(self) -> None:
        networks = self._session.services.networks

        def read(_task: object) -> tuple[tuple[Network, ...], Network]:
            return networks.networks(), networks.active

        self.load(self._session.jobs, read, self._show_known)

    def _show_known(self, found: tuple[tuple[Network, ...], Network]) -> None:
        known, active = found
        if not self._cards:
            in_turns(self, self._make_cards(known), one_each=True)
        self._show_active(active)
        self._read_practice()

    def _make_cards(self, networks: tuple[Network, ...]) -> Iterator[None]:
        """Two in a line, and each line put into the page as a whole."""
        known = [each for each in networks if each.key != PRACTICE]
        for start in range(0, len(known), 2):
            line = row(gap=SPACE.medium)
            for network in known[start : start + 2]:
                self._cards[network.key] = self._make_card(network)
                line.addWidget(self._cards[network.key], 1)
            if line.count() == 1:
                line.addStretch(1)
            holder = QWidget()
            holder.setLayout(line)
            place = self._known if start < FIRST else self._further_lines
            place.addWidget(holder)
            style_now(holder)
            yield
        self.more.setVisible(len(known) > FIRST and self._further.isHidden())
        self._read_active()
        self.fit()

    def _make_card(self, network: Network) -> NetworkCard:
        card = NetworkCard(network)
        card.use.clicked.connect(lambda: self._select(network.key))
        card.nodes.clicked.connect(lambda: NodesDialog(self._session, network, self).open())
        return card

    def _read_active(self) -> None:
        networks = self._session.services.networks
        self._session.jobs.run(self, lambda _task: networks.active, self._show_active, self.could_not_read)

    def _show_active(self, active: Network) -> None:
        practice = active.key == PRACTICE
        self._active.setVisible(practice)
        self._use_practice.setVisible(not practice)
        for key, card in self._cards.items():
            card.set_active(key == active.key)
            if key == active.key and self._further.isAncestorOf(card):
                self._show_all()

    def _show_all(self) -> None:
        """Also the networks that fewer people know."""
        pressed = self.more.hasFocus()
        self._further.show()
        self.more.hide()
        if pressed:
            self._further.findChildren(Button)[0].setFocus()
        self.fit()

    def _select(self, key: str) -> None:
        networks = self._session.services.networks
        self._session.jobs.run(
            self,
            lambda _task: networks.select(key),
            lambda _network: self._session.network_changed.emit(),
            self.show_error,
        )

    def _read_practice(self) -> None:
        if not self.isVisible():
            return
        services = self._session.services

        def read(_task: object) -> PracticeView:
            status = services.networks.status(PRACTICE)
            wallet = services.wallet.status_to_show()
            # Until the wallet is open its file may name somebody else's address.
            address = wallet.active if wallet.verified else None
            balances = services.networks.balances(address, PRACTICE) if address and status.reachable else ()
            return PracticeView(status, address, balances)

        jobs = self._session.jobs
        self.load(jobs, read, self._show_practice, part="practice", failed=self._practice_unknown)

    def _practice_unknown(self, error: BaseException) -> None:
        self._block.setText(message(error).reason)
        self.could_not_read(error, self._practice_at, part="practice")

    def _wallet_changed(self) -> None:
        """Locked, say: what is still being read is not shown any more."""
        self.disregard("practice")
        self._read_practice()

    def _show_practice(self, view: PracticeView) -> None:
        self._practice_at = SystemClock().now()
        self.fit()
        status = view.status
        if status.problem is not None:
            self._block.setText(status.problem.reason)
        else:
            self._block.setText(self._t("ready", number=status.block_number))
        self._address.setVisible(bool(view.address))
        self._no_account.setVisible(not view.address)
        if view.address:
            self._address.set_value(view.address)
        for shown, amount in zip((self._coin, self._dollar), view.balances, strict=False):
            shown.set_amount(amount)
        if not view.balances:
            self._coin.clear_amount()
            self._dollar.clear_amount()

    def _faucet(self) -> None:
        self.notice.hide()
        with_wallet(self._session, self, self._give, self.show_error)

    def _give(self) -> None:
        services = self._session.services

        def give(task: object) -> tuple[Amount, ...]:
            address = services.wallet.status().active
            return services.networks.faucet(address or "")

        self.running.add(
            self._session.jobs.run(self, give, self._given, self.show_error, title=self._t("getting_money"))
        )

    def _given(self, _balances: tuple[Amount, ...]) -> None:
        self.show_notice(self._t("got_title"), self._t("got_text"))
        self._session.money_changed.emit()

    def _ask_reset(self) -> None:
        dialog = ConfirmDialog(self._t("reset_title"), self._t("reset_text"), self._t("reset_action"), self)
        dialog.agreed.connect(self._reset)
        dialog.open()

    def _reset(self) -> None:
        networks = self._session.services.networks
        self.running.add(
            self._session.jobs.run(
                self,
                lambda _task: networks.reset_practice(),
                self._was_reset,
                self.show_error,
                title=self._t("resetting"),
            )
        )

    def _was_reset(self, _nothing: object) -> None:
        self.show_notice(self._t("reset_done"))
        self._session.network_changed.emit()
        self._session.works_changed.emit()
        self._session.money_changed.emit()
