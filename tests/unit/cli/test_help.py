"""Every command explains itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from desktop_app.cli.app import app

SHARED = {"home", "network_option", "as_json", "yes"}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


COMMANDS = dict(commands(get_command(app)))
EXPECTED = {
    "demo", "register", "prove", "verify", "mint", "pay", "claim", "transfer", "royalties list",
    "royalties show",
    "wallet create", "wallet restore", "wallet show", "wallet lock", "wallet unlock", "wallet confirm",
    "library add", "library list", "library show", "library rename", "library remove",
    "payouts watch", "payouts list",
    "network list", "network status", "network use", "network faucet", "network reset", "network deploy",
    "settings list", "settings get", "settings set",
    "send", "transactions list", "transactions show", "transactions speed-up", "transactions cancel",
    "transactions fees", "contacts list", "contacts add", "contacts watch", "contacts remove",
    "contacts check", "backup status", "backup create", "backup check", "backup restore", "wallet receive",
    "wallet protect", "wallet change-passphrase", "wallet add-ledger", "network check",
}  # fmt: skip


def test_the_commands_of_the_journey_are_all_there() -> None:
    assert {" ".join(path) for path in COMMANDS} >= EXPECTED


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_documents_itself_and_each_of_its_parameters(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    found = COMMANDS[path]
    assert found.help
    assert {one.name for one in found.params} >= SHARED
    for one in found.params:
        assert one.help, f"{path}: {one.name} has no help"
        label = one.metavar if one.param_type_name == "argument" else max(one.opts, key=len)
        assert label.strip("[]") in result.output
        assert "[" not in one.help, "rich would take brackets for markup"


@pytest.mark.parametrize(
    "group",
    ["library", "wallet", "network", "payouts", "settings", "backup", "contacts", "transactions"],
)
def test_a_group_without_a_command_shows_its_help(group: str) -> None:
    result = CliRunner().invoke(app, [group])
    assert "Usage" in result.output


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from desktop_app.cli.app import run; run(['--help']); "
        "heavy = 'web3 eth eth_tester eth_account cryptography keyring PySide6 sqlite3 multiprocessing'; "
        "sys.exit(','.join(set(heavy.split()) & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_unusable_input_and_points_to_help() -> None:
    result = CliRunner().invoke(app, ["sell"])
    assert result.exit_code == 2
    assert "--help" in result.output


def test_a_missing_argument_is_unusable_input() -> None:
    result = CliRunner().invoke(app, ["register"])
    assert result.exit_code == 2
    assert "WORK" in result.output
