"""Compile the Vyper contracts into resources/contracts/build, byte for byte the same everywhere.

The contracts that only tests use (hostile ones, and other networks' fee oracles) are compiled too, into one
file beside each folder.

Run with `--check` to compare only: exit code 1 says that a shipped file differs from its source.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "resources" / "contracts"
BUILD = CONTRACTS / "build"
HOSTILE = ROOT / "tests" / "contracts" / "hostile"
ORACLES = ROOT / "tests" / "integration" / "oracles"

# What each constructor argument must be; `artifact` means the init code of that contract, `address_of` its
# deployed address.
CONSTRUCTORS: dict[str, list[dict[str, str]]] = {
    "Registry": [],
    "RoyaltyToken": [],
    "RoyaltyFactory": [
        {"name": "registry", "type": "address", "address_of": "Registry"},
        {"name": "token_init_code", "type": "bytes", "artifact": "RoyaltyToken"},
    ],
    "Licences": [{"name": "factory", "type": "address", "address_of": "RoyaltyFactory"}],
    "KeyEscrow": [{"name": "factory", "type": "address", "address_of": "RoyaltyFactory"}],
    "TestDollar": [],
}


def compile_contract(name: str) -> dict[str, Any]:
    """One artifact: ABI, init code (without constructor arguments), compiler and source digest."""
    from vyper import __version__
    from vyper.compiler import compile_code
    from vyper.compiler.input_bundle import FilesystemInputBundle

    source = (CONTRACTS / f"{name}.vy").read_text(encoding="utf-8")
    built = compile_code(
        source, output_formats=["abi", "bytecode"], input_bundle=FilesystemInputBundle([CONTRACTS])
    )
    return {
        "name": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"],
        "constructor": CONSTRUCTORS[name],
        "compiler": f"vyper {__version__}",
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
    }


def compile_folder(folder: Path, code: str) -> dict[str, Any]:
    """ABI and code ("bytecode" or "bytecode_runtime") of the contracts in a folder of the tests."""
    from vyper.compiler import compile_code

    return {
        path.stem: compile_code(path.read_text(encoding="utf-8"), output_formats=["abi", code])
        for path in sorted(folder.glob("*.vy"))
    }


def built_files() -> dict[Path, str]:
    """Every file that this script makes, with its text."""
    made: dict[Path, dict[str, Any]] = {
        BUILD / f"{name}.json": compile_contract(name) for name in CONSTRUCTORS
    }
    if HOSTILE.is_dir():
        made[HOSTILE / "hostile.json"] = compile_folder(HOSTILE, "bytecode")
    if ORACLES.is_dir():
        # Their networks have them at fixed addresses, where tests put the running code.
        made[ORACLES / "oracles.json"] = compile_folder(ORACLES, "bytecode_runtime")
    return {path: json.dumps(content, indent=1, sort_keys=True) + "\n" for path, content in made.items()}


def main() -> int:
    """Build all contracts, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    check: bool = parser.parse_args().check
    stale = []
    for path, text in built_files().items():
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print(f"differs from its source: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
