"""Registrations, certificates and tokens."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from desktop_app.core.amounts import Currency
from desktop_app.core.errors import BugError, NotFoundError, RefusedError
from desktop_app.store.certificates import Certificate, CertificateRepository
from desktop_app.store.database import Database
from desktop_app.store.registrations import Registration, RegistrationRepository, RegistrationStatus
from desktop_app.store.tokens import Collaborator, Token, TokenRepository
from desktop_app.store.works import Work, WorkRepository

CHAIN = 6516588
ADDRESS = "0x" + "aB" * 20
OTHER = "0x" + "Cd" * 20
TX = "0x" + "9f" * 32


@pytest.fixture
def work_id(database: Database) -> str:
    WorkRepository(database).add(
        Work(
            "work1", "Blue", Path("/b"), 5, b"1" * 32, b"2" * 32, 1024, b"3" * 32, b"4" * 32,
            "audio/flac", 1, 2,
        )
    )  # fmt: skip
    return "work1"


def record(work_id: str, number: int = 1) -> Registration:
    return Registration(
        id=f"r{number}",
        work_id=work_id,
        chain_id=CHAIN,
        registry=ADDRESS,
        registrant=OTHER,
        commitment=number.to_bytes(48, "big"),
        commitment_id=number.to_bytes(32, "big"),
        record_salt=b"s" * 32,
        proved=False,
    )


def test_a_registration_goes_from_pending_to_confirmed(database: Database, work_id: str) -> None:
    registrations = RegistrationRepository(database)
    added = record(work_id)
    registrations.add(added)
    assert registrations.get("r1") == added
    assert registrations.pending(CHAIN) == [added]
    assert registrations.confirmed(work_id, CHAIN) is None
    registrations.set_transaction("r1", TX)
    assert registrations.get("r1").tx_hash == TX
    registrations.confirm("r1", tx_hash=TX, block_number=7, block_time=1_800_000_000, proved=True)
    confirmed = dataclasses.replace(
        added,
        tx_hash=TX,
        block_number=7,
        block_time=1_800_000_000,
        proved=True,
        status=RegistrationStatus.CONFIRMED,
    )
    assert registrations.confirmed(work_id, CHAIN) == confirmed
    assert registrations.by_commitment(CHAIN, added.commitment_id) == [confirmed]
    assert registrations.pending(CHAIN) == []


def test_the_first_confirmed_record_gives_the_date(database: Database, work_id: str) -> None:
    registrations = RegistrationRepository(database)
    for number in (1, 2, 3):
        registrations.add(record(work_id, number))
    registrations.fail("r1")
    for number in (2, 3):
        registrations.confirm(f"r{number}", tx_hash=TX, block_number=number, block_time=number, proved=True)
    first = registrations.confirmed(work_id, CHAIN)
    assert first is not None
    assert first.id == "r2"
    assert [item.id for item in registrations.for_work(work_id)] == ["r3", "r2", "r1"]


def test_a_registration_needs_its_work(database: Database) -> None:
    with pytest.raises(BugError):
        RegistrationRepository(database).add(record("nothing"))


def test_an_unknown_registration_is_not_found(database: Database) -> None:
    registrations = RegistrationRepository(database)
    with pytest.raises(NotFoundError, match=r"store\.registration_unknown"):
        registrations.get("x")
    with pytest.raises(NotFoundError, match=r"store\.registration_unknown"):
        registrations.fail("x")


def test_certificates_are_listed_newest_first(database: Database, work_id: str) -> None:
    certificates = CertificateRepository(database)
    made = [
        Certificate(
            f"c{n}", work_id, "opening", "Label", "0x12", n, None if n else 99, Path(f"/c{n}"), b"h" * 32
        )
        for n in range(3)
    ]
    for item in made:
        certificates.add(item)
    assert certificates.get("c1") == made[1]
    assert certificates.for_work(work_id) == made[::-1]
    assert certificates.newest(limit=1) == [made[2]]
    certificates.delete("c2")
    assert certificates.for_work(work_id) == [made[1], made[0]]
    for call in (certificates.get, certificates.delete):
        with pytest.raises(NotFoundError, match=r"store\.certificate_unknown"):
            call("c2")


def test_a_certificate_of_one_network_is_not_one_of_another(database: Database, work_id: str) -> None:
    certificates = CertificateRepository(database)
    for name, chain_id in (("base", 8453), ("practice", 6516588), ("from before", 0)):
        certificates.add(
            Certificate(name, work_id, "opening", "Label", "", 1, None, Path("/c"), b"h" * 32, chain_id)
        )
    assert [one.id for one in certificates.for_work(work_id)] == ["from before", "practice", "base"]
    assert [one.id for one in certificates.for_work(work_id, 8453)] == ["from before", "base"]


def token(address: str = ADDRESS, work_id: str | None = None, chain_id: int = CHAIN) -> Token:
    return Token(
        chain_id=chain_id,
        address=address,
        work_id=work_id,
        creator=OTHER,
        name="Blue",
        symbol="BLUE",
        supply=2**256 - 1,
        created_block=12,
        tx_hash=TX,
        collaborators=(Collaborator(OTHER, 250_000, "Ann"), Collaborator("0x" + "11" * 20, 1)),
        currencies=(Currency(chain_id, "ETH", 18), Currency(chain_id, "tUSD", 6, "0x" + "Ee" * 20)),
    )


def test_a_token_comes_back_with_its_largest_supply_and_its_order(database: Database, work_id: str) -> None:
    tokens = TokenRepository(database)
    added = token(work_id=work_id)
    tokens.add(added)
    assert tokens.get(CHAIN, ADDRESS) == added
    assert tokens.for_work(work_id) == [added]
    assert tokens.on_chain(CHAIN) == [added]
    assert tokens.on_chain(1) == []


def test_an_address_is_found_in_either_case_and_keeps_its_form(database: Database) -> None:
    tokens = TokenRepository(database)
    tokens.add(token())
    found = tokens.find(CHAIN, ADDRESS.lower())
    assert found == token()
    with pytest.raises(RefusedError, match=r"store\.token_exists"):
        tokens.add(token(ADDRESS.lower()))


def test_one_address_on_two_chains_is_two_tokens(database: Database) -> None:
    tokens = TokenRepository(database)
    tokens.add(token())
    tokens.add(token(chain_id=10))
    tokens.forget_chain(CHAIN)
    assert tokens.find(CHAIN, ADDRESS) is None
    assert tokens.get(10, ADDRESS) == token(chain_id=10)


def test_a_token_outlives_its_work(database: Database, work_id: str) -> None:
    tokens = TokenRepository(database)
    tokens.add(token(work_id=work_id))
    WorkRepository(database).delete(work_id)
    assert tokens.get(CHAIN, ADDRESS) == token()


def test_a_collaborator_gets_a_name(database: Database) -> None:
    tokens = TokenRepository(database)
    tokens.add(token())
    tokens.name_collaborator(CHAIN, ADDRESS, "0x" + "11" * 20, "Bob")
    assert [c.name for c in tokens.get(CHAIN, ADDRESS).collaborators] == ["Ann", "Bob"]
    with pytest.raises(NotFoundError):
        tokens.name_collaborator(CHAIN, ADDRESS, ADDRESS, "Nobody")


def test_a_token_no_longer_followed_is_unknown(database: Database) -> None:
    tokens = TokenRepository(database)
    tokens.add(token())
    tokens.delete(CHAIN, ADDRESS)
    for call in (tokens.get, tokens.delete):
        with pytest.raises(NotFoundError, match=r"store\.token_unknown"):
            call(CHAIN, ADDRESS)
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM token_collaborators").fetchone()[0] == 0


def test_a_chain_that_was_reset_is_forgotten(database: Database, work_id: str) -> None:
    registrations = RegistrationRepository(database)
    registrations.add(record(work_id))
    registrations.forget_chain(1)
    assert registrations.pending(CHAIN)
    registrations.forget_chain(CHAIN)
    assert registrations.for_work(work_id) == []
