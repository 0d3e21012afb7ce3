"""The recipes for the packages: those that cannot be run here are at least complete and true to the tree."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from desktop_app.core.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
KIND = "application/vnd.colophon.certificate+json"


def test_every_recipe_says_what_could_not_be_run_here() -> None:
    for name in ("appimage", "flatpak", "windows", "macos"):
        text = (PACKAGING / name / "README.md").read_text()
        assert "## What could not be run here" in text, name


FOLDERS = ("appimage", "flatpak", "windows", "macos", "debian", "linux", "pyinstaller")


@pytest.mark.parametrize("name", FOLDERS)
def test_recipes_name_only_files_that_exist(name: str) -> None:
    made = ("build/", "dist/", "packaging/X")
    for path in sorted(path for path in (PACKAGING / name).iterdir() if path.is_file()):
        text = path.read_text().replace("\\", "/")
        for found in re.findall(r"(?<![\w/-])((?:packaging|resources|tests|desktop_app)/[\w./-]+\w)", text):
            assert found.startswith(made) or (ROOT / found).exists(), f"{path.name} names {found}"


@pytest.mark.parametrize("script", ["appimage/build.sh", "appimage/AppRun", "macos/build.sh"])
def test_shell_scripts_are_well_formed_and_can_be_run(script: str) -> None:
    path = PACKAGING / script
    subprocess.run(["sh", "-n", path], check=True)
    assert path.stat().st_mode & 0o111


def test_the_desktop_entry_is_valid_and_opens_certificates() -> None:
    path = PACKAGING / "linux" / "colophon.desktop"
    text = path.read_text()
    assert "Exec=colophon %U" in text
    assert f"MimeType={KIND};x-scheme-handler/colophon;" in text
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", path], check=True)


def test_the_type_of_certificates_is_the_same_everywhere() -> None:
    names = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ET.parse(PACKAGING / "linux" / "colophon.xml").getroot().find(f"{names}mime-type")
    assert kind is not None and kind.get("type") == KIND
    glob = kind.find(f"{names}glob")
    assert glob is not None and glob.get("pattern") == "*.colophon"
    for path in ("windows/colophon.iss", "pyinstaller/colophon.spec"):
        assert KIND in (PACKAGING / path).read_text(), path


def test_flatpak_copies_files_that_exist() -> None:
    (manifest,) = (PACKAGING / "flatpak").glob("*.yml")
    found: dict[str, Any] = yaml.safe_load(manifest.read_text())
    assert manifest.stem == found["id"]
    assert found["command"] == "colophon"
    for source in found["modules"][0]["sources"]:
        place = (manifest.parent / source["path"]).resolve()
        assert place.exists() or place == ROOT / "build" / "folder"


def test_the_bundle_of_macos_has_a_well_formed_plist() -> None:
    found = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert all(value is True for value in found.values())


def test_the_one_folder_build_leaves_out_what_the_extras_bring_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    spec = (PACKAGING / "pyinstaller" / "colophon.spec").read_text()
    for extra, module in (("parquet", "pyarrow"), ("examples", "sklearn"), ("cluster", "distributed")):
        assert extra in project["optional-dependencies"]
        assert f'"{module}"' in spec.split("LEFT_OUT")[0]
    inside = (PACKAGING / "inside.py").read_text()
    assert 'EXTRAS = "colophon", ("window", "ledger")' in inside


def test_the_manual_page_names_every_command(tmp_path: Path) -> None:
    page = tmp_path / "colophon.1"
    subprocess.run([sys.executable, PACKAGING / "man_page.py", page], check=True)
    text = page.read_text().replace("\\-", "-")
    for command in ("demo", "register", "verify", "wallet create", "updates check", "settings set"):
        assert f"\n.SS {command}\n" in text, command
    assert ".I --for AUDIENCE WORK" in text
    for option in ("--home", "--network", "--json", "--yes"):
        assert text.count(f"\n.TP\n.B {option}") == 1, "described once, for all commands"
    variables = {
        name
        for path in (ROOT / "desktop_app").rglob("*.py")
        for name in re.findall(r"\bCOLOPHON_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    between = {"COLOPHON_COORDINATOR_JOB", "COLOPHON_OWNER_ADDRESS", "COLOPHON_OWNER_SECRET"}
    assert not [one for one in variables - between if one not in text], "processes of ours tell each other"
    if shutil.which("man"):
        said = subprocess.run(
            ["man", "--warnings", "-l", page],
            capture_output=True,
            text=True,
            check=True,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "MANWIDTH": "100"},
        )
        assert said.stderr == ""


def test_ubuntus_and_later_debians_names_of_libraries_are_alternatives() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from build_deb import with_later_name as named;"
        "print(named('libssl3 (>= 3.0.0)')); print(named('libc6 (>= 2.35)'))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, PACKAGING / "debian"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == ["libssl3 (>= 3.0.0) | libssl3t64 (>= 3.0.0)", "libc6 (>= 2.35)"]


def test_settings_of_updates_are_off_until_asked() -> None:
    defaults = {one.key: one.default for one in SETTINGS}
    assert defaults["updates.check"] == "off"
