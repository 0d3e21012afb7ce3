"""Compile the Vyper contracts into resources/contracts/build, byte for byte the same everywhere.

Run with `--check` to compare only: exit code 1 says that a shipped file differs from its source.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).resolve().parents[1] / "resources" / "contracts"
BUILD = CONTRACTS / "build"

# What each constructor argument must be; `artifact` means the init code of that contract, `address_of` its
# deployed address.
CONSTRUCTORS: dict[str, list[dict[str, str]]] = {
    "Registry": [],
    "RoyaltyToken": [],
    "RoyaltyFactory": [
        {"name": "registry", "type": "address", "address_of": "Registry"},
        {"name": "token_init_code", "type": "bytes", "artifact": "RoyaltyToken"},
    ],
    "TestDollar": [],
}


def compile_contract(name: str) -> dict[str, Any]:
    """One artifact: ABI, init code (without constructor arguments), compiler and source digest."""
    from vyper import __version__
    from vyper.compiler import compile_code

    source = (CONTRACTS / f"{name}.vy").read_text(encoding="utf-8")
    built = compile_code(source, output_formats=["abi", "bytecode"])
    return {
        "name": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"],
        "constructor": CONSTRUCTORS[name],
        "compiler": f"vyper {__version__}",
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
    }


def render(artifact: dict[str, Any]) -> str:
    """The artifact as it is stored."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Build all contracts, or compare them with what is shipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    check: bool = parser.parse_args().check
    stale = []
    BUILD.mkdir(exist_ok=True)
    for name in CONSTRUCTORS:
        text = render(compile_contract(name))
        path = BUILD / f"{name}.json"
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    if stale:
        print(f"differs from its source: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
