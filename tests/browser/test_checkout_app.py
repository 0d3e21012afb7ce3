"""The app itself as the seller, a browser as the buyer: minted, offered, bought, delivered, opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.file_server import FileServer, serving
from browser.shopper import Shopper, Wallet
from browser.test_checkout import CONNECT, GET, SAVE, shopper
from integration.anvil import Anvil, running_anvil
from integration.journey import BEN, mint, register
from integration.people import PASSPHRASE, active, services_of
from integration.test_journey_on_a_real_node import (
    DATA_FEE_OF_1_GWEI,
    GAS_PRICE_ORACLE,
    RICH,
    give_dollars,
)

from desktop_app.core.amounts import Amount
from desktop_app.services.app import Services
from desktop_app.services.checkout_page import checkout_page
from desktop_app.services.sale_terms import SaleTerms

__all__ = ["shopper"]

pytestmark = pytest.mark.anvil

BASE = 8453


@pytest.fixture
def base() -> Iterator[Anvil]:
    with running_anvil(chain_id=BASE) as anvil:
        yield anvil


@pytest.fixture
def seller(base: Anvil, tmp_path: Path) -> Iterator[Services]:
    """Somebody with the app on a node that poses as Base, where our contracts are."""
    services = services_of(tmp_path / "home")
    services.wallet.create("passphrase", PASSPHRASE)
    services.wallet.confirm_backup(services.wallet.reveal_phrase(PASSPHRASE))
    services.networks.set_endpoints("base", (base.url,))
    services.networks.select("base")
    rpc = services.networks.chain().rpc
    rpc.call("anvil_setCode", [GAS_PRICE_ORACLE, DATA_FEE_OF_1_GWEI])
    rpc.call("anvil_setBalance", [active(services), RICH])
    give_dollars(services, active(services))
    services.networks.prepare_deploy().execute()
    yield services
    services.close()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as found:
        yield found


def test_the_app_delivers_to_a_browser_and_the_collaborators_are_paid(
    shopper: Shopper, seller: Services, base: Anvil, server: FileServer, tmp_path: Path
) -> None:
    work_id = register(seller, tmp_path / "works")
    token = mint(seller, work_id)
    selling, network = seller.selling, seller.networks.active
    package = selling.packages.make(work_id)
    url = server.put("la.colophon-package", package.path.read_bytes())
    terms = SaleTerms(Amount(10**15, network.native), addresses=(url,))
    sale = selling.sales.prepare_offer(token, terms, package).execute()
    told = selling.checkout.contents(sale, names=True)
    told["chain"]["rpc"] = [base.url]  # in place of the public node
    page = tmp_path / "buy.html"
    page.write_text(checkout_page(told), encoding="utf-8")

    buyer = Wallet(base.keys[1], base.url, BASE)
    shopper.begin(buyer)
    shopper("open", url=page.as_uri())
    shopper.click(GET)
    shopper.click(CONNECT)
    shopper.click("Pay 0.001 ETH")
    shopper.see("Paid: 0.001 ETH")
    rpc = seller.networks.chain().rpc
    before = int(rpc.call("eth_getBalance", [BEN, "latest"]), 16)
    rpc.call("anvil_mine", ["0x4"])
    selling.delivery.deliver_once(network)
    shopper.see("The key is here")
    assert shopper.save(SAVE) == b"la" * 1000
    paid = int(rpc.call("eth_getBalance", [BEN, "latest"]), 16) - before
    assert paid == 10**15 * 333_333 // 1_000_000
