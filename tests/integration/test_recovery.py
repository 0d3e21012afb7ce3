"""What happens between two steps: crashes, cancelled waits, other people's contracts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from integration.people import PASSPHRASE, active, services_of

from desktop_app.chain.sender import Sender
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import CancelledError, InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.app import Services
from desktop_app.services.ownership import VerdictState
from desktop_app.services.registration import RegistrationStatus
from desktop_app.services.royalties import Collaborator


class PowerCut(BaseException):
    """Stands for a crash: no code of ours handles it."""


def add(services: Services, folder: Path, text: str = "la") -> str:
    path = folder / f"{text}.txt"
    path.write_text(text * 500)
    return services.library.add(path, text).work.id


def crash_after(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    real = getattr(Sender, method)

    def cut(self: Sender, *arguments: object) -> object:
        real(self, *arguments)
        raise PowerCut

    monkeypatch.setattr(Sender, method, cut)


@pytest.mark.parametrize("method", ["_transmit", "submit", "wait"])
def test_a_crash_while_registering_loses_no_salt_and_no_record(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    work_id = add(alone, tmp_path)
    with monkeypatch.context() as patch:
        action = alone.registration.prepare(work_id)
        crash_after(patch, method)
        with pytest.raises(PowerCut):
            action.execute()
    alone.close()
    again = services_of(alone.paths.home)
    try:
        again.wallet.unlock(PASSPHRASE)
        again.registration.refresh()
        record = again.registration.current(work_id)
        assert record is not None
        assert record.proved
        with pytest.raises(RefusedError, match="already_registered"):
            again.registration.prepare(work_id)
        file = again.ownership.prove(work_id, "Label", "5")
        assert again.ownership.verify(file.path, "5", online=True).valid
    finally:
        again.close()


def test_a_crash_before_sending_lets_the_work_be_registered_anew(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_id = add(alone, tmp_path)
    with monkeypatch.context() as patch:
        action = alone.registration.prepare(work_id)
        patch.setattr(Sender, "_sign", lambda *arguments: (_ for _ in ()).throw(PowerCut()))
        with pytest.raises(PowerCut):
            action.execute()
    assert alone.registration.for_work(work_id)[0].status is RegistrationStatus.PENDING
    record = alone.registration.prepare(work_id).execute()
    assert record.status is RegistrationStatus.CONFIRMED
    assert len(alone.registration.for_work(work_id)) == 2


def test_cancelling_before_the_signature_spends_nothing(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    action = alone.registration.prepare(work_id)
    before = alone.networks.balances(active(alone))
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        action.execute(task)
    assert alone.networks.balances(active(alone)) == before
    assert alone.registration.prepare(work_id).execute().proved


def test_a_certificate_of_another_wallet_is_never_made(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    alone.registration.prepare(work_id).execute()
    alone.close()
    alone.paths.vault.unlink()
    thief = services_of(alone.paths.home)
    try:
        thief.wallet.create("passphrase", PASSPHRASE)
        with pytest.raises(RefusedError, match="other_wallet"):
            thief.ownership.prove(work_id, "Label", "1")
        assert list(thief.paths.certificates.iterdir()) == []
    finally:
        thief.close()


def test_a_record_that_was_passed_on_no_longer_counts_for_the_first_holder(
    alone: Services, tmp_path: Path
) -> None:
    from desktop_app.chain.contracts import transfer_record_call

    work_id = add(alone, tmp_path)
    record = alone.registration.prepare(work_id).execute()
    file = alone.ownership.prove(work_id, "Label", "1")
    friend = alone.wallet.add_account("Friend").address
    sender = alone.networks.sender(alone.networks.chain())
    sender.send(transfer_record_call(record.commitment_id, friend, record.registrant))
    report = alone.ownership.verify(file.path, "1", online=True)
    assert [each.state for each in report.verdicts] == [VerdictState.YES, VerdictState.NO, VerdictState.YES]
    assert not report.valid
    assert alone.ownership.verify(file.path, "1").valid, "offline, nothing speaks against it"


def test_certificates_never_replace_a_file(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    alone.registration.prepare(work_id).execute()
    target = tmp_path / "mine.colophon"
    target.write_text("precious")
    with pytest.raises(RefusedError, match="file_exists"):
        alone.ownership.prove(work_id, "Label", output=target)
    assert target.read_text() == "precious"
    made = alone.ownership.prove(work_id, "Label", output=tmp_path / "new.colophon")
    assert made.path == tmp_path / "new.colophon"
    assert [row.id for row in alone.ownership.certificates(work_id)] == [made.certificate.id]


def test_unusable_input_is_named(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    with pytest.raises(RefusedError, match="not_registered"):
        alone.ownership.prove(work_id, "Label")
    with pytest.raises(InvalidInputError, match="audience_missing"):
        alone.ownership.prove(work_id, " ")
    with pytest.raises(NotFoundError, match="no_such_file"):
        alone.ownership.verify(tmp_path / "none")
    with pytest.raises(InvalidInputError, match="unreadable"):
        alone.ownership.verify(tmp_path)
    with pytest.raises(NotFoundError, match="no_such_work"):
        alone.library.get("nothing")
    with pytest.raises(NotFoundError, match="no_such_token"):
        alone.royalties.token("NOPE")
    with pytest.raises(NotFoundError, match="not_our_token"):
        alone.royalties.token(alone.registration.prepare(work_id).review.recipient)


def test_impossible_terms_are_refused_before_anything_is_signed(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    alone.registration.prepare(work_id).execute()
    ben, cleo = "0x" + "b1" * 20, "0x" + "c1" * 20
    twice = [Collaborator(ben, 1), Collaborator("0x" + "B1" * 20, 1)]
    mint = alone.royalties.prepare_mint
    for code, name, supply, people in (
        ("name_unusable", " ", 10, []),
        ("name_unusable", "ü" * 40, 10, []),
        ("supply_out_of_range", "Song", 0, []),
        ("supply_out_of_range", "Song", 2**96, []),
        ("collaborator_twice", "Song", 10, twice),
        ("shares_over_one", "Song", 10, [Collaborator(ben, 600_000), Collaborator(cleo, 400_001)]),
        ("not_an_address", "Song", 10, [Collaborator("ben.eth", 1)]),
    ):
        with pytest.raises(InvalidInputError, match=code):
            mint(work_id, name, "SONG", supply, people)
    token = mint(work_id, "Song", "SONG", 10).execute()
    dollar = token.currencies[1]
    with pytest.raises(InvalidInputError, match="nothing_to_pay"):
        alone.royalties.prepare_pay(token, Amount(0, dollar))
    with pytest.raises(RefusedError, match="not_enough"):
        alone.royalties.prepare_pay(token, Amount(10**12, dollar))
    with pytest.raises(RefusedError, match="insufficient_funds"):
        alone.royalties.prepare_pay(token, Amount(10**24, token.currencies[0]))
    with pytest.raises(InvalidInputError, match="memo_too_long"):
        alone.royalties.prepare_pay(token, Amount(1, dollar), "x" * 33)
    with pytest.raises(InvalidInputError, match="to_yourself"):
        alone.royalties.prepare_transfer(token, active(alone), 1)
    with pytest.raises(RefusedError, match="not_so_many_shares"):
        alone.royalties.prepare_transfer(token, ben, 11)


def test_a_file_known_already_is_noticed_even_when_it_moved(alone: Services, tmp_path: Path) -> None:
    work_id = add(alone, tmp_path)
    copy = tmp_path / "copy.txt"
    copy.write_bytes((tmp_path / "la.txt").read_bytes())
    again = alone.library.add(copy)
    assert (again.already_there, again.work.id) == (True, work_id)
    assert again.work.path == tmp_path / "la.txt"
    (tmp_path / "la.txt").unlink()
    assert alone.library.add(copy).work.path == copy
    assert alone.library.count() == 1


def test_a_file_name_that_is_no_text_gets_a_readable_title(alone: Services, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9t\xe9.wav"))
    path.write_bytes(b"x")
    work = alone.library.add(path).work
    assert work.title == "�t�"
    assert alone.library.get(work.title).path == path


def test_a_network_that_does_not_answer_is_told_not_raised(alone: Services) -> None:
    alone.networks.set_endpoints("base", ("http://127.0.0.1:9",))
    status = alone.networks.status("base")
    assert not status.reachable
    assert status.problem is not None
    with pytest.raises(InvalidInputError, match="not_a_node_address"):
        alone.networks.set_endpoints("base", ("ftp://x",))
    with pytest.raises(RefusedError, match="practice_has_no_nodes"):
        alone.networks.set_endpoints("practice", ("http://127.0.0.1:9",))
    practice = alone.networks.status()
    assert practice.reachable
    assert practice.contracts_ready
    assert practice.proofs_on_chain
