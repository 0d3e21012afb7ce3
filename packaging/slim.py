"""Takes out of the one-folder build what this app never reads: debuggers' symbols, words of other languages.

That changes nothing that the app shows: dates, numbers and sorting follow the languages that it speaks.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

ELF = b"\x7fELF"
_ICU_SYMBOL = re.compile(r"([0-9a-f]+)\s+(\d+|0x[0-9a-f]+)\s+OBJECT\s+GLOBAL\s+\S+\s+\d+\s+(icudt(\d+)_dat)")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NEVER_READ = re.compile(r"(brkitr|rbnf|translit|unit)/|.*\.(spp|cnv|cfu)$|unames\.icu$")
"""Of ICU: text breaking, spelled-out numbers, units, old encodings: Qt does these itself or not at all."""


def languages(resources: Path) -> set[str]:
    """The languages that the app speaks, as two or three letters."""
    return {path.name.split("-")[0].split("_")[0] for path in (resources / "i18n").iterdir() if path.is_dir()}


def strip_symbols(folder: Path) -> int:
    """Remove what only debuggers read; the bytes that this saves."""
    saved = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in (".py", ".pyc"):
            continue
        with path.open("rb") as file:
            if file.read(4) != ELF:
                continue
        # The program itself carries the archive behind its last section: strip would cut it off.
        # Libraries that wheels bring in NAME.libs were moved by patchelf: stripped, they no longer load.
        if path.parent == folder or path.parent.suffix == ".libs":
            continue
        before = path.stat().st_size
        subprocess.run(["strip", "--strip-unneeded", path], check=True)
        saved += before - path.stat().st_size
    return saved


def keep_locales(data: Path, spoken: Collection[str]) -> int:
    """Of Babel's locales, leave those of `spoken` and the root; the bytes that this saves."""
    saved = 0
    for path in data.glob("*.dat"):
        if path.stem.split("_")[0] not in {*spoken, "root"}:
            saved += path.stat().st_size
            path.unlink()
    return saved


def keep_translations(data: Path, spoken: Collection[str]) -> int:
    """Of the translations of Qt's own texts, leave those of `spoken`; the bytes that this saves."""
    saved = 0
    for path in data.glob("*.qm"):
        if not path.name.startswith("qtbase_") or path.stem.split("_")[1] not in spoken:
            saved += path.stat().st_size
            path.unlink()
    return saved


def slim_icu(library: Path, spoken: Collection[str]) -> int:
    """Rebuild libicudata with what Qt reads of it in the languages `spoken`; the bytes that this saves.

    Needs icupkg (Debian: icu-devtools) and gcc; without them nothing is done.
    """
    if not (shutil.which("icupkg") and shutil.which("gcc")):
        print("icupkg or gcc is missing (Debian: icu-devtools, gcc): ICU's data stay whole, 30 MB more")
        return 0
    before = library.stat().st_size
    found = subprocess.run(
        ["readelf", "-Ws", "--dyn-syms", library], check=True, capture_output=True, text=True
    ).stdout
    match = _ICU_SYMBOL.search(found)
    if match is None:
        raise SystemExit(f"{library} holds no ICU data that this script knows")
    start, size, symbol = int(match[1], 16), int(match[2], 0), match[3]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        # The data begin where the file offset is the address: they are in the first segment.
        data = work / f"icudt{match[4]}l.dat"
        data.write_bytes(library.read_bytes()[start : start + size])
        listed = subprocess.run(["icupkg", "-l", data], check=True, capture_output=True, text=True).stdout
        needless = [item for item in listed.split() if not _kept(item, spoken)]
        (work / "remove.txt").write_text("\n".join(needless) + "\n")
        small = work / "small" / data.name
        small.parent.mkdir()
        subprocess.run(["icupkg", "-r", work / "remove.txt", data, small], check=True)
        source = work / "data.S"
        source.write_text(
            f".section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, @object\n{symbol}:\n"
            f'.incbin "{small}"\n.size {symbol}, . - {symbol}\n.section .note.GNU-stack,"",@progbits\n'
        )
        subprocess.run(
            ["gcc", "-shared", "-nostdlib", "-s", f"-Wl,-soname,{library.name}", "-Wl,--build-id=none",
             "-o", library, source],
            check=True,
        )  # fmt: skip
    return before - library.stat().st_size


def _kept(item: str, spoken: Collection[str]) -> bool:
    if _NEVER_READ.match(item):
        return False
    name = item.rsplit("/", 1)[-1]
    stem = name.removesuffix(".res").split("_")[0]
    is_locale = name.endswith(".res") and _LANGUAGE.fullmatch(stem) is not None
    return not is_locale or stem in spoken
