"""The sender against the practice node, with an unreliable line between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from desktop_app.chain import sender as sender_module
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call, deploy_call, pay_call, send_call
from desktop_app.chain.fees import Speed
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.refusals import Verdict, judge
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.sender import Sender
from desktop_app.chain.wire import to_data
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import FixedClock, SystemClock
from desktop_app.core.errors import CancelledError, NotFoundError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.store.transactions import Purpose, TransactionRepository, TransactionStatus

CHAIN_ID = 6516588
SHOP = "0x" + "44" * 20
Interference = Callable[[Callable[[], Any]], Any]


class Line:
    """Passes calls to the practice node; `next[method]` holds what happens to the coming ones."""

    def __init__(self, node: PracticeNode) -> None:
        self.node = node
        self.next: dict[str, list[Interference]] = {}
        self.always: dict[str, Interference] = {}
        self.sent: list[str] = []

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        def pass_on() -> Any:
            return self.node.call(method, params)

        if method == "eth_sendRawTransaction":
            self.sent.append(params[0])
        waiting = self.next.get(method)
        if waiting:
            return waiting.pop(0)(pass_on)
        return self.always[method](pass_on) if method in self.always else pass_on()

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return [self.call(*call) for call in calls]

    def close(self) -> None: ...


def lose_answer(pass_on: Callable[[], Any]) -> Any:
    pass_on()
    raise UnavailableError("chain.timeout", host="node")


def lose_request(pass_on: Callable[[], Any]) -> Any:
    raise UnavailableError("chain.unreachable", host="node", reason="ConnectionError")


def answer(value: Any) -> Interference:
    return lambda pass_on: value


def refuse(message: str, code: int = -32000) -> Interference:
    def no(pass_on: Callable[[], Any]) -> Any:
        raise RpcError("eth_sendRawTransaction", code, message)

    return no


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.003)
    monkeypatch.setattr(sender_module, "_LAG_PAUSE", 0.001)


@pytest.fixture
def line(node: PracticeNode) -> Line:
    return Line(node)


@pytest.fixture
def shaky(line: Line, funded: Any, journal: TransactionRepository, clock: FixedClock) -> Sender:
    return Sender(Chain(network("practice"), line), funded, journal, clock)


@pytest.fixture
def pay(chain: Chain) -> Call:
    return send_call(SHOP, Amount(5, chain.network.native))


def paid(node: PracticeNode) -> int:
    return int(node.call("eth_getBalance", [SHOP, "latest"]), 16)


def only(journal: TransactionRepository) -> Any:
    (stored,) = journal.newest()
    return stored


def test_a_transaction_is_stored_before_it_leaves(
    line: Line, shaky: Sender, journal: TransactionRepository, pay: Call
) -> None:
    def look(pass_on: Callable[[], Any]) -> Any:
        stored = only(journal)
        assert stored.status is TransactionStatus.PREPARED
        assert to_data(stored.raw) == line.sent[-1]
        return pass_on()

    line.next["eth_sendRawTransaction"] = [look]
    receipt = shaky.send(pay)
    stored = only(journal)
    assert (stored.status, stored.tx_hash) == (TransactionStatus.MINED, receipt.tx_hash)
    assert (stored.block_number, stored.gas_used, stored.fee) == (2, 21_000, receipt.fee.units)
    assert (stored.code, stored.params["to"]) == ("action.transfer", SHOP)


def test_a_lost_answer_pays_once(line: Line, shaky: Sender, node: PracticeNode, pay: Call) -> None:
    line.next["eth_sendRawTransaction"] = [lose_answer]
    assert shaky.send(pay).succeeded
    assert (paid(node), len(line.sent)) == (5, 1)


def test_a_lost_request_is_sent_again_with_the_same_bytes(
    line: Line, shaky: Sender, node: PracticeNode, pay: Call
) -> None:
    line.next["eth_sendRawTransaction"] = [lose_request]
    assert shaky.send(pay).succeeded
    assert paid(node) == 5
    assert len(line.sent) == 2
    assert line.sent[0] == line.sent[1]


@pytest.mark.parametrize("words", ["nonce too low: next nonce 1, tx nonce 0", "transaction underpriced"])
def test_a_refusal_of_the_second_sending_ends_nothing(
    line: Line, shaky: Sender, node: PracticeNode, pay: Call, words: str
) -> None:
    """Found by an attack: such a payment was called refused, mined later, and paid again."""
    line.next["eth_sendRawTransaction"] = [lose_request, refuse(words)]
    assert shaky.send(pay).succeeded
    assert paid(node) == 5


def test_a_fault_of_the_node_is_looked_into(line: Line, shaky: Sender, node: PracticeNode, pay: Call) -> None:
    line.next["eth_sendRawTransaction"] = [refuse("internal error", -32603)]
    assert shaky.send(pay).succeeded
    assert paid(node) == 5


def test_already_known_is_as_good_as_sent(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    def twice(pass_on: Callable[[], Any]) -> Any:
        pass_on()
        return pass_on()

    line.next["eth_sendRawTransaction"] = [twice]
    tx_hash = shaky.submit(pay)
    assert journal.get(CHAIN_ID, tx_hash).status is TransactionStatus.SENT
    assert shaky.wait(tx_hash).succeeded
    assert paid(node) == 5


def test_cancelling_the_waiting_does_not_lose_the_transaction(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    task = Task()

    def cancel(pass_on: Callable[[], Any]) -> None:
        task.cancel()

    line.next["eth_getTransactionReceipt"] = [cancel]
    with pytest.raises(CancelledError):
        shaky.send(pay, task=task)
    assert only(journal).status is TransactionStatus.SENT
    assert shaky.resume() == []
    assert only(journal).status is TransactionStatus.MINED
    assert paid(node) == 5


def test_cancelling_before_the_signature_sends_nothing(
    line: Line, shaky: Sender, journal: TransactionRepository, pay: Call
) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        shaky.send(pay, task=task)
    assert (journal.newest(), line.sent) == ([], [])


def test_what_a_crash_left_unsent_is_sent_after_the_restart(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, clock: FixedClock,
    funded: Any, pay: Call,
) -> None:  # fmt: skip
    def crash(pass_on: Callable[[], Any]) -> Any:
        raise KeyboardInterrupt

    line.next["eth_sendRawTransaction"] = [crash]
    with pytest.raises(KeyboardInterrupt):
        shaky.send(pay)
    assert (only(journal).status, paid(node)) == (TransactionStatus.PREPARED, 0)
    restarted = Sender(Chain(network("practice"), node), funded, journal, clock)
    assert restarted.resume() == [only(journal).tx_hash]
    assert restarted.resume() == []
    assert (only(journal).status, paid(node)) == (TransactionStatus.MINED, 5)


def test_a_new_transaction_first_sends_what_was_left_behind(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    line.next["eth_sendRawTransaction"] = [lose_request]
    first = shaky.submit(pay)
    second = shaky.send(pay)
    assert [journal.get(CHAIN_ID, h).nonce for h in (first, second.tx_hash)] == [0, 1]
    assert shaky.wait(first).succeeded
    assert paid(node) == 10


def test_a_transaction_whose_number_was_used_elsewhere_is_replaced(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, funded: Any, transfer: Any,
    pay: Call,
) -> None:  # fmt: skip
    line.next["eth_sendRawTransaction"] = [lose_request]
    tx_hash = shaky.submit(pay)
    node.call("eth_sendRawTransaction", [to_data(transfer(funded))])
    with pytest.raises(RefusedError, match=r"chain\.replaced"):
        shaky.wait(tx_hash)
    assert only(journal).status is TransactionStatus.REPLACED
    assert paid(node) == 0


def test_resume_notices_a_replaced_transaction_too(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, funded: Any, transfer: Any,
    pay: Call,
) -> None:  # fmt: skip
    line.next["eth_sendRawTransaction"] = [lose_request]
    shaky.submit(pay)
    node.call("eth_sendRawTransaction", [to_data(transfer(funded))])
    assert shaky.resume() == []
    assert only(journal).status is TransactionStatus.REPLACED


def test_a_clear_refusal_ends_it_and_frees_its_number(
    line: Line, shaky: Sender, journal: TransactionRepository, pay: Call
) -> None:
    line.next["eth_sendRawTransaction"] = [refuse("transaction underpriced")]
    with pytest.raises(RefusedError, match="underpriced"):
        shaky.send(pay)
    assert only(journal).status is TransactionStatus.FAILED
    shaky.send(pay)
    assert journal.newest()[0].nonce == 0


def test_a_refusal_for_money_says_so(line: Line, shaky: Sender, pay: Call) -> None:
    line.next["eth_sendRawTransaction"] = [refuse("insufficient funds for gas * price + value")]
    with pytest.raises(RefusedError, match=r"chain\.refused_funds"):
        shaky.send(pay)


def test_a_node_that_lags_is_waited_for(line: Line, shaky: Sender, node: PracticeNode, pay: Call) -> None:
    shaky.send(pay)
    line.next["eth_getTransactionCount"] = [answer("0x0")] * 4
    assert shaky.send(pay).succeeded
    assert paid(node) == 10


def test_a_chain_that_was_set_back_is_believed(
    shaky: Sender, node: PracticeNode, funded: Any, pay: Call
) -> None:
    shaky.send(pay)
    shaky.send(pay)
    node.reset()
    node.faucet(funded.address, 10**18)
    assert shaky.send(pay).succeeded
    assert paid(node) == 5


def test_a_short_absence_of_the_node_is_waited_out(line: Line, shaky: Sender, pay: Call) -> None:
    line.next["eth_getTransactionReceipt"] = [lose_request, lose_request, refuse("try later")]
    assert shaky.send(pay).succeeded


def test_waiting_ends_when_the_patience_does(
    line: Line, funded: Any, journal: TransactionRepository, pay: Call
) -> None:
    line.always["eth_getTransactionReceipt"] = answer(None)
    sender = Sender(Chain(network("practice"), line), funded, journal, SystemClock(), patience=0.0)
    line.always["eth_getTransactionCount"] = answer("0x0")
    with pytest.raises(UnavailableError, match=r"chain\.still_waiting"):
        sender.send(pay)
    assert only(journal).status is TransactionStatus.SENT


def test_a_node_of_another_network_gets_nothing_to_see(
    line: Line, shaky: Sender, journal: TransactionRepository, pay: Call
) -> None:
    line.always["eth_chainId"] = answer("0x1")
    for attempt in (shaky.quote, shaky.send):
        with pytest.raises(RefusedError, match=r"chain\.wrong_network"):
            attempt(pay)
    assert (line.sent, journal.newest()) == ([], [])


def test_money_is_never_sent_to_a_contract_that_is_not_there(
    line: Line, shaky: Sender, chain: Chain, journal: TransactionRepository
) -> None:
    with pytest.raises(RefusedError, match=r"chain\.no_contract"):
        shaky.send(pay_call(SHOP, Amount(5, chain.network.native), bytes(32)))
    line.always["eth_getCode"] = answer("0x")
    with pytest.raises(RefusedError, match=r"chain\.no_deployer"):
        shaky.send(deploy_call("TestDollar"))
    assert (line.sent, journal.newest()) == ([], [])


def test_an_account_without_money_is_told_before_anything_is_signed(
    node: PracticeNode, make_signer: Any, journal: TransactionRepository, clock: FixedClock, pay: Call
) -> None:
    poor = Sender(Chain(network("practice"), node), make_signer(99), journal, clock)
    with pytest.raises(RefusedError) as caught:
        poor.quote(pay)
    assert caught.value.code == "chain.insufficient_funds"
    node.faucet(poor.address, 10**10 + 6)
    with pytest.raises(RefusedError) as with_fee:
        poor.quote(pay)
    assert with_fee.value.code == "chain.insufficient_funds"
    assert with_fee.value.params["held"] == "0.00000001"
    assert all(len(str(with_fee.value.params[name])) <= 20 for name in ("needed", "held"))
    assert journal.newest() == []


def test_no_more_than_the_quote_is_paid(
    line: Line, shaky: Sender, journal: TransactionRepository, pay: Call
) -> None:
    quote = shaky.quote(pay)
    dear = {"baseFeePerGas": ["0x1", hex(quote.max_fee + 1)], "reward": []}
    line.always["eth_feeHistory"] = answer(dear)
    with pytest.raises(RefusedError, match=r"chain\.fee_outdated"):
        shaky.send(pay, quote)
    assert journal.newest() == []


def test_a_transaction_that_fails_on_chain_is_told_with_its_fee(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    deploy = deploy_call("TestDollar")
    quote = shaky.quote(deploy)
    shaky.send(deploy, quote)
    with pytest.raises(RefusedError, match=r"chain\.mined_reverted"):
        shaky.send(deploy, quote)
    failed = journal.newest()[0]
    assert failed.status is TransactionStatus.FAILED
    assert failed.block_number == int(node.call("eth_blockNumber"), 16)
    assert failed.fee
    shaky.send(pay)
    assert journal.newest()[0].nonce == failed.nonce + 1


def test_the_fee_for_data_on_ethereum_is_counted(
    line: Line, shaky: Sender, node: PracticeNode, pay: Call
) -> None:
    def dearer(pass_on: Callable[[], Any]) -> Any:
        found = pass_on()
        return found and found | {"l1Fee": "0x3e8"}

    line.always["eth_getTransactionReceipt"] = dearer
    receipt = shaky.send(pay)
    plain = node.call("eth_getTransactionReceipt", [receipt.tx_hash])
    assert receipt.fee.units == 21_000 * int(plain["effectiveGasPrice"], 16) + 1000


@pytest.mark.parametrize(
    "damage",
    [
        {"transactionHash": "0x" + "11" * 32},
        {"transactionHash": None},
        {"status": None},
        {"gasUsed": "?"},
        {"logs": {}},
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused(
    line: Line, shaky: Sender, pay: Call, damage: dict[str, Any]
) -> None:
    receipt = shaky.send(pay)
    line.always["eth_getTransactionReceipt"] = lambda pass_on: pass_on() | damage
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        shaky.receipt(receipt.tx_hash)


def test_threads_that_send_at_once_get_different_numbers(
    shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    threads = [threading.Thread(target=shaky.send, args=(pay,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(t.nonce for t in journal.newest()) == [0, 1, 2, 3]
    assert paid(node) == 20


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("already known", Verdict.KNOWN),
        ("transaction already imported", Verdict.KNOWN),
        ("Insufficient funds for gas * price + value", Verdict.NO_MONEY),
        ("nonce too low: next nonce 5, tx nonce 4", Verdict.NEVER),
        ("replacement transaction underpriced", Verdict.NEVER),
        ("max fee per gas less than block base fee", Verdict.NEVER),
        ("internal error", Verdict.UNCLEAR),
        ("", Verdict.UNCLEAR),
        ("request timed out", Verdict.UNCLEAR),
        ("daily request count exceeded, request rate limited", Verdict.UNCLEAR),
    ],
)
def test_refusals_are_understood(words: str, verdict: Verdict) -> None:
    assert judge(RpcError("eth_sendRawTransaction", -32000, words)) is verdict


@pytest.fixture
def waiting(line: Line, shaky: Sender, node: PracticeNode, pay: Call) -> str:
    """A transaction that the node has taken and does not mine; afterwards the line works as before."""
    line.next["eth_sendRawTransaction"] = [answer("0x")]
    return shaky.submit(pay)


def test_a_node_that_wants_a_higher_bump_leaves_the_first_version_on_its_way(
    line: Line, shaky: Sender, journal: TransactionRepository, waiting: str, node: PracticeNode
) -> None:
    line.always["eth_getTransactionByHash"] = answer({})
    faster = shaky.replacement(waiting, Purpose.SPEED_UP)
    line.next["eth_sendRawTransaction"] = [refuse("replacement transaction underpriced")]
    with pytest.raises(RefusedError, match="underpriced"):
        shaky.replace(faster)
    assert [one.status for one in journal.newest()] == [TransactionStatus.FAILED, TransactionStatus.SENT]
    assert shaky.resume() == [waiting]
    del line.always["eth_getTransactionByHash"]
    assert shaky.resume() == [waiting]
    assert shaky.wait(waiting).succeeded
    assert paid(node) == 5


def test_a_version_whose_answer_got_lost_is_followed_too(
    line: Line, shaky: Sender, journal: TransactionRepository, waiting: str, node: PracticeNode
) -> None:
    line.next["eth_getTransactionByHash"] = [answer({})] * 2
    faster = shaky.replacement(waiting, Purpose.SPEED_UP)
    line.next["eth_sendRawTransaction"] = [lose_answer]
    new = shaky.replace(faster)
    assert shaky.wait(waiting).tx_hash == new
    assert [one.status for one in journal.newest()] == [TransactionStatus.MINED, TransactionStatus.REPLACED]
    assert paid(node) == 5


def test_what_a_node_once_took_is_not_given_up_when_another_refuses_it(
    line: Line, shaky: Sender, journal: TransactionRepository, waiting: str, node: PracticeNode
) -> None:
    line.next["eth_sendRawTransaction"] = [refuse("transaction underpriced"), refuse("insufficient funds")]
    assert shaky.resume() == [waiting]
    assert shaky.resume() == [waiting]
    assert only(journal).status is TransactionStatus.SENT
    assert shaky.resume() == [waiting], "this time the node took it"
    assert shaky.resume() == []
    assert paid(node) == 5


def test_another_wallets_transaction_with_the_same_number_is_not_taken_for_ours(
    line: Line, shaky: Sender, journal: TransactionRepository, funded: Any, waiting: str, node: PracticeNode
) -> None:
    node.call("eth_sendRawTransaction", [to_data(_same_number(funded, node))])
    with pytest.raises(RefusedError, match=r"chain\.already_mined"):
        shaky.replacement(waiting, Purpose.CANCEL)
    assert only(journal).status is TransactionStatus.REPLACED
    assert paid(node) == 0


def _same_number(signer: Any, node: PracticeNode) -> bytes:
    return bytes(
        signer.sign_transaction(
            {
                "type": 2, "chainId": CHAIN_ID, "nonce": 0, "to": "0x" + "22" * 20, "value": 1,
                "gas": 21_000, "maxFeePerGas": 4 * 10**9, "maxPriorityFeePerGas": 1,
            }
        )
    )  # fmt: skip


def test_a_replacement_beyond_the_fee_bounds_is_refused(
    line: Line, shaky: Sender, journal: TransactionRepository, waiting: str
) -> None:
    line.always["eth_getTransactionByHash"] = answer({})
    dear = {"baseFeePerGas": [hex(10**13)], "reward": []}
    line.always["eth_feeHistory"] = answer(dear)
    with pytest.raises(RefusedError, match=r"chain\.fee_too_high"):
        shaky.replacement(waiting, Purpose.SPEED_UP)
    assert len(journal.newest()) == 1


def test_an_unknown_transaction_is_not_replaced(shaky: Sender) -> None:
    with pytest.raises(NotFoundError, match=r"store\.transaction_unknown"):
        shaky.replacement("0x" + "11" * 32, Purpose.CANCEL)


def test_the_speed_of_the_settings_counts_where_none_is_given(
    line: Line, funded: Any, journal: TransactionRepository, clock: FixedClock, pay: Call
) -> None:
    chain = Chain(network("practice"), line)
    hasty = Sender(chain, funded, journal, clock, speed=lambda: Speed.FAST)
    assert hasty.quote(pay).speed is Speed.FAST
    assert hasty.quote(pay, Speed.SLOW).speed is Speed.SLOW
    assert hasty.quote(pay).worst_case.units > hasty.quote(pay, Speed.SLOW).worst_case.units


def test_a_refused_payment_that_a_node_carries_out_later_is_not_paid_twice(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    """Found by an attack: the node says no, keeps the signed bytes, and passes them on afterwards."""
    line.next["eth_sendRawTransaction"] = [refuse("nonce too low: next nonce 1, tx nonce 0")]
    with pytest.raises(RefusedError):
        shaky.send(pay)
    refused = only(journal)
    assert refused.status is TransactionStatus.FAILED
    node.call("eth_sendRawTransaction", [line.sent[0]])
    with pytest.raises(RefusedError) as stopped:
        shaky.send(pay)
    assert (stopped.value.code, stopped.value.params["tx_hash"]) == (
        "chain.happened_after_all",
        refused.tx_hash,
    )
    assert (only(journal).status, paid(node)) == (TransactionStatus.MINED, 5)
    assert shaky.send(pay).succeeded  # whoever wants it twice can have it twice


def test_a_payment_called_replaced_by_nodes_out_of_step_is_found_again(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call
) -> None:
    line.always["eth_getTransactionReceipt"] = answer(None)
    tx_hash = shaky.submit(pay)
    assert shaky.resume() == []
    assert journal.get(CHAIN_ID, tx_hash).status is TransactionStatus.REPLACED
    del line.always["eth_getTransactionReceipt"]
    assert shaky.resume() == []
    assert journal.get(CHAIN_ID, tx_hash).status is TransactionStatus.MINED
    assert paid(node) == 5


def test_window_and_command_line_at_once_never_use_one_number_twice(
    line: Line, shaky: Sender, node: PracticeNode, journal: TransactionRepository, pay: Call, funded: Any,
    clock: FixedClock,
) -> None:  # fmt: skip
    """Found by an attack: two programs chose the same number, and both took one payment for their own."""
    other = Sender(Chain(network("practice"), node), funded, journal, clock)
    others: list[str] = []

    def meanwhile(pass_on: Callable[[], Any]) -> Any:
        seen = pass_on()
        others.append(other.submit(pay))
        return seen

    # The nonce is asked for at "latest", then at "pending".
    line.next["eth_getTransactionCount"] = [meanwhile]
    ours = shaky.submit(pay)
    assert sorted(one.nonce for one in journal.newest()) == [0, 1]
    assert shaky.wait(others[0]).succeeded
    assert shaky.wait(ours).succeeded
    assert paid(node) == 10

