"""Sending, looking, speeding up and cancelling, as the front ends do it; and what is said before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.anvil import Anvil, running_anvil
from integration.people import PASSPHRASE, active

from desktop_app.chain import sender as sender_module
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import deploy_call, faucet_call
from desktop_app.chain.data_fees import OP_ORACLE
from desktop_app.chain.wire import checksummed
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import CorruptError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.actions import Action, Review, Weight
from desktop_app.services.app import Services
from desktop_app.services.networks import EndpointState
from desktop_app.services.transactions import Speed, TransactionService, TransactionState
from desktop_app.services.wording import words
from desktop_app.wallet.accounts import address_of
from desktop_app.wallet.signer import AccountSigner

DATA_FEE_OF_1_GWEI = "0x7f" + (10**9).to_bytes(32, "big").hex() + "5f5260205ff3"
SHOP = checksummed("0x1234" + "b2" * 16 + "9876")
POISON = checksummed("0x1234" + "c3" * 16 + "9876")


def coins(services: Services, units: int) -> Amount:
    return Amount(units, services.networks.active.native)


def codes(review: Review) -> list[str]:
    for one in review.warnings:
        assert words(one.code, "title", **one.params)
        assert words(one.code, "text", **one.params)
    return [one.code for one in review.warnings]


def test_money_is_sent_to_a_name_and_listed_with_words(alone: Services) -> None:
    alone.address_book.add(SHOP, "Shop")
    action = alone.transactions.prepare_send("shop", coins(alone, 5 * 10**17))
    assert alone.transactions.page() == ()
    sent = action.execute()
    assert (sent.state, sent.versions, sent.recipient, sent.recipient_name) == (
        TransactionState.FINAL, 1, SHOP, "Shop",
    )  # fmt: skip
    assert "0.5 ETH" in sent.text
    assert sent.fee is not None
    assert 0 < sent.fee.units <= action.review.fee_worst_case.units
    assert alone.networks.balances(SHOP)[0].units == 5 * 10**17
    assert alone.transactions.page() == (sent,) == alone.transactions.page(network_key="practice")
    assert alone.transactions.page(network_key="base") == ()
    assert alone.transactions.get(sent.first_hash) == sent
    assert alone.transactions.waiting() == ()
    with pytest.raises(NotFoundError):
        alone.transactions.get("0x12")


def test_dollars_are_sent_too(alone: Services) -> None:
    dollar = alone.networks.active.dollar
    assert dollar is not None
    sent = alone.transactions.prepare_send(SHOP, Amount(5, dollar)).execute()
    assert alone.networks.balances(SHOP)[1].units == 5
    assert sent.recipient == SHOP, "not the contract of the currency"


def test_what_makes_no_sense_is_not_even_prepared(alone: Services) -> None:
    dollar = alone.networks.active.dollar
    assert dollar is not None
    prepare = alone.transactions.prepare_send
    for code, to, amount in (
        ("nothing_to_send", SHOP, coins(alone, 0)),
        ("to_yourself", active(alone), coins(alone, 1)),
        ("other_network", SHOP, Amount(1, dataclasses.replace(dollar, chain_id=1))),
        ("nobody_called", "Nobody", coins(alone, 1)),
        ("not_an_address", "0x12", coins(alone, 1)),
    ):
        with pytest.raises(InvalidInputError, match=code):
            prepare(to, amount)
    with pytest.raises(RefusedError, match="not_enough"):
        prepare(SHOP, Amount(10**15, dollar))
    with pytest.raises(RefusedError, match="insufficient_funds"):
        prepare(SHOP, coins(alone, 10**24))
    with pytest.raises(RefusedError, match="to_the_currency"):
        prepare(dollar.address, Amount(1, dollar))


def test_the_chosen_speed_is_kept_and_used(alone: Services) -> None:
    action = alone.transactions.prepare_send(SHOP, coins(alone, 1))
    choices = alone.transactions.fee_choices(action)
    assert [one.speed for one in choices] == list(Speed)
    worst = [one.worst_case.units for one in choices]
    assert worst == sorted(set(worst))
    assert alone.transactions.speed is Speed.NORMAL
    alone.transactions.set_speed(Speed.FAST)
    fast = alone.transactions.prepare_send(SHOP, coins(alone, 1))
    slow = alone.transactions.prepare_send(SHOP, coins(alone, 1), Speed.SLOW)
    assert [fast.review.fee_worst_case.units, slow.review.fee_worst_case.units] == [worst[2], worst[0]]


# --- Before the signature -------------------------------------------------------------------------------


def test_the_review_says_what_changes_and_to_whom(alone: Services) -> None:
    alone.address_book.add(SHOP, "Shop")
    dollar = alone.networks.active.dollar
    assert dollar is not None
    action = alone.transactions.prepare_send(SHOP, Amount(7, dollar))
    assert not action.review.examined
    review = alone.reviews.examine(action)
    assert (review.examined, review.recipient_name, review.changes) == (True, "Shop", (Amount(-7, dollar),))
    assert codes(review) == []
    assert action.execute().state is TransactionState.FINAL


def test_a_stranger_is_named_as_such_only_the_first_time(alone: Services) -> None:
    action = alone.transactions.prepare_send(SHOP, coins(alone, 10**18))
    assert codes(alone.reviews.examine(action)) == ["warning.new_address"]
    assert [one.code for one in alone.reviews.check_recipient(SHOP)] == ["warning.new_address"]
    action.execute()
    again = alone.transactions.prepare_send(SHOP, coins(alone, 10**18))
    assert codes(alone.reviews.examine(again)) == []


def test_a_look_alike_of_somebody_paid_before_is_a_danger(alone: Services) -> None:
    alone.transactions.prepare_send(SHOP, coins(alone, 10**18)).execute()
    review = alone.reviews.examine(alone.transactions.prepare_send(POISON, coins(alone, 10**18)))
    assert codes(review) == ["warning.look_alike"]
    assert review.warnings[0].weight is Weight.DANGER
    assert SHOP in review.warnings[0].params.values()
    assert [one.code for one in alone.reviews.check_recipient(POISON)] == ["warning.look_alike"]


def test_a_fee_out_of_proportion_is_said(alone: Services) -> None:
    alone.address_book.add(SHOP, "Shop")
    action = alone.transactions.prepare_send(SHOP, coins(alone, 1))
    assert codes(alone.reviews.examine(action)) == ["warning.high_fee"]


def test_an_unknown_contract_is_told_from_our_own(alone: Services) -> None:
    chain = alone.networks.chain()
    dollar = chain.network.dollar
    assert dollar is not None
    call = faucet_call(SHOP, Amount(1, dollar))

    def review_of(recipient: str) -> list[str]:
        review = Review("review.send", "practice", "Practice", True, active(alone), coins(alone, 1),
                        recipient=recipient, params={"amount": "", "to": ""})  # fmt: skip
        return codes(alone.reviews.examine(Action(review, lambda task: None, [call])))

    from desktop_app.chain.artifacts import contract_address

    assert review_of(contract_address("Registry")) == review_of(dollar.address) == []
    code = bytes.fromhex("600c600c5f3960055ff3") + b"\x60\x01\x5f\x52\x00"
    sender = alone.networks.sender(chain)
    stranger = sender.send(dataclasses.replace(deploy_call("Registry"), data=bytes(32) + code))
    assert stranger.succeeded
    from eth_hash.auto import keccak

    made = keccak(b"\xff" + bytes.fromhex(deploy_call("Registry").to[2:]) + bytes(32) + keccak(code))[12:]
    assert review_of(checksummed("0x" + made.hex())) == ["warning.unknown_contract"]


def test_an_account_with_foreign_code_is_a_danger(alone: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    alone.address_book.add(SHOP, "Shop")
    action = alone.transactions.prepare_send(SHOP, coins(alone, 10**18))
    real = Chain.code

    def delegated(self: Chain, address: str) -> bytes:
        return bytes.fromhex("ef0100" + "ab" * 20) if address == active(alone) else real(self, address)

    monkeypatch.setattr(Chain, "code", delegated)
    review = alone.reviews.examine(action)
    assert codes(review) == ["warning.delegated_account"]


def test_a_network_that_became_another_one_stops_the_review(
    alone: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = alone.transactions.prepare_send(SHOP, coins(alone, 1))
    rpc = alone.networks.chain().rpc
    real = rpc.call
    monkeypatch.setattr(rpc, "call", lambda m, p=(): "0x1" if m == "eth_chainId" else real(m, p))
    with pytest.raises(RefusedError, match=r"chain\.wrong_network"):
        alone.reviews.examine(action)


def test_what_would_fail_by_now_is_said_in_the_review(alone: Services) -> None:
    dollar = alone.networks.active.dollar
    assert dollar is not None
    action = alone.transactions.prepare_send(SHOP, Amount(900 * 10**6, dollar))
    alone.transactions.prepare_send(SHOP, Amount(500 * 10**6, dollar)).execute()
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        alone.reviews.examine(action)


# --- What is stuck --------------------------------------------------------------------------------------


@pytest.fixture
def stuck_world(alone: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, Anvil]]:
    """Somebody on a real node that poses as a test network and mines only when told."""
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.1)
    with running_anvil(chain_id=84532) as anvil:
        alone.networks.set_endpoints("base-sepolia", (anvil.url,))
        alone.networks.select("base-sepolia")
        rpc = alone.networks.chain().rpc
        rpc.call("anvil_setBalance", [active(alone), hex(10**20)])
        rpc.call("anvil_setCode", [OP_ORACLE, DATA_FEE_OF_1_GWEI])
        rpc.call("evm_setAutomine", [False])
        yield alone, anvil


def impatient(services: Services) -> None:
    """Senders that do not wait for blocks."""
    sender = services.networks.sender(services.networks.chain())
    sender._patience = 0.0


@pytest.mark.anvil
def test_a_stuck_payment_is_listed_sped_up_and_found_done(
    stuck_world: tuple[Services, Anvil], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _ = stuck_world
    impatient(services)
    rpc = services.networks.chain().rpc
    with pytest.raises(Exception, match="still_waiting"):
        services.transactions.prepare_send(SHOP, coins(services, 5)).execute()
    (seen,) = services.transactions.waiting()
    assert (seen.state, seen.is_waiting, seen.fee) == (TransactionState.WAITING, True, None)
    monkeypatch.setattr("desktop_app.services.transactions.STUCK_AFTER_SECONDS", -1)
    assert services.transactions.get(seen.tx_hash).state is TransactionState.STUCK
    faster = services.transactions.speed_up(seen.tx_hash)
    assert "Send <0.000001 ETH to 0x1234…9876" in words(faster.review.action, **faster.review.params)
    assert (faster.review.amount, faster.review.recipient) == (coins(services, 5), SHOP)
    after = faster.execute()
    assert (after.versions, after.first_hash, after.is_waiting) == (2, seen.first_hash, True)
    assert after.tx_hash != seen.tx_hash
    assert len(services.transactions.page(network_key="base-sepolia")) == 1, (
        "one transaction, however many versions"
    )
    rpc.call("evm_mine")
    services.wallet.lock()
    (found,) = services.transactions.resume()
    assert (found.waiting, found.problem) == (0, None)
    done = services.transactions.get(seen.first_hash)
    assert (done.state, done.tx_hash) == (TransactionState.DONE, after.tx_hash)
    rpc.call("anvil_mine", [hex(200)])
    services.transactions.resume()
    assert services.transactions.get(seen.first_hash).state is TransactionState.FINAL
    assert services.transactions.resume() == ()
    services.wallet.unlock(PASSPHRASE)
    with pytest.raises(RefusedError, match="already_mined"):
        services.transactions.speed_up(seen.first_hash)


@pytest.mark.anvil
def test_a_stuck_payment_is_cancelled(stuck_world: tuple[Services, Anvil]) -> None:
    services, _ = stuck_world
    impatient(services)
    rpc = services.networks.chain().rpc
    with pytest.raises(Exception, match="still_waiting"):
        services.transactions.prepare_send(SHOP, coins(services, 5)).execute()
    (seen,) = services.transactions.waiting()
    after = services.transactions.cancel(seen.tx_hash).execute()
    assert after.state is TransactionState.CANCELLING
    rpc.call("evm_mine")
    services.transactions.resume()
    gone = services.transactions.get(seen.first_hash)
    assert (gone.state, gone.recipient, gone.text) == (TransactionState.CANCELLED, SHOP, seen.text)
    assert gone.fee is not None
    assert services.networks.balances(SHOP)[0].units == 0


@pytest.mark.anvil
def test_a_network_that_is_away_is_told_not_raised(stuck_world: tuple[Services, Anvil]) -> None:
    services, anvil = stuck_world
    impatient(services)
    with pytest.raises(Exception, match="still_waiting"):
        services.transactions.prepare_send(SHOP, coins(services, 5)).execute()
    anvil.process.kill()
    anvil.process.wait()
    (told,) = services.transactions.resume()
    assert told.problem is not None
    assert [one.state for one in services.transactions.waiting()] == [TransactionState.WAITING]


def test_every_state_has_words(alone: Services, tmp_path: Path) -> None:
    for state in TransactionState:
        assert words(f"transaction.{state.value}")
    assert isinstance(alone.transactions, TransactionService)


# --- Several nodes --------------------------------------------------------------------------------------


@pytest.mark.anvil
def test_another_node_takes_over_and_a_stranger_is_reported(alone: Services) -> None:
    with running_anvil(chain_id=421614) as first, running_anvil(chain_id=421614) as second:
        with running_anvil(chain_id=1) as stranger:
            urls = (first.url, second.url, stranger.url)
            alone.networks.set_endpoints("arbitrum-sepolia", urls)
            found = alone.networks.health("arbitrum-sepolia", check=True)
            # Two nodes that never met have different blocks, as a lying node has.
            assert [one.state for one in found][2] is EndpointState.WRONG_NETWORK
        first.process.kill()
        first.process.wait()
        assert alone.networks.status("arbitrum-sepolia").reachable
        states = [one.state for one in alone.networks.health("arbitrum-sepolia")]
        assert states[0] is EndpointState.RESTING
    assert alone.networks.health("practice") == ()


@pytest.mark.anvil
def test_a_review_tells_of_a_node_that_contradicts_the_others(
    stuck_world: tuple[Services, Anvil], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same account, another balance: one of the two lies, and the user is told before signing."""
    services, anvil = stuck_world
    services.networks.chain().rpc.call("evm_setAutomine", [True])
    action = services.transactions.prepare_send(SHOP, coins(services, 5))
    before = services.reviews.examine(action)
    assert "warning.doubted_node" not in codes(before)
    # Whoever can write the settings can name a node: the review says which one was asked.
    [told] = [one for one in before.warnings if one.code == "warning.own_node"]
    assert (told.weight, told.params) == (Weight.NOTE, {"hosts": "127.0.0.1"})
    with running_anvil(chain_id=1) as stranger:
        services.networks.set_endpoints("base-sepolia", (anvil.url, stranger.url))
        review = services.reviews.examine(action)
        assert "warning.doubted_node" in codes(review)
        assert services.networks.suspects("base-sepolia")
        asked = []
        monkeypatch.setattr(services.networks, "health", lambda *a, **k: asked.append(a))
        services.networks.suspects("base-sepolia")
        assert not asked, "not at every review"


