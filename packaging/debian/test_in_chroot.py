"""Installs the Debian package in a fresh Debian, tests it there, removes it, and looks for what it left.

    python packaging/debian/test_in_chroot.py PACKAGE.deb [SUITE]      (root; called by `make dist`)

SUITE: bookworm (Debian 12, the default), trixie (Debian 13, whose library names are those of Ubuntu 24.04).
The mirror is the one in the sources of this machine's apt.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
KEPT = ("/home/somebody",)
CHANGES = re.compile(
    r"/(tmp|proc|sys|dev|run)(/|$)|/var/(lib/(dpkg|apt)|cache|log|tmp)(/|$)|/root(/|$)|/etc/(ld\.so\.cache|mtab)$"
    r"|/usr/share/(mime|icons|applications)/.*cache$"
)
"""Where installing any package leaves something, by the way of dpkg itself."""


def main() -> None:
    package = Path(sys.argv[1]).resolve()
    suite = sys.argv[2] if len(sys.argv) > 2 else "bookworm"
    version = package.name.split("_")[1].split("-")[0]
    base, root = BUILD / f"chroot-{suite}.tar", BUILD / f"chroot-{suite}"
    unmount(root)
    shutil.rmtree(root, ignore_errors=True)
    if not base.exists():
        fresh(suite, root, base)
    else:
        root.mkdir(parents=True)
        run("tar", "-xpf", base, "-C", root)
    try:
        for name in ("proc", "dev"):
            run("mount", "--bind", f"/{name}", root / name)
        check(root, package, version)
    finally:
        unmount(root)
    shutil.rmtree(root, ignore_errors=True)
    print(f"{package.name}: installed, tested and removed in a fresh {suite}")


def fresh(suite: str, root: Path, base: Path) -> None:
    """A minimal system, kept as an archive for the next run."""
    mirror = apt_mirror()
    print(f"debootstrap {suite}", flush=True)
    options = ["--variant=minbase", "--include=ca-certificates"]
    run("debootstrap", *options, suite, root, mirror, quiet=True)
    for name in ("apt.conf", "apt.conf.d"):
        source = Path("/etc/apt") / name
        if source.is_dir():
            shutil.copytree(source, root / "etc/apt" / name, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copyfile(source, root / "etc/apt" / name)
    run("tar", "-cf", base, "-C", root, ".")


def apt_mirror() -> str:
    """Where this machine gets its packages from."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    sites = [site for site in said if "security" not in site]
    return sites[0] if sites else "http://deb.debian.org/debian"


def check(root: Path, package: Path, version: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}

    def inside(*command: str) -> str:
        return subprocess.run(
            ["chroot", root, *command], check=True, env=environment, stdout=subprocess.PIPE, text=True
        ).stdout

    inside("apt-get", "update", "-qq")
    # What the package needs comes first, so that afterwards only the package itself can have left something.
    others = ["shared-mime-info", "hicolor-icon-theme", "desktop-file-utils", "fonts-dejavu-core"]
    shutil.copyfile(package, root / "colophon.deb")
    inside("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *others)
    inside("apt-get", "install", "-qq", "--yes", "--no-install-recommends", "/colophon.deb")
    inside("dpkg", "--purge", "colophon")
    before = everything(root)
    inside("dpkg", "--install", "/colophon.deb")
    kind = inside("grep", "-r", "colophon", "/usr/share/mime/globs2")
    if "application/vnd.colophon.certificate+json" not in kind:
        raise SystemExit("the type of .colophon files is not known after installing")
    menu = (root / "usr/share/applications/mimeinfo.cache").read_text()
    if "colophon.desktop" not in menu:
        raise SystemExit("the menu entry is not known for .colophon files")
    run(sys.executable, ROOT / "packaging" / "smoke.py", "--version", version, "--chroot", root, "colophon")
    home = root / "home/somebody"
    (home / "data").mkdir(parents=True)
    inside("env", "COLOPHON_HOME=/home/somebody/data", "colophon", "settings", "set", "window.theme", "dark")
    inside("dpkg", "--purge", "colophon")
    if not (home / "data" / "settings.toml").is_file():
        raise SystemExit("removing the package took the user's data along")
    left = sorted(path for path in everything(root) - before if not path.startswith(KEPT))
    if left:
        raise SystemExit("removing the package left behind:\n" + "\n".join(left[:40]))
    print("  ok: removed without a trace but the user's data")


def everything(root: Path) -> set[str]:
    """All files and folders but those of dpkg's own books."""
    found = set()
    for place, folders, files in os.walk(root):
        inside = "/" + os.path.relpath(place, root).removeprefix(".")
        folders[:] = [name for name in folders if not CHANGES.match(f"{inside.rstrip('/')}/{name}")]
        found |= {f"{inside.rstrip('/')}/{name}" for name in (*folders, *files)}
    return {path for path in found if not CHANGES.match(path)}


def unmount(root: Path) -> None:
    for name in ("dev", "proc"):
        if os.path.ismount(root / name):
            subprocess.run(["umount", "-l", root / name], check=False)


def run(*command: object, quiet: bool = False) -> None:
    out = subprocess.DEVNULL if quiet else None
    subprocess.run([str(part) for part in command], check=True, stdout=out)


if __name__ == "__main__":
    main()
