"""`colophon library`, and what the other commands say about works that are not ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Commands


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    path = tmp_path / "Poem.txt"
    path.write_text("so much depends upon")
    return path


def test_a_file_is_added_once(colophon: Commands, poem: Path) -> None:
    first, second = colophon("library", "add", str(poem))[0], colophon("library", "add", str(poem))[0]
    assert (first["already_there"], second["already_there"]) == (False, True)
    assert first["work"]["id"] == second["work"]["id"]
    assert first["work"]["title"] == "Poem"
    assert "salt" not in first["work"]


def test_the_same_file_is_named_as_already_there(colophon: Commands, poem: Path) -> None:
    colophon("library", "add", str(poem))
    assert "Already in the library" in colophon.run("library", "add", str(poem)).stdout


def test_an_unusable_file_ends_with_two_and_a_next_step(colophon: Commands, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert colophon.error("library", "add", str(tmp_path / "empty"))
    assert colophon.error("library", "add", str(tmp_path / "none"))
    assert colophon.error("library", "add", str(tmp_path))


def test_of_several_files_the_good_ones_are_added(colophon: Commands, poem: Path, tmp_path: Path) -> None:
    result = colophon.run("library", "add", str(tmp_path / "none"), str(poem))
    assert result.exit_code == 2
    assert result.stderr
    assert [one["work"]["title"] for one in colophon("library", "list")["works"]] == ["Poem"]


def test_one_title_for_several_files_is_refused(colophon: Commands, poem: Path) -> None:
    assert (
        colophon.error("library", "add", str(poem), str(poem), "--title", "x") == "cli.one_title_for_several"
    )
    assert colophon("library", "list")["count"] == 0


def test_works_are_found_renamed_and_removed(colophon: Commands, poem: Path) -> None:
    work = colophon("library", "add", str(poem), "--title", "The Red Wheelbarrow")[0]["work"]["id"]
    assert colophon("library", "list", "--search", "wheel")["works"][0]["step"] == "added"
    assert colophon("library", "show", work[:4])["work"]["title"] == "The Red Wheelbarrow"
    assert colophon("library", "rename", work, "Wheelbarrow")["work"]["title"] == "Wheelbarrow"
    assert colophon.error("library", "remove", work) == "cli.approval_needed"
    assert colophon("library", "remove", "Wheelbarrow", "--yes")["removed"] == work
    assert poem.is_file()
    assert "empty" in colophon.run("library", "list").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("library", "show", "nothing"),
        ("register", "nothing"),
        ("prove", "nothing", "--for", "somebody"),
        ("mint", "nothing", "--symbol", "X"),
    ],
)
def test_an_unknown_work_is_unusable_input(colophon: Commands, arguments: tuple[str, ...]) -> None:
    assert colophon.error(*arguments) == "library.no_such_work"


@pytest.mark.usefixtures("wallet")
def test_an_unregistered_work_is_not_proved(colophon: Commands, poem: Path) -> None:
    colophon("library", "add", str(poem))
    assert colophon.error("prove", "Poem", "--for", "somebody", code=1) == "ownership.not_registered"


@pytest.mark.parametrize("share", ["", "=", "=0", "=101", "=x", "12"])
def test_a_collaborator_without_a_share_is_unusable_input(colophon: Commands, poem: Path, share: str) -> None:
    colophon("library", "add", str(poem))
    given = "0x" + "11" * 20 + share if share != "12" else "12"
    code = colophon.error("mint", "Poem", "--symbol", "P", "--collaborator", given)
    assert code in {"cli.collaborator_form", "amount.share_unreadable", "amount.share_out_of_range"}


def test_a_file_that_is_no_certificate_ends_with_two(colophon: Commands, poem: Path) -> None:
    assert colophon.error("verify", str(poem)).startswith("certificate.")
    assert colophon.error("verify", str(poem) + ".none") == "ownership.no_such_file"


def test_an_unknown_network_is_unusable_input_and_is_not_kept(colophon: Commands) -> None:
    assert colophon.error("library", "list", "--network", "moon") == "chain.unknown_network"
    assert colophon.error("network", "use", "moon") == "chain.unknown_network"
    assert colophon("network", "list")["active"] == "practice"


def test_a_network_for_one_command_does_not_stay(colophon: Commands) -> None:
    assert colophon("network", "list", "--network", "base-sepolia")["active"] == "base-sepolia"
    assert colophon("network", "list")["active"] == "practice"
    assert colophon("network", "use", "base-sepolia")["network"]["key"] == "base-sepolia"
    assert colophon("network", "list")["active"] == "base-sepolia"


def test_an_unknown_kind_of_payout_is_unusable_input(colophon: Commands) -> None:
    assert colophon.error("payouts", "list", "--kind", "gift") == "cli.payout_kind"


def test_an_unexpected_failure_is_calm_and_goes_to_the_log(
    colophon: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise ZeroDivisionError("seed=1234")

    monkeypatch.setattr("desktop_app.services.library.LibraryService.page", fail)
    result = colophon.run("library", "list")
    assert result.exit_code == 1
    assert "Traceback" not in result.output and "1234" not in result.output
    log = (tmp_path / "colophon-home" / "logs" / "colophon.log").read_text()
    assert "ZeroDivisionError" in log and "1234" not in log
