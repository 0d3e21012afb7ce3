"""Paying with a signature, and paying everybody, by command line."""

from __future__ import annotations

from pathlib import Path

from integration.test_royalty_commands import Typist, colophon

__all__ = ["colophon"]


def test_a_payment_is_signed_checked_sent_once_and_everybody_is_paid(
    colophon: Typist, tmp_path: Path
) -> None:
    colophon("mint", "Old", "--symbol", "OLD")
    file = str(tmp_path / "a.payment.json")
    colophon("pay", "OLD", "7", "tUSD", "--sign-only", "-o", file)
    assert colophon("pay-signed", file, "--check")["state"] == "open"
    colophon("pay-signed", file)
    checked = colophon("pay-signed", file, "--check")
    assert checked["state"] == "used"
    assert checked["payment"]["sent_in"].startswith("0x")
    assert colophon("pay-signed", file, code=1)["error"]["code"] == "royalties.payment_used"
    payouts = colophon("royalties", "pay-holders", "OLD")["payouts"]
    assert len(payouts) == 1
    assert len(payouts[0]["paid"]) == 1
    assert colophon("royalties", "pay-holders", "OLD", code=1)["error"]["code"] == "cli.nobody_waits"
