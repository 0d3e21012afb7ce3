"""Builds and tests everything that this machine can, into dist/: `make dist`.

    python packaging/dist.py [wheel] [folder] [deb] [appimage]        (all of them without a name)

What cannot be made here is said at the end, with the reason. SHA256SUMS names every file. On Debian it needs
the packages of packaging/debian-packages-dist.txt.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGING, DIST, BUILD = ROOT / "packaging", ROOT / "dist", ROOT / "build"
FOLDER = BUILD / "folder" / "colophon"
STEPS = ("wheel", "folder", "deb", "appimage")


class Distribution:
    def __init__(self) -> None:
        self.left_out: list[str] = []
        self.version = ""

    def wheel(self) -> None:
        """Wheel and sdist; the wheel is installed where nothing is, and tested there."""
        run(sys.executable, "-m", "hatchling", "build", "-d", DIST)
        place = BUILD / "empty-venv"
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "-c", PACKAGING / "constraints.txt", f"{self.the_wheel()}[window]")
        self.smoke(place / "bin" / "colophon")

    def the_wheel(self) -> Path:
        (found,) = DIST.glob("colophon-*.whl")
        return found

    def folder(self) -> None:
        """The one-folder build with its licences and bill of materials."""
        run(sys.executable, PACKAGING / "build_folder.py", self.the_wheel(), DIST)
        (bill,) = DIST.glob("*.cdx.json")
        check_bill(bill)
        self.smoke(FOLDER / "colophon")

    def deb(self) -> None:
        """The Debian package, checked by lintian, installed and removed in a fresh Debian."""
        for tool in ("dpkg-deb", "readelf", "rsvg-convert"):
            if not shutil.which(tool):
                self.left_out.append(f"the Debian package: {tool} is not installed")
                return
        run(sys.executable, PACKAGING / "debian" / "build_deb.py", DIST)
        (package,) = DIST.glob("*.deb")
        if shutil.which("lintian"):
            run("lintian", "--fail-on", "error", package)
        else:
            self.left_out.append("lintian did not look at the Debian package: it is not installed")
        if os.geteuid() == 0 and shutil.which("debootstrap"):
            for suite in os.environ.get("COLOPHON_SUITES", "bookworm trixie").split():
                run(sys.executable, PACKAGING / "debian" / "test_in_chroot.py", package, suite)
        else:
            self.left_out.append("the Debian package was not tried out: that needs root and debootstrap")

    def appimage(self) -> None:
        """The AppImage, where its tool is."""
        if not shutil.which("appimagetool"):
            self.left_out.append("AppImage: appimagetool is not installed (packaging/appimage/README.md)")
            return
        run(PACKAGING / "appimage" / "build.sh", FOLDER, DIST)
        (image,) = DIST.glob("*.AppImage")
        self.smoke(image)

    def smoke(self, command: Path) -> None:
        window = [] if sys.platform != "linux" or shutil.which("Xvfb") else ["--no-window"]
        if window:
            self.left_out.append(f"the window of {command.name}: Xvfb is not installed")
        run(sys.executable, PACKAGING / "smoke.py", "--version", self.version, *window, command)


def check_bill(path: Path) -> None:
    """The bill of materials keeps to the schema of CycloneDX."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text(encoding="utf-8"))
    if problem is not None:
        raise SystemExit(f"{path.name} is not CycloneDX 1.6: {problem}")
    count = len(json.loads(path.read_text(encoding="utf-8"))["components"])
    print(f"  ok: {path.name} is valid CycloneDX 1.6 with {count} components")


def write_sums() -> None:
    """SHA256SUMS, as sha256sum -c reads it."""
    lines = [
        f"{hashlib.file_digest(path.open('rb'), 'sha256').hexdigest()}  {path.name}\n"
        for path in sorted(DIST.iterdir())
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    print("".join(lines), end="")


def source_date() -> str:
    """Seconds since 1970 of the newest commit, so that a release has the same bytes whoever builds it."""
    said = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return said or "1577836800"


def run(*command: object) -> None:
    words = [str(part) for part in command]
    print("+", " ".join(Path(word).name if "/" in word else word for word in words), flush=True)
    try:
        subprocess.run(words, check=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{' '.join(words[:3])} ended with {error.returncode}") from None


def main() -> None:
    steps = sys.argv[1:] or list(STEPS)
    os.environ.setdefault("SOURCE_DATE_EPOCH", source_date())
    if "wheel" in steps:
        shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(exist_ok=True)
    BUILD.mkdir(exist_ok=True)
    made = Distribution()
    version = ROOT / "desktop_app" / "__init__.py"
    made.version = version.read_text(encoding="utf-8").split('__version__ = "')[1].split('"')[0]
    for step in steps:
        print(f"== {step}", flush=True)
        getattr(made, step)()
    write_sums()
    made.left_out += [
        "Flatpak, Windows and macOS: recipes in packaging/, each with what has to be done where",
    ]
    print("Left out here:\n  " + "\n  ".join(made.left_out))


if __name__ == "__main__":
    main()
