"""Makes the Debian package from the one-folder build, with dpkg's own tools.

    python packaging/debian/build_deb.py DIST        (called by `make dist`, after build_folder.py)

Libraries that Debian itself keeps up to date (OpenSSL, SQLite, xcb, ...) are left out of the folder; dpkg's
database of shared libraries says which packages bring them. The names that Ubuntu 24.04 and Debian 13 gave
some of them (t64) are alternatives.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE, LINUX = ROOT / "packaging" / "debian", ROOT / "packaging" / "linux"
BUILD = ROOT / "build"
FOLDER = BUILD / "folder" / "colophon"
ICON = ROOT / "resources" / "icons" / "mark.svg"
ICON_SIZES = (32, 48, 64, 128, 256, 512)
REVISION = "1"
LOADED_LATER = ("libegl1", "libgl1", "libdbus-1-3", "libxcb-cursor0", "libxkbcommon-x11-0")
"""What Qt opens by name at run time, where no tool sees it."""
RENAMED = {"libglib2.0-0", "libssl3", "libasound2", "libcurl4"}
"""Packages that have become NAMEt64 in Debian 13 and Ubuntu 24.04."""
ENOUGH = {"libssl3": "libssl3 (>= 3.0.0)"}
"""Debian asks for the newest security update; what is linked with needs the first (symbols OPENSSL_3.0.0)."""
ELF = b"\x7fELF"
_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]")


def made_at() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def maintainer() -> str:
    """Who answers for the package, as Debian's own tools take it: DEBFULLNAME and DEBEMAIL."""
    name = os.environ.get("DEBFULLNAME", "The Colophon authors")
    return f"{name} <{os.environ.get('DEBEMAIL', 'colophon@localhost')}>"


def main() -> None:
    dist = Path(sys.argv[1]).resolve()
    python = BUILD / "bundle-venv" / "bin" / "python"
    version = output(python, "-c", "import desktop_app; print(desktop_app.__version__)", cwd=BUILD)
    arch = output("dpkg", "--print-architecture")
    tree = BUILD / "deb" / "colophon"
    shutil.rmtree(tree.parent, ignore_errors=True)
    program = tree / "usr/lib/colophon"
    shutil.copytree(FOLDER, program, symlinks=True)
    leave_to_the_system(program)
    place_desktop_files(tree, version)
    documents(tree, version, python)
    completions(tree, python)
    control(tree, f"{version}-{REVISION}", arch, dependencies(program))
    modes(tree)
    target = dist / f"colophon_{version}-{REVISION}_{arch}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, target)


def leave_to_the_system(program: Path) -> None:
    """Remove what build_folder took from the system's own folders; Python's library stays."""
    for path in (program / "_internal").glob("lib*.so*"):
        if not path.name.startswith("libpython") and not path.is_symlink():
            path.unlink()


def dependencies(program: Path) -> str:
    """The packages that bring every library that is linked with and not inside, and those opened by name."""
    binaries = [path for path in sorted(program.rglob("*")) if is_elf(path)]
    inside = {path.name for path in program.rglob("*.so*")}
    wanted = set(_NEEDED.findall(output("readelf", "-d", *binaries))) - inside
    brought = shlibs()
    unknown = sorted(name for name in wanted if name not in brought)
    if unknown:
        raise SystemExit(f"no Debian package here says that it brings {', '.join(unknown)}")
    found = {brought[name] for name in wanted}
    found = {ENOUGH.get(one.split(maxsplit=1)[0], one) for one in found}
    named = {one.split(maxsplit=1)[0] for one in found}
    found |= {name for name in LOADED_LATER if name not in named}
    return ", ".join(sorted(with_later_name(one) for one in found))


