"""The encrypted backup: what it keeps, that nothing in it changes, that a restore is whole or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import CancelledError, ColophonError, InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.wallet import backup as module
from desktop_app.wallet.backup import BackupSummary, check_backup, create_backup, open_backup, safe_name
from desktop_app.wallet.redacted import WalletContents
from desktop_app.wallet.restore import MARKER, STAGE, finish_restore, restore_backup
from desktop_app.wallet.sealing import Argon2Cost
from desktop_app.wallet.stream import CHUNK_BYTES, StreamOpener, StreamSealer
from desktop_app.wallet.strict_json import canonical
from desktop_app.wallet.wallet import Wallet

PASSPHRASE = "battery staple"
BROKEN = ("wallet.not_a_backup", "wallet.backup_corrupt")
CHEAP = Argon2Cost(memory=8, passes=1, lanes=1)
FILES = {
    "colophon.db": os.urandom(3 * CHUNK_BYTES + 17),
    "settings.toml": b'[window]\ntheme = "dark"\n',
    "certificates/Lied für Anna.json": b"{}",
    "empty": b"",
}
OpenWallet = Callable[[], Wallet]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ColophonError) as caught:
        call()
    return caught.value.code


@pytest.fixture
def source(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / "source" / name for name in FILES}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
    return paths


@pytest.fixture
def wallet(open_wallet: OpenWallet) -> Wallet:
    made = open_wallet()
    made.create(bytes(range(16)), "Songs", "keyring", None, backed_up=True)
    second = made.add_account("Films")
    made.select_account(second.address)
    return made


@pytest.fixture
def saved(tmp_path: Path, wallet: Wallet, source: dict[str, Path]) -> Path:
    path = tmp_path / "backup.colophon"
    create_backup(path, PASSPHRASE, wallet.contents(), source, 1_790_000_000, cost=CHEAP)
    return path


@pytest.fixture
def make_wallet(
    backend: Any, clock: Any, keyring_of: Callable[..., Any]
) -> Callable[[Path, WalletContents], None]:
    """The vault is made anew under the protection chosen at the restore."""

    def make(path: Path, contents: WalletContents) -> None:
        Wallet(path, keyring_of(backend), clock, CHEAP).create_from(contents, "passphrase", "correct horse")

    return make


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_a_restore_brings_back_every_file_and_the_wallet(
    saved: Path, tmp_path: Path, wallet: Wallet, make_wallet: Any, clock: Any
) -> None:
    home = tmp_path / "new"
    summary = restore_backup(saved, PASSPHRASE, home, make_wallet)
    restored = content_of(home)
    vault = restored.pop("vault.json")
    assert restored == FILES
    assert b"argon2id" in vault
    assert [account.name for account in summary.accounts] == ["Songs", "Films"]
    again = Wallet(home / "vault.json", None, clock, CHEAP)  # type: ignore[arg-type]  # passphrase mode
    again.unlock("correct horse")
    assert again.owner_secrets().seed == wallet.owner_secrets().seed
    old, new = wallet.facts()[1], again.facts()[1]
    assert old is not None
    assert new is not None
    assert (new.accounts, new.active, new.created_at) == (old.accounts, old.active, old.created_at)
    assert not finish_restore(home)


def test_a_check_tells_what_is_inside(saved: Path) -> None:
    summary = check_backup(saved, PASSPHRASE)
    assert summary.created_at == 1_790_000_000
    assert {one.name: one.size for one in summary.files} == {name: len(data) for name, data in FILES.items()}
    assert {one.name: one.sha256 for one in summary.files} == {
        name: hashlib.sha256(data).digest() for name, data in FILES.items()
    }


def test_the_file_shows_nothing_of_what_is_inside(saved: Path, wallet: Wallet) -> None:
    data = saved.read_bytes()
    header = wallet.facts()[1]
    assert header is not None
    for text in ("Anna", "theme", "settings", "Songs", header.active[2:], bytes(range(16)).hex()):
        assert text.encode() not in data
    if os.name != "nt":
        assert saved.stat().st_mode & 0o777 == 0o600


def test_a_wrong_passphrase_is_told_apart_from_damage(saved: Path) -> None:
    assert refusal(lambda: check_backup(saved, "battery stable")) == "wallet.wrong_passphrase"
    saved.write_bytes(saved.read_bytes()[:-1])
    assert refusal(lambda: check_backup(saved, PASSPHRASE)) == "wallet.backup_corrupt"


def test_every_changed_byte_is_refused(tmp_path: Path, wallet: Wallet) -> None:
    (tmp_path / "small").write_bytes(b"small")
    path = tmp_path / "backup"
    create_backup(path, PASSPHRASE, wallet.contents(), {"small": tmp_path / "small"}, 0, cost=CHEAP)
    data = path.read_bytes()
    for position in range(len(data)):
        path.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        assert refusal(lambda: check_backup(path, PASSPHRASE)) in BROKEN


def test_every_cut_and_every_addition_is_refused(saved: Path) -> None:
    data = saved.read_bytes()
    sizes = {*range(0, len(data), 4001), *range(len(data) - 40, len(data))}
    for size in sizes:
        saved.write_bytes(data[:size])
        assert refusal(lambda: check_backup(saved, PASSPHRASE)) in BROKEN
    for more in (b"\0", bytes(CHUNK_BYTES + 16), data):
        saved.write_bytes(data + more)
        assert refusal(lambda: check_backup(saved, PASSPHRASE)) == "wallet.backup_corrupt"


@given(st.lists(st.binary(max_size=40), max_size=6), st.sampled_from([1, 7, 64]))
def test_a_stream_reads_back_in_any_portions(parts: list[bytes], portion: int) -> None:
    written = bytearray()
    sealer = StreamSealer(b"k" * 32, b"p" * 7, b"bound", written.extend)
    for part in parts:
        sealer.add(part * 3000)
    sealer.finish()
    plain = b"".join(part * 3000 for part in parts)

    class Source:
        place = 0

        def read(self, size: int, /) -> bytes:
            self.place += size
            return bytes(written[self.place - size : self.place])

    opener = StreamOpener(b"k" * 32, b"p" * 7, b"bound", Source(), "wallet.backup_corrupt")
    assert opener.read(min(portion, len(plain))) == plain[:portion]
    assert opener.read(len(plain) - min(portion, len(plain))) == plain[portion:]
    opener.finish()
    with pytest.raises(ColophonError):
        opener.read(1)


def test_chunks_cannot_change_places(tmp_path: Path) -> None:
    written: list[bytes] = []
    sealer = StreamSealer(b"k" * 32, b"p" * 7, b"", written.append)
    sealer.add(bytes(3 * CHUNK_BYTES))
    sealer.finish()
    assert len(written) == 3
    for order in ([1, 0, 2], [0, 0, 2], [0, 2], [0, 1], [2], [0, 1, 2, 2]):
        path = tmp_path / "stream"
        path.write_bytes(b"".join(written[n] for n in order))
        with path.open("rb") as file:
            opener = StreamOpener(b"k" * 32, b"p" * 7, b"", file, "wallet.backup_corrupt")
            with pytest.raises(ColophonError):
                opener.read(len(order) * CHUNK_BYTES)
                opener.finish()


def test_what_is_there_already_is_never_replaced(saved: Path, tmp_path: Path, make_wallet: Any) -> None:
    for name in ("vault.json", "colophon.db", "certificates/Lied für Anna.json"):
        home = tmp_path / f"home of {name.replace('/', ' ')}"
        (home / name).parent.mkdir(parents=True)
        (home / name).write_bytes(b"mine")
        code = refusal(lambda home=home: restore_backup(saved, PASSPHRASE, home, make_wallet))
        assert code == "wallet.backup_in_the_way"
        assert content_of(home) == {name: b"mine"}


def test_a_damaged_backup_restores_nothing(saved: Path, tmp_path: Path, make_wallet: Any) -> None:
    home = tmp_path / "new"
    data = bytearray(saved.read_bytes())
    data[-30] ^= 1
    saved.write_bytes(data)
    assert refusal(lambda: restore_backup(saved, PASSPHRASE, home, make_wallet)) == "wallet.backup_corrupt"
    assert content_of(home) == {}


def test_a_cancelled_restore_or_backup_leaves_nothing(
    saved: Path, tmp_path: Path, make_wallet: Any, wallet: Wallet, source: dict[str, Path]
) -> None:
    def stop_at(fraction: float) -> Task:
        task = Task(lambda done, total, stage: task.cancel() if done >= total * fraction else None)
        return task

    home = tmp_path / "new"
    with pytest.raises(CancelledError):
        restore_backup(saved, PASSPHRASE, home, make_wallet, stop_at(0.5))
    assert content_of(home) == {}
    before = saved.read_bytes()
    with pytest.raises(CancelledError):
        create_backup(saved, PASSPHRASE, wallet.contents(), source, 0, stop_at(0.5), CHEAP)
    assert saved.read_bytes() == before


def test_a_file_that_changes_meanwhile_is_noticed(
    tmp_path: Path, wallet: Wallet, source: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module._unchanged

    def grow(entry: Any, path: Path) -> Iterator[bytes]:
        with path.open("ab") as file:
            file.write(b"more")
        return real(entry, path)

    monkeypatch.setattr(module, "_unchanged", grow)
    path = tmp_path / "backup"
    code = refusal(lambda: create_backup(path, PASSPHRASE, wallet.contents(), source, 0, cost=CHEAP))
    assert code == "wallet.backup_file_changed"
    assert not path.exists()


def test_a_backup_needs_a_fit_passphrase_and_readable_files(
    tmp_path: Path, wallet: Wallet, source: dict[str, Path]
) -> None:
    def save(passphrase: str, files: dict[str, Path]) -> BackupSummary:
        return create_backup(tmp_path / "b", passphrase, wallet.contents(), files, 0, cost=CHEAP)

    assert refusal(lambda: save("short", source)) == "wallet.passphrase_too_short"
    assert refusal(lambda: save(PASSPHRASE, {"gone": tmp_path / "gone"})) == "wallet.backup_unwritable"
    assert not (tmp_path / "b").exists()
    assert refusal(lambda: check_backup(tmp_path / "b", PASSPHRASE)) == "wallet.backup_unreadable"
    (tmp_path / "b").write_bytes(b"something else")
    assert refusal(lambda: check_backup(tmp_path / "b", PASSPHRASE)) == "wallet.not_a_backup"


@pytest.mark.parametrize(
    "name",
    [
        *("", "/etc/passwd", "../x", "a/../x", "a//b", ".ready", "a/.b", "c:x", "a\\b", "nul", "COM1.txt"),
        *("x.", "x ", "a\n", "a/b/c/d/e", "x" * 121, "a\u202eb"),
    ],
)
def test_a_name_that_leaves_the_folder_is_refused_both_ways(
    name: str, tmp_path: Path, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not safe_name(name)
    (tmp_path / "file").write_bytes(b"x")
    path = tmp_path / "backup"
    files = {name: tmp_path / "file"}
    with pytest.raises(InvalidInputError):
        create_backup(path, PASSPHRASE, wallet.contents(), files, 0, cost=CHEAP)
    # Someone who knows the passphrase writes it all the same.
    with monkeypatch.context() as patch:
        patch.setattr(module, "_check_names", lambda names: None)
        create_backup(path, PASSPHRASE, wallet.contents(), files, 0, cost=CHEAP)
    with pytest.raises(InvalidInputError), open_backup(path, PASSPHRASE):
        pass


@given(st.text(max_size=30))
def test_a_safe_name_always_stays_inside(name: str) -> None:
    if safe_name(name):
        root = Path("/home/user/data")
        assert root in (root / name).parents
        assert ".." not in (root / name).parts


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path, wallet: Wallet) -> None:
    (tmp_path / "file").write_bytes(b"x")
    files = {"Song": tmp_path / "file", "song": tmp_path / "file"}
    with pytest.raises(InvalidInputError):
        create_backup(tmp_path / "b", PASSPHRASE, wallet.contents(), files, 0, cost=CHEAP)


def test_a_later_version_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(module._framed(canonical({"version": 2, "new": True})))
    with pytest.raises(RefusedError) as caught:
        check_backup(tmp_path / "b", PASSPHRASE)
    assert caught.value.code == "wallet.backup_newer"


class PowerCutError(BaseException):
    pass


@contextmanager
def power_cut(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[list[str]]:
    """From the `at`-th call on nothing reaches the disk any more."""
    calls: list[str] = []
    opened: set[int] = set()
    real_close = os.close

    def guarded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            if len(calls) > at:
                raise PowerCutError(name)
            result = real(*args, **kwargs)
            if name == "open":
                opened.add(result)
            if name == "close":
                opened.discard(args[0])
            return result

        return call

    with monkeypatch.context() as patch:
        for name in ("open", "write", "fsync", "close", "replace", "unlink", "mkdir", "rmdir"):
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        yield calls
    for handle in opened:
        real_close(handle)


def test_a_power_cut_during_a_restore_leaves_all_or_nothing(
    saved: Path, tmp_path: Path, make_wallet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {*FILES, "vault.json"}
    outcomes = set()
    for at in range(400):
        home = tmp_path / "homes" / str(at)
        home.mkdir(parents=True)
        with power_cut(monkeypatch, at) as calls:
            try:
                restore_backup(saved, PASSPHRASE, home, make_wallet)
                finished = True
            except (PowerCutError, ColophonError):
                finished = False
        finish_restore(home)
        found = set(content_of(home))
        assert found in (set(), everything), calls[-5:]
        assert not (home / STAGE).exists()
        outcomes.add(bool(found))
        if not found:
            assert restore_backup(saved, PASSPHRASE, home, make_wallet)
        assert {name: data for name, data in content_of(home).items() if name != "vault.json"} == FILES
        shutil.rmtree(home)
        if finished and len(calls) <= at:
            break
    else:
        pytest.fail("never finished")
    assert at > 50
    assert outcomes == {True, False}


def test_an_interrupted_restore_does_not_replace_what_came_meanwhile(
    saved: Path, tmp_path: Path, make_wallet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "new"
    monkeypatch.setattr("desktop_app.wallet.restore._finish", lambda home: False)
    restore_backup(saved, PASSPHRASE, home, make_wallet)
    monkeypatch.undo()
    assert (home / STAGE / MARKER).exists()
    (home / "colophon.db").write_bytes(b"made meanwhile")
    assert refusal(lambda: finish_restore(home)) == "wallet.backup_in_the_way"
    assert (home / "colophon.db").read_bytes() == b"made meanwhile"
    (home / "colophon.db").unlink()
    assert finish_restore(home)
    assert (home / "colophon.db").read_bytes() == FILES["colophon.db"]


def test_the_contents_of_a_wallet_are_not_printed(wallet: Wallet) -> None:
    assert repr(wallet.contents()) == "WalletContents([redacted])"
