from __future__ import annotations

import hashlib
import os
import threading
import tracemalloc
from collections.abc import Callable
from io import BytesIO, FileIO
from pathlib import Path

import iscc_core
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content import fingerprint as module
from desktop_app.content.chunk_tree import ChunkTreeBuilder
from desktop_app.content.fingerprint import Fingerprint, fingerprint
from desktop_app.content.steady_file import SteadyFile
from desktop_app.core.errors import CancelledError, InvalidInputError, UnavailableError
from desktop_app.core.leaf_size import COARSE_LEAF, FINE_LEAF
from desktop_app.core.progress import Task

SALT = bytes(range(32))
MIB = 1024 * 1024


def write(path: Path, size: int) -> bytes:
    content = hashlib.shake_256(b"content").digest(min(size, MIB)) * (size // MIB + 1)
    path.write_bytes(content[:size])
    return content[:size]


@pytest.mark.parametrize(
    "size", [1, 1023, 1024, 1025, MIB, 8 * MIB - 1, 8 * MIB, 16 * MIB, 16 * MIB + 1, 20 * MIB + 77]
)
def test_all_hashes_are_those_of_the_plain_libraries(tmp_path: Path, size: int) -> None:
    path = tmp_path / "song.wav"
    content = write(path, size)
    tree = ChunkTreeBuilder(SALT, size)
    tree.update(content)
    assert fingerprint(path, SALT, Task()) == Fingerprint(
        size=size,
        sha256=hashlib.sha256(content).digest(),
        blake3=blake3(content).digest(),
        leaf_size=FINE_LEAF if size <= 16 * MIB else COARSE_LEAF,
        chunk_root=tree.root(),
        media_type="audio/wav",
        modified_ns=path.stat().st_mtime_ns,
        data_code=iscc_core.gen_data_code_v0(BytesIO(content), bits=256)["iscc"],
        instance_code=iscc_core.gen_instance_code_v0(BytesIO(content), bits=256)["iscc"],
    )


@given(st.binary(min_size=1, max_size=5000))
def test_any_content_has_a_fingerprint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    assert fingerprint(path, SALT, Task()).sha256 == hashlib.sha256(content).digest()


def test_a_link_is_followed(tmp_path: Path) -> None:
    content = write(tmp_path / "real", 10)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert fingerprint(tmp_path / "link", SALT, Task()).sha256 == hashlib.sha256(content).digest()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "film"
    with path.open("wb") as file:
        file.truncate(80 * MIB)
    tracemalloc.start()
    try:
        fingerprint(path, SALT, Task())
        assert tracemalloc.get_traced_memory()[1] < 12 * MIB
    finally:
        tracemalloc.stop()


def test_progress_is_told_in_bytes_up_to_the_end(tmp_path: Path) -> None:
    write(tmp_path / "f", 12 * MIB)
    seen: list[tuple[int, int, str]] = []
    fingerprint(tmp_path / "f", SALT, Task(lambda *report: seen.append(report)))
    assert seen == [(done * MIB, 12 * MIB, "stage.hashing") for done in (0, 4, 8, 12)]


@pytest.mark.parametrize("size", [6 * MIB, 20 * MIB])
def test_cancel_stops_the_reading(tmp_path: Path, size: int) -> None:
    write(tmp_path / "f", size)
    seen: list[int] = []

    def listen(done: int, _total: int, _stage: str) -> None:
        seen.append(done)
        if done:
            task.cancel()

    task = Task(listen)
    with pytest.raises(CancelledError):
        fingerprint(tmp_path / "f", SALT, task)
    assert seen == [0, 4 * MIB]


def expect(
    path: Path, kind: type[InvalidInputError | UnavailableError], code: str, task: Task | None = None
) -> None:
    with pytest.raises(kind) as caught:
        fingerprint(path, SALT, task or Task())
    assert caught.value.code == code
    assert caught.value.params["path"] == os.fsencode(path).decode("utf-8", "replace")


@pytest.mark.parametrize("name", ["nothing", "a/b", "x" * 300, "nul\0byte", os.fsdecode(b"\xff")])
def test_a_missing_file_is_named_so(tmp_path: Path, name: str) -> None:
    code = "content.unreadable" if len(name) == 300 else "content.missing"
    expect(tmp_path / name, InvalidInputError, code)


def test_a_file_below_a_file_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "f", 1)
    expect(tmp_path / "f" / "g", InvalidInputError, "content.missing")


def test_a_folder_is_no_work(tmp_path: Path) -> None:
    expect(tmp_path, InvalidInputError, "content.folder")


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    expect(tmp_path / "pipe", InvalidInputError, "content.not_a_file")
    expect(Path("/dev/zero"), InvalidInputError, "content.not_a_file")


def test_an_empty_file_has_nothing_to_prove(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    expect(tmp_path / "f", InvalidInputError, "content.empty")


def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    write(tmp_path / "f", 1)
    (tmp_path / "f").chmod(0)
    user = os.geteuid()
    try:
        # Root may read everything, so become somebody else for a moment.
        os.seteuid(user or 65534)
        expect(tmp_path / "f", InvalidInputError, "content.unreadable")
    finally:
        os.seteuid(user)


def test_a_link_to_itself_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "f").symlink_to(tmp_path / "f")
    expect(tmp_path / "f", InvalidInputError, "content.unreadable")


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _cut(path: Path) -> None:
    os.truncate(path, 5 * MIB)


def _overwrite_a_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff")
    os.utime(path, ns=(0, 1_900_000_000_000_000_000))


def _replace(path: Path) -> None:
    times = path.stat()
    other = path.with_suffix(".new")
    write(other, 20 * MIB)
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)


def _delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("happening", "code"),
    [
        (_append, "content.changed"),
        (_cut, "content.changed"),
        (_overwrite_a_byte, "content.changed"),
        (_replace, "content.changed"),
        (_delete, "content.vanished"),
    ],
)
@pytest.mark.parametrize("size", [7 * MIB, 20 * MIB])
def test_what_happens_to_a_file_in_mid_read_is_noticed(
    tmp_path: Path, happening: Callable[[Path], None], code: str, size: int
) -> None:
    path = tmp_path / "f"
    write(path, size)

    def listen(done: int, _total: int, _stage: str) -> None:
        if done == 4 * MIB:
            happening(path)

    expect(path, UnavailableError, code, Task(listen))


def test_a_reading_error_is_named_so(tmp_path: Path) -> None:
    write(tmp_path / "f", 10)
    with (
        FileIO(tmp_path / "f", "ab") as not_readable,
        pytest.raises(UnavailableError, match=r"content\.read_failed"),
    ):
        next(SteadyFile(not_readable, "f").blocks(10))


def test_hashing_leaves_no_thread_behind_after_an_error(tmp_path: Path) -> None:
    before = threading.active_count()
    write(tmp_path / "f", 20 * MIB)
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        fingerprint(tmp_path / "f", SALT, task)
    assert threading.active_count() == before


def test_blocks_hold_a_whole_number_of_leaves() -> None:
    assert module._BLOCK % COARSE_LEAF == 0