@pytest.mark.anvil
def test_a_journal_that_somebody_wrote_into_pays_nobody_anew(stuck_world: tuple[Services, Anvil]) -> None:
    """A thief puts his own transaction, or an earlier one of the user's, in place of the one that waits."""
    services, _ = stuck_world
    impatient(services)
    for units in (5, 6):
        with pytest.raises(Exception, match="still_waiting"):
            services.transactions.prepare_send(SHOP, coins(services, units)).execute()
    second, first = services.transactions.waiting()
    earlier = services.transactions._stored(first.tx_hash)
    stored = services.transactions._stored(second.tx_hash)
    forged = AccountSigner(address_of(bytes([7]) * 32), lambda: bytes([7]) * 32).sign_transaction(
        {
            "type": 2, "chainId": 84532, "nonce": stored.nonce, "to": POISON, "value": 10**18, "data": "0x",
            "gas": 21_000, "maxFeePerGas": 10**9, "maxPriorityFeePerGas": 1,
        }
    )  # fmt: skip
    for raw in (forged, earlier.raw, b"\x02nonsense"):
        with services.database.transaction() as connection:
            connection.execute("UPDATE transactions SET raw = ? WHERE tx_hash = ?", (raw, stored.tx_hash))
        for act in (services.transactions.speed_up, services.transactions.cancel):
            with pytest.raises(CorruptError, match="transaction_changed"):
                act(stored.tx_hash)


def test_more_that_would_leave_than_the_review_says_is_a_danger(alone: Services) -> None:
    action = alone.transactions.prepare_send(SHOP, coins(alone, 500))
    told = dataclasses.replace(action.review, amount=coins(alone, 499))
    review = alone.reviews.examine(Action(told, lambda _: None, action.calls))
    assert "warning.more_leaves" in codes(review)
    assert review.is_dangerous
    assert "warning.more_leaves" not in codes(alone.reviews.examine(action))
