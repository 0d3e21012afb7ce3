"""What works earn: added up, compared with the contracts, and written down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from integration.journey import BEN, mint, register
from integration.people import active, services_of
from integration.price_feed import Feed
from typer.testing import CliRunner

from desktop_app.cli.app import app
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.earnings import period
from desktop_app.services.payouts import PayoutFilter
from desktop_app.services.rates import UserRate
from desktop_app.services.royalties import Token

PAID = (10**18, 3 * 10**17 + 1)
DOLLARS = (12_345_678, 5)


@dataclass
class Earned:
    services: Services
    token: Token
    home: Path
    claimed: int


@pytest.fixture(scope="module")
def earned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earned]:
    """A song that was paid for twice in each currency; its creator claimed once."""
    home = tmp_path_factory.mktemp("earned")
    services = services_of(home / "home")
    services.wallet.create("passphrase", "correct horse battery")
    services.networks.faucet(active(services))
    token = mint(services, register(services, home, "=la"))
    coin, dollar = token.currencies
    for units in PAID:
        services.royalties.prepare_pay(token, Amount(units, coin), "Order 7").execute()
    for units in DOLLARS:
        services.royalties.prepare_pay(token, Amount(units, dollar)).execute()
    claim = services.royalties.prepare_claim(token, coin).execute()
    services.payouts.sync_once(services.networks.active)
    yield Earned(services, token, home, claim.amount.units)
    services.close()


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_payouts_are_added_up_by_everything_that_was_asked_for(earned: Earned) -> None:
    earnings = earned.services.earnings
    for by in ("work", "currency", "payer", "network", "day", "month", "year"):
        found = earnings.groups(PayoutFilter(), by)
        assert sorted(one.received.units for one in found) == sorted([sum(PAID), sum(DOLLARS)])
        assert all(one.running == one.received and one.payments == 2 for one in found)
    works = {one.label for one in earnings.groups(PayoutFilter(), "work")}
    payers = {one.label for one in earnings.groups(PayoutFilter(), "payer")}
    assert works == {"=la"}
    assert payers == {earned.services.wallet.status().accounts[0].name}
    with pytest.raises(InvalidInputError, match="no_such_group"):
        earnings.groups(PayoutFilter(), "weather")


def test_filters_narrow_down_by_work_currency_payer_kind_and_period(earned: Earned) -> None:
    earnings, me = earned.services.earnings, active(earned.services)
    total = earnings.count()
    assert earnings.count(PayoutFilter(token=earnings.tokens_of("=LA"))) == total
    assert earnings.count(PayoutFilter(currency=earnings.currencies_of("tusd"), kind="payment")) == 2
    mine, bens = earnings.count(PayoutFilter(party=me)), earnings.count(PayoutFilter(party=BEN))
    assert (mine, bens, earnings.count(PayoutFilter(party=(me, BEN)))) == (5, 4, 9)
    first = earnings.lines(limit=1)[0].payout.block_time
    assert earnings.count(PayoutFilter(since=first + 1)) == 0
    assert earnings.count(PayoutFilter(until=first + 1)) == total
    with pytest.raises(NotFoundError):
        earnings.tokens_of("nothing")


def test_a_period_holds_both_its_days(earned: Earned) -> None:
    since, until = period("2026-01-31", "2026-01-31")
    assert until is not None
    assert since is not None
    assert (iso_utc(since), until - since) == ("2026-01-31T00:00:00Z", 86_400)
    assert period() == (None, None)
    for bad in (("2026-02-30", ""), ("31.1.2026", ""), ("2026-02-01", "2026-01-01")):
        with pytest.raises(InvalidInputError):
            period(*bad)


def test_expected_and_received_agree_with_the_contract_to_the_unit(earned: Earned) -> None:
    for one in earned.services.earnings.compare():
        assert one.agrees
        assert one.paid_in == one.seen_in
        assert one.unbooked == Amount(0, one.seen_in.currency)
        assert one.expected is not None
        holders = sum(PAID if one.seen_in.currency.is_native else DOLLARS) * (10**6 - 458_333) // 10**6
        assert one.expected.units == holders
    coin = next(one for one in earned.services.earnings.compare() if one.seen_in.currency.is_native)
    assert coin.reached_me.units == earned.claimed
    assert coin.waiting == Amount(0, coin.seen_in.currency)


def test_the_export_holds_every_payout_and_its_numbers_add_up(earned: Earned, tmp_path: Path) -> None:
    earnings = earned.services.earnings
    path = tmp_path / "all.csv"
    assert earnings.export_payouts(path) == earnings.count()
    found = rows(path)
    paid = [row for row in found if row["kind"] == "payment" and row["currency_contract"] == ""]
    assert [int(row["smallest_units"]) for row in paid] == list(PAID)
    assert Fraction(paid[-1]["paid_in_so_far"]) * 10**18 == sum(PAID)
    assert {row["memo"] for row in paid} == {"Order 7"}
    assert {row["work"] for row in found} == {"'=la"}
    with pytest.raises(RefusedError, match="file_exists"):
        earnings.export_payouts(path)


def test_a_tax_ledger_values_what_reached_me_by_the_feed_at_its_block(earned: Earned, tmp_path: Path) -> None:
    services, now = earned.services, earned.services.clock.now()
    sender = services.networks.sender(services.networks.chain())
    feed = Feed(sender, f"{earned.token.currencies[0].symbol.upper()} / USD")
    euro = Feed(sender, "EUR / USD", 6)
    feed.tell(1, 250_000_000_000, now)
    euro.tell(1, 1_250_000, now)
    coin = earned.token.currencies[0]
    payment = services.royalties.prepare_pay(earned.token, Amount(PAID[0], coin)).execute()
    services.royalties.prepare_claim(earned.token, coin).execute()
    feed.tell(2, 1, now)  # today's price is not that of the claim
    services.payouts.sync_once(services.networks.active)
    symbol = earned.token.currencies[0].symbol
    given = {symbol.upper(): UserRate(feed=feed.address), "EUR": UserRate(feed=euro.address)}
    path = tmp_path / "ledger.csv"
    block = next(
        one.payout.block_number for one in services.earnings.lines() if one.payout.tx_hash == payment.tx_hash
    )
    practice = PayoutFilter(chain_id=earned.token.chain_id)
    result = services.earnings.tax_ledger(path, "EUR", practice, given=given)
    assert services.earnings.tax_ledger(tmp_path / "real.csv", "EUR", given=given).rows == 0
    found = rows(path)
    assert len(found) == 2
    early, late = found
    assert (early["value"], early["rate"]) == ("", "")
    assert "no price yet" in early["remark"]
    assert int(late["block"]) > block
    assert late["rate"] == "2000"
    expected = Fraction(late["amount"]) * 2000
    assert abs(Fraction(late["value"]) - expected) <= Fraction(1, 200)
    assert late["rate_source"].count("Chainlink") == 2
    assert feed.address in late["rate_source"]
    assert (result.rows, result.unvalued, result.value) == (2, 1, late["value"])
    own = services.earnings.tax_ledger(
        tmp_path / "own.csv", "USD", practice,
        given={symbol.upper(): UserRate(Fraction(3000))}, basis="payments",
    )  # fmt: skip
    assert own.unvalued == len(DOLLARS)
    assert Fraction(own.value) == sum(round(Fraction(u * 3000, 10**18), 2) for u in (*PAID, PAID[0]))


def command(earned: Earned, *arguments: str) -> Any:
    done = CliRunner().invoke(app, ["--home", str(earned.home / "home"), "--json", *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_command_line_does_all_of_it(earned: Earned, tmp_path: Path) -> None:
    earned.services.close()  # one process at a time has the practice network
    listed = command(earned, "payouts", "list", "--currency", "tUSD", "--kind", "payment")
    assert [one["amount"]["units"] for one in listed["payouts"]] == [str(u) for u in reversed(DOLLARS)]
    summary = command(earned, "payouts", "summary", "--by", "year", "--no-sync", "--all-networks")
    assert {one["running_total"]["units"] for one in summary["groups"]} >= {str(sum(DOLLARS))}
    compared = command(earned, "payouts", "compare", "--no-sync")["comparisons"]
    assert [one["agrees"] for one in compared] == [True, True]
    path = tmp_path / "export.csv"
    assert command(earned, "payouts", "export", "-o", str(path), "--no-sync")["rows"] == len(rows(path))
    ledger = tmp_path / "ledger.csv"
    made = command(
        earned, "payouts", "ledger", "-o", str(ledger), "--money", "EUR", "--rate", "tUSD=0.9",
        "--rate-note", "bank", "--basis", "payments", "--currency", "tUSD", "--no-sync",
    )  # fmt: skip
    assert (made["rows"], made["value"], made["value_currency"]) == (2, "11.11", "EUR")
    assert {row["rate_source"] for row in rows(ledger)} == {"a rate of your own: bank"}


def test_nothing_found_is_said_in_words_and_not_by_an_empty_table(earned: Earned) -> None:
    earned.services.close()
    home = str(earned.home / "home")
    done = CliRunner().invoke(
        app, ["--home", home, "payouts", "summary", "--until", "2001-01-02", "--no-sync"]
    )
    assert "No payouts yet" in done.output
    assert "Running total" not in done.output
