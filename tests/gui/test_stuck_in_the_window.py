"""A payment that is stuck on a real node: sped up and cancelled in the window."""

from __future__ import annotations

from typing import Any

import pytest
from integration.anvil import running_anvil

from desktop_app.chain import sender as sender_module
from desktop_app.chain.data_fees import OP_ORACLE
from desktop_app.core.amounts import Amount
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.services.transactions import TransactionState

ONE_WEI = "0x600160005260206000f3"
"""Code that answers every question about the fee for data with 1."""
SHOP = "0x" + "12" * 20
PHRASE = "test test test test test test test test test test test junk"


@pytest.mark.anvil
def test_a_stuck_payment_is_sped_up_and_another_cancelled(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("desktop_app.services.transactions.STUCK_AFTER_SECONDS", -1)
    services = user.window.session.services
    with running_anvil(chain_id=84532) as anvil:
        services.wallet.restore(PHRASE, "passphrase", "paper lantern river")
        services.networks.set_endpoints("base-sepolia", (anvil.url,))
        services.networks.select("base-sepolia")
        rpc = services.networks.chain().rpc
        rpc.call("anvil_setCode", [OP_ORACLE, ONE_WEI])
        rpc.call("evm_setAutomine", [False])
        sender = services.networks.sender(services.networks.chain())
        sender._patience = 0.0
        coin = services.networks.active.native
        for units in (5, 7):
            with pytest.raises(Exception, match="still_waiting"):
                services.transactions.prepare_send(SHOP, Amount(units, coin)).execute()
        sender._patience = 60.0
        page = user.go("transactions")
        user.wait(lambda: len(page.rows) == 2, "both are listed")
        assert {row.transaction.state for row in page.rows} == {TransactionState.STUCK}
        user.shot("transactions-stuck")
        first = page.rows[-1]
        user.click(first.faster)
        review = user.dialog(ReviewDialog)
        user.shot("review-speed-up", review)
        user.click(review.agree)
        user.wait(lambda: services.transactions.waiting()[-1].versions == 2, "a faster version")
        user.wait(lambda: page.rows[0].transaction.is_waiting, "the other one")
        user.click(page.rows[0].stop)
        review = user.dialog(ReviewDialog)
        user.shot("review-cancel", review)
        user.click(review.agree)
        user.wait(lambda: services.transactions.waiting()[0].versions == 2, "a cancellation")
        rpc.call("evm_mine")
        user.wait(lambda: page.running.count == 0, "both are decided")
        user.settle()
        user.shot("transactions-done")
        states = [row.transaction.state for row in page.rows]
        assert states == [TransactionState.CANCELLED, TransactionState.DONE]
        assert services.networks.balances(SHOP)[0].units == 5, "one paid once, the other never"
    assert not user.faults, "\n".join(user.faults)
