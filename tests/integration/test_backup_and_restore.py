"""A backup of a whole life in the app, restored where nothing is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.journey import mint, register
from integration.people import PASSPHRASE, QUICK, active, services_of

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import (
    CancelledError,
    CorruptError,
    InvalidInputError,
    RefusedError,
)
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.core.settings import AUTO_LOCK
from desktop_app.services import restore as module
from desktop_app.services.app import Services
from desktop_app.services.backup import BackupState
from desktop_app.services.restore import finish_restore, may_restore, restore
from desktop_app.services.wording import message, words
from desktop_app.store.data_sets import DataSetRecord, DataSetRepository
from desktop_app.store.opening_budget import spend_openings
from desktop_app.wallet import restore as moving

SECRET = "another passphrase"


@pytest.fixture
def quick(alone: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(alone.backup, "_cost", QUICK)
    return alone


@pytest.fixture
def lived(quick: Services, tmp_path: Path) -> Services:
    """Somebody with a registered work, a token, an income and two certificates, one of them elsewhere."""
    work_id = register(quick, tmp_path / "works", "Song")
    token = mint(quick, work_id)
    quick.royalties.prepare_pay(token, Amount(10**9, token.currencies[0])).execute()
    quick.payouts.sync_once(quick.networks.active, None)
    quick.ownership.prove(work_id, "Label", "1")
    quick.ownership.prove(work_id, "Shop", "2", output=tmp_path / "elsewhere" / "mine.colophon")
    quick.address_book.add("0x" + "12" * 20, "Label")
    quick.settings.set(AUTO_LOCK, 7)
    return quick


@pytest.fixture
def saved(lived: Services, tmp_path: Path) -> Path:
    path = tmp_path / "stick" / lived.backup.suggested_name()
    path.parent.mkdir()
    lived.backup.create(path, SECRET)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[AppPaths]:
    yield AppPaths(tmp_path / "other" / "home")


def put_back(paths: AppPaths, saved: Path, **options: object) -> None:
    restore(paths, saved, SECRET, "passphrase", PASSPHRASE, cost=QUICK, **options)  # type: ignore[arg-type]


def test_everything_comes_back_on_an_empty_machine(
    lived: Services, saved: Path, elsewhere: AppPaths, tmp_path: Path
) -> None:
    works = lived.library.page()
    payouts, seeds = lived.payouts.list(), lived.wallet.owner_secrets().seed
    tokens, me = lived.royalties.tokens(), active(lived)
    sent = lived.transactions.page()
    lived.close()
    shutil.rmtree(lived.paths.home)
    shutil.rmtree(tmp_path / "elsewhere")
    put_back(elsewhere, saved)
    again = services_of(elsewhere.home)
    try:
        assert again.library.page() == works
        assert (again.payouts.list(), again.royalties.tokens(), again.transactions.page()) == (
            payouts, tokens, sent,
        )  # fmt: skip
        assert payouts
        assert again.settings.number(AUTO_LOCK) == 7
        assert again.address_book.resolve("label") == "0x" + "12" * 20
        assert active(again) == me
        again.wallet.unlock(PASSPHRASE)
        assert again.wallet.owner_secrets().seed == seeds
        certificates = again.ownership.certificates(works[0].id)
        assert len(certificates) == 2
        for row in certificates:
            assert row.path.is_relative_to(elsewhere.certificates)
            report = again.ownership.verify(row.path, row.challenge, online=True)
            assert report.valid, "the practice network came back too"
        assert again.ownership.prove(works[0].id, "New label", "3").path.exists(), "the salts are there"
        assert again.backup.status().state is BackupState.DONE
        assert sorted(path.name for path in elsewhere.backups.iterdir()) == []
    finally:
        again.close()


def test_a_restored_count_of_openings_lets_no_row_be_solved_for(
    quick: Services, elsewhere: AppPaths, tmp_path: Path
) -> None:
    """After the backup more columns may have been shown than it knows of: nothing is left to show."""
    record = DataSetRecord("d" * 32, "loans", "ab" * 32, b"{}", b"{}", capacity=300, created_at=1, opened=150)
    DataSetRepository(quick.database).add(record)
    saved = tmp_path / "before.colophon-backup"
    quick.backup.create(saved, SECRET)
    quick.close()
    put_back(elsewhere, saved)
    again = services_of(elsewhere.home)
    try:
        records = DataSetRepository(again.database)
        assert (records.get("loans").opened, records.get("loans").capacity) == (300, 300)
        with pytest.raises(RefusedError, match="budget_exhausted"):
            spend_openings(again.database, (record.identity,), 1)
    finally:
        again.close()


def test_a_check_counts_what_is_inside_and_leaves_nothing_behind(lived: Services, saved: Path) -> None:
    found = lived.backup.check(saved, SECRET)
    assert (found.works, found.registrations, found.certificates, found.of_this_wallet) == (1, 1, 2, True)
    assert found.payouts >= 1
    names = {entry.name for entry in found.summary.files}
    assert {"colophon.db", "practice.db", "settings.toml", "certificates/mine.colophon"} <= names
    with pytest.raises(InvalidInputError, match="wrong_passphrase"):
        lived.backup.check(saved, "wrong passphrase")
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 1
    saved.write_bytes(data)
    with pytest.raises(CorruptError, match="backup_corrupt"):
        lived.backup.check(saved, SECRET)
    assert [path for path in lived.paths.home.iterdir() if path.name.startswith(".backup-")] == []


def test_an_app_that_was_only_started_is_no_obstacle(saved: Path, elsewhere: AppPaths) -> None:
    started = services_of(elsewhere.home)
    started.networks.status()
    started.settings.set(AUTO_LOCK, 3)
    started.close()
    assert may_restore(elsewhere)
    put_back(elsewhere, saved)
    again = services_of(elsewhere.home)
    assert again.settings.number(AUTO_LOCK) == 7
    assert again.library.count() == 1
    again.close()
    (aside,) = elsewhere.backups.iterdir()
    assert (aside / "settings.toml").exists(), "nothing is ever deleted"
    assert not may_restore(elsewhere)


def test_what_is_there_is_never_replaced(lived: Services, saved: Path, elsewhere: AppPaths) -> None:
    for paths in (lived.paths, elsewhere):
        if paths is elsewhere:
            other = services_of(elsewhere.home)
            other.address_book.add("0x" + "13" * 20, "Somebody")
            other.close()
        before = {path: path.read_bytes() for path in paths.home.glob("*.toml")}
        with pytest.raises(RefusedError, match="not_empty") as caught:
            put_back(paths, saved)
        assert message(caught.value).next_step
        assert {path: path.read_bytes() for path in paths.home.glob("*.toml")} == before
    assert lived.library.count() == 1


@pytest.mark.parametrize("harm", ["passphrase", "damage", "cancel", "database"])
def test_a_restore_that_fails_leaves_the_place_as_it_was(
    saved: Path, elsewhere: AppPaths, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = services_of(elsewhere.home)
    started.settings.set(AUTO_LOCK, 3)
    started.close()
    task = Task()
    if harm == "damage":
        saved.write_bytes(saved.read_bytes()[:-100])
    elif harm == "cancel":
        task.cancel()
    elif harm == "database":
        monkeypatch.setattr(module, "Database", _newer)
    with pytest.raises((InvalidInputError, CorruptError, CancelledError, RefusedError)):
        if harm == "passphrase":
            restore(elsewhere, saved, "wrong passphrase", "passphrase", PASSPHRASE, cost=QUICK)
        else:
            put_back(elsewhere, saved, task=task)
    again = services_of(elsewhere.home)
    assert again.settings.number(AUTO_LOCK) == 3
    assert again.wallet.status().active is None
    again.close()
    assert may_restore(elsewhere)
    assert list(elsewhere.backups.iterdir()) == []


def _newer(*arguments: object) -> None:
    raise RefusedError("store.newer", path="colophon.db", found=99, known=4)


def test_a_power_cut_in_the_middle_is_made_good_at_the_next_start(
    lived: Services, saved: Path, elsewhere: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(home: Path) -> bool:
        if (home / moving.STAGE / moving.MARKER).exists():
            raise PowerCut
        return False

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_finish", cut)
        with pytest.raises(PowerCut):
            put_back(elsewhere, saved)
    assert not elsewhere.vault.exists()
    again = services_of(elsewhere.home)
    assert again.library.count() == 1
    again.wallet.unlock(PASSPHRASE)
    again.close()
    assert not finish_restore(elsewhere.home)


def test_a_backup_is_asked_for_until_it_is_made_and_again_when_there_is_more(
    quick: Services, tmp_path: Path
) -> None:
    def state() -> BackupState:
        status = quick.backup.status()
        assert words(f"backup.{status.state.value}")
        assert status.remind == (status.state not in (BackupState.DONE, BackupState.NO_WALLET))
        return status.state

    assert state() is BackupState.NEEDED
    assert not quick.backup.ready_for_real_money()
    quick.wallet.confirm_backup(quick.wallet.reveal_phrase(PASSPHRASE))
    assert state() is BackupState.DONE
    register(quick, tmp_path / "works", "Song")
    assert state() is BackupState.PHRASE_ONLY
    assert not quick.backup.status().is_pressing, "a practice record would not be missed"
    practice = quick.networks.active.chain_id
    for chain_id, pressing in ((8453, True), (practice, False)):
        with quick.database.transaction() as connection:
            connection.execute("UPDATE registrations SET chain_id = ?", (chain_id,))
        assert quick.backup.status().is_pressing is pressing
    quick.backup.create(tmp_path / "one", SECRET)
    assert state() is BackupState.DONE
    quick.wallet.add_account("Films")
    assert quick.backup.status().new_accounts == 1
    assert state() is BackupState.OUTDATED
    quick.backup.create(tmp_path / "two", SECRET)
    register(quick, tmp_path / "works", "Film")
    status = quick.backup.status()
    assert (status.state, status.new_registrations) == (BackupState.OUTDATED, 1)
    assert status.last is not None
    assert status.last.path == tmp_path / "two"
    work = register(quick, tmp_path / "works", "Sold")
    quick.backup.create(tmp_path / "three", SECRET)
    assert state() is BackupState.DONE
    quick.selling.packages.make(work)
    status = quick.backup.status()
    assert (status.state, status.new_registrations, status.new_sale_secrets) == (BackupState.OUTDATED, 0, 1)
    quick.backup.create(tmp_path / "four", SECRET)
    assert state() is BackupState.DONE
    assert quick.backup.ready_for_real_money()


def test_without_a_wallet_there_is_nothing_to_remind_of(elsewhere: AppPaths) -> None:
    services = services_of(elsewhere.home)
    assert services.backup.status().state is BackupState.NO_WALLET
    assert not services.backup.status().remind
    services.close()


def test_real_networks_ask_for_a_backup_first(quick: Services, tmp_path: Path) -> None:
    base, test = (quick.networks.named(key) for key in ("base", "base-sepolia"))
    quick.networks.set_endpoints("base", ("http://127.0.0.1:9",))
    quick.networks.set_endpoints("base-sepolia", ("http://127.0.0.1:9",))
    with pytest.raises(RefusedError, match=r"backup\.first") as caught:
        quick.networks.sender(quick.networks.chain(base.key))
    assert base.name in message(caught.value).reason
    quick.networks.sender(quick.networks.chain(test.key))
    quick.backup.create(tmp_path / "backup", SECRET)
    quick.networks.sender(quick.networks.chain(base.key))


def test_a_backup_goes_where_it_is_told_and_never_over_another_file(quick: Services, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="in_data_folder"):
        quick.backup.create(quick.paths.home / "backup", SECRET)
    target = tmp_path / "thesis.odt"
    target.write_text("years of work")
    with pytest.raises(RefusedError, match="file_exists"):
        quick.backup.create(target, SECRET)
    assert target.read_text() == "years of work"
    quick.backup.create(target, SECRET, overwrite=True)
    assert quick.backup.check(target, SECRET).works == 0
    with pytest.raises(InvalidInputError, match="passphrase_too_short"):
        quick.backup.create(tmp_path / "weak", "short")
    quick.wallet.lock()
    with pytest.raises(RefusedError, match=r"wallet\.locked"):
        quick.backup.create(tmp_path / "locked", SECRET)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"thesis.odt"}
