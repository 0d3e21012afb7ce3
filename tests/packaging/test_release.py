"""What is released: one version, the same bytes whoever builds, everything inside that the app needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import desktop_app

ROOT = Path(__file__).resolve().parents[2]
EPOCH = "1790000000"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist, built twice: from two copies of the tree, at other times, with other modes."""
    places = []
    for number, umask in enumerate((0o022, 0o077)):
        tree = tmp_path_factory.mktemp(f"tree{number}") / "colophon"
        before = os.umask(umask)
        try:
            for name in ("desktop_app", "resources"):
                shutil.copytree(
                    ROOT / name,
                    tree / name,
                    copy_function=shutil.copyfile,
                    ignore=shutil.ignore_patterns("node_modules", "__pycache__"),
                )
            for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
                shutil.copyfile(ROOT / name, tree / name)
        finally:
            os.umask(before)
        for path in tree.rglob("*"):
            os.utime(path, (1_700_000_000 + number * 86_400,) * 2)
        target = tree.parent / "dist"
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", target],
            cwd=tree,
            env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
            check=True,
            capture_output=True,
        )
        places.append(target)
    return places[0], places[1]


def test_two_builds_have_the_same_bytes(built: tuple[Path, Path]) -> None:
    first, second = built
    names = sorted(path.name for path in first.iterdir())
    version = desktop_app.__version__
    assert names == [f"colophon-{version}-py3-none-any.whl", f"colophon-{version}.tar.gz"]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_wheel_holds_every_resource_and_nothing_of_ours_is_left_out(built: tuple[Path, Path]) -> None:
    (wheel,) = built[0].glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    not_shipped = re.compile(r"resources/((verifier|checkout)/(?!\2\.html$)|contracts/\.gitignore)")
    wanted = {
        f"desktop_app/_{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and "node_modules" not in path.parts
        if not not_shipped.match(path.relative_to(ROOT).as_posix())
    }
    assert wanted - inside == set()
    assert not [name for name in inside if "node_modules" in name or name.startswith("tests/")]


def test_the_source_distribution_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    (source,), (wheel,) = built[0].glob("*.tar.gz"), built[0].glob("*.whl")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=tree,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
        check=True,
        capture_output=True,
    )
    (again,) = (tmp_path / "dist").iterdir()
    assert again.read_bytes() == wheel.read_bytes()


def test_the_version_stands_in_one_place() -> None:
    version = desktop_app.__version__
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files"], check=True, capture_output=True, text=True
    ).stdout
    places = [
        name
        for name in listed.splitlines()
        if name.startswith(("desktop_app/", "packaging/", "Makefile", "README.md", ".ci/", "pyproject.toml"))
        if not name.startswith(("packaging/constraints.txt", "packaging/npm/"))
        if (ROOT / name).is_file()
        if re.search(rf"(?<![\d.=]){re.escape(version)}(?![\d.])", (ROOT / name).read_text(errors="ignore"))
    ]
    assert places == ["desktop_app/__init__.py"]


def test_the_bill_of_materials_keeps_to_its_schema_and_names_what_is_installed() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        "from bill_of_materials import bill; from licences import parts;"
        "found = parts(Path('/nowhere')); print(json.dumps(bill(found, 1790000000)));"
        "print(json.dumps(bill(found, 1790000000)))"
    )
    first, second = subprocess.run(
        [sys.executable, "-c", program, ROOT / "packaging"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert first == second
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first) is None
    found = json.loads(first)
    names = {one["name"] for one in found["components"]}
    assert {"python", "PySide6_Essentials", "cryptography", "numpy", "hidapi", "web3"} <= names
    assert not names & {"pyarrow", "scikit-learn", "pytest", "hypothesis"}
    assert all("licenses" in one for one in found["components"] if one["name"] != "python-bitcoinlib")
    refs = {one["bom-ref"] for one in found["components"]}
    ours = next(one for one in found["dependencies"] if one["ref"].startswith("pkg:pypi/colophon@"))
    assert len(ours["dependsOn"]) > 25
    assert all(set(one["dependsOn"]) <= refs for one in found["dependencies"])
