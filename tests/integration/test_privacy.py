"""A work is erased for good, and everything can be taken along; signed copies name records or do not."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from integration.journey import mint, register, song

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.credentials import Trust


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_an_erased_work_leaves_no_secret_behind(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works", "secretsong")
    alone.details.look(work_id)
    alone.ownership.prove(work_id, "Label")
    token = mint(alone, work_id)
    package = alone.packages.create(work_id, tmp_path / "p.colophon")
    work, record = alone.library.get(work_id), alone.registration.current(work_id)
    assert record is not None
    plan = alone.privacy.look_at(work_id)
    said = "\n".join(plan.stays)
    assert record.commitment_id.hex() in said and token.address in said and str(package.path) in said
    assert alone.library.get(work_id) == work, "looking at the plan changes nothing"
    done = alone.privacy.erase(work_id)
    assert done == plan
    left = everything(alone.paths.home)
    for secret in (work.salt, record.record_salt, package.sealed_key, work.sha256, work.chunk_root):
        assert secret not in left
    assert b"secretsong" not in left.replace(b"SONG", b"")
    assert work.path.is_file() and package.path.is_file()
    with pytest.raises(NotFoundError):
        alone.library.get(work_id)
    assert alone.royalties.tokens()[0].work_id is None
    with pytest.raises(NotFoundError):
        alone.packages.open(package.path, tmp_path / "out.txt")
    again = alone.library.add(song(tmp_path / "works", "secretsong")).work
    assert again.id != work_id and again.salt != work.salt


def test_a_record_on_its_way_is_waited_for(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    with alone.database.transaction() as connection:
        connection.execute("UPDATE registrations SET status = 'pending'")
    with pytest.raises(RefusedError) as caught:
        alone.privacy.erase(work_id)
    assert caught.value.code == "privacy.on_its_way"


def test_everything_is_taken_along_and_no_secret_with_it(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works", "la")
    alone.library.rename(work_id, "=1+1")
    alone.details.look(work_id)
    alone.ownership.prove(work_id, "Label")
    package = alone.packages.create(work_id, tmp_path / "p.colophon")
    alone.credentials.sign(work_id, tmp_path / "la.c2pa", "Ada Wren")
    work, record = alone.library.get(work_id), alone.registration.current(work_id)
    assert record is not None
    alone.paths.logs.mkdir(exist_ok=True)
    (alone.paths.logs / "colophon.log").write_text("started\n")
    path = tmp_path / "mine.zip"
    count = alone.privacy.export(path)
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.read("logs/colophon.log") == b"started\n"
        assert len(names) == count
        assert all(not name.startswith("/") and ".." not in name for name in names)
        assert any(name.startswith("certificates/") for name in names)
        tables = json.loads(archive.read("everything.json"))
        works = list(csv.DictReader(io.StringIO(archive.read("tables/works.csv").decode())))
        inside = b"".join(archive.read(name) for name in names)
    assert tables["works"][0]["sha256"] == work.sha256.hex()
    assert tables["registrations"][0]["commitment"] == record.commitment.hex()
    assert (works[0]["title"], works[0]["path"]) == ("'=1+1", str(work.path))
    phrase = alone.wallet.reveal_phrase("correct horse battery")
    for secret in (work.salt, record.record_salt, package.sealed_key):
        assert secret not in inside and secret.hex().encode() not in inside
    assert phrase.encode() not in inside
    with pytest.raises(RefusedError):
        alone.privacy.export(path)


def test_a_signed_copy_names_its_record_only_where_that_was_wanted(alone: Services, tmp_path: Path) -> None:
    work_id = register(alone, tmp_path / "works")
    record = alone.registration.current(work_id)
    service = alone.credentials
    assert service.signer_name() == "" and not service.embeds(work_id)
    service.sign(work_id, tmp_path / "named.c2pa", "Ada Wren", with_registration=record)
    service.sign(work_id, tmp_path / "nameless.c2pa")
    work = alone.library.get(work_id)
    named = service.read(work.path, tmp_path / "named.c2pa")
    assert (named.report.trust, named.by_you, named.your_work) == (Trust.UNKNOWN_SIGNER, True, work)
    nameless = service.read(work.path, tmp_path / "nameless.c2pa")
    assert nameless.by_you and nameless.your_work is None and nameless.report.registration == ()
    assert service.signer_name() == "Ada Wren"
    assert service.read(work.path).report.trust is Trust.NONE
    work.path.write_text("changed")
    assert service.read(work.path, tmp_path / "named.c2pa").report.trust is Trust.BROKEN
    with pytest.raises(RefusedError) as caught:
        service.sign(work_id, tmp_path / "again.c2pa")
    assert caught.value.code == "library.file_changed"
