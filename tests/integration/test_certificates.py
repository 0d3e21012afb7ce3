"""Every kind of certificate through the services: made, checked, refused after any change of what it says."""

from __future__ import annotations

import threading
import wave
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain.connection import Chain
from desktop_app.chain.rpc import Rpc, RpcError
from desktop_app.chain.wire import Json
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.app import Services
from desktop_app.services.disclosures import (
    KINDS,
    Disclosure,
    Knowledge,
    OneOfMany,
    Passage,
    SameWork,
    WholeFile,
    preview,
)
from desktop_app.services.ownership import VerificationReport
from desktop_app.services.registered_works import RegisteredWorks

TEXT = "".join(f"Line {number} of a long poem, not like any other.\n" for number in range(400))


@pytest.fixture
def poet(alone: Services, tmp_path: Path) -> Services:
    """Somebody with three registered works, the first of which is a poem."""
    poem = tmp_path / "poem.txt"
    poem.write_text(TEXT)
    for name in ("poem", "other", "third"):
        path = tmp_path / f"{name}.txt"
        if name != "poem":
            path.write_text(name * 3000)
        work = alone.library.add(path).work
        alone.registration.prepare(work.id).execute()
    return alone


def states(report: VerificationReport) -> dict[str, str]:
    return {verdict.name: verdict.state.value for verdict in report.verdicts}


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Services]:
    """Somebody who only verifies, without a wallet."""
    services = services_of(tmp_path / "stranger")
    yield services
    services.close()


def make(services: Services, disclosure: Disclosure, **options: object) -> Path:
    work = services.library.get("poem")
    made = services.ownership.prove(work.id, "Jury", "AB-12", disclosure=disclosure, **options)  # type: ignore[arg-type]
    return made.path


@pytest.mark.parametrize("disclosure", [Knowledge(), WholeFile(), Passage(2000, 2100), OneOfMany("Prize")])
def test_each_kind_is_accepted_online_and_offline(
    poet: Services, stranger: Services, disclosure: Disclosure
) -> None:
    path = make(poet, disclosure)
    online = poet.ownership.verify(path, "ab-12", online=True)
    assert states(online)["anchor"] == "yes"
    if not isinstance(disclosure, OneOfMany):
        record = poet.registration.for_work(poet.library.get("poem").id)[0]
        facts = dict(online.facts)
        assert facts["In block"] == f"{record.block_number:,}"
        assert facts["Transaction"] == record.tx_hash
        assert len(facts["Hash of that block"]) == 66
    offline = stranger.ownership.verify(path, "AB-12", "Jury")
    assert offline.valid
    assert states(offline)["proof"] == states(offline)["fresh"] == "yes"
    assert states(offline)["anchor"] == "unknown"
    assert not stranger.ownership.verify(path, "AB-13").valid
    assert not stranger.ownership.verify(path, "AB-12", "Somebody else").valid
    data = path.read_bytes()
    changed = data.replace(b'"audience":"Jury"', b'"audience":"Fury"')
    assert changed != data
    assert not stranger.ownership.verify(changed, "AB-12").valid


def test_no_salt_is_used_for_two_works(poet: Services) -> None:
    works = [poet.library.get(name) for name in ("poem", "other", "third")]
    records = [poet.registration.for_work(work.id)[0] for work in works]
    salts = [work.salt for work in works] + [record.record_salt for record in records]
    assert len(set(salts)) == 6
    assert all(len(salt) == 32 for salt in salts)


def test_one_wrong_bit_in_the_file_is_refused(poet: Services, stranger: Services, tmp_path: Path) -> None:
    path = make(poet, WholeFile())
    assert stranger.ownership.verify(path, "AB-12").valid
    right = stranger.ownership.verify(path, "AB-12", file=tmp_path / "poem.txt")
    assert (right.valid, states(right)["file"]) == (True, "yes")
    wrong = tmp_path / "wrong.txt"
    data = bytearray(TEXT.encode())
    data[777] ^= 1
    wrong.write_bytes(data)
    report = stranger.ownership.verify(path, "AB-12", file=wrong)
    assert (report.valid, states(report)["file"]) == (False, "no")


