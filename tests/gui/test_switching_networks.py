"""From the practice network to a real node that poses as Base and back, in one window, mixing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.anvil import Anvil, running_anvil
from integration.oracles_on_anvil import op_stack
from integration.test_journey_on_a_real_node import (
    DATA_FEE_OF_1_GWEI,
    GAS_PRICE_ORACLE,
    RICH,
    give_dollars,
)

from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.money import PayDialog
from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.models.comparison import COLUMNS
from desktop_app.gui.models.works import ITEM

pytestmark = [pytest.mark.anvil, pytest.mark.usefixtures("cheap_passphrases")]
BASE = 8453
OPERATOR = 10**15
"""What this oracle takes for each transaction whatever it is, in wei: far more than running it costs here."""
PASSPHRASE = "paper lantern river stone"


@pytest.fixture
def base() -> Iterator[Anvil]:
    with running_anvil("--network", "optimism", chain_id=BASE, hardfork="jovian") as node:
        yield node


@pytest.fixture
def prepared(user: Any, base: Anvil) -> Any:
    """A wallet with practice money, and with money on "Base", where our contracts are, too."""
    services = user.window.session.services
    services.wallet.create("passphrase", PASSPHRASE)
    services.wallet.confirm_backup(services.wallet.reveal_phrase(PASSPHRASE))
    me = services.wallet.status().active
    services.networks.faucet(me)
    services.networks.set_endpoints("base", (base.url,))
    chain = services.networks.chain("base")
    chain.rpc.call("anvil_setCode", [GAS_PRICE_ORACLE, DATA_FEE_OF_1_GWEI])
    chain.rpc.call("anvil_setBalance", [me, RICH])
    services.networks.select("base")
    give_dollars(services, me)
    services.networks.prepare_deploy().execute()
    services.networks.select("practice")
    # From here on the oracle computes by the published formula, with Ethereum's prices of its own.
    op_stack(chain, base.accounts[0], operator_constant=OPERATOR)
    return user


def review(user: Any) -> Any:
    dialog = user.dialog(ReviewDialog)
    shown = dialog.review
    said = [note.text for note in dialog.warnings]
    # Base takes a fee for the data apart from the rest, and the review says so.
    assert any("data" in text for text in said) is not shown.is_practice, said
    if not shown.is_practice and shown.action == "review.pay":
        user.shot("review-data-fee", dialog)
    user.click(dialog.agree)
    return shown


def register(user: Any, page: Any) -> Any:
    user.click(page.register.button)
    shown = review(user)
    user.wait(lambda: page._view is not None and page._view.registration is not None, "registered")
    user.settle()
    return shown


def mint(user: Any, page: Any) -> Any:
    user.click(page.royalties.button)
    dialog = user.dialog(MintDialog)
    for _step in range(dialog.pages.count()):
        user.click(dialog.next)
    shown = review(user)
    user.wait(lambda: page._view.token is not None, "the royalty token")
    user.settle()
    return shown


def pay(user: Any, amount: str) -> Any:
    royalties = user.go("royalties")
    user.wait(lambda: len(royalties.cards) == 1, "the token's card")
    user.click(next(iter(royalties.cards.values()))._pay)
    dialog = user.dialog(PayDialog)
    user.type(dialog.amount.control, amount)
    dialog.currency.setCurrentIndex(0)
    user.click(dialog.next)
    shown = review(user)
    user.wait(lambda: royalties.running.count == 0 and royalties.notice.isVisible(), "paid")
    royalties.notice.hide()
    user.settle()
    return shown


def prove(user: Any, page: Any) -> None:
    user.click(page.proof.button)
    dialog = user.dialog(ProveDialog)
    user.type(dialog.audience.control, "Harbour Records")
    user.click(dialog.make)
    user.wait(lambda: page._view.certificates, "a certificate")
    user.settle()


def switch(user: Any, key: str) -> None:
    networks = user.go("networks")
    user.wait(lambda: "base" in networks._cards, "the networks")
    user.click(networks._use_practice if key == "practice" else networks._cards[key].use)
    user.settle()


def seen(user: Any) -> dict[str, Any]:
    """All that the window shows of one network."""
    library = user.go("library")
    states = {row.work.title: row.state for row in _rows(library)}
    user.window.session.work_opened.emit(_rows(library)[0].work.id)
    user.settle()
    page = user.main.current
    royalties = user.go("royalties")
    user.settle()
    payouts = user.go("payouts")
    user.settle()
    lines = [payouts.model.row_at(n).line for n in range(payouts.model.rowCount())]
    return {
        "band": user.main.band.accessibleName(),
        "states": states,
        "done": page._view.done,
        "registry": page._view.registration.chain_id if page._view.registration else None,
        "received": [str(amount) for amount in page._view.received],
        "tokens": {card.token.name: card.token.chain_id for card in royalties.cards.values()},
        "payments": [str(line.amount) for line in lines if line.payout.kind == "payment"],
        "chains": {line.payout.chain_id for line in lines},
    }


def _rows(library: Any) -> list[Any]:
    return [library.model.index(n, 0).data(ITEM) for n in range(library.model.rowCount())]


def test_switching_to_base_and_back_needs_no_restart_and_mixes_nothing(prepared: Any, tmp_path: Path) -> None:
    user = prepared
    services = user.window.session.services
    practice = services.networks.active.chain_id
    song = tmp_path / "song.wav"
    song.write_bytes(b"la" * 50_000)
    library = user.go("library")
    user.drop(library, song)
    user.wait(lambda: library.model.rowCount() == 1, "the work")
    user.settle()
    library.list.activated.emit(library.model.index(0, 0))
    user.settle()
    page = user.main.current

    # On the practice network: registered, proved, a token, one payment.
    assert register(user, page).is_practice
    prove(user, page)
    mint(user, page)
    pay(user, "25")
    user.go("payouts")
    user.wait(lambda: user.main.current.model.rowCount() >= 1, "the practice payout")
    user.settle()
    at_practice = seen(user)
    assert at_practice["done"] == (True, True, True, True)
    assert at_practice["chains"] == {practice}

    # Base: nothing of that is there, but the work itself.
    switch(user, "base")
    fresh = seen(user)
    assert "Base" in fresh["band"]
    assert "Practice" not in fresh["band"]
    assert fresh["done"] == (True, False, False, False)
    assert fresh["tokens"] == {}
    assert fresh["payments"] == []
    assert set(fresh["states"]) == set(at_practice["states"])
    assert fresh["states"] != at_practice["states"]

    # Register, mint and be paid there, each reviewed as real money, with the fee for the data in it.
    user.window.session.work_opened.emit(_rows(library)[0].work.id)
    user.settle()
    for shown in (register(user, page), mint(user, page), pay(user, "40")):
        assert not shown.is_practice
        assert shown.network_name == "Base"
        assert shown.fee_worst_case.currency.chain_id == BASE
        assert shown.fee_worst_case.units > OPERATOR * shown.transactions
    sent = services.transactions.page(0, 100, "base")
    assert {one.chain_id for one in sent} == {BASE}
    assert {one.chain_id for one in services.transactions.page(0, 100, "practice")} == {practice}
    user.go("payouts")
    user.wait(lambda: user.main.current.model.rowCount() >= 1, "the payout on Base")
    user.settle()
    at_base = seen(user)
    assert at_base["payments"] == ["40 USDC"]
    assert at_base["received"] == ["40 USDC"]
    assert at_base["chains"] == {BASE}
    assert at_base["registry"] == BASE
    assert at_base["done"] == (True, True, False, True)
    assert set(at_base["tokens"].values()) == {BASE}

    # And back: as it was.
    switch(user, "practice")
    assert seen(user) == at_practice
    switch(user, "base")
    assert seen(user) == at_base
    switch(user, "practice")
    assert not user.faults, "\n".join(user.faults)


def test_only_the_network_that_is_agreed_to_is_asked_for_prices(prepared: Any, base: Anvil) -> None:
    user = prepared
    user.go("networks")
    user.click(user.main.current.compare)
    user.settle()
    page = user.main.current
    names = [page.model.index(n, 0).data() for n in range(page.model.rowCount())]
    page.table.selectRow(names.index("Base"))
    user.settle()
    user.click(page.details._ask)
    question = user.dialog(ConfirmDialog)
    assert base.url.split("//")[1] in question.subtitle.text() or "127.0.0.1" in question.subtitle.text()
    user.click(question.agree)
    user.wait(lambda: "1 of 1" in page.notice.text, "the prices")
    user.settle()
    place = COLUMNS.index("prices_of")
    dates = {page.model.index(n, 0).data(): page.model.index(n, place).data() for n in range(len(names))}
    assert dates["OP Mainnet"] == "2026-05-13"
    assert dates["Base"] not in ("2026-08-28", "–")
    assert page.details._fees.index(0, 3).data() != "0", "the operator's part"
