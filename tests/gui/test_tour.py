"""The main job from the first start to a verified certificate, through the window alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit

from desktop_app.gui.dialogs.export_payouts import ExportPayoutsDialog
from desktop_app.gui.dialogs.mint import MintDialog
from desktop_app.gui.dialogs.money import ClaimDialog, PayDialog, TransferDialog
from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.wallet_create import PhraseGrid, WalletCreateDialog
from desktop_app.gui.models.works import ITEM
from desktop_app.services.demo_song import write_song

PASSPHRASE = "paper lantern river stone"
BEN = "0x00000000000000000000000000000000000BeEf1"
CLEO = "0x0000000000000000000000000000000000c1e0c1"


def files(folder: Path) -> list[Path]:
    folder.mkdir()
    song = folder / "Night Train.wav"
    write_song(song, 1)
    others = {
        "Field Recordings, 2019 to 2024.csv": b"place,minutes\nharbour,12\n" * 4000,
        "Harbour Lights.mp4": b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000,
        "The Lighthouse Keeper.epub": b"PK\x03\x04" + b"lighthouse" * 60000,
    }
    paths = []
    for name, data in others.items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return [*paths, song]


def phrase_of(dialog: WalletCreateDialog) -> list[str]:
    grid = dialog.findChild(PhraseGrid)
    assert grid is not None
    cells: dict[int, str] = {}
    for child in grid.findChildren(type(grid).__mro__[-2]):
        number, _, word = getattr(child, "accessibleName", str)().partition(": ")
        if number.isdigit():
            cells[int(number)] = word
    return [cells[place] for place in sorted(cells)]


def line(field: Any) -> QLineEdit:
    assert isinstance(field.control, QLineEdit)
    return field.control


def approve(user: Any, name: str = "") -> None:
    review = user.dialog(ReviewDialog)
    if name:
        user.shot(name, review)
    user.click(review.agree)


def test_the_main_job_from_first_start_to_verified_and_paid(
    user: Any, tmp_path: Path, off_the_ui_thread: list[str]
) -> None:
    user.go("home")
    user.shot("first-start")
    library = user.go("library")

    # Files are dropped before there is any wallet.
    works = files(tmp_path / "works")
    user.drop(library, *works)
    user.wait(lambda: library.model.rowCount() == len(works), "all works are in the library")
    user.drop(library, works[0])
    user.wait(lambda: library.notice.isVisible(), "the same file is noticed")
    assert library.model.rowCount() == len(works)
    library.notice.hide()
    user.settle()

    # Register: now, and only now, a wallet is made.
    model = library.model
    index = next(
        model.index(place, 0)
        for place in range(model.rowCount())
        if model.index(place, 0).data(ITEM).work.title == "Night Train"
    )
    library.list.activated.emit(index)
    user.settle()
    page = user.main.current
    user.shot("work-added")
    user.click(page.register.button)
    wallet = user.dialog(WalletCreateDialog)
    user.settle()
    user.shot("wallet-create", wallet)
    user.type(line(wallet.first), "short")
    user.click(wallet._next)
    assert wallet.isVisible()
    user.type(line(wallet.first), PASSPHRASE)
    user.type(line(wallet.second), PASSPHRASE)
    user.click(wallet.words_now)
    user.click(wallet._next)
    user.wait(lambda: wallet.findChild(PhraseGrid), "the phrase is shown")
    user.settle()
    phrase = phrase_of(wallet)
    assert len(phrase) == 12
    user.shot("wallet-phrase", wallet)
    assert not wallet._next.isEnabled()
    user.click(wallet.written)
    user.click(wallet._next)
    for place, field in wallet.check.fields.items():
        user.type(line(field), phrase[place - 1])
    user.shot("wallet-confirm", wallet)
    user.click(wallet._next)
    approve(user, "review-register")
    user.wait(lambda: page._view is not None and page._view.registration is not None, "registered")
    assert page._view.registration.proved
    user.settle()
    user.shot("work-registered")

    # Prove, offline.
    user.click(page.proof.button)
    prove = user.dialog(ProveDialog)
    user.type(line(prove.audience), "Harbour Records")
    user.type(line(prove.challenge), "4711-0815")
    user.shot("prove", prove)
    user.click(prove.make)
    user.wait(lambda: page._view.certificates, "a certificate")
    user.settle()
    certificate = page._view.certificates[0].path
    assert certificate.exists()

    # Another certificate, which shows three seconds of the song.
    user.click(page.proof.button)
    prove = user.dialog(ProveDialog)
    user.type(line(prove.audience), "Harbour Records")
    prove.kind.setCurrentIndex(prove.kind.findData("excerpt"))
    user.type(line(prove.part), "0:01-2.5")
    user.settle()
    user.shot("prove-part", prove)
    user.click(prove.make)
    user.wait(lambda: len(page._view.certificates) == 2, "a second certificate")
    assert page._view.certificates[0].kind == "excerpt"
    user.settle()

    # Royalty token with two collaborators.
    user.click(page.royalties.button)
    mint = user.dialog(MintDialog)
    user.settle()
    user.shot("mint", mint)
    user.click(mint.next)
    mint.people.add_line(BEN.lower(), "25")
    mint.people.add_line(CLEO.lower(), "12.5 %")
    user.settle()
    user.shot("mint-people", mint)
    user.click(mint.next)
    user.settle()
    user.shot("mint-licences", mint)
    user.click(mint.next)
    approve(user, "review-mint")
    user.wait(lambda: page._view.token is not None, "the royalty token")
    page.notice.hide()
    user.settle()
    user.shot("work-complete")

    # Pay twice, in both currencies; the payouts appear by themselves.
    royalties = user.go("royalties")
    user.wait(lambda: royalties.cards, "the token's card")
    card = next(iter(royalties.cards.values()))
    payouts = user.main.pages["payouts"]
    for text, currency in (("25", 0), ("0.02", 1)):
        user.click(card._pay)
        pay = user.dialog(PayDialog)
        user.type(line(pay.amount), text)
        pay.currency.setCurrentIndex(currency)
        user.type(line(pay.memo), "one listen")
        if not currency:
            user.settle()
            user.shot("pay", pay)
        user.click(pay.next)
        approve(user, "" if currency else "review-pay")
        user.wait(lambda: royalties.running.count == 0 and royalties.notice.isVisible(), "paid")
        royalties.notice.hide()
        user.settle()
    user.wait(
        lambda: card.overview and len([m for m in card.overview.money if m.received.units]) == 2, "both"
    )
    user.shot("royalties")
    user.go("payouts")
    user.wait(lambda: payouts.model.rowCount() >= 6, "two payments and four pushes")
    user.settle()
    assert {payouts.model.row_at(i).line.payout.kind for i in range(6)} == {"payment", "push"}
    user.shot("payouts")
    for number in (1, 2, 3):
        user.click(payouts._segments.button(number))
        user.settle()
        user.shot(f"payouts-view-{number}")
    user.wait(lambda: payouts.compared.rowCount() == 2, "expected against received")
    assert [payouts.compared.index(row, 6).data() for row in (0, 1)] == ["Yes", "Yes"]
    user.click(payouts._segments.button(0))
    user.click(payouts._export)
    export = user.dialog(ExportPayoutsDialog)
    user.click(export.ledger)
    user.settle()
    user.shot("export-payouts", export)
    export.save_to(tmp_path / "ledger.csv")
    user.wait(lambda: (tmp_path / "ledger.csv").exists(), "the ledger")
    user.settle()
    user.click(export.close_button)
    user.no_dialog()

    # Claim and pass shares on.
    user.go("royalties")
    user.wait(card._claim.isEnabled, "something to claim")
    user.click(card._claim)
    user.click(user.dialog(ClaimDialog).next)
    approve(user)
    user.wait(lambda: royalties.running.count == 0 and royalties.notice.isVisible(), "claimed")
    user.settle()
    user.click(card._transfer)
    transfer = user.dialog(TransferDialog)
    user.type(line(transfer.to), BEN.lower())
    user.type(line(transfer.shares), "100")
    user.shot("transfer", transfer)
    user.click(transfer.next)
    approve(user)
    user.wait(lambda: card.overview.my_shares == 900, "shares passed on")
    user.settle()
    for money in card.overview.money:
        gone = money.pushed + money.claimed + money.pending + money.rounding
        assert gone == money.received

    # Look closer: the open books of the token.
    user.click(card._open)
    user.settle()
    token_page = user.main.current
    user.wait(lambda: token_page._view is not None, "the token's page")
    user.click(token_page.audit)
    user.wait(lambda: token_page.running.count == 0 and token_page.found.count(), "the audit")
    user.settle()
    user.shot("royalty-audit")

    # Verify: three verdicts.
    verify = user.go("verify")
    user.type(line(verify.challenge), "4711-0815")
    user.type(line(verify.audience), "Harbour Records")
    user.drop(verify.drop, certificate)
    user.wait(lambda: verify._result.isVisible(), "the verdicts")
    user.settle()
    user.shot("verify-valid")
    broken = tmp_path / "broken.colophon"
    data = json.loads(certificate.read_text())
    data["statement"]["audience"] = "Somebody Else"
    broken.write_text(json.dumps(data, sort_keys=True, separators=(",", ":")))
    user.drop(verify.drop, broken)
    user.settle()
    user.shot("verify-not-valid")
    assert "not valid" in verify._result.layout().itemAt(0).widget().text
    user.drop(verify.drop, certificate)
    user.settle()

    for path in user.taken:
        picture = QImage(str(path))
        colours = {
            picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)
        }
        assert len(colours) > 8, f"{path.name} is empty"
    assert not user.faults, "\n".join(user.faults)
    assert off_the_ui_thread == []
