"""A practice payment is made with practice money only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.chain.networks import network
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import RefusedError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.core.settings import NETWORK
from desktop_app.services.app import build_services
from desktop_app.services.practice_payment import practice_amount, prepare_practice_payment
from desktop_app.store.tokens import Token

PRACTICE, BASE = network("practice"), network("base")
DOLLAR = PRACTICE.dollar
assert DOLLAR is not None
STRANGE = Currency(PRACTICE.chain_id, "XYZ", 18, "0x" + "12" * 20)
TOKEN = Token(
    PRACTICE.chain_id, "0x" + "0A" * 20, None, "0x" + "aa" * 20, "Night Train", "NT", 1000, 0, None, (),
    (PRACTICE.native, STRANGE, DOLLAR),
)  # fmt: skip


def test_it_is_a_few_dollars_or_a_little_of_the_coin() -> None:
    assert practice_amount(PRACTICE, TOKEN) == Amount(5_000_000, DOLLAR)
    coins = replace(TOKEN, currencies=(STRANGE, PRACTICE.native))
    assert practice_amount(PRACTICE, coins) == Amount(10**16, PRACTICE.native)
    assert practice_amount(PRACTICE, replace(TOKEN, currencies=(STRANGE,))) is None


def test_on_a_real_network_there_is_none(tmp_path: Path) -> None:
    real = replace(TOKEN, chain_id=BASE.chain_id, currencies=(BASE.native,))
    assert practice_amount(BASE, real) is None
    services = build_services(AppPaths(tmp_path / "home"))
    try:
        services.settings.set(NETWORK, "base")
        with pytest.raises(RefusedError) as caught:
            prepare_practice_payment(services.networks, services.wallet, services.royalties, real, Task())
        assert caught.value.code == "practice.only_there"
    finally:
        services.close()
