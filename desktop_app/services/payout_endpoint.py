"""The questions that the payout tracker puts to one node, with the answers read strictly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_app.chain.royalty_books import Books, books_at, currencies_of
from desktop_app.chain.rpc import Rpc, RpcError
from desktop_app.chain.wire import Json, bad_answer, items, mapping, quantity, to_quantity
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.services.payout_events import TOPICS
from desktop_app.services.payout_evidence import Header, logs_of_receipts, read_header
from desktop_app.services.payout_ranges import is_batch_limit
from desktop_app.store.payout_checkpoints import BlockRef

_ADDRESSES_AT_ONCE = 500
_METHOD_NOT_FOUND = (-32601, -32004)


@dataclass(frozen=True)
class Tip:
    """Newest block, the node's tags (None where it has none), and its hashes at the heights asked for."""

    latest: Header
    safe: BlockRef | None
    final: BlockRef | None
    hashes: dict[int, str]


@dataclass(frozen=True)
class Answer:
    """Events of ours in a range as raw logs, and the headers that came with them by number."""

    logs: list[Json]
    headers: dict[int, Header]


class Endpoint:
    """One node of a network. Every method raises UnavailableError (RpcError where the node refused).

    `check` is called after every question and may raise: a node can hang longer than the user waits. How
    many calls a node takes at once is learned and kept in `batch_limits` under its name.
    """

    def __init__(
        self, rpc: Rpc, chain_id: int, check: Callable[[], None], batch_limits: dict[str, int] | None = None
    ) -> None:
        self._rpc = rpc
        self._chain = chain_id
        self._check = check
        self._limits = batch_limits if batch_limits is not None else {}
        self._currencies: dict[str, tuple[str, ...]] = {}
        self.name = str(getattr(rpc, "host", "") or "node")

    def tip(self, heights: Sequence[int]) -> Tip:
        """One batch. Raises RefusedError("payouts.wrong_network") when the node serves another chain."""
        tags = ("latest", "safe", "finalized")
        answers = self._batch(
            [("eth_chainId", ())]
            + [_block(tag) for tag in tags]
            + [_block(to_quantity(height)) for height in heights]
        )
        self._check_chain(answers[0])
        latest, safe, final = answers[1:4]
        hashes: dict[int, str] = {}
        for height, answer in zip(heights, answers[4:], strict=True):
            header = _header(answer, height)
            if header is not None:
                hashes[height] = header.hash
        newest = _header(latest)
        if newest is None:
            raise bad_answer("block")
        tip = Tip(newest, _tag(safe), _tag(final), hashes)
        for tag in (tip.safe, tip.final):
            if tag is not None and tag.number > newest.number:
                raise UnavailableError("payouts.node_behind", block=tag.number)
        return tip

    def window(self, first: int, last: int, tokens: Sequence[str]) -> Answer:
        """Logs and every header from `first` to `last`, in one batch."""
        questions = _log_questions(first, last, tokens)
        heights = range(first, last + 1)
        answers = self._batch(questions + [_block(to_quantity(height)) for height in heights])
        logs = _logs(answers[: len(questions)])
        headers = {}
        for height, answer in zip(heights, answers[len(questions) :], strict=True):
            headers[height] = _known(answer, height)
        return Answer(logs, headers)

    def sparse_window(self, first: int, last: int, tokens: Sequence[str]) -> Answer:
        """Logs, and the headers only of the blocks that have any and of the last one; for settled history."""
        questions = _log_questions(first, last, tokens)
        answers = self._batch(
            [("eth_chainId", ()), *questions, _block("finalized"), _block(to_quantity(last))]
        )
        self._check_chain(answers[0])
        final = _tag(answers[-2])
        if final is None or final.number < last:
            raise UnavailableError("payouts.node_behind", block=last)
        logs = _logs(answers[1:-2])
        headers = {last: _known(answers[-1], last)}
        numbers = [mapping(log, "log").get("blockNumber") for log in logs]
        heights = sorted({quantity(number, "log.blockNumber") for number in set(numbers)})
        if any(not first <= height <= last for height in heights):
            raise bad_answer("log.blockNumber")
        heights = [height for height in heights if height != last]
        for start in range(0, len(heights), 100):
            part = heights[start : start + 100]
            found = self._batch([_block(to_quantity(height)) for height in part])
            for height, answer in zip(part, found, strict=True):
                headers[height] = _known(answer, height)
        return Answer(logs, headers)

    def headers(self, heights: Sequence[int]) -> dict[int, str]:
        """Block hashes at these heights, without those that the node does not have."""
        answers = self._batch([_block(to_quantity(height)) for height in heights])
        found = {height: _header(answer, height) for height, answer in zip(heights, answers, strict=True)}
        return {height: header.hash for height, header in found.items() if header is not None}

    def whole_block(self, height: int) -> tuple[Header, list[Json]]:
        """A block's header and all its logs, proved complete against that header."""
        question = _block(to_quantity(height))
        answers = self._batch([question, ("eth_getBlockReceipts", (to_quantity(height),))])
        header = _known(answers[0], height)
        receipts = answers[1]
        if isinstance(receipts, RpcError):
            if receipts.rpc_code not in _METHOD_NOT_FOUND and "not " not in receipts.rpc_message:
                raise receipts
            asked = self._batch([("eth_getTransactionReceipt", (tx,)) for tx in header.transactions])
            receipts = [_result(answer) for answer in asked]
        return header, logs_of_receipts(header, items(receipts, "receipts"))

    def books(self, token: str, block: int) -> dict[str, Books]:
        """What the token's contract has booked by currency, at the end of a block."""
        currencies = self._currencies.get(token)
        if currencies is None:
            currencies = self._currencies[token] = currencies_of(self._rpc, token)
            self._check()
        books = books_at(self._rpc, token, currencies, to_quantity(block))
        self._check()
        return dict(zip(currencies, books, strict=True))

    def _batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        answers: list[Json | RpcError] = []
        while len(answers) < len(calls):
            part = calls[len(answers) : len(answers) + self._limits.get(self.name, len(calls))]
            try:
                found = self._rpc.batch(part)
            except UnavailableError as error:
                self._check()
                if len(part) == 1 or not is_batch_limit(error):
                    raise
                self._limits[self.name] = len(part) // 2
                continue
            self._check()
            if len(found) != len(part):
                raise bad_answer("batch.length")
            answers += found
        return answers

    def _check_chain(self, answer: Json | RpcError) -> None:
        found = quantity(_result(answer), "chainId")
        if found != self._chain:
            raise RefusedError(
                "payouts.wrong_network", endpoint=self.name, expected=self._chain, found=str(found)
            )


