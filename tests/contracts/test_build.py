"""The shipped bytecode is what the sources compile to, and fits the EVM's limits."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from eth_hash.auto import keccak
from harness.world import World

from desktop_app.chain.artifacts import init_code

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "resources" / "contracts"
NAMES = ["Registry", "RoyaltyFactory", "RoyaltyToken", "Licences", "KeyEscrow", "TestDollar"]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    pytest.importorskip("vyper", reason="the Vyper compiler is not installed")
    spec = importlib.util.spec_from_file_location("build_contracts", ROOT / "packaging/build_contracts.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_shipped_file_is_rebuilt_byte_for_byte(build: ModuleType) -> None:
    made = build.built_files()
    assert {path.stem for path in made} == {*NAMES, "hostile", "oracles"}
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, path.name


@pytest.mark.parametrize("name", NAMES)
def test_an_artifact_names_its_source_and_constructor(name: str) -> None:
    import hashlib

    artifact = json.loads((CONTRACTS / "build" / f"{name}.json").read_text(encoding="utf-8"))
    source = (CONTRACTS / f"{name}.vy").read_bytes()
    assert artifact["source_sha256"] == hashlib.sha256(source).hexdigest()
    constructor = next((entry for entry in artifact["abi"] if entry["type"] == "constructor"), {"inputs": []})
    assert [(entry["name"], entry["type"]) for entry in artifact["constructor"]] == [
        (entry["name"], entry["type"]) for entry in constructor["inputs"]
    ]


def test_code_and_init_code_fit_the_limits(world: World) -> None:
    implementation = world.factory.call("implementation")
    for address in (
        world.registry.address,
        world.factory.address,
        world.licences.address,
        world.escrow.address,
        world.dollar.address,
        implementation,
    ):
        assert 0 < len(world.evm.code(address)) <= 24_576
    for name in NAMES:
        assert len(init_code(name)) <= 49_152


@pytest.mark.parametrize("name", NAMES)
def test_every_external_function_is_documented_and_every_reason_is_listed(name: str) -> None:
    source = (CONTRACTS / f"{name}.vy").read_text(encoding="utf-8")
    for function in re.finditer(r"@external\n(?:@\w+\n)*def (\w+)\(", source):
        body = source[function.end() : function.end() + 900]
        assert re.search(r':\n    """\n    @notice', body), function.group(1)
    readme = (CONTRACTS / "README.md").read_text(encoding="utf-8")
    for reason in re.findall(r'(?:, |raise |\), )"([a-z][^"]+)"\n', source, re.IGNORECASE):
        assert f"`{reason}`" in readme, reason
        assert len(reason) <= 32


def test_no_two_functions_of_a_contract_share_a_selector() -> None:
    for name in NAMES:
        artifact = json.loads((CONTRACTS / "build" / f"{name}.json").read_text(encoding="utf-8"))
        selectors = [
            keccak(f"{e['name']}({','.join(i['type'] for i in e['inputs'])})".encode())[:4]
            for e in artifact["abi"]
            if e["type"] == "function"
        ]
        assert len(selectors) == len(set(selectors))