def test_an_excerpt_shows_its_part_and_nothing_else(poet: Services, stranger: Services) -> None:
    work = poet.library.get("poem")
    words = "Line 123 of a long poem"
    passage = poet.ownership.find_text(work.id, words)
    assert TEXT.encode()[passage.first : passage.last + 1] == words.encode()
    path = make(poet, passage)
    report = stranger.ownership.verify(path, "AB-12")
    assert report.valid
    assert words.encode() in report.excerpt
    assert len(report.excerpt) <= 2 * work.leaf_size
    assert b"Line 1 of" not in path.read_bytes()
    assert report.excerpt in TEXT.encode()
    with pytest.raises(InvalidInputError, match="passage_twice"):
        poet.ownership.find_text(work.id, "of a long poem")
    with pytest.raises(InvalidInputError, match="passage_missing"):
        poet.ownership.find_text(work.id, "not in there")
    with pytest.raises(InvalidInputError, match="outside_of_file"):
        make(poet, Passage(0, work.size))


def test_a_changed_file_gives_no_excerpt(poet: Services, tmp_path: Path) -> None:
    poem = tmp_path / "poem.txt"
    for text in (TEXT.replace("Line 7 ", "Line 8 "), TEXT + "x"):
        poem.write_text(text)
        with pytest.raises(RefusedError, match="file_changed"):
            make(poet, Passage(0, 10))


def test_seconds_of_a_recording_become_bytes(alone: Services, tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(number.to_bytes(4, "little") for number in range(80_000)))
    work = alone.library.add(path).work
    passage = alone.ownership.find_time(work.id, 1_000, 2_000)
    part = path.read_bytes()[passage.first : passage.last + 1]
    assert part == b"".join(number.to_bytes(4, "little") for number in range(8_000, 16_000))
    with pytest.raises(InvalidInputError, match="time_range"):
        alone.ownership.find_time(work.id, 11_000, 12_000)
    with pytest.raises(InvalidInputError, match="time_range"):
        alone.ownership.find_time(work.id, 2_000, 1_000)
    text = tmp_path / "text.txt"
    text.write_text("no sound")
    with pytest.raises(InvalidInputError, match="no_time_in_file"):
        alone.ownership.find_time(alone.library.add(text).work.id, 0, 1)


def test_one_of_many_hides_the_author_and_counts_him_once(poet: Services, stranger: Services) -> None:
    first, again = make(poet, OneOfMany("Prize 2027")), make(poet, OneOfMany("Prize 2027"))
    other = make(poet, OneOfMany("Another vote"))
    reports = [stranger.ownership.verify(path, "AB-12") for path in (first, again, other)]
    assert all(report.valid for report in reports)
    for path, purpose, so in (
        (first, "Prize 2027", True),
        (first, " Prize 2027 ", True),
        (other, "Prize 2027", False),
        (first, "\u0420rize 2027", False),
        (make(poet, Knowledge()), "Prize 2027", False),
    ):
        report = stranger.ownership.verify(path, "AB-12", purpose=purpose)
        assert (report.valid, states(report)["fresh"] == "yes") == (so, so), (path, purpose)
    numbers = [dict(report.facts)["Number for this purpose"] for report in reports]
    assert numbers[0] == numbers[1] != numbers[2]
    record = poet.registration.current(poet.library.get("poem").id)
    assert record is not None
    for path in (first, again, other):
        data = path.read_bytes().lower()
        assert active(poet)[2:].lower().encode() not in data
        assert record.commitment_id.hex().encode() not in data
        assert "poem" not in path.name
    with pytest.raises(InvalidInputError, match="scope_missing"):
        make(poet, OneOfMany(" "))
    with pytest.raises(InvalidInputError, match="block_ahead"):
        make(poet, OneOfMany("Prize", 10_000))
    with pytest.raises(InvalidInputError, match="anonymous_unsigned"):
        make(poet, OneOfMany("Prize"), sign=True)


def test_a_crowd_that_the_chain_does_not_have_is_refused_online(poet: Services, tmp_path: Path) -> None:
    path = make(poet, OneOfMany("Prize"))
    assert poet.ownership.verify(path, "AB-12", online=True).valid
    fourth = tmp_path / "fourth.txt"
    fourth.write_text("4" * 100)
    poet.registration.prepare(poet.library.add(fourth).work.id).execute()
    assert poet.ownership.verify(path, "AB-12", online=True).valid
    from desktop_app.proofs import certificate

    given = certificate.parse(path.read_bytes())
    block = given.statement.block  # type: ignore[attr-defined]
    registered = poet.registration.for_work(poet.library.get("third").id)[0].block_number
    assert registered is not None
    assert block >= registered
    early = make(poet, OneOfMany("Prize", registered - 1))
    assert dict(poet.ownership.verify(early, "AB-12", online=True).facts)["One of"] == "2"


