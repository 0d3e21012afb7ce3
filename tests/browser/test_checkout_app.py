"""The app itself as the seller, a browser as the buyer: minted, offered, bought, delivered, opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import encoded
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
from desktop_app.services.demo_song import write_song
from desktop_app.services.licence_terms import LicenceKind, LicenceTerms
from desktop_app.services.sale_server import SaleServer
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


@pytest.fixture
def song(seller: Services, tmp_path: Path) -> str:
    """A registered work that a browser can play."""
    path = tmp_path / "nocturne.wav"
    write_song(path, 5)
    work = seller.library.add(path, "Nocturne").work
    seller.registration.prepare(work.id).execute()
    return work.id


@pytest.fixture
def till(shopper: Shopper, seller: Services) -> Iterator[SaleServer]:
    """The server of `colophon serve`, not started."""
    found = seller.selling.server("127.0.0.1", 0)
    yield found
    shopper.begin()  # which ends the connections of the browser that was there
    found.close()


def hear(shopper: Shopper) -> str:
    """The address that is played, once its sound is there."""
    script = """new Promise((done, fail) => {
      const look = () => {
        const player = document.querySelector("audio");
        if (player?.error) fail(new Error(player.error.message));
        else if (player?.currentTime > 0 && player.duration > 3) done(player.src);
        else setTimeout(look, 20);
      };
      look();
    })"""
    return str(shopper("run", script=script))


def test_prepaid_plays_are_heard_from_the_apps_own_server_and_redeemed_at_once(
    shopper: Shopper, seller: Services, base: Anvil, song: str, till: SaleServer, tmp_path: Path
) -> None:
    token = mint(seller, song)
    selling, coin = seller.selling, seller.networks.active.native
    sale = selling.sales.prepare_offer(
        token, SaleTerms(Amount(10**16, coin)), selling.packages.make(song)
    ).execute()
    seller.licences.prepare_offer(token, LicenceTerms(LicenceKind.PLAYS, Amount(10**15, coin))).execute()
    told = selling.checkout.contents(sale, plays_server=till.start())
    told["chain"]["rpc"] = [base.url]  # in place of the public node
    page = tmp_path / "buy.html"
    page.write_text(checkout_page(told), encoding="utf-8")

    buyer = Wallet(base.keys[1], base.url, BASE)
    shopper.begin(buyer)
    shopper("open", url=page.as_uri())
    shopper.click(CONNECT)
    shopper("type", field="quantity", text="4")
    rpc = seller.networks.chain().rpc
    before = int(rpc.call("eth_getBalance", [BEN, "latest"]), 16)
    shopper.click("Pay 0.004 ETH")
    shopper.see("4 of 4 plays left")
    assert int(rpc.call("eth_getBalance", [BEN, "latest"]), 16) - before == 4 * 10**15 * 333_333 // 1_000_000
    receipt = shopper.save("Save the receipt")
    shopper.click("Play")
    shopper.see("3 of 4 plays left")
    first = hear(shopper)
    shopper.click("Play")
    shopper.see("2 of 4 plays left")
    second = hear(shopper)
    assert first != second
    assert "Go on with this play" not in shopper.text
    # Loaded again in the middle of the song: the same play goes on, and none is used for it.
    shopper("close")
    shopper("open", url=page.as_uri())
    shopper.click("Go on with this play")
    assert hear(shopper) not in (first, second)
    shopper.see("2 of 4 plays left")
    assert [one.total for one in selling.plays.counted()] == [2]
    assert shopper("seen")["problems"] == []
    # Another browser, with the receipt of before the first play: it goes on after what the server counted.
    shopper.begin(None)
    shopper("open", url=page.as_uri())
    shopper("drop", name="receipt.json", content=encoded(receipt))
    shopper.see("4 of 4 plays left")
    shopper.click("Play")
    shopper.see("1 of 4 plays left")
    hear(shopper)
    shopper.click("Play")
    shopper.see("All 4 plays are used.")
    voucher = json.loads(shopper.save("Save the newest voucher"))
    # The last play too can be heard to its end.
    shopper("close")
    shopper("open", url=page.as_uri())
    shopper.click("Go on with this play")
    hear(shopper)
    assert (buyer.asked.count("eth_signTypedData_v4"), len(buyer.sent)) == (0, 1)

    (counted,) = selling.plays.counted()
    assert (counted.licence, counted.total) == (voucher["licence"], 4)
    assert "0x" + counted.signature.hex() == voucher["signature"]
    sent = int(rpc.call("eth_getTransactionCount", [active(seller), "latest"]), 16)
    licence = selling.plays.prepare_redeem(counted.licence).execute()
    assert (licence.used, licence.quantity) == (4, 4)
    assert int(rpc.call("eth_getTransactionCount", [active(seller), "latest"]), 16) == sent + 1
