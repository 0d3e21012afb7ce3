"""The whole sale in a real browser against a real node: the key against the money.

One browser and one node for all; every test has a buyer, a browser profile and a work of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from browser.conftest import VERIFIER, encoded
from browser.file_server import serving
from browser.market import CREATOR, DAY, ETHER, SEALED, Market, Sale
from browser.shopper import Declined, Shopper, Unanswered, Wallet
from eth_account import Account
from harness.anvil_evm import OPTIONS
from harness.selling import DELIVERED, OPEN, REFUNDED, WINDOW
from harness.world import COLLABORATORS
from integration.anvil import running_anvil

from desktop_app.chain.artifacts import contract_address
from desktop_app.services.licence_records import Voucher

pytestmark = pytest.mark.anvil

PRICE = ETHER // 100
GET, CONNECT, PAY, SAVE = "Download and check", "Connect Test wallet", "Pay 0.01 ETH", "Decrypt and save"


@pytest.fixture(scope="module")
def shopper() -> Iterator[Shopper]:
    node, chromium = shutil.which("node"), os.environ.get("COLOPHON_CHROMIUM") or shutil.which("chromium")
    if node is None or not (VERIFIER / "node_modules" / "playwright-core").is_dir():
        pytest.skip("node or the packages of resources/verifier are not installed")
    if chromium is None:
        pytest.skip("chromium is not installed")
    found = Shopper(node, chromium)
    yield found
    found.close()


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with running_anvil(*OPTIONS) as node, serving() as server:
        yield Market(node.url, server, tmp_path_factory.mktemp("pages"))


def enter(shopper: Shopper, sale: Sale, buyer: Wallet | None, **options: Any) -> None:
    """Open the page of a sale in a fresh browser."""
    shopper.begin(buyer, **options)
    shopper("open", url=sale.url)


def pay(shopper: Shopper, button: str = PAY) -> None:
    shopper.click(GET)
    shopper.click(CONNECT)
    shopper.click(button)


def buy(shopper: Shopper, sale: Sale, buyer: Wallet, button: str = PAY, **options: Any) -> None:
    """To the point where the key is waited for."""
    enter(shopper, sale, buyer, **options)
    pay(shopper, button)
    shopper.see("Paid:")


# --- The money ------------------------------------------------------------------------------------------


def test_a_copy_is_bought_delivered_decrypted_and_is_the_original(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    before = market.balance(COLLABORATORS[0])
    buy(shopper, sale, buyer)
    assert market.balance(COLLABORATORS[0]) == before
    market.deliver(sale)
    # In the very block of the delivery.
    assert market.balance(COLLABORATORS[0]) - before == PRICE // 4
    shopper.see("The key is here, and the seller is paid.")
    saved = shopper("save", name=SAVE)
    assert saved["name"] == "nocturne.flac"
    assert base64.b64decode(saved["content"]) == sale.work.content
    shopper.see("Saved: nocturne.flac")
    seen = shopper("seen")
    assert seen["problems"] == []
    asked = {address.split("/")[2] for address in seen["requests"] if address.startswith("http")}
    assert asked == {market.url.split("/")[2], market.server.address.split("/")[2]}
    assert len(buyer.sent) == 1


def test_dollars_are_paid_with_one_signature_and_one_transaction(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(price=5_250_000, currency=market.world.dollar.address), market.buyer()
    market.world.dollars(buyer.address, 6_000_000)
    buy(shopper, sale, buyer, "Pay 5.25 USDC")
    assert buyer.asked.count("eth_signTypedData_v4") == len(buyer.sent) == 1
    market.deliver(sale)
    assert shopper.save(SAVE) == sale.work.content


def test_a_currency_without_signed_payments_is_permitted_exactly_and_then_paid(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(price=5_250_000, currency=market.world.dollar.address), market.buyer()
    market.world.dollars(buyer.address, 6_000_000)
    sale.json["price"]["currency"]["authorization"] = None
    sale = market.page(sale.work, sale.offer, sale.package, sale.json)
    buy(shopper, sale, buyer, "Pay 5.25 USDC")
    assert len(buyer.sent) == 2
    assert market.world.dollar.call("allowance", buyer.address, market.world.escrow.address) == 0
    assert market.world.dollar.call("balanceOf", buyer.address) == 750_000


def test_a_seller_who_never_delivers_gets_nothing(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    shopper.see("(1 day left)")
    (order,) = market.orders(sale)
    assert "Take 0.01" not in shopper.text
    market.evm.pass_time(DAY + 1)
    shopper.see("No key came until")
    before = market.balance(buyer.address)
    shopper.click("Take 0.01 ETH back")
    shopper.see("You have your money back, since no key came in time.")
    assert (market.balance(buyer.address) - before, market.state(order)) == (PRICE, REFUNDED)
    proof = market.shop.proof(sale.work, order)
    assert market.refused("deliver", order.fields, *proof) == "not open"


def test_a_wrong_key_is_refused_by_the_contract_and_the_right_one_still_comes(
    shopper: Shopper, market: Market
) -> None:
    sale, other, buyer = market.sale(), market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    (order,) = market.orders(sale)
    wrong = market.shop.proof(other.work, order)
    assert market.refused("deliver", order.fields, *wrong) == "proof refused"
    assert "The key is here" not in shopper.text
    market.deliver(sale)
    assert shopper.save(SAVE) == sale.work.content
    replayed = market.shop.proof(sale.work, order)
    assert market.refused("deliver", order.fields, *replayed) == "not open"


def test_garbage_is_found_and_a_complaint_brings_the_money_back(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(garbage=(5, 80), window=DAY), market.buyer()
    start = market.balance(buyer.address)
    buy(shopper, sale, buyer)
    market.deliver(sale)
    (order,) = market.orders(sale)
    assert market.state(order) == WINDOW
    shopper.see("until then you can complain")
    shopper.click(SAVE)
    shopper.see("Piece 6 of 98 is not what the seller has promised.")
    # A complaint gives the key away: not where the wallet's node does not tell of the same delivery.
    buyer.answers["eth_getLogs"] = lambda params: []
    shopper.click("Complain and get 0.01 ETH back")
    shopper.see("Two answers about the key do not agree")
    assert len(buyer.sent) == 1
    del buyer.answers["eth_getLogs"]
    shopper.click("Complain and get 0.01 ETH back")
    shopper.see("Your complaint was right. You have your money back.")
    assert (market.balance(buyer.address), market.state(order)) == (start, REFUNDED)
    shopper.click("Buy once more")
    shopper.see("Get the locked file")


def test_a_complaint_about_a_good_piece_is_never_offered_and_refused_by_the_contract(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(window=DAY), market.buyer()
    buy(shopper, sale, buyer)
    market.deliver(sale)
    shopper.see("until then you can complain")
    secret = json.loads(shopper.save("Save the receipt"))["purchase"]["secret"]
    assert shopper.save(SAVE) == sale.work.content
    assert "Complain" not in shopper.text
    (order,) = market.orders(sale)
    v, _, _ = market.shop.proof(sale.work, order)
    status, delivered_at = market.world.escrow.call("state", order.id)
    assert status == WINDOW
    evidence = sale.work.evidence(3)
    arguments = (order.fields, sale.offer, v, delivered_at, int(secret, 16), *evidence)
    assert market.refused("complain", *arguments, sender=buyer.address) == "piece is good"
    market.evm.pass_time(DAY + 1)
    market.world.escrow.send("release", order.fields, v, delivered_at, sender=buyer.address)
    shopper.see("The key is here, and the seller is paid.")


def test_garbage_without_a_time_for_complaints_is_called_what_it_is(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(garbage=(0,)), market.buyer()
    buy(shopper, sale, buyer)
    market.deliver(sale)
    shopper.click(SAVE)
    shopper.see("so the contract cannot pay you back. Keep file and receipt")


def test_a_declined_order_is_told_as_such(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    (order,) = market.orders(sale)
    market.world.escrow.send("refund", order.fields, sender=sale.offer[1])
    shopper.see("The seller has declined the order. You have your money back.")


# --- Without proof --------------------------------------------------------------------------------------


def test_a_key_without_proof_is_labelled_and_opens_the_work(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(method=SEALED), market.buyer()
    buy(shopper, sale, buyer)
    assert "Without proof" in shopper.text
    assert "buy only if you trust the seller" in shopper.text
    market.deliver_sealed(sale, sale.work.key)
    assert shopper.save(SAVE) == sale.work.content


def test_nonsense_without_proof_is_called_no_key(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(method=SEALED), market.buyer()
    buy(shopper, sale, buyer)
    market.deliver_sealed(sale, bytes(32))
    shopper.click(SAVE)
    shopper.see("What the seller has sent is no key of this file.")


# --- Nothing is lost ------------------------------------------------------------------------------------


def test_a_page_closed_while_it_waits_goes_on_where_it_was(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    shopper("close")
    market.deliver(sale)
    shopper("open", url=sale.url)
    shopper.see("The key is here")
    assert buyer.asked.count("eth_requestAccounts") == 1
    shopper.click(GET)
    assert shopper.save(SAVE) == sale.work.content


def test_a_page_closed_while_the_wallet_pays_finds_its_order_again(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()

    def slow(params: list[Any]) -> None:
        buyer._eth_sendTransaction(params)
        raise Unanswered

    buyer.answers["eth_sendTransaction"] = slow
    enter(shopper, sale, buyer)
    pay(shopper)
    shopper.see("Confirm in your wallet")
    shopper("close")
    shopper("open", url=sale.url)
    shopper.see("Paid: 0.01")
    market.deliver(sale)
    shopper.click(GET)
    assert shopper.save(SAVE) == sale.work.content


def test_a_payment_that_never_showed_can_be_left_and_still_comes_back(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(), market.buyer()
    held: list[list[Any]] = []

    def never(params: list[Any]) -> None:
        held.append(params)
        raise Unanswered

    buyer.answers["eth_sendTransaction"] = never
    enter(shopper, sale, buyer)
    pay(shopper)
    shopper.see("Confirm in your wallet")
    shopper("close")
    shopper("open", url=sale.url)
    shopper.see("the network does not show it (yet)")
    shopper.click("Start afresh")
    shopper.see("Connected:")
    # The forgotten window of the wallet is confirmed after all.
    buyer._eth_sendTransaction(held[0])
    shopper("close")
    shopper("open", url=sale.url)
    shopper.see("Paid: 0.01")


def test_a_receipt_brings_the_purchase_to_another_browser(shopper: Shopper, market: Market) -> None:
    sale, other, buyer = market.sale(), market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    receipt = shopper.save("Save the receipt")
    enter(shopper, other, None)
    shopper("drop", name="receipt.json", content=encoded(receipt))
    shopper.see("This receipt belongs to another offer")
    enter(shopper, sale, None)
    shopper("drop", name="receipt.json", content=encoded(b"{}"))
    shopper.see("This is no receipt")
    shopper("drop", name="receipt.json", content=encoded(receipt))
    shopper.see("Paid: 0.01")
    market.deliver(sale)
    shopper.see("The key is here")
    shopper("drop", name="it.colophon-package", content=encoded(sale.package))
    assert shopper.save(SAVE) == sale.work.content


def test_a_browser_that_remembers_nothing_saves_the_receipt_before_it_pays(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(), market.buyer()
    enter(shopper, sale, buyer, memory=False)
    shopper.click(GET)
    shopper.click(CONNECT)
    shopper.see("So a receipt is saved as a file before you pay")
    receipt = shopper.save(PAY)
    shopper.see("Paid:")
    shopper("close")
    shopper("open", url=sale.url)
    shopper("drop", name="receipt.json", content=encoded(receipt))
    shopper.see("Paid: 0.01")


def test_a_block_taken_back_makes_the_page_look_for_its_order_anew(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    enter(shopper, sale, buyer)
    mark = market.node.call("evm_snapshot", [])
    pay(shopper)
    shopper.see("Paid:")
    (order,) = market.orders(sale)
    raw = market.node.call("eth_getRawTransactionByHash", [buyer.sent[0]])
    market.node.call("evm_revert", [mark])
    shopper.see("Waiting for the network to book the payment")
    # Mined again, later: the order's time limit, and with it its number, are others now.
    market.evm.pass_time(600)
    market.node.call("eth_sendRawTransaction", [raw])
    shopper.see("Paid:")
    (again,) = market.orders(sale)
    assert (market.state(order), market.state(again)) == (0, OPEN)
    market.deliver(sale)
    assert shopper.save(SAVE) == sale.work.content
    assert market.state(again) == DELIVERED


# --- The wallet -----------------------------------------------------------------------------------------


def test_a_wallet_on_another_network_is_asked_to_switch_and_told_of_an_unknown_one(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(), market.buyer()
    buyer.chain, buyer.known = 1, {1}
    enter(shopper, sale, buyer)
    shopper.click(GET)
    shopper.click(CONNECT)
    shopper.see("Your wallet is set to another network. This work is sold on Practice.")
    shopper.click("Switch to Practice")
    shopper.see("Connected:")
    assert "wallet_addEthereumChain" in buyer.asked
    shopper("emit", name="chainChanged", value="0x1")
    shopper.see("Your wallet is set to another network.")
    shopper("emit", name="chainChanged", value=hex(buyer.chain))
    shopper.click(PAY)
    shopper.see("Paid:")


def test_who_declines_has_paid_nothing_and_can_try_again(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()

    def decline(params: list[Any]) -> None:
        raise Declined

    enter(shopper, sale, buyer)
    shopper.click(GET)
    buyer.answers["eth_requestAccounts"] = decline
    shopper.click(CONNECT)
    shopper.see("You declined in your wallet")
    del buyer.answers["eth_requestAccounts"]
    buyer.answers["eth_sendTransaction"] = decline
    shopper.click(CONNECT)
    shopper.click(PAY)
    shopper.see("You declined in your wallet")
    assert shopper("run", script="Object.values({...localStorage}).join()") == "[]"
    del buyer.answers["eth_sendTransaction"]
    shopper.click(PAY)
    shopper.see("Paid:")


def test_a_payment_that_the_network_does_not_carry_out_is_told_and_can_be_made_again(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(), market.buyer()

    def short(params: list[Any]) -> str:
        return buyer._eth_sendTransaction([{**params[0], "gas": hex(60_000)}])

    buyer.answers["eth_sendTransaction"] = short
    enter(shopper, sale, buyer)
    pay(shopper)
    shopper.see("The payment failed")
    del buyer.answers["eth_sendTransaction"]
    shopper.click(PAY)
    shopper.see("Paid:")
    assert len(market.orders(sale)) == 1


def test_an_account_without_enough_money_is_told_before_the_wallet_is_asked(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.sale(), market.buyer(PRICE - 1)
    enter(shopper, sale, buyer)
    pay(shopper)
    shopper.see("There is not enough money in your wallet")
    shopper.see("this account has 0.009999999999999999")
    assert "eth_sendTransaction" not in buyer.asked


def test_a_browser_without_a_wallet_says_what_to_do(shopper: Shopper, market: Market) -> None:
    enter(shopper, market.sale(), None)
    shopper.click(GET)
    shopper.see("There is no wallet in this browser")
    shopper.see("Allow access to file URLs")


# --- The offer ------------------------------------------------------------------------------------------


def test_an_offer_that_is_withdrawn_takes_no_money(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    enter(shopper, sale, buyer)
    shopper.click(GET)
    shopper.click(CONNECT)
    shopper.see("Connected:")
    market.world.escrow.send("withdraw_offer", sale.offer, sender=sale.offer[1])
    shopper.click(PAY)
    shopper.see("This is no longer on sale")
    assert "eth_sendTransaction" not in buyer.asked
    enter(shopper, sale, buyer)
    shopper.see("This is no longer on sale")


@pytest.mark.parametrize("place", ["price", "licence", "window", "token"])
def test_a_page_that_shows_other_terms_than_its_contract_has_is_called_damaged(
    place: str, shopper: Shopper, market: Market
) -> None:
    sale = market.sale(place=False)
    told = sale.json
    if place == "price":
        told["price"]["amount"] = "1"
    elif place == "licence":
        told["licence"]["text"] += " And to sell it."
    elif place == "window":
        told["offer"]["window"] = DAY
    else:
        told["work"]["token"] = "0x" + "12" * 20
    enter(shopper, market.page(sale.work, sale.offer, sale.package, told), None)
    shopper.see("This page is damaged")
    assert "Pay" not in shopper.text


def test_an_offer_that_was_never_placed_is_said_to_be_unknown(shopper: Shopper, market: Market) -> None:
    enter(shopper, market.sale(place=False), None)
    shopper.see("This offer is not on the network")


# --- The file and the network ---------------------------------------------------------------------------


def test_only_the_very_file_on_offer_opens_the_way_to_paying(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    enter(shopper, sale, buyer)
    flipped = bytes([*sale.package[:-1], sale.package[-1] ^ 1])
    for content, told in [
        (b"RIFF" + bytes(100), "This is not the locked file"),
        (flipped, "This is not the file on offer"),
        (sale.package[:-1], "The file is not complete"),
    ]:
        shopper("drop", name="file", content=encoded(content))
        shopper.see(told)
        assert "Connect Test wallet" not in shopper.text
    del market.server.files["/" + sale.json["package"]["urls"][0].rsplit("/", 1)[1]]
    shopper.click(GET)
    shopper.see("The file is not at its address")
    shopper("drop", name="file", content=encoded(sale.package))
    shopper.see("it is the one on offer")
    shopper.click(CONNECT)


def test_a_network_that_is_away_is_waited_for(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    buy(shopper, sale, buyer)
    shopper("close")
    shopper("block", url=market.url, **{"is": True})
    buyer.connected = False  # nor can the wallet's node be asked
    shopper("open", url=sale.url)
    shopper.see("The network cannot be reached")
    shopper.see("Nothing was lost.")
    market.deliver(sale)
    shopper("block", url=market.url, **{"is": False})
    shopper.see("The key is here")
    assert "cannot be reached" not in shopper.text


def test_without_the_internet_the_page_says_so_and_goes_on_later(shopper: Shopper, market: Market) -> None:
    sale = market.sale()
    shopper.begin(None)
    shopper("offline", **{"is": True})
    shopper("open", url=sale.url)
    shopper.see("You are offline")
    shopper("offline", **{"is": False})
    shopper("run", script="new Promise((done) => setTimeout(done, 100))")
    shopper.see("Download and check")


def test_large_works_go_straight_to_the_disk(shopper: Shopper, market: Market) -> None:
    """From a web address, where the browser has a private folder in which to save."""
    sale, buyer = market.sale(2_000_000), market.buyer()
    shopper.begin(buyer, picker=True)
    shopper("open", url=sale.web)
    pay(shopper)
    shopper.see("Paid:")
    market.deliver(sale)
    shopper.click(SAVE)
    shopper.see("Saved: nocturne.flac")
    script = """(async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle("nocturne.flac")).getFile();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    })()"""
    assert shopper("run", script=script) == hashlib.sha256(sale.work.content).hexdigest()


# --- Plays ----------------------------------------------------------------------------------------------


class Till:
    """The seller takes vouchers for one play more than the newest, checks and keeps them."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.newest: dict[int, tuple[int, bytes]] = {}

    def __call__(self, posted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        licence, total = int(posted["licence"]), int(posted["total"])
        signature = bytes.fromhex(posted["signature"][2:])
        found = self.market.world.licences.call("licence", licence)
        digest = self.market.world.licences.call("voucher_hash", licence, total)
        signer = Account._recover_hash(digest, signature=signature)
        assert signer.lower() == found[0].lower(), "not the licensee's voucher"
        newest = self.newest.get(licence, (0, b""))[0]
        if total != newest + 1:
            return 409, {"error": "plays.used", "message": "That play is used.", "newest": str(newest)}
        self.newest[licence] = (total, signature)
        left = found[4] - total
        return 200, {"stream": "/stream", "size": 8, "media_type": "audio/wav", "left": str(left)}


def test_prepaid_plays_are_signed_by_the_page_and_redeemed_in_one_transaction(
    shopper: Shopper, market: Market
) -> None:
    sale, buyer = market.plays(ETHER // 1000), market.buyer()
    till = market.server.till = Till(market)
    market.server.put("stream", b"RIFF....")
    enter(shopper, sale, buyer)
    shopper.click(CONNECT)
    before = market.balance(COLLABORATORS[0])
    shopper("type", field="quantity", text="3")
    shopper.click("Pay 0.003 ETH")
    shopper.see("3 of 3 plays left")
    assert market.balance(COLLABORATORS[0]) - before == 3 * ETHER // 4000
    receipt = shopper.save("Save the receipt")
    shopper.click("Play")
    shopper.see("2 of 3 plays left")
    playing = shopper("run", script="document.querySelector('audio').src")
    assert playing == f"{market.server.address}/stream"
    # In another browser, from the receipt of before the first play: it goes on after what the server knows.
    enter(shopper, sale, None)
    shopper("drop", name="receipt.json", content=encoded(receipt))
    shopper.see("3 of 3 plays left")
    shopper.click("Play")
    shopper.see("1 of 3 plays left")
    shopper.click("Play")
    shopper.see("All 3 plays are used.")
    voucher = json.loads(shopper.save("Save the newest voucher"))
    assert (buyer.asked.count("eth_signTypedData_v4"), len(buyer.sent)) == (0, 1)
    # The seller redeems all of them with the newest; the app reads the page's voucher as one of its own.
    ((licence, (total, signature)),) = till.newest.items()
    read = Voucher.from_json(json.dumps(voucher))
    assert (read.licence, read.total, read.signature) == (licence, total, signature)
    assert read.contract == contract_address("Licences")
    market.world.licences.send("redeem", licence, total, signature, sender=CREATOR)
    assert market.world.licences.call("licence", licence)[4:6] == (3, 3)


def test_plays_on_terms_that_were_withdrawn_take_no_money(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.plays(ETHER // 1000), market.buyer()
    enter(shopper, sale, buyer)
    shopper.click(CONNECT)
    shopper.see("How many plays?")
    market.world.licences.send("withdraw", market.token.address, *sale.offer, sender=CREATOR)
    shopper.click("Pay 0.01 ETH")
    shopper.see("This is no longer on sale")
    assert buyer.sent == []


# --- How it looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 1000), ("light", 320)])
def test_the_page_follows_light_and_dark_and_narrow_windows(
    scheme: str, width: int, shopper: Shopper, market: Market
) -> None:
    enter(shopper, market.sale(window=DAY), None, scheme=scheme, width=width)
    shopper.click(GET)
    shopper.see("There is no wallet in this browser")
    look = shopper("look")
    ink = {"light": "rgb(30, 27, 23)", "dark": "rgb(238, 233, 223)"}[scheme]
    assert (look["color"], look["unlabelled"], look["clipped"], look["wider"]) == (ink, 0, 0, False)
    assert look["steps"][:2] == [["Get the locked file", "done"], ["Connect your wallet", "now"]]


def test_a_purchase_needs_no_mouse(shopper: Shopper, market: Market) -> None:
    sale, buyer = market.sale(), market.buyer()
    enter(shopper, sale, buyer)

    def press(label: str) -> None:
        shopper.see(label)
        shopper("key", name="Home")
        for _ in range(12):
            shopper("key", name="Tab")
            if shopper("run", script="document.activeElement.innerText.replaceAll('\u00a0', ' ')") == label:
                shopper("key", name="Enter")
                return
        raise AssertionError(f"no way to {label} by keyboard")

    press(GET)
    press(CONNECT)
    press(PAY)
    shopper.see("Paid:")


def test_hostile_words_of_a_seller_are_shown_as_words(shopper: Shopper, market: Market) -> None:
    sale = market.sale()
    words_of_seller = "</script><img src=x onerror=alert(1)>"
    for name in ("title", "creator", "description", "file_name"):
        sale.json["work"][name] = words_of_seller
    sale.json["split"][0]["name"] = words_of_seller
    enter(shopper, market.page(sale.work, sale.offer, sale.package, sale.json), None)
    shopper.see(words_of_seller)
    assert shopper("run", script="document.querySelectorAll('main img').length") == 0
    assert shopper("seen")["problems"] == []
