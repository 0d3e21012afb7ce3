"""Home in the window: a newcomer begins by dropping a file; what waits is named, and one click away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unit.services.test_home import BEN, stored

from desktop_app.gui.dialogs.receipt import ReceiptDialog
from desktop_app.gui.pages.home import AttentionRow, NextCard
from desktop_app.gui.widgets.buttons import Button
from desktop_app.store.tokens import Collaborator, Token


def test_a_newcomer_drops_a_file_and_sees_what_it_is_before_any_account(user: Any, tmp_path: Path) -> None:
    home = user.go("home")
    user.shot("home-new")
    assert home.drop.isVisible() and home._steps.isVisible()
    song = tmp_path / "Night Train.txt"
    song.write_text("All aboard. " * 400)
    user.drop(home, song)
    user.wait(lambda: user.main.current is user.main.pages["work"], "the page of the work")
    page = user.main.current
    user.settle()
    assert page._view.work.title == "Night Train"
    assert not user.window.session.services.wallet.status().accounts
    home = user.go("home")
    assert not home.drop.isVisible() and not home._calm.isVisible()
    (onward,) = home.findChildren(NextCard)
    user.shot("home-next")
    user.click(onward.go)
    user.settle()
    assert user.main.current is page and page._view.work.title == "Night Train"
    assert not user.faults, "\n".join(user.faults)


def test_what_waits_is_named_and_leads_to_its_page(user: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("desktop_app.gui.payout_watch.PayoutWatch.refresh", lambda self: None)
    services = user.window.session.services
    network = services.networks.active
    services.royalties._tokens.add(
        Token(
            network.chain_id, "0x" + "0A" * 20, None, "0x" + "aa" * 20, "Night Train", "NT", 1000, 0, None,
            (Collaborator(BEN, 250_000),), (network.native, network.dollar),
        )
    )
    stored(services, *(("payment", "0x" + "C1" * 20, block, block * 10**17) for block in range(1, 12)))
    home = user.go("home")
    assert home.findChildren(AttentionRow) == []
    user.shot("home-calm")
    newest = next(one for one in home.findChildren(Button) if one.accessibleName().startswith("Receipt: "))
    user.click(newest)
    receipt = user.dialog(ReceiptDialog)
    user.wait(lambda: receipt.receipt, "its receipt")
    assert receipt.heading.text() == "“Night Train” received 1.1 ETH"
    receipt.close()
    stored(services, ("payment", "0x" + "C1" * 20, 1, 10**18), ("push_failed", BEN, 1, 10**17))
    user.window.session.payouts_changed.emit()
    (waiting,) = user.wait(lambda: home.findChildren(AttentionRow), "what waits")
    user.shot("home-waiting")
    user.click(waiting.go)
    user.settle()
    assert user.main.current is user.main.pages["payouts"]
    assert not user.faults, "\n".join(user.faults)
