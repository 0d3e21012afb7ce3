"""What of the database is shown to people, and what is not."""

from __future__ import annotations

import pytest

from desktop_app.store.database import Database
from desktop_app.store.readable import is_shown, readable_tables


@pytest.mark.parametrize(
    "column",
    ["salt", "record_salt", "sealed_key", "private_key", "seed", "wallet_seed", "secret", "passphrase"],
)
def test_a_column_that_sounds_secret_is_left_out(column: str) -> None:
    assert not is_shown(column)


@pytest.mark.parametrize("column", ["title", "key_commitment", "commitment", "monkey", "created_at"])
def test_what_is_no_secret_is_shown(column: str) -> None:
    assert is_shown(column)


def test_every_table_is_there_with_readable_cells(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO backups (wallet, created_at, path, accounts, registrations)"
            " VALUES ('0xab', 1800000000, ?, 1, 0)",
            (b"/tmp/\xff",),
        )
    tables = {name: (columns, rows) for name, columns, rows in readable_tables(database)}
    assert {"works", "registrations", "packages", "witnesses", "work_details"} <= tables.keys()
    columns, rows = tables["backups"]
    assert dict(zip(columns, rows[0], strict=True)) == {
        "wallet": "0xab", "created_at": "2027-01-15T08:00:00Z", "path": "/tmp/\N{REPLACEMENT CHARACTER}",
        "accounts": "1", "registrations": "0", "sale_secrets": "0",
    }  # fmt: skip
