"""`colophon package`, `credentials`, `witness` and `privacy`, as a person types them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from integration.witness_servers import Calendar, server

from tests.unit.cli.conftest import Commands
from tests.unit.content.media import picture

pytestmark = pytest.mark.usefixtures("wallet")


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    path = tmp_path / "Waves.png"
    picture().save(path)
    return path


def test_a_package_goes_round(
    colophon: Commands, painting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colophon("library", "add", "--quick", str(painting))
    made = colophon("package", "create", "Waves")
    assert made["path"] == str(tmp_path / "Waves.colophon-package") and "sealed_key" not in made
    assert colophon("package", "check", made["path"])["opened"] is True
    with monkeypatch.context() as without:
        without.delenv("COLOPHON_PASSPHRASE_FILE")
        assert colophon("package", "check", made["path"])["opened"] is False
        assert "nothing was added" in colophon.run("package", "check", made["path"]).stdout
    colophon("package", "open", made["path"], "--output", str(tmp_path / "again.png"))
    assert (tmp_path / "again.png").read_bytes() == painting.read_bytes()
    key = tmp_path / "key.txt"
    assert colophon.error("package", "key", made["id"], "-o", str(key)) == "cli.approval_needed"
    colophon("package", "key", made["id"], "-o", str(key), "--yes")
    assert colophon("package", "check", made["path"], "--key-file", str(key))["opened"] is True
    key.write_text("00" * 32)
    given = ("package", "open", made["path"], "-o", str(tmp_path / "x"), "--key-file", str(key))
    assert colophon.error(*given, code=1) == "package.wrong_key"
    data = bytearray(Path(made["path"]).read_bytes())
    data[-40] ^= 1
    Path(made["path"]).write_bytes(data)
    assert colophon.error("package", "check", made["path"], code=1).startswith("package.")
    assert colophon("package", "list", "Waves")[0]["id"] == made["id"]
    assert "complete" in colophon.run("package", "list", "Waves").stdout


def test_a_signed_copy_is_shown_with_what_it_is_worth(
    colophon: Commands, painting: Path, tmp_path: Path
) -> None:
    colophon("library", "add", "--quick", str(painting))
    assert colophon.error("credentials", "sign", "Waves") == "credentials.name"
    signed = Path(colophon("credentials", "sign", "Waves", "--name", "Ada Wren")["path"])
    assert signed.name == "Waves (signed).png"
    view = colophon("credentials", "show", str(signed))
    assert (view["report"]["trust"], view["by_you"]) == ("unknown_signer", True)
    people = colophon.run("credentials", "show", str(signed)).stdout
    assert "Ada Wren" in people and "anyone can make such a certificate" in people
    data = bytearray(signed.read_bytes())
    data[-30] ^= 1
    signed.write_bytes(data)
    assert colophon("credentials", "show", str(signed), code=1)["report"]["trust"] == "broken"
    assert colophon("credentials", "show", str(painting))["report"]["trust"] == "none"
    beside = Path(colophon("credentials", "sign", "Waves", "--sidecar")["path"])
    assert beside.name == "Waves.png.c2pa"
    assert colophon("credentials", "show", str(painting))["report"]["trust"] == "unknown_signer"
    assert colophon.error("credentials", "sign", "Waves", "--training", "maybe") == "content.training"
    given = ("credentials", "sign", "Waves", "--training", "licensed", "-o", str(tmp_path / "l.png"))
    assert colophon.error(*given) == "credentials.licence_missing"
    assert colophon.error("credentials", "sign", "Waves", "--key-file", "k") == "cli.certificate_and_key"
    given = ("credentials", "sign", "Waves", "--with-record", "-o", str(tmp_path / "r.png"))
    assert colophon.error(*given, code=1) == "credentials.no_record"


def test_a_witness_is_asked_only_when_the_user_agrees(
    colophon: Commands, painting: Path, tmp_path: Path
) -> None:
    colophon("library", "add", "--quick", str(painting))
    colophon("network", "faucet")
    colophon("register", "Waves", "--yes")
    signed = ("credentials", "sign", "Waves", "--name", "Ada", "--with-record", "-o", str(tmp_path / "s.png"))
    colophon(*signed)
    view = colophon("credentials", "show", str(tmp_path / "s.png"))
    assert view["your_work"]["title"] == "Waves"
    calendar = Calendar()
    with server(calendar.answer) as address:
        calendar.address = address
        asking = ("witness", "ask", "Waves", "--calendar", address)
        assert colophon.error(*asking) == "cli.approval_needed"
        told = colophon.run(*asking).stderr
        assert "network address" in told and calendar.asked == []
        witness = colophon(*asking, "--yes")["witness"]["id"]
        assert len(calendar.asked) == 1
        assert colophon.error("witness", "complete", witness, code=1) == "witness.not_yet"
        calendar.mine(1_790_000_000)
        assert colophon("witness", "complete", witness)["state"] == "in_block"
    assert "Bitcoin" in colophon.run("witness", "list", "Waves").stdout
    written = colophon("witness", "export", witness, "-o", str(tmp_path))["paths"]
    assert [Path(path).suffix for path in written] == [".commitment", ".ots"]
    assert colophon.error("witness", "ask", "Waves") == "cli.one_witness"


def test_a_work_is_erased_and_the_rest_taken_along(
    colophon: Commands, painting: Path, tmp_path: Path
) -> None:
    colophon("library", "add", "--quick", str(painting))
    assert colophon.error("privacy", "erase", "Waves") == "cli.approval_needed"
    told = colophon.run("privacy", "erase", "Waves").stderr
    assert "What stays" in told and str(painting) in told.replace("\n", "")
    assert colophon("privacy", "erase", "Waves", "--yes")["stays"]
    assert colophon("library", "list")["count"] == 0
    archive = tmp_path / "mine.zip"
    assert colophon("privacy", "export", "-o", str(archive))["files"] > 5
    with zipfile.ZipFile(archive) as opened:
        assert "README.txt" in opened.namelist()
