"""Versions of one transaction and the block that holds it; the address book; which backups were made."""

from __future__ import annotations

import sqlite3

VERSION = 4

# Transactions of before are taken as settled for good: the hash of their block was not kept.
_STATEMENTS = (
    "ALTER TABLE transactions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'send'"
    " CHECK (purpose IN ('send', 'speed_up', 'cancel'))",
    "ALTER TABLE transactions ADD COLUMN recipient TEXT COLLATE NOCASE",
    "ALTER TABLE transactions ADD COLUMN block_hash TEXT COLLATE NOCASE",
    "ALTER TABLE transactions ADD COLUMN final INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1))",
    "UPDATE transactions SET final = 1 WHERE block_number IS NOT NULL",
    "CREATE INDEX transactions_recipient ON transactions (recipient)",
    """
    CREATE TABLE address_book (
        seq INTEGER PRIMARY KEY,
        address TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        note TEXT NOT NULL,
        watched INTEGER NOT NULL CHECK (watched IN (0, 1)),
        added_at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE backups (
        seq INTEGER PRIMARY KEY,
        wallet TEXT NOT NULL COLLATE NOCASE,
        created_at INTEGER NOT NULL,
        path BLOB NOT NULL,
        accounts INTEGER NOT NULL CHECK (accounts > 0),
        registrations INTEGER NOT NULL CHECK (registrations >= 0)
    ) STRICT
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
