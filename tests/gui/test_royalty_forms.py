"""Royalty forms by name, signed payments, paying everybody, and new licence terms, in the window."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from gui.test_royalties_window import creator, idle, press
from gui.test_tour import approve, line
from PySide6.QtWidgets import QFileDialog

from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import UnavailableError
from desktop_app.gui.dialogs.licences import OfferLicenceDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.money import PayDialog, TransferDialog
from desktop_app.gui.main_window import USUAL
from desktop_app.services.licences import LicenceKind, LicenceTerms

__all__ = ["creator"]

BEN = parse_address("0x12345678" + "00" * 12 + "9abcdef0")
LIKE_BEN = "0x12345678" + "11" * 12 + "9abcdef0"


def licences_fail_while_numbers_are_read(user: Any, page: Any) -> None:
    """The page does not begin to read anew while the numbers are still coming."""
    services, go_on = user.window.session.services, Event()
    overview = services.royalties.overview

    def fail(*_args: Any) -> Any:
        raise UnavailableError("chain.unreachable", host="a node", reason="timeout")

    def slow(*args: Any) -> Any:
        go_on.wait(30)
        return overview(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services.licences, "mine", fail)
        patch.setattr(services.royalties, "overview", slow)
        page.reload()
        user.wait(page.notice.isVisible, "the licences cannot be read")
        still_reading = page._reading
        go_on.set()
        user.wait(lambda: not page._reading, "the numbers")
    assert still_reading
    page.notice.hide()


def test_names_signed_payments_and_paying_everybody(
    creator: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = creator
    session = user.window.session
    services = session.services
    services.address_book.add(BEN, "Ben")
    old = next(work for work in services.library.page() if services.registration.current(work.id))

    # Collaborators are contacts; the description and the resale share are in the first step.
    session.work_opened.emit(old.id)
    user.settle()
    page = user.main.current
    user.wait(page.royalties.button.isVisible, "it is registered")
    user.click(page.royalties.button)
    mint = user.dialog(MintDialog)
    user.type(line(mint.symbol), "OLD")
    user.click(mint.fold.button)
    user.type(line(mint.resale), "7.5")
    user.type(line(mint.uri), "https://example.org/old.json")
    user.click(mint.next)
    mint.people.add_line("Nobody", "25")
    user.click(mint.next)
    user.click(mint.next)
    user.wait(mint.message.isVisible, "nobody is called so")
    user.settle()
    user.click(mint.back)
    mint.people.lines[0].address.setText("ben")
    user.settle()
    user.shot("mint-names", mint)
    user.click(mint.next)
    user.click(mint.next)
    approve(user, "review-mint-names")
    user.wait(lambda: page._view is not None and page._view.token is not None, "the token")
    user.settle()
    token = page._view.token
    assert [one.address for one in token.collaborators] == [BEN]
    dollar = token.currencies[1]

    # Shares go to a contact; an address that only looks like his is called out.
    royalties = user.go("royalties")
    card = royalties.cards[token.address]
    user.wait(card._transfer.isEnabled, "shares")
    licences_fail_while_numbers_are_read(user, royalties)
    user.click(card._transfer)
    transfer = user.dialog(TransferDialog)
    user.type(line(transfer.shares), "300")
    user.type(line(transfer.to), LIKE_BEN)
    user.wait(lambda: "Ben" in transfer.to._below.text(), "the look-alike is named")
    user.settle()
    user.shot("transfer-look-alike", transfer)
    user.type(line(transfer.to), "Ben")
    user.wait(lambda: BEN in transfer.to._below.text(), "his address")
    user.settle()
    user.shot("transfer-name", transfer)
    user.click(transfer.next)
    approve(user)
    idle(user, royalties)

    # A payment is signed, saved, and sent from the file; then one in a single transaction.
    file = tmp_path / "a.payment.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    user.click(card._pay)
    pay = user.dialog(PayDialog)
    user.wait(pay.sign_only.isVisible, "dollars can be signed for")
    user.type(line(pay.amount), "8")
    user.click(pay.sign_only)
    user.type(line(pay.days), "999")
    user.click(pay.next)
    assert pay.isVisible(), "nobody waits so long"
    user.type(line(pay.days), "3")
    user.settle()
    user.shot("pay-sign-only", pay)
    user.click(pay.next)
    approve(user, "review-sign-payment")
    user.wait(file.exists, "the signed file")
    user.settle()
    assert services.royalties.overview(token).money[1].received.units == 0
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(file), ""))
    user.click(royalties.signed)
    approve(user, "review-send-signed")
    user.wait(lambda: services.royalties.overview(token).money[1].received.units == 8_000_000, "sent")
    user.wait(lambda: '"sent_in": "0x' in file.read_text(), "the file is marked")
    idle(user, royalties)
    user.click(royalties.signed)
    user.wait(lambda: "already" in royalties.notice.text, "it counts once")
    user.click(card._pay)
    pay = user.dialog(PayDialog)
    user.type(line(pay.amount), "4")
    user.click(pay.next)
    approve(user, "review-pay-at-once")
    user.wait(lambda: services.royalties.overview(token).money[1].received.units == 12_000_000, "paid")
    user.settle()

    # Everybody is paid from the token's page; licence terms are replaced.
    terms = LicenceTerms(LicenceKind.DOWNLOAD, Amount(5_000_000, dollar), days=30, uri="ipfs://text")
    services.licences.prepare_offer(token, terms).execute()
    session.token_opened.emit(token)
    user.settle()
    token_page = user.main.current
    user.wait(lambda: token_page._view is not None and token_page._view.offers, "the token's page")
    user.settle()
    user.shot("royalty-pay-all")
    press(user, token_page, "Pay everybody (tUSD)")
    approve(user, "review-pay-holders")
    idle(user, token_page)
    user.shot("royalty-paid-all")
    assert not any(one.pending[1].units for one in services.royalties.overview(token).holders)
    press(user, token_page, "Replace:")
    offer = user.dialog(OfferLicenceDialog)
    user.settle()
    assert (offer.form.days.text(), offer.form.uri.text()) == ("30", "ipfs://text")
    user.type(line(offer.form.price), "6")
    user.shot("replace-licence", offer)
    user.click(offer.next)
    approve(user)
    idle(user, token_page)
    on_sale = services.licences.offers(token)
    assert [(one.version, one.price.units, one.uri) for one in on_sale] == [(2, 6_000_000, "ipfs://text")]

    user.window.theme.set_mode("dark")
    user.main.resize(*USUAL)
    user.settle()
    user.shot("royalty-replaced")
    user.go("royalties")
    user.click(card._pay)
    pay = user.dialog(PayDialog)
    user.wait(pay.sign_only.isVisible, "dollars can be signed for")
    user.click(pay.sign_only)
    user.settle()
    user.shot("pay-sign-only-dark", pay)
    assert not user.faults, "\n".join(user.faults)
