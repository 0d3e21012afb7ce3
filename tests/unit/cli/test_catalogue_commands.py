"""`colophon library` for folders, tables, metadata and similar works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Commands
from tests.unit.content.media import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "sub").mkdir(parents=True)
    picture(0).save(made / "one.png")
    picture(0).save(made / "sub" / "one again.jpg", quality=50)
    picture(3).save(made / "two.png")
    return made


def test_a_folder_is_added_and_added_again(colophon: Commands, folder: Path) -> None:
    assert colophon("library", "add", "--recursive", str(folder))["counts"]["added"] == 3
    assert colophon("library", "add", "-r", str(folder))["counts"]["unchanged"] == 3
    assert "3" in colophon.run("library", "add", "-r", str(folder)).stdout


def test_a_file_alone_is_looked_into_unless_it_is_to_be_quick(colophon: Commands, folder: Path) -> None:
    colophon("library", "add", str(folder / "one.png"))
    colophon("library", "add", "--quick", str(folder / "two.png"))
    assert colophon("library", "show", "one")["portrait"]["facts"]["width"] == 240
    assert not colophon("library", "show", "two")["portrait"]["looked"]
    assert colophon("library", "look", "two")["portrait"]["looked"]
    shown = colophon.run("library", "show", "one").stdout
    assert "240 × 240 pixels" in shown


def test_a_work_is_described_and_what_was_not_named_stays(
    colophon: Commands, folder: Path, tmp_path: Path
) -> None:
    colophon("library", "add", "--quick", str(folder / "one.png"))
    said = colophon(
        "library", "describe", "one", "--creator", "Ada Wren (painter)", "--creator", "Ben", "--year", "2020"
    )
    assert said["creator"][0]["roleName"] == "painter" and said["datePublished"] == "2020"
    said = colophon(
        "library", "describe", "one", "--title", "Waves", "--year", "", "--doi", "doi:10.1000/182"
    )
    assert (said["name"], len(said["creator"]), "datePublished" in said) == ("Waves", 2, False)
    out = tmp_path / "token.json"
    token = colophon("library", "describe", "Waves", "--token", "WAVE", "--output", str(out))
    assert token["symbol"] == "WAVE" and '"WAVE"' in out.read_text()
    assert colophon.error("library", "describe", "Waves", "--isbn", "1") == "content.isbn"
    assert colophon.error("library", "describe", "Waves", "-o", str(out), code=1) == "content.exists"


def test_similar_works_are_listed_with_how_near_they_are(colophon: Commands, folder: Path) -> None:
    colophon("library", "add", "-r", str(folder))
    near = colophon("library", "similar", "one")
    assert [one["title"] for one in near] == ["one again"]
    assert near[0]["percent"] > 80 and near[0]["kind"] == "picture"
    assert "one again" in colophon.run("library", "similar", "one").stdout
    assert "Nothing" in colophon.run("library", "similar", "two").stderr


def test_a_table_goes_out_and_comes_back(colophon: Commands, folder: Path, tmp_path: Path) -> None:
    colophon("library", "add", "-r", str(folder))
    table = tmp_path / "works.csv"
    assert colophon("library", "export", "-o", str(table))["works"] == 3
    table.write_text(table.read_text().replace("two,,,", "Two Waves,Ada (painter),1999,"))
    assert colophon("library", "import", str(table))["changed"] == 3
    assert colophon("library", "describe", "Two Waves")["datePublished"] == "1999"
    table.write_text("work,year\nnothing,1\nTwo Waves,2001\n")
    assert colophon.error("library", "import", str(table)) == "metadata.no_such_work"
    assert colophon("library", "import", str(table), "--skip-bad", code=1)["changed"] == 1


def test_missing_and_moved_files_are_told(colophon: Commands, folder: Path) -> None:
    colophon("library", "add", "-r", str(folder))
    assert {one["state"] for one in colophon("library", "check")} == {"unchanged"}
    (folder / "one.png").rename(folder / "sub" / "elsewhere.png")
    (folder / "two.png").unlink()
    told = colophon("library", "check", "--look-in", str(folder), code=1)
    assert sorted(one["state"] for one in told) == ["found_elsewhere", "missing", "unchanged"]


def test_a_cluster_without_a_folder_is_refused(colophon: Commands, folder: Path) -> None:
    given = ("library", "add", str(folder / "one.png"), "--cluster", "tcp://127.0.0.1:1")
    assert colophon.error(*given) == "cli.cluster_needs_recursive"
    assert colophon.error("library", "add", "-r", str(folder), "--title", "x") == "cli.one_title_for_several"


def test_hostile_metadata_reaches_no_terminal_as_it_is(colophon: Commands, folder: Path) -> None:
    colophon("library", "add", "--quick", str(folder / "one.png"))
    colophon("library", "describe", "one", "--about", "\x1b[31mred\x1b[0m\u202egnp")
    shown = colophon.run("library", "show", "one").stdout
    assert "\x1b" not in shown and "\u202e" not in shown
