"""Statements and audits as a user makes them, on the practice network and on a real node."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.anvil import Anvil, running_anvil
from integration.journey import CLEO, mint, register
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain.contracts import send_call
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.royalties import Token
from desktop_app.services.royalty_books import Severity, statement_csv, statement_html


@pytest.fixture
def earning(alone: Services, tmp_path: Path) -> Token:
    """A token with two collaborators, three payments, and shares passed on in between."""
    token = mint(alone, register(alone, tmp_path / "works"))
    coin, dollar = token.currencies
    royalties = alone.royalties
    royalties.prepare_pay(token, Amount(100_000_001, dollar), "invoice 1").execute()
    friend = alone.wallet.add_account("Friend").address
    royalties.prepare_transfer(token, friend, 333).execute()
    royalties.prepare_pay(token, Amount(10**15 + 7, coin), "=1+1").execute()
    royalties.prepare_pay(token, Amount(1, dollar)).execute()
    royalties.prepare_claim(token, dollar, to=CLEO).execute()
    return token


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_payment_is_split_to_the_last_unit(alone: Services, earning: Token) -> None:
    table = rows(statement_csv(alone.books.statement(earning)))
    payments = [row for row in table if row["event"] == "payment"]
    assert [int(row["units"]) for row in payments] == [100_000_001, 10**15 + 7, 1]
    for payment in payments:
        parts = [
            int(row["units"])
            for row in table
            if row["event"] == "credit"
            and (row["transaction"], row["log"]) == (payment["transaction"], payment["log"])
        ]
        assert sum(parts) == int(payment["units"])
    claim = next(row for row in table if row["event"] == "claim")
    assert (claim["account"], claim["party"].lower()) == (active(alone), CLEO)


def test_anyone_makes_the_same_statement_byte_for_byte(
    alone: Services, earning: Token, tmp_path: Path
) -> None:
    first = alone.books.statement(earning)
    block = first.history.head.number
    alone.royalties.prepare_pay(earning, Amount(5, earning.currencies[1])).execute()
    assert statement_csv(alone.books.statement(earning)) != statement_csv(first)
    # Somebody who knows only the address, on the same network.
    stranger = services_of(tmp_path / "stranger", practice=alone.networks._practice)
    try:
        theirs = stranger.books.statement(stranger.royalties.token(earning.address), block)
        assert statement_csv(theirs) == statement_csv(first)
        assert statement_html(theirs) == statement_html(first)
    finally:
        stranger.wallet.lock()
        stranger.payouts.close()
        stranger.jobs.close()
        stranger.database.close()


def test_nothing_of_a_stranger_runs_in_page_or_table(alone: Services, tmp_path: Path) -> None:
    work = register(alone, tmp_path / "works")
    token = alone.royalties.prepare_mint(work, "<script>alert(1)</script>", "=SUM(A1)", 10).execute()
    alone.royalties.prepare_pay(token, Amount(5, token.currencies[1]), "<img src=x onerror=1>").execute()
    made = alone.books.statement(token)
    page = statement_html(made)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for row in csv.reader(io.StringIO(statement_csv(made))):
        assert not any(cell[:1] in ("=", "+", "@", "\t") for cell in row)
    files = alone.books.write(made, tmp_path / "out")
    assert files.page.parent == tmp_path / "out"


def test_files_are_never_overwritten_by_others(alone: Services, earning: Token, tmp_path: Path) -> None:
    made = alone.books.statement(earning)
    files = alone.books.write(made, tmp_path / "out")
    assert alone.books.write(made, tmp_path / "out") == files
    files.table.write_text("mine")
    with pytest.raises(RefusedError, match="file_exists"):
        alone.books.write(made, tmp_path / "out")
    assert files.table.read_text() == "mine"
    alone.books.write(made, tmp_path / "out", replace=True)
    assert files.table.read_bytes() == statement_csv(made).encode()


def test_a_block_that_is_not_there_is_refused_in_words(alone: Services, earning: Token) -> None:
    for block in (0, 10**9):
        with pytest.raises(InvalidInputError, match="no_such_block"):
            alone.books.statement(earning, block)


def test_an_audit_of_an_honest_contract_agrees(alone: Services, earning: Token) -> None:
    report = alone.books.audit(earning)
    assert report.audit.agrees
    assert not report.audit.findings
    coin = earning.currencies[0]
    overview = alone.royalties.overview(earning)
    said = {(one.address, one.currency): one.pending for one in report.audit.accounts}
    for holder in overview.holders:
        for amount in holder.pending:
            assert said[holder.address, amount.currency.address] == amount.units
    assert sum(one.exact for one in report.audit.accounts if one.currency == coin.address) == 10**15 + 7


def test_a_plain_transfer_is_found_and_shared_out(alone: Services, earning: Token) -> None:
    sender = alone.networks.sender(alone.networks.chain())
    dollar = earning.currencies[1]
    with pytest.raises(RefusedError, match="nothing_to_book"):
        alone.royalties.prepare_sync(earning, dollar)
    sender.send(send_call(earning.address, Amount(1_000, dollar)))
    report = alone.books.audit(earning)
    assert report.audit.agrees
    assert [(one.code, dict(one.units)) for one in report.audit.findings] == [
        ("audit.not_booked", {"amount": 1000})
    ]
    receipt = alone.royalties.prepare_sync(earning, dollar).execute()
    assert receipt.booked == Amount(1_000, dollar)
    assert len(receipt.pushed) == 2
    assert not alone.books.audit(earning).audit.findings


def test_money_of_somebody_else_cannot_be_sent_elsewhere(alone: Services, earning: Token) -> None:
    friend = alone.wallet.status().accounts[1].address
    coin = earning.currencies[0]
    with pytest.raises(InvalidInputError, match="only_your_own_elsewhere"):
        alone.royalties.prepare_claim(earning, coin, friend, active(alone))
    with pytest.raises(NotFoundError, match="no_such_currency"):
        alone.royalties.currency("DOGE")
    with pytest.raises(RefusedError, match="not_a_token"):
        alone.royalties.currency(CLEO)


BASE = 8453


@pytest.fixture
def base() -> Iterator[Anvil]:
    with running_anvil(chain_id=BASE) as anvil:
        yield anvil


@pytest.mark.anvil
def test_a_contract_whose_storage_was_changed_is_reported_by_the_audit(tmp_path: Path, base: Anvil) -> None:
    """On a real node: the holders' income of the coin is raised behind the contract's back, and claimed."""
    someone = services_of(tmp_path / "home")
    try:
        someone.wallet.create("passphrase", PASSPHRASE)
        someone.wallet.confirm_backup(someone.wallet.reveal_phrase(PASSPHRASE))
        someone.networks.set_endpoints("base", (base.url,))
        someone.networks.select("base")
        chain = someone.networks.chain()
        chain.rpc.call("anvil_setBalance", [active(someone), hex(10**20)])
        chain.rpc.call("anvil_setCode", ["0x420000000000000000000000000000000000000F", ORACLE])
        someone.networks.prepare_deploy().execute()
        work = register(someone, tmp_path / "works")
        coin = chain.network.native
        token = someone.royalties.prepare_mint(work, "Song", "SONG", 100, currencies=[coin]).execute()
        someone.royalties.prepare_pay(token, Amount(10**18, coin)).execute()
        someone.royalties.prepare_transfer(token, CLEO, 50).execute()
        someone.royalties.prepare_pay(token, Amount(10**18, coin)).execute()
        assert someone.books.audit(token).audit.agrees
        book = 2 * 10**18 | 2 * 10**18 << 128
        slots = [
            slot
            for slot in range(64)
            if int(chain.rpc.call("eth_getStorageAt", [token.address, hex(slot), "latest"]), 16) == book
        ]
        assert len(slots) == 1
        raised = (book + 10**17).to_bytes(32, "big").hex()
        chain.rpc.call(
            "anvil_setStorageAt", [token.address, "0x" + slots[0].to_bytes(32, "big").hex(), "0x" + raised]
        )
        chain.rpc.call("anvil_mine", [])
        someone.royalties.prepare_claim(token, coin, CLEO).execute()
        report = someone.books.audit(token).audit
        assert not report.agrees
        wrong = [one for one in report.findings if one.severity is Severity.DIFFERENCE]
        assert {"audit.overpaid"} <= {one.code for one in wrong}
    finally:
        someone.close()


ORACLE = "0x7f" + (10**9).to_bytes(32, "big").hex() + "5f5260205ff3"
