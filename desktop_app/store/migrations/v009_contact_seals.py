"""A seal under the wallet's key beside each name in the address book, so that a changed entry is noticed."""

from __future__ import annotations

import sqlite3

VERSION = 9


def upgrade(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE address_book ADD COLUMN seal BLOB CHECK (length(seal) = 32)")
