"""A mixed folder of real media goes in, is fingerprinted, credentialed, packaged and opened again.

And everything altered by one byte is refused. Files by Pillow and ffmpeg, in all formats of the design.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop_app.content import credentials as c2pa_credentials
from desktop_app.core.errors import ColophonError, CorruptError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.app import Services
from desktop_app.services.credentials import Trust
from desktop_app.services.library import AddOutcome, FileState
from tests.unit.content.media import (
    epub,
    film,
    needs_ffmpeg,
    needs_fpcalc,
    open_document,
    pdf,
    picture,
    sound,
    word,
)

PICTURES = ("png", "jpg", "webp", "tif", "gif", "avif")
SOUNDS = ("wav", "mp3", "flac", "m4a", "ogg")
FILMS = ("mp4", "mov", "mkv")
WITHOUT_CONTENT_CODE = {"rows.csv", "shape.svg"}

pytestmark = [needs_ffmpeg, needs_fpcalc]


def mixed_folder(folder: Path) -> None:
    """One work in each format; each has content of its own."""
    folder.mkdir()
    for number, ending in enumerate(PICTURES):
        picture(number).save(folder / f"picture.{ending}")
    for number, ending in enumerate(SOUNDS):
        sound(folder / f"sound.{ending}", 8 + number)
    for number, ending in enumerate(FILMS):
        film(folder / f"film.{ending}", "-vf", f"hue=h={number * 60}")
    pdf(folder / "book.pdf", ["It was late when the keeper came", "and the light was out"])
    epub(folder / "book.epub", ["The keeper of the light", "was late that night"])
    word(folder / "letter.docx", ["Dear Ada", "the harbour is frozen"])
    open_document(folder / "letter.odt", ["Dear Ben", "the boats are in"])
    (folder / "poem.txt").write_text("so much depends upon a red wheel barrow glazed with rain water\n")
    (folder / "rows.csv").write_text("place,minutes\n" + "harbour,12\n" * 40)
    (folder / "shape.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>')


@contextmanager
def in_threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def services(alone: Services) -> Services:
    return alone


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("originals") / "works"
    mixed_folder(folder)
    return folder


@pytest.fixture
def added(services: Services, tmp_path: Path, originals: Path) -> dict[str, Path]:
    shutil.copytree(originals, tmp_path / "works")
    files = {path.name: path for path in sorted((tmp_path / "works").iterdir())}
    report = services.catalogue.add_folder(tmp_path / "works", workers=in_threads)
    assert (report.count(AddOutcome.ADDED), report.failed) == (len(files), [])
    return files


@pytest.fixture
def credentials_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(function: Callable[..., Any], *arguments: Any, task: Task) -> Any:
        task.check()
        return function(*arguments)

    monkeypatch.setattr(c2pa_credentials, "run_apart", here)


def changed_by_a_bit(path: Path, chance: random.Random, target: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    target.write_bytes(data)
    return target


def test_every_format_is_known_from_the_inside(services: Services, added: dict[str, Path]) -> None:
    for name, path in added.items():
        work = services.library.at(path)
        assert work is not None
        portrait = services.details.portrait(work.id)
        assert portrait.looked and portrait.facts.problem is None, name
        units = services.details._details.get(work.id).units
        assert len(units) == (2 if name in WITHOUT_CONTENT_CODE else 3), name
        kind = name.partition(".")[0]
        facts = portrait.facts
        if kind == "picture":
            assert facts.width == 240 and portrait.preview, name
        elif kind == "sound":
            assert 8_000 <= facts.duration_ms <= 13_000 and portrait.preview, name
        elif kind == "film":
            assert (facts.width, facts.height) == (160, 120) and portrait.preview, name


def test_every_format_is_packed_and_opened_and_a_changed_bit_is_refused(
    services: Services, added: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(7)
    for name, path in added.items():
        work = services.library.at(path)
        assert work is not None
        made = services.packages.create(work.id, tmp_path / f"{name}.colophon-package")
        services.packages.open(made.path, tmp_path / f"out {name}")
        assert (tmp_path / f"out {name}").read_bytes() == path.read_bytes(), name
        for _ in range(3):
            bad = changed_by_a_bit(made.path, chance, tmp_path / "bad")
            with pytest.raises(ColophonError) as caught:
                services.packages.open(bad, tmp_path / "never")
            assert caught.value.code.startswith("package."), name
            assert not (tmp_path / "never").exists()


@pytest.mark.usefixtures("credentials_in_this_process")
def test_every_format_is_signed_and_a_changed_bit_shows(
    services: Services, added: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(8)
    for name, path in added.items():
        work = services.library.at(path)
        assert work is not None
        before = path.read_bytes()
        inside = services.credentials.embeds(work.id)
        target = tmp_path / (f"signed {name}" if inside else f"{name}.c2pa")
        services.credentials.sign(work.id, target, "Ada Wren")
        assert path.read_bytes() == before, name
        sidecar = None if inside else target
        view = services.credentials.read(target if inside else path, sidecar)
        assert (view.report.trust, view.by_you) == (Trust.UNKNOWN_SIGNER, True), name
        if not inside:
            bad = changed_by_a_bit(path, chance, tmp_path / f"bad{path.suffix}")
            assert services.credentials.read(bad, target).report.trust is Trust.BROKEN, name


def test_every_changed_file_is_another_work(services: Services, added: dict[str, Path]) -> None:
    chance = random.Random(9)
    for name, path in added.items():
        before = services.library.at(path)
        assert before is not None
        changed_by_a_bit(path, chance, path)
        (check,) = services.library.check_files([before])
        assert check.state is FileState.CHANGED, name
        with pytest.raises((RefusedError, CorruptError)):
            services.packages.create(before.id, path.with_name("p.colophon-package"))
        assert services.library.add(path).outcome is AddOutcome.CHANGED, name


@pytest.mark.parametrize("tool", ["ffmpeg", "fpcalc"])
def test_without_a_tool_everything_else_works(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    song = sound(tmp_path / "song.mp3")
    real = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, *rest: None if name == tool else real(name, *rest))
    portrait = services.details.look(services.library.add(song).work.id)
    assert portrait.facts.duration_ms > 7_000 and portrait.iscc.startswith("ISCC:")
