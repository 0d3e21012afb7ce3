"""A sealed record is dated by others, who are real servers on loopback and learn nothing of the work."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.journey import register, song
from integration.witness_servers import HEIGHT, Authority, Calendar, server
from opentimestamps.core.serialize import BytesDeserializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile

from desktop_app.chain.web_service import checked_address
from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError
from desktop_app.proofs import time_stamp_token
from desktop_app.proofs.certificate_order import in_der_order
from desktop_app.proofs.open_timestamp import Attested, OpenTimestamp, block_time
from desktop_app.services.app import Services
from desktop_app.services.witnesses import WitnessState
from desktop_app.store.registrations import Registration

EASY = 2**256
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


@pytest.fixture
def record(alone: Services, tmp_path: Path) -> Registration:
    found = alone.registration.current(register(alone, tmp_path / "works"))
    assert found is not None
    alone.witnesses._easiest = {"easiest": EASY}
    return found


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ColophonError) as caught:
        call()
    return caught.value.code


def test_a_calendar_promises_completes_and_the_block_confirms(
    alone: Services, record: Registration, tmp_path: Path
) -> None:
    witnesses, calendar = alone.witnesses, Calendar()
    with server(calendar.answer) as address:
        calendar.address = address
        promised = witnesses.ask_calendar(record.work_id, address + "/")
        assert (promised.state, promised.time) == (WitnessState.PROMISED, None)
        (_, _, sent) = calendar.asked[0]
        work = alone.library.get(record.work_id)
        known = {work.sha256, work.blake3, work.chunk_root, hashlib.sha256(record.commitment).digest()}
        assert len(sent) == 32 and sent not in known
        assert refused(lambda: witnesses.complete(promised.witness.id)) == "witness.not_yet"
        assert refused(lambda: witnesses.confirm(promised.witness.id, blocks=address)) == "witness.not_yet"
        calendar.mine(1_790_000_000)
        done = witnesses.complete(promised.witness.id)
        assert (done.state, done.block, done.time) == (WitnessState.IN_BLOCK, HEIGHT, None)
        confirmed = witnesses.confirm(promised.witness.id, blocks=address)
        assert (confirmed.state, confirmed.time) == (WitnessState.CONFIRMED, 1_790_000_000)
        calendar.header = calendar.header[:36] + bytes(32) + calendar.header[68:]
        assert refused(lambda: witnesses.confirm(done.witness.id, blocks=address)) == "witness.other_block"
    assert witnesses.for_work(record.work_id) == (confirmed,)
    commitment, proof = witnesses.export(done.witness.id, tmp_path)
    assert commitment.read_bytes() == record.commitment
    read = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof.read_bytes()))
    assert read.file_digest == hashlib.sha256(commitment.read_bytes()).digest()
    assert proof.name == commitment.name + ".ots"


def test_a_server_without_the_work_of_bitcoin_confirms_nothing(alone: Services, record: Registration) -> None:
    alone.witnesses._easiest = {}
    calendar = Calendar()
    with server(calendar.answer) as address:
        calendar.address = address
        promised = alone.witnesses.ask_calendar(record.work_id, address)
        calendar.mine(1_790_000_000)
        alone.witnesses.complete(promised.witness.id)
        found = refused(lambda: alone.witnesses.confirm(promised.witness.id, blocks=address))
    assert found == "witness.no_work"


def test_a_promise_of_a_calendar_that_nobody_chose_is_not_followed(
    alone: Services, record: Registration
) -> None:
    calendar, stranger = Calendar(), Calendar()
    with server(calendar.answer) as address, server(stranger.answer) as elsewhere:
        calendar.address = elsewhere
        promised = alone.witnesses.ask_calendar(record.work_id, address)
        assert refused(lambda: alone.witnesses.complete(promised.witness.id)) == "witness.other_calendar"
    assert stranger.asked == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, b""), "witness.refused"),
        ((302, b""), "witness.refused"),
        ((200, b""), "witness.bad_answer"),
        ((200, b"<html>"), "witness.bad_answer"),
        ((200, b"\xf0\x01x\x08" * 2000), "witness.bad_answer"),
        ((200, bytes(20_000)), "witness.answer_too_large"),
    ],
)
def test_a_bad_answer_adds_no_witness(
    alone: Services, record: Registration, answer: tuple[int, bytes], code: str
) -> None:
    with server(lambda *_: answer) as address:
        for ask in (alone.witnesses.ask_calendar, alone.witnesses.ask_authority):
            found = refused(lambda ask=ask: ask(record.work_id, address))  # type: ignore[misc]
            assert found == code or (ask == alone.witnesses.ask_authority and answer[0] == 200)
    assert refused(lambda: alone.witnesses.ask_calendar(record.work_id, address)) == "witness.unreachable"
    assert alone.witnesses.for_work(record.work_id) == ()


def test_without_a_record_there_is_nothing_to_witness(alone: Services, tmp_path: Path) -> None:
    work = alone.library.add(song(tmp_path / "works")).work
    with server(Calendar().answer) as address:
        assert refused(lambda: alone.witnesses.ask_calendar(work.id, address)) == "witness.not_registered"


@needs_openssl
@pytest.mark.parametrize("sends_root", [False, True])
def test_an_authority_signs_and_is_trusted_by_its_root_alone(
    alone: Services, record: Registration, tmp_path: Path, sends_root: bool
) -> None:
    authority = Authority(tmp_path / "tsa", sends_root=sends_root)
    other = Authority(tmp_path / "other")
    with server(authority.answer) as address:
        signed = alone.witnesses.ask_authority(record.work_id, address)
        assert signed.state is WitnessState.SIGNED and "Harbour Time" in signed.authority
        ours = signed.witness.id
        assert refused(lambda: alone.witnesses.confirm(ours)) == "witness.roots"
        with pytest.raises(CorruptError) as caught:
            alone.witnesses.confirm(ours, roots=other.root)
        assert caught.value.code == "witness.not_trusted"
        confirmed = alone.witnesses.confirm(ours, roots=authority.root)
        assert confirmed.state is WitnessState.CONFIRMED and confirmed.time == signed.time
    commitment, proof = alone.witnesses.export(ours, tmp_path)
    files = ["-in", str(proof), "-data", str(commitment)]
    assert b"Verification: OK" in authority.openssl("ts", "-verify", *files, "-CAfile", "root.pem")


@needs_openssl
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_changed_byte_of_a_token_is_refused_or_changes_nothing(
    alone: Services, record: Registration, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "tsa")
    with server(authority.answer) as address:
        proof = alone.witnesses.ask_authority(record.work_id, address).witness.proof
    roots = authority.root.read_bytes()
    said = time_stamp_token.verify(proof, record.commitment, roots)
    for place in range(len(proof)):
        changed = bytearray(proof)
        changed[place] ^= 1
        with contextlib.suppress(CorruptError):
            assert time_stamp_token.verify(bytes(changed), record.commitment, roots).time == said.time
    for commitment in (bytes(48), record.commitment[:-1]):
        with pytest.raises(CorruptError):
            time_stamp_token.verify(proof, commitment, roots)
    request = time_stamp_token.request_for(record.commitment)
    with pytest.raises(CorruptError):
        time_stamp_token.answer_fits(proof, record.commitment, request)


@given(st.binary(max_size=200))
def test_putting_certificates_in_order_changes_no_other_bytes(data: bytes) -> None:
    for given_bytes in (data, b"\x30\x82" + len(data).to_bytes(2, "big") + data):
        assert in_der_order(given_bytes) == given_bytes


def test_certificates_come_into_the_order_of_der() -> None:
    def element(tag: int, content: bytes) -> bytes:
        return bytes([tag, len(content)]) + content

    def answer(*certificates: bytes) -> bytes:
        signed = element(0x30, element(2, b"\3") + element(0x31, b"") + element(0x30, b"") + element(
            0xA0, b"".join(certificates)) + element(0x31, b""))  # fmt: skip
        return element(0x30, element(0x30, b"") + element(0x30, element(6, b"*") + element(0xA0, signed)))

    one, two, three = element(0x30, b"b"), element(0x30, b"aa"), element(0x30, b"a")
    assert in_der_order(answer(one, two, three)) == answer(three, one, two)
    assert in_der_order(answer(three, one, two)) == answer(three, one, two)


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_any_bytes_are_a_timestamp_or_a_typed_error(data: bytes, tail: bytes) -> None:
    stamp, message = OpenTimestamp.begin(bytes(48))
    magic = DetachedTimestampFile.HEADER_MAGIC
    for given_bytes in (data, magic + data, magic + b"\x01\x08" + bytes(32) + tail):
        try:
            OpenTimestamp.decode(given_bytes).encode()
        except CorruptError as error:
            assert error.code == "witness.not_a_timestamp"
    for read in (time_stamp_token.facts, lambda raw: stamp.add(message, raw)):
        try:
            read(data)
        except CorruptError as error:
            assert error.code.startswith("witness.")


@given(st.binary(max_size=120), st.integers(0, 2**31))
def test_no_bytes_are_a_block_without_its_work(header: bytes, height: int) -> None:
    root = (header + bytes(80))[36:68]
    for given_bytes in (header, (header + bytes(80))[:80]):
        with pytest.raises(CorruptError):
            block_time(Attested(height, root), given_bytes)


def test_a_real_block_of_bitcoin_has_its_work() -> None:
    genesis = bytes.fromhex(
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f61"
        "7fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
    )
    attested = Attested(0, genesis[36:68])
    assert block_time(attested, genesis, easiest=2**224) == 1_231_006_505
    with pytest.raises(CorruptError):
        block_time(attested, genesis)


@pytest.mark.parametrize(
    "address",
    ["", "ftp://a.b", "http://a.b", "https://", "https://a.b/?x=1", "https://u:p@a.b", "https://a.b/#x",
     "http://127.0.0.1.evil.example", "https://a.b:99999", "https://[::"],
)  # fmt: skip
def test_what_is_no_safe_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_address(address)
    assert caught.value.code == "witness.address"


def test_an_address_loses_its_last_slash_only() -> None:
    assert checked_address(" https://a.example/x/ ") == "https://a.example/x"
    assert checked_address("http://127.0.0.1:80") == "http://127.0.0.1:80"
