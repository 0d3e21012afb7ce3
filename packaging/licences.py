"""Collects the licence texts of everything that is inside of the packaged app, and names each part's licence.

    python licences.py FOLDER     run by the Python of the bundle's environment; FOLDER is the folder

Writes FOLDER/licenses/NAME-VERSION/ with the texts that each part brings, and FOLDER/licenses/INDEX.txt.
A part without a text of its own gets the standard text of the licence that it names, or the build fails.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from inside import distributions, normal

STANDARD = Path(__file__).resolve().parents[1] / "resources" / "licenses"
_TEXT = re.compile(r"(?i)(licen[cs]e|copying|notice|authors|copyright)")
_STANDARD_TEXTS = (
    (re.compile(r"LGPL-3"), ("LGPL-3.txt", "GPL-3.txt")),
    (re.compile(r"Apache-2\.0"), ("Apache-2.0.txt",)),
)
"""By the licence that a part names; where it gives a choice, the first that is here is the one taken."""
SYSTEM = Path("/usr/share/doc")


@dataclass(frozen=True)
class Part:
    """One thing inside: a Python distribution, Python itself, or a library of the system that built it."""

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]
    purl: str
    requires: tuple[str, ...] = ()


def parts(folder: Path) -> list[Part]:
    """Everything inside of the one-folder build."""
    return [_python(), *(_distribution(one) for one in distributions()), *_system_libraries(folder)]


def licence_of(one: Distribution) -> str:
    """As its metadata say it: the SPDX expression, or the older fields."""
    meta = one.metadata
    said = meta.get("License-Expression") or ""
    if not said:
        named = [text for text in meta.get_all("Classifier") or () if text.startswith("License ::")]
        kinds = [text.rsplit(" :: ", 1)[-1] for text in named]
        older = (meta.get("License") or "").strip().splitlines()
        said = " OR ".join(kinds) or (older[0] if older and older[0] != "UNKNOWN" else "")
    return said.strip()


def _distribution(one: Distribution) -> Part:
    name, licence = one.metadata["Name"], licence_of(one)
    texts = []
    for entry in one.files or ():
        folder, _, rest = str(entry).partition(".dist-info/")
        if rest and "/" not in folder and _TEXT.search(rest) and not rest.endswith((".py", ".json")):
            texts.append(Path(str(one.locate_file(entry))))
    if not texts:
        texts = _standard(name, licence)
    requires = sorted({normal(need.split(";")[0].strip()) for need in _names(one)})
    purl = f"pkg:pypi/{normal(name)}@{one.version}"
    return Part(name, one.version, licence, tuple(sorted(texts)), purl, tuple(requires))


def _names(one: Distribution) -> list[str]:
    from inside import EXTRAS, ROOT, needs

    extras = frozenset(EXTRAS if normal(one.metadata["Name"]) == ROOT else ())
    return [need.name for need in needs(one, extras)]


def _standard(name: str, licence: str) -> list[Path]:
    for pattern, files in _STANDARD_TEXTS:
        if pattern.search(licence):
            return [STANDARD / file for file in files]
    raise SystemExit(f"{name} ({licence or 'no licence'}) brings no licence text, and none is known for it")


def _python() -> Part:
    version = sys.version.split()[0]
    own = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    places = [own, *SYSTEM.glob("libpython3.*-minimal/copyright")]
    texts = tuple(path for path in places if path.is_file())[:1]
    if not texts:
        raise SystemExit("the licence of Python itself was not found")
    return Part("python", version, "PSF-2.0", texts, f"pkg:generic/python@{version}")


def _system_libraries(folder: Path) -> list[Part]:
    """Libraries that were taken from the Debian packages of the machine that builds."""
    if not shutil.which("dpkg-query"):
        return []
    found = {}
    for path in sorted((folder / "_internal").glob("lib*.so*")):
        if path.is_symlink() or path.name.startswith("libpython"):
            continue
        package = _package_of(path.name)
        if package is None:
            raise SystemExit(f"{path.name} is in the folder, and no Debian package is known to bring it")
        name, version = package
        text = SYSTEM / name / "copyright"
        if not text.is_file():
            raise SystemExit(f"the licence of {name} was not found at {text}")
        purl = f"pkg:deb/debian/{name}@{version}".replace("+", "%2B")
        found[name] = Part(name, version, "see its text", (text,), purl)
    return list(found.values())


def _package_of(library: str) -> tuple[str, str] | None:
    asked = subprocess.run(
        ["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    names = sorted({line.split(":")[0] for line in asked})
    if not names:
        return None
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}\n", names[0]], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]
    return names[0], version


def collect(folder: Path) -> list[Part]:
    """Write the texts and the index; the parts."""
    target = folder / "licenses"
    shutil.rmtree(target, ignore_errors=True)
    everything = parts(folder)
    lines = ["What is inside of this folder, and under which licence; the texts are beside.", ""]
    for part in everything:
        place = target / f"{part.name}-{part.version}".replace("/", "_")
        place.mkdir(parents=True)
        for number, text in enumerate(part.texts):
            name = text.name if not (place / text.name).exists() else f"{number}-{text.name}"
            shutil.copyfile(text, place / name)
        lines.append(f"{part.name} {part.version}: {part.licence or 'see its text'}")
    fonts = STANDARD.parent / "fonts"
    place = target / "fonts"
    place.mkdir()
    for text in sorted(fonts.glob("*-OFL.txt")):
        shutil.copyfile(text, place / text.name)
        lines.append(f"{text.name.split('-')[0]} (letters): OFL-1.1")
    shutil.copyfile(STANDARD / "README.md", target / "README.md")
    (target / "INDEX.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return everything


if __name__ == "__main__":
    print(len(collect(Path(sys.argv[1]))), "parts")
