"""Selling in the window: a work is put on sale, ordered, delivered by itself, and what a seller hands out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gui.test_tour import approve, line
from PySide6.QtGui import QImage

from desktop_app.core.errors import UnavailableError
from desktop_app.gui.dialogs.buy import BuyDialog
from desktop_app.gui.dialogs.payment_link import PaymentLinkDialog
from desktop_app.gui.dialogs.sell import SaleSettingsDialog, SellDialog
from desktop_app.gui.main_window import MINIMUM, USUAL
from desktop_app.services.checkout import read_checkout
from desktop_app.services.purchases import Purchase
from desktop_app.services.sale_records import OrderState

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE = "paper lantern river stone"


@pytest.fixture
def seller(user: Any, tmp_path: Path) -> Any:
    """Somebody with a wallet, money, and a song with its royalty token."""
    services = user.window.session.services
    services.wallet.create("passphrase", PASSPHRASE)
    services.networks.faucet(services.wallet.status().active)
    path = tmp_path / "Night Train.txt"
    path.write_text("la " * 4_000)
    work = services.library.add(path, "Night Train").work
    services.registration.prepare(work.id).execute()
    services.royalties.prepare_mint(work.id, "Night Train", "NIGHT", 1_000).execute()
    user.window.session.works_changed.emit()
    user.settle()
    return user


def unanswered(_task: Any) -> Any:
    raise UnavailableError("chain.unreachable", host="a node", reason="timeout")


def order(user: Any, folder: Path, locked: Path) -> Purchase:
    """Buy from the checkout page of `folder` as a buyer with the locked file does."""
    user.click(user.main.current.bought)
    page = user.main.pages["buying"]
    user.wait(page.isVisible, "the page for buyers")
    user.settle()
    user.shot("buying-empty")
    user.drop(page.drop, folder.parent / "page.html")
    dialog = user.dialog(BuyDialog)
    user.settle()
    user.type(line(dialog.source), "")
    assert "example.org" in dialog.source.control.accessibleDescription(), "the page's own address is asked"
    user.type(line(dialog.source), str(locked))
    assert "example.org" not in dialog.source.control.accessibleDescription()
    user.type(line(dialog.folder), str(folder.parent))
    user.click(dialog.next)
    user.wait(dialog.message.isVisible, "a file of that name is there: nothing is overwritten, nothing paid")
    user.type(line(dialog.folder), str(folder))
    user.shot("buy", dialog)
    user.click(dialog.next)
    approve(user, "review-buy")
    (bought,) = user.wait(user.window.session.services.selling.purchases.purchases, "it is paid")
    return bought


def unlocked(user: Any, bought: Purchase, folder: Path) -> None:
    """The page for buyers waits for the key by itself, and opens the file with it."""
    page = user.main.pages["buying"]
    user.wait((folder / "Night Train.txt").exists, "the file")
    user.wait(lambda: page.running.count == 0 and page.cards, "all is told")
    user.settle()
    assert page.cards[0].purchase.id == bought.id
    user.shot("buying")

    # The network does not answer: what was bought is there all the same, until it does again.
    purchases, page._shown = user.window.session.services.selling.purchases, None
    page.notice.hide()  # what was done is not pushed aside by what cannot be read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(purchases, "current", unanswered)
        page.reload()
        user.wait(page.notice.isVisible, "it is told")
        user.settle()
        (card,) = page.cards
        assert card.purchase.content_path == folder / "Night Train.txt"
    page.reload()
    user.wait(page.notice.isHidden, "it answers again")


def test_a_work_is_sold_from_the_window_and_delivered_by_itself(seller: Any, tmp_path: Path) -> None:
    user, services = seller, seller.window.session.services
    page = user.go("selling")
    user.shot("selling-empty")
    user.click(page.sell)
    dialog = user.dialog(SellDialog)
    user.settle()
    user.click(dialog.next)
    assert dialog.isVisible(), "a price is missing"
    user.type(line(dialog.price), "5.00")
    dialog.mode.setCurrentIndex(1)
    user.settle()
    user.shot("sell", dialog)
    user.click(dialog.next)
    approve(user, "review-sell")
    user.wait(lambda: page.running.count == 0 and page.cards, "on sale")
    user.settle()
    (sale,) = services.selling.sales.sales()
    assert (sale.price.units, sale.mode.value, sale.automatic) == (5_000_000, "safe", True)

    # Where the locked file is, the page, and a link for tips.
    user.click(page.cards[0]._change)
    settings = user.dialog(SaleSettingsDialog)
    user.type(settings.addresses, "https://example.org/night.colophon-package")
    user.shot("sale-settings", settings)
    user.click(settings.save)
    user.wait(lambda: services.selling.sales.sales()[0].addresses, "saved")
    user.settle()
    sale = services.selling.sales.sales()[0]
    page.write_page(sale, tmp_path / "page.html")
    user.wait((tmp_path / "page.html").exists, "the page")
    user.settle()
    checkout = read_checkout(tmp_path / "page.html")
    assert checkout.addresses == sale.addresses
    user.click(page.cards[0]._link)
    link = user.dialog(PaymentLinkDialog)
    user.type(line(link.amount), "2.50")
    user.settle()
    user.shot("payment-link", link)
    assert link.made.uri.endswith(f"address={sale.token.address}&uint256=2500000")
    assert link.caution.text.startswith("Practice: no real money")
    user.click(link.close_button)
    user.no_dialog()

    # Somebody orders, in the window too; the app answers by itself.
    purchases = services.selling.purchases
    (tmp_path / "buyer").mkdir()
    bought = order(user, tmp_path / "buyer", sale.package_path)
    user.wait(lambda: services.selling.orders.orders(), "the order is seen")
    user.wait(lambda: services.selling.orders.orders()[0].state is OrderState.WINDOW, "the key is delivered")
    unlocked(user, bought, tmp_path / "buyer")
    page = user.go("selling")
    page.notice.hide()
    page.reload()
    user.settle()
    assert page.orders.isVisible()
    assert purchases.status(bought.id).can_open
    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        user.shot("selling" + ("" if size == USUAL else "-small"))
    assert all(not QImage(str(path)).isNull() for path in user.taken)
    assert not user.faults, "\n".join(user.faults)