def test_a_list_longer_than_a_ring_serves_the_newest_too(
    poet: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.proofs.ring.MAX_SIZE", 4)
    for number in range(4):
        path = tmp_path / f"more{number}.txt"
        path.write_text(str(number) * 100)
        work = poet.library.add(path).work
        poet.registration.prepare(work.id).execute()
    made = poet.ownership.prove(work.id, "Jury", disclosure=OneOfMany("Prize"))
    report = poet.ownership.verify(made.path, online=True)
    assert report.valid
    assert states(report)["anchor"] == "yes"
    facts = dict(report.facts)
    assert (facts["One of"], facts["Their numbers, in the order of registration"]) == ("4", "4 – 7")


def test_a_smaller_part_of_the_list_than_need_be_is_refused_online(
    poet: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by an attack: a crowd of two out of three was confirmed as "these, and no others"."""
    with monkeypatch.context() as smaller:
        smaller.setattr("desktop_app.proofs.membership.window", lambda *_given: range(2))
        path = make(poet, OneOfMany("Prize"))
    assert dict(poet.ownership.verify(path, "AB-12").facts)["One of"] == "2"
    report = poet.ownership.verify(path, "AB-12", online=True)
    assert (report.valid, states(report)["anchor"]) == (False, "no")


class LyingRpc:
    """A node that hides every registration and says that they were settled long ago."""

    def __init__(self, honest: Rpc) -> None:
        self.honest = honest

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        if method == "eth_getLogs":
            return []
        return "0xffff" if method == "eth_blockNumber" else self.honest.call(method, params)

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        return [self.call(*each) for each in calls]

    def close(self) -> None:
        pass


def test_what_one_node_says_is_not_remembered_for_another(poet: Services) -> None:
    """Found by an attack: a node named by the presenter taught the app its own list for good."""
    chain, registered = poet.networks.chain(), RegisteredWorks()
    head = chain.block_number()
    assert registered.until(Chain(chain.network, LyingRpc(chain.rpc)), head, Task()) == []
    assert len(registered.until(chain, head, Task())) == 3


@pytest.mark.parametrize(
    "node", ["http://[x", "http://a:b", "file:///etc/passwd", "ftp://a", "https://", "a", "http://a:0"]
)
def test_what_is_no_address_of_a_node_gets_a_message(poet: Services, node: str) -> None:
    with pytest.raises(InvalidInputError, match="not_a_node_address"):
        poet.ownership.verify(make(poet, Knowledge()), "AB-12", online=True, node=node)


def test_a_long_title_and_audience_in_any_script_make_a_file(poet: Services, tmp_path: Path) -> None:
    """Found by trying: 40 signs of Chinese and 40 of the audience's were too long for a file's name."""
    poem = poet.library.get("poem")
    poet.library.rename(poem.id, "\u8a69" * 60)
    made = poet.ownership.prove(poem.id, "\U00020000" * 60)
    assert made.path.exists()


def test_no_secret_of_a_proof_is_printed(poet: Services) -> None:
    from desktop_app.services import ownership

    statement: Any = None
    assert "4711" not in repr(ownership._Proved(statement, (4711,)))


def test_an_author_alone_has_no_crowd(alone: Services, tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("only")
    alone.registration.prepare(alone.library.add(path).work.id).execute()
    with pytest.raises(InvalidInputError, match="ring_size"):
        make(alone, OneOfMany("Prize"))


def test_a_signature_shows_control_of_the_address(poet: Services, stranger: Services) -> None:
    plain, signed = make(poet, Knowledge()), make(poet, Knowledge(), sign=True)
    assert "subject" not in states(stranger.ownership.verify(plain, "AB-12"))
    assert states(stranger.ownership.verify(signed, "AB-12"))["subject"] == "yes"
    data = bytearray(signed.read_bytes())
    place = data.index(b'"signature":"0x') + 20
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    assert not stranger.ownership.verify(bytes(data), "AB-12").valid


def test_a_challenge_is_accepted_once(poet: Services, stranger: Services) -> None:
    challenge = poet.challenges.new("The poet")
    work = poet.library.get("poem")
    spoken = challenge.code.lower().replace("-", " ")
    first = poet.ownership.prove(work.id, "Jury", spoken).path
    second = poet.ownership.prove(work.id, "Jury", challenge.code).path
    assert poet.ownership.verify(second, challenge.code).valid, "nothing is used up without the record"
    assert poet.ownership.verify(first, spoken, online=True).valid
    assert poet.ownership.verify(first).valid, "the same file may be looked at again"
    for online in (False, True):
        report = poet.ownership.verify(second, challenge.code, online=online)
        assert (report.valid, states(report)["fresh"]) == (False, "no")
    assert [given.used_at is not None for given in poet.challenges.all()] == [True]
    with pytest.raises(InvalidInputError, match="note_too_long"):
        stranger.challenges.new("x" * 201)


def test_of_answers_at_the_same_time_one_is_accepted(poet: Services) -> None:
    code = poet.challenges.new().code
    work = poet.library.get("poem")
    answers = [poet.ownership.prove(work.id, "Jury", code).path for _ in range(4)]
    start = threading.Barrier(len(answers))

    def check(path: Path) -> bool:
        start.wait()
        return poet.ownership.verify(path, code, online=True).valid

    with ThreadPoolExecutor(len(answers)) as people:
        assert sorted(people.map(check, answers)) == [False, False, False, True]


def test_a_forged_certificate_uses_no_challenge_up(poet: Services) -> None:
    """Found by an attack: anybody can prove to know what is inside a record that was never made."""
    from desktop_app.chain.artifacts import contract_address
    from desktop_app.proofs.certificate import issue_opening
    from desktop_app.proofs.commitment import Opening

    challenge = poet.challenges.new()
    now = poet.clock.now()
    names = {"chain_id": poet.networks.active.chain_id, "registrant": active(poet), "subject": active(poet)}
    terms = {"audience": "Jury", "challenge": challenge.code, "issued_at": now, "expires_at": now + 9}

    def forged(contract: str) -> bytes:
        return issue_opening(Opening(11, 22, 33), contract=contract, **names, **terms)  # type: ignore[arg-type]

    never = forged(contract_address("Registry"))
    assert states(poet.ownership.verify(never))["anchor"] == "unknown"
    assert not poet.ownership.verify(never, online=True).valid
    report = poet.ownership.verify(forged("0x" + "66" * 20))
    assert (report.valid, states(report)["anchor"]) == (False, "no"), "refused without any network"
    genuine = poet.ownership.prove(poet.library.get("poem").id, "Jury", challenge.code).path
    assert poet.ownership.verify(genuine, challenge.code, online=True).valid


def test_bytes_that_are_no_commitment_spoil_no_crowd(poet: Services) -> None:
    """Found by an attack: one such anchor made every list unreadable."""
    from desktop_app.chain.contracts import anchor_call

    sender = poet.networks.sender(poet.networks.chain())
    junk = b"".join((1).to_bytes(64, "big") for _ in range(2))
    sender.send(anchor_call(junk, bytes(32)))
    path = make(poet, OneOfMany("Prize"))
    report = poet.ownership.verify(path, "AB-12", online=True)
    assert report.valid
    assert dict(report.facts)["One of"] == "3"


def test_a_date_beyond_every_calendar_is_no_certificate(poet: Services) -> None:
    data = make(poet, Knowledge()).read_bytes()
    expires = data[data.index(b'"expires_at":') :].split(b",")[0]
    with pytest.raises(InvalidInputError, match="number_out_of_range"):
        poet.ownership.verify(data.replace(expires, b'"expires_at":9007199254740991'))


def test_the_same_file_in_two_libraries_never_shares_a_salt(poet: Services, tmp_path: Path) -> None:
    other = services_of(tmp_path / "other-home")
    try:
        copy = tmp_path / "copy.txt"
        copy.write_text(TEXT)
        mine, theirs = poet.library.get("poem"), other.library.add(copy).work
        assert mine.sha256 == theirs.sha256
        assert mine.salt != theirs.salt
        assert mine.chunk_root != theirs.chunk_root
    finally:
        other.close()
    salts = [work.salt for work in poet.library.page()]
    assert len(set(salts)) == len(salts) == 3


def test_the_same_work_needs_two_records(poet: Services) -> None:
    with pytest.raises(InvalidInputError, match="same_network"):
        make(poet, SameWork("practice"))
    with pytest.raises(RefusedError, match="not_registered"):
        make(poet, SameWork("base"))


def test_every_kind_says_what_it_shows_and_hides() -> None:
    for kind in KINDS:
        told = preview(kind)
        assert told.shows
        assert told.hides


def test_proving_offline_needs_no_other_wallet(poet: Services) -> None:
    poet.wallet.lock()
    with pytest.raises(RefusedError, match=r"wallet\.locked"):
        make(poet, WholeFile())
    poet.wallet.unlock(PASSPHRASE)
    assert make(poet, WholeFile()).is_file()