def shlibs() -> dict[str, str]:
    """Which package brings a library, by its soname, and from which version on (deb-shlibs(5))."""
    found = {}
    for path in sorted(Path("/var/lib/dpkg/info").glob("*.shlibs")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split(maxsplit=2)
            if len(parts) == 3 and not line.startswith(("udeb:", "#")):
                name, version, depends = parts
                found[f"{name}.so.{version}"] = found[f"{name}-{version}.so"] = depends
    return found


def with_later_name(dependency: str) -> str:
    """`libssl3 (>= 3)` also as `libssl3t64 (>= 3)`."""
    name = dependency.split(maxsplit=1)[0]
    if name not in RENAMED:
        return dependency
    return f"{dependency} | {dependency.replace(name, name + 't64', 1)}"


def is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == ELF


def place_desktop_files(tree: Path, version: str) -> None:
    """Command, menu entry, icons, the type of .colophon files, the software centre's page."""
    command = tree / "usr/bin/colophon"
    command.parent.mkdir(parents=True)
    command.symlink_to("../lib/colophon/colophon")
    install(LINUX / "colophon.desktop", tree / "usr/share/applications/colophon.desktop")
    install(LINUX / "colophon.xml", tree / "usr/share/mime/packages/colophon.xml")
    icons = tree / "usr/share/icons/hicolor"
    install(ICON, icons / "scalable/apps/colophon.svg")
    for size in ICON_SIZES:
        target = icons / f"{size}x{size}" / "apps" / "colophon.png"
        target.parent.mkdir(parents=True)
        run("rsvg-convert", "-w", str(size), "-h", str(size), "-o", target, ICON)
    about = (LINUX / "colophon.metainfo.xml.in").read_text(encoding="utf-8")
    date = datetime.fromtimestamp(made_at(), UTC).date().isoformat()
    values = {"ID": "colophon", "DESKTOP": "colophon.desktop", "VERSION": version, "DATE": date}
    for name, value in values.items():
        about = about.replace(f"@{name}@", value)
    write(tree / "usr/share/metainfo/colophon.metainfo.xml", about)


def documents(tree: Path, version: str, python: Path) -> None:
    """Manual page, copyright, changelogs."""
    page = BUILD / "deb" / "colophon.1"
    run(python, ROOT / "packaging" / "man_page.py", page, cwd=BUILD)
    write_packed(tree / "usr/share/man/man1/colophon.1.gz", page.read_bytes())
    docs = tree / "usr/share/doc/colophon"
    install(HERE / "copyright.in", docs / "copyright")
    write_packed(docs / "changelog.gz", (ROOT / "CHANGELOG.md").read_bytes())
    date = format_datetime(datetime.fromtimestamp(made_at(), UTC))
    entry = (
        f"colophon ({version}-{REVISION}) unstable; urgency=medium\n\n"
        f"  * Colophon {version}; what is new is in changelog.gz.\n\n"
        f" -- {maintainer()}  {date}\n"
    )
    write_packed(docs / "changelog.Debian.gz", entry.encode())
    install(HERE / "lintian-overrides", tree / "usr/share/lintian/overrides/colophon")


COMPLETIONS = {
    "bash": "bash-completion/completions/colophon",
    "zsh": "zsh/vendor-completions/_colophon",
    "fish": "fish/vendor_completions.d/colophon.fish",
}
"""Where a shell looks, below /usr/share."""


def completions(tree: Path, python: Path) -> None:
    for shell, place in COMPLETIONS.items():
        script = output(python, "-m", "desktop_app", "completion", shell, cwd=BUILD)
        write(tree / "usr/share" / place, script + "\n")


def control(tree: Path, version: str, arch: str, depends: str) -> None:
    text = (HERE / "control.in").read_text(encoding="utf-8")
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files) // 1024 + 1
    values = {
        "VERSION": version, "ARCH": arch, "SIZE": str(size), "DEPENDS": depends, "MAINTAINER": maintainer(),
    }  # fmt: skip
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]  # noqa: S324
    write(tree / "DEBIAN/control", text)
    write(tree / "DEBIAN/md5sums", "".join(sums))


def modes(tree: Path) -> None:
    """Folders and programs 755, everything else 644, all with the time of the release."""
    for path in (tree, *sorted(tree.rglob("*"))):
        if not path.is_symlink():
            program = path.is_dir() or path == tree / "usr/lib/colophon/colophon"
            path.chmod(0o755 if program else 0o644)
        os.utime(path, (made_at(), made_at()), follow_symlinks=False)


def install(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def write_packed(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(data, 9, mtime=0))


def run(*command: object, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)


def output(*command: object, cwd: Path | None = None) -> str:
    words = [str(part) for part in command]
    return subprocess.run(words, check=True, cwd=cwd, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
