"""Packages of works: keys that stay in the wallet, and making that goes on where it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.content.whole_file import part_of
from desktop_app.core.errors import (
    CancelledError,
    CorruptError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from desktop_app.core.progress import Task
from desktop_app.services.app import Services
from desktop_app.services.library import Work

PASSPHRASE = "paper lantern river stone"
CONTENT = b"so much depends upon a red wheelbarrow " * 450_000


@pytest.fixture
def wallet(services: Services) -> None:
    services.wallet.create("passphrase", PASSPHRASE)


@pytest.fixture
def work(services: Services, tmp_path: Path) -> Work:
    (tmp_path / "poem.txt").write_bytes(CONTENT)
    return services.library.add(tmp_path / "poem.txt").work


@pytest.mark.usefixtures("wallet")
def test_a_package_is_made_checked_and_opened(services: Services, work: Work, tmp_path: Path) -> None:
    packages = services.packages
    made = packages.create(work.id, packages.suggested_path(work.id))
    assert made.path == tmp_path / "poem.colophon-package" and made.finished
    assert made.content_root == work.chunk_root
    assert packages.for_work(work.id) == (made,)
    checked = packages.check(made.path)
    assert (checked.opened, checked.work) == (True, work)
    packages.open(made.path, tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == CONTENT


@pytest.mark.usefixtures("wallet")
def test_the_key_is_nowhere_in_the_clear_and_can_be_handed_over(
    services: Services, work: Work, tmp_path: Path
) -> None:
    packages = services.packages
    made = packages.create(work.id, tmp_path / "p.colophon")
    packages.write_key(made.id, tmp_path / "key.txt")
    key = packages.read_key(tmp_path / "key.txt")
    assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0
    services.database.settle()
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file():
            assert key not in path.read_bytes() and key.hex().encode() not in path.read_bytes(), path
    services.wallet.lock()
    checked = packages.check(made.path)
    assert not checked.opened
    with pytest.raises(RefusedError):
        packages.open(made.path, tmp_path / "no.txt")
    packages.open(made.path, tmp_path / "out.txt", key)
    assert (tmp_path / "out.txt").read_bytes() == CONTENT


@pytest.mark.usefixtures("wallet")
def test_interrupted_making_and_opening_go_on_under_the_same_key(
    services: Services, work: Work, tmp_path: Path
) -> None:
    packages = services.packages
    path = tmp_path / "p.colophon"

    def broken_off(call: object) -> None:
        task = Task(lambda done, total, stage: task.cancel() if done else None)
        with pytest.raises(CancelledError):
            call(task)  # type: ignore[operator]

    broken_off(lambda task: packages.create(work.id, path, task))
    half = part_of(path).read_bytes()
    (row,) = packages.for_work(work.id)
    assert not row.finished and 0 < len(half) < work.size
    made = packages.create(work.id, path)
    assert made.id == row.id and path.read_bytes().startswith(half[: 1 << 20])
    out = tmp_path / "out.txt"
    broken_off(lambda task: packages.open(path, out, None, task))
    assert not out.exists()
    packages.open(path, out)
    assert out.read_bytes() == CONTENT


@pytest.mark.usefixtures("wallet")
def test_a_package_that_was_finished_but_not_noted_is_adopted(
    services: Services, work: Work, tmp_path: Path
) -> None:
    made = services.packages.create(work.id, tmp_path / "p.colophon")
    with services.database.transaction() as connection:
        connection.execute("UPDATE packages SET package_root = NULL, content_root = NULL")
    assert services.packages.create(work.id, tmp_path / "p.colophon") == made


@pytest.mark.usefixtures("wallet")
def test_a_package_that_has_its_name_and_still_the_other_is_adopted(
    services: Services, work: Work, tmp_path: Path
) -> None:
    path = tmp_path / "p.colophon"
    made = services.packages.create(work.id, path)
    os.link(path, part_of(path))  # as after a power cut between the two steps
    with services.database.transaction() as connection:
        connection.execute("UPDATE packages SET package_root = NULL, content_root = NULL")
    assert services.packages.create(work.id, path) == made
    assert path.exists() and not part_of(path).exists()


@pytest.mark.usefixtures("wallet")
def test_a_file_that_has_changed_is_not_packed_as_the_work(
    services: Services, work: Work, tmp_path: Path
) -> None:
    work.path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(RefusedError) as caught:
        services.packages.create(work.id, tmp_path / "p.colophon")
    assert caught.value.code == "library.file_changed"
    assert services.packages.for_work(work.id) == ()
    assert not (tmp_path / "p.colophon").exists()


@pytest.mark.usefixtures("wallet")
def test_a_name_that_is_taken_is_left_alone(services: Services, work: Work, tmp_path: Path) -> None:
    (tmp_path / "p.colophon").write_text("precious")
    with pytest.raises(RefusedError):
        services.packages.create(work.id, tmp_path / "p.colophon")
    assert (tmp_path / "p.colophon").read_text() == "precious"
    assert services.packages.for_work(work.id) == ()


@pytest.mark.usefixtures("wallet")
def test_every_package_has_its_own_key(services: Services, work: Work, tmp_path: Path) -> None:
    one, two = (services.packages.create(work.id, tmp_path / f"{n}.colophon") for n in (1, 2))
    assert one.key_commitment != two.key_commitment


@pytest.mark.usefixtures("wallet")
def test_a_changed_package_is_refused_with_the_place(services: Services, work: Work, tmp_path: Path) -> None:
    made = services.packages.create(work.id, tmp_path / "p.colophon")
    data = bytearray(made.path.read_bytes())
    data[200_000] ^= 1
    (tmp_path / "bad.colophon").write_bytes(data)
    for attempt in (
        lambda: services.packages.check(tmp_path / "bad.colophon"),
        lambda: services.packages.open(tmp_path / "bad.colophon", tmp_path / "out.txt"),
    ):
        with pytest.raises(CorruptError) as caught:
            attempt()
        assert (caught.value.code, caught.value.params["chunk"]) == ("package.chunk_damaged", 4)
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.usefixtures("wallet")
def test_another_wallet_and_another_library_have_no_key(
    services: Services, work: Work, tmp_path: Path
) -> None:
    made = services.packages.create(work.id, tmp_path / "p.colophon")
    with services.database.transaction() as connection:
        connection.execute("UPDATE packages SET sealed_key = ?", (bytes(60),))
    with pytest.raises(CorruptError) as caught:
        services.packages.open(made.path, tmp_path / "out.txt")
    assert caught.value.code == "package.key_sealed_elsewhere"
    with services.database.transaction() as connection:
        connection.execute("DELETE FROM packages")
    with pytest.raises(NotFoundError) as missing:
        services.packages.open(made.path, tmp_path / "out.txt")
    assert missing.value.code == "package.no_key"


@pytest.mark.parametrize("text", ["", "zz", "ab" * 31, "ab" * 33, "é" * 64])
def test_a_file_that_holds_no_key_is_refused(services: Services, tmp_path: Path, text: str) -> None:
    (tmp_path / "key.txt").write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        services.packages.read_key(tmp_path / "key.txt")
    assert caught.value.code == "package.key_file"
