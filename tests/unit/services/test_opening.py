"""What is for the window and what is a command; what a link may name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import RefusedError
from desktop_app.core.home_lock import AloneInHome, HomeLock
from desktop_app.services.opening import absolute, is_to_open, to_open


@pytest.mark.parametrize("argument", ["a.colophon", "/x/Song.COLOPHON", "colophon:guide/networks", "file:///x.colophon"])
def test_files_of_ours_and_links_are_for_the_window(argument: str) -> None:
    assert is_to_open(argument)


@pytest.mark.parametrize("argument", ["demo", "verify", "--help", "--home=x.colophon", "song.wav", ""])
def test_all_else_is_a_command(argument: str) -> None:
    assert not is_to_open(argument)


def test_links_name_places_and_files_are_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = absolute(["a.colophon", "colophon:guide/networks", "colophon://wallet", "file:///b%20c.colophon"])
    wanted = to_open(given)
    assert wanted.files == (tmp_path / "a.colophon", Path("/b c.colophon"))
    assert wanted.places == (("guide", "networks"), ("wallet",))


@given(st.lists(st.text(max_size=30), max_size=30))
def test_whatever_comes_is_a_list_of_files_and_places(arguments: list[str]) -> None:
    wanted = to_open([f"colophon:{one}" for one in arguments])
    assert len(wanted.files) + len(wanted.places) <= 20


def test_a_file_system_without_locks_does_not_keep_the_window_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise NotImplementedError

    lock = HomeLock(tmp_path / "home")
    monkeypatch.setattr(lock._lock, "acquire", refuse)
    assert lock.take()
    lock.release()


def test_only_one_has_the_data_folder_to_itself(tmp_path: Path) -> None:
    window = HomeLock(tmp_path / "home")
    assert window.take()
    with pytest.raises(RefusedError, match="window_open"), AloneInHome(tmp_path / "home"):
        pass
    window.release()
    with AloneInHome(tmp_path / "home"):
        assert not HomeLock(tmp_path / "home").take()
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
