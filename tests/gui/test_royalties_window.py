"""The royalty economy in the window: an album on an older song, licences, plays, statements and audits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gui.test_tour import approve, line
from PySide6.QtWidgets import QFileDialog

from desktop_app.chain.contracts import send_call
from desktop_app.core.amounts import Amount
from desktop_app.gui.dialogs.choose_works import ChooseWorksDialog
from desktop_app.gui.dialogs.licences import BuyLicenceDialog, OfferLicenceDialog, PlaysDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.money import ClaimDialog
from desktop_app.gui.main_window import MINIMUM, USUAL
from desktop_app.services.library import WorkStep

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE = "paper lantern river stone"
BEN = "0x00000000000000000000000000000000000BeEf1"
TITLES = ("Old Song", "Morning", "Evening")


@pytest.fixture
def creator(user: Any, tmp_path: Path) -> Any:
    """Somebody with a wallet, money, and three songs, of which the oldest is registered."""
    services = user.window.session.services
    services.wallet.create("passphrase", PASSPHRASE)
    services.networks.faucet(services.wallet.status().active)
    works = []
    for number, title in enumerate(TITLES):
        path = tmp_path / f"{title}.txt"
        path.write_text(title * 500)
        works.append(services.library.add(path, title).work)
        if not number:
            services.registration.prepare(works[0].id).execute()
    user.window.session.works_changed.emit()
    user.settle()
    return user


def press(user: Any, page: Any, text: str) -> None:
    """Press the button whose spoken name begins so."""
    from PySide6.QtWidgets import QAbstractButton

    def found() -> Any:
        # What a refresh has just put there is visible from the next turn of the event loop on.
        for one in page.findChildren(QAbstractButton):
            if one.isVisibleTo(page) and one.accessibleName().startswith(text):
                return one
        return None

    user.click(user.wait(found, text))


def idle(user: Any, page: Any) -> None:
    user.wait(lambda: page.running.count == 0 and page.notice.isVisible(), "done")
    user.settle()


def test_an_album_on_an_older_song_from_registration_to_audit(
    creator: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = creator
    session = user.window.session
    services = session.services
    chain_id = services.networks.active.chain_id

    # The older song gets its token, with a licence for plays from the first day.
    old = next(work for work in services.library.page() if work.title == TITLES[0])
    session.work_opened.emit(old.id)
    user.settle()
    page = user.main.current
    user.wait(lambda: page.royalties.button.isVisibleTo(user.main), "the work's page")
    user.click(page.royalties.button)
    mint = user.dialog(MintDialog)
    user.wait(lambda: mint.currencies, "the currencies")
    user.type(line(mint.supply), "10,5")
    user.click(mint.next)
    assert mint.pages.currentIndex() == 0, "10,5 is no number of shares"
    user.type(line(mint.supply), "1,000")
    user.type(line(mint.symbol), "OLD")
    user.click(mint.fold.button)
    user.type(line(mint.resale), "10 %")
    user.click(mint.next)
    user.click(mint.next)
    user.click(mint.add_licence)
    form = mint.licences[0]
    form.kind.setCurrentIndex(form.kind.findData("plays"))
    user.type(line(form.price), "0.50")
    user.settle()
    user.shot("mint-licence", mint)
    user.click(mint.next)
    approve(user, "review-mint-licences")
    user.wait(lambda: page._view is not None and page._view.token is not None, "the token")
    user.settle()
    parent = page._view.token

    # Two songs are registered in one transaction.
    library = user.go("library")
    user.click(library.several)
    choose = user.dialog(ChooseWorksDialog)
    assert [work.title for work in choose.works] == ["Evening", "Morning"]
    user.tick_all(choose.list)
    user.settle()
    user.shot("choose-works", choose)
    user.click(choose.go)
    approve(user, "review-register-many")
    user.wait(library.notice.isVisible, "registered")
    records = [services.registration.current(work.id) for work in services.library.page()]
    assert len({record.tx_hash for record in records if record}) == 2

    # They get their tokens in one transaction; both build on the old song.
    royalties = user.go("royalties")
    user.click(royalties.album)
    choose = user.dialog(ChooseWorksDialog)
    user.tick_all(choose.list)
    user.click(choose.go)
    mint = user.dialog(MintDialog)
    user.type(line(mint.symbol), "NEW")
    user.click(mint.next)
    mint.people.add_line(BEN.lower(), "60")
    mint.parents.add_line(parent.address, "50")
    user.settle()
    assert "110 %" in mint._rest.text()
    user.click(mint.next)
    assert mint.pages.currentIndex() == 1, "more than 100 % goes nowhere"
    mint.parents.lines[0].share.setText("20 %")
    mint.people.add_line(BEN, "1")
    user.click(mint.next)
    assert mint.pages.currentIndex() == 1, "somebody is named twice"
    user.click(mint.people.lines[1].remove)
    user.settle()
    user.shot("mint-album", mint)
    user.click(mint.next)
    user.click(mint.next)
    approve(user, "review-album")
    idle(user, royalties)
    assert len(services.royalties.tokens()) == 3
    assert not services.library.at_steps(chain_id, (WorkStep.ADDED, WorkStep.REGISTERED))

    # A payment and a plain transfer; the token's page shows what waits for whom.
    child = services.royalties.token("NEW1")
    dollar = child.currencies[1]
    services.royalties.prepare_pay(child, Amount(50_000_000, dollar)).execute()
    sender = services.networks.sender(services.networks.chain())
    sender.send(send_call(child.address, Amount(10_000_000, dollar)))
    session.token_opened.emit(child)
    user.settle()
    token_page = user.main.current
    user.wait(lambda: token_page._view is not None, "the token's page")
    user.click(token_page.audit)
    user.wait(lambda: token_page.running.count == 0 and token_page.found.count() >= 3, "the audit")
    user.settle()
    user.shot("royalty")
    press(user, token_page, "Share out tUSD")
    approve(user)
    idle(user, token_page)
    press(user, token_page, "Forward tUSD")
    approve(user, "review-forward")
    idle(user, token_page)
    user.click(token_page.audit)
    user.wait(lambda: token_page.running.count == 0 and token_page.audit.isEnabled(), "the audit")
    user.settle()
    assert services.books.audit(child).audit.agrees
    assert not services.books.audit(child).audit.findings

    # A statement is written where the user wants it.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_given: str(tmp_path / "out"))
    user.click(token_page.statement)
    user.wait(lambda: list((tmp_path / "out").glob("*.html")), "the statement")
    user.settle()
    user.shot("royalty-statement")

    # Another licence is offered, bought, and withdrawn; plays are signed.
    session.token_opened.emit(parent)
    user.settle()
    user.wait(lambda: token_page._view is not None and token_page._view.offers, "licences on sale")
    user.click(token_page.licences.offer)
    offer = user.dialog(OfferLicenceDialog)
    offer.form.kind.setCurrentIndex(offer.form.kind.findData("training"))
    user.type(line(offer.form.price), "25")
    user.click(offer.next)
    user.settle()
    assert offer.message.isVisible(), "a data set is missing"
    user.type(line(offer.form.root), "0x" + "da" * 32)
    user.settle()
    user.shot("offer-licence", offer)
    user.click(offer.next)
    approve(user, "review-offer")
    idle(user, token_page)
    press(user, token_page, "Buy: one play")
    buy = user.dialog(BuyLicenceDialog)
    user.type(line(buy.quantity), "20")
    user.settle()
    user.shot("buy-licence", buy)
    user.click(buy.next)
    approve(user, "review-buy")
    idle(user, token_page)
    press(user, token_page, "Withdraw: one training")
    approve(user)
    idle(user, token_page)
    user.wait(lambda: token_page._view.sold, "sold")
    user.shot("royalty-licences")
    royalties = user.go("royalties")
    user.wait(royalties.licences.isVisible, "my licences")
    press(user, royalties, "Plays used")
    plays = user.dialog(PlaysDialog)
    user.type(line(plays.total), "21")
    user.click(plays.next)
    assert plays.isVisible(), "more plays than bought"
    user.type(line(plays.total), "3")
    user.shot("plays", plays)
    file = tmp_path / "plays.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    user.click(plays.next)
    approve(user, "review-plays")
    user.wait(file.exists, "the signed file")
    assert json.loads(file.read_text())["total"] == 3
    user.settle()

    # The creator writes down what the licensee signed.
    session.token_opened.emit(parent)
    user.settle()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(file), ""))
    user.click(token_page.licences.redeem)
    approve(user)
    idle(user, token_page)
    assert services.licences.licence(1).used == 3
    royalties = user.go("royalties")

    # One's own money goes elsewhere, when wanted.
    card = royalties.cards[parent.address]
    user.wait(card._claim.isEnabled, "something to claim")
    user.click(card._claim)
    claim = user.dialog(ClaimDialog)
    user.type(line(claim.to), "nowhere")
    user.click(claim.next)
    user.wait(claim.message.isVisible, "nobody is called so")
    user.settle()
    user.type(line(claim.to), BEN.lower())
    user.shot("claim", claim)
    user.click(claim.next)
    approve(user)
    idle(user, royalties)

    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        end = "" if size == USUAL else "-small"
        royalties = user.go("royalties")
        user.shot(f"royalties-full{end}")
        for token in (child, parent):
            session.token_opened.emit(token)
            user.settle()
            user.shot(f"royalty-{token.symbol.lower()}{end}")
    user.window.theme.set_mode("dark")
    session.work_opened.emit(old.id)
    user.settle()
    user.click(user.go("royalties").album)
    user.shot("choose-works-empty", user.dialog(ChooseWorksDialog))
    assert not user.faults, "\n".join(user.faults)
