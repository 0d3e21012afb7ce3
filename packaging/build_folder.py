"""Makes the one-folder build from the wheel: PyInstaller in an environment of its own; slimmed, described.

    python packaging/build_folder.py WHEEL DIST        (called by `make dist`)

Leaves build/folder/colophon, DIST/colophon-VERSION-linux-ARCH.tar.gz and DIST/colophon-VERSION.cdx.json.
"""

from __future__ import annotations

import gzip
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import slim

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
BUILD = ROOT / "build"
FOLDER = BUILD / "folder" / "colophon"
TARGET_MB = 150


def environment(wheel: Path) -> Path:
    """A fresh environment with the wheel and PyInstaller and nothing else; its Python."""
    place = BUILD / "bundle-venv"
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True, symlinks=os.name != "nt")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pins = PACKAGING / "constraints.txt"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", pins]
    subprocess.run([*pip, "pyinstaller", f"{wheel}[window,ledger]"], check=True)
    return python


def freeze(python: Path) -> None:
    """Run PyInstaller; the same input gives the same archive (PYTHONHASHSEED)."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    spec = PACKAGING / "pyinstaller" / "colophon.spec"
    subprocess.run(
        [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
         "--distpath", FOLDER.parent, "--workpath", BUILD / "pyinstaller", spec],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        cwd=BUILD,  # not where desktop_app lies: what is frozen is the wheel
    )  # fmt: skip


def slim_down() -> None:
    """Take out what is never read, and say how much that was."""
    inside = FOLDER / "_internal"
    spoken = slim.languages(ROOT / "resources")
    saved = {
        "locales": slim.keep_locales(inside / "babel" / "locale-data", spoken),
        "Qt's translations": slim.keep_translations(inside / "PySide6" / "Qt" / "translations", spoken),
    }
    if sys.platform == "linux":
        saved["symbols"] = slim.strip_symbols(FOLDER)
        libraries = inside / "PySide6" / "Qt" / "lib"
        saved["ICU"] = sum(slim.slim_icu(path, spoken) for path in libraries.glob("libicudata.so.*"))
    print("taken out:", ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in saved.items()))


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def pack(folder: Path, target: Path) -> None:
    """A .tar.gz whose bytes depend on names, modes and contents alone."""
    made_at = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = made_at
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=made_at) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(folder, folder.name, recursive=False, filter=plain)
        for path in sorted(folder.rglob("*")):
            archive.add(path, path.relative_to(folder.parent), recursive=False, filter=plain)


def main() -> None:
    wheel, dist = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    version = wheel.name.split("-")[1]
    python = environment(wheel)
    freeze(python)
    slim_down()
    for script, *rest in (
        ("licences.py", FOLDER),
        ("bill_of_materials.py", FOLDER, dist / f"colophon-{version}.cdx.json"),
    ):
        subprocess.run([python, PACKAGING / script, *rest], check=True)
    shutil.copyfile(dist / f"colophon-{version}.cdx.json", FOLDER / "licenses" / "bill-of-materials.cdx.json")
    app = FOLDER.with_name("Colophon.app")
    if app.is_dir():  # macOS: the folder once more, as an app
        shutil.copytree(FOLDER / "licenses", app / "Contents" / "Resources" / "licenses")
    size = size_of(FOLDER) / 1e6
    print(f"the folder has {size:.0f} MB (reach: {TARGET_MB})")
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    pack(FOLDER, dist / f"colophon-{version}-{system}-{platform.machine().lower()}.tar.gz")


if __name__ == "__main__":
    main()
