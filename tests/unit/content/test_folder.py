"""What of a folder becomes works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.content.folder import files_below
from desktop_app.core.errors import InvalidInputError


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in files_below(folder)]


def test_files_come_folder_by_folder_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "z/2.txt", "z/1.txt", "c/d/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert names(tmp_path) == ["a.txt", "b.txt", "c/d/e.txt", "z/1.txt", "z/2.txt"]


def test_links_hidden_files_and_what_the_system_keeps_are_left_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / ".git").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (inside / "song.txt").write_text("la")
    (inside / ".git" / "config").write_text("x")
    (inside / ".hidden").write_text("x")
    (inside / "Thumbs.db").write_text("x")
    (inside / "half.wav.part").write_text("x")
    (inside / "work.colophon").write_text("x")
    (inside / "empty").touch()
    (inside / "to a file").symlink_to(outside / "secret.txt")
    (inside / "to a folder").symlink_to(outside)
    (inside / "to itself").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    assert names(inside) == ["song.txt"]


def test_a_name_that_is_no_text_is_found(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt"))
    path.write_text("x")
    assert list(files_below(tmp_path)) == [path]


@pytest.mark.parametrize(("name", "code"), [("none", "content.missing"), ("file", "content.no_folder")])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInputError) as caught:
        list(files_below(tmp_path / name))
    assert caught.value.code == code