def _block(tag: str) -> tuple[str, Sequence[Json]]:
    return "eth_getBlockByNumber", (tag, False)


def _log_questions(first: int, last: int, tokens: Sequence[str]) -> list[tuple[str, Sequence[Json]]]:
    span = {"fromBlock": to_quantity(first), "toBlock": to_quantity(last)}
    parts = [list(tokens[i : i + _ADDRESSES_AT_ONCE]) for i in range(0, len(tokens), _ADDRESSES_AT_ONCE)]
    return [("eth_getLogs", ({**span, "address": part, "topics": [list(TOPICS)]},)) for part in parts]


def _result(answer: Json | RpcError) -> Json:
    if isinstance(answer, RpcError):
        raise answer
    return answer


def _logs(answers: Sequence[Json | RpcError]) -> list[Json]:
    logs: list[Json] = []
    for answer in answers:
        logs += items(_result(answer), "logs")
    return logs


def _header(answer: Json | RpcError, height: int | None = None) -> Header | None:
    """The header, None where the node does not have the block."""
    if _result(answer) is None:
        return None
    header = read_header(answer)
    if height is not None and header.number != height:
        raise bad_answer("block.number")
    return header


def _known(answer: Json | RpcError, height: int) -> Header:
    header = _header(answer, height)
    if header is None:
        raise UnavailableError("payouts.node_behind", block=height)
    return header


def _tag(answer: Json | RpcError) -> BlockRef | None:
    """Nodes without the tag refuse or answer null."""
    if isinstance(answer, RpcError) or answer is None:
        return None
    header = read_header(answer)
    return BlockRef(header.number, header.hash)
