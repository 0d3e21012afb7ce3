"""Names for addresses, and addresses that are watched without being the user's own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class Contact:
    """`watched`: its balances are shown beside the user's own accounts, which cannot sign for it.

    `seal` ties name and address together under the wallet's key; None where that was not open.
    """

    address: str
    name: str
    note: str = ""
    watched: bool = False
    added_at: int = 0
    seal: bytes | None = field(default=None, repr=False)


class AddressBookRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, contact: Contact) -> None:
        """Add an address, or change what is known of it. Raises RefusedError("store.contact_name_taken")."""
        item = contact
        with self._database.transaction() as connection:
            taken = connection.execute(
                "SELECT address FROM address_book WHERE name_key = ? AND address <> ?",
                (item.name.casefold(), item.address),
            ).fetchone()
            if taken is not None:
                raise RefusedError("store.contact_name_taken", name=item.name, address=str(taken[0]))
            connection.execute(
                "INSERT INTO address_book (address, name, name_key, note, watched, added_at, seal)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET name = excluded.name,"
                " name_key = excluded.name_key, note = excluded.note, watched = excluded.watched,"
                " seal = excluded.seal",
                (
                    item.address, item.name, item.name.casefold(), item.note, int(item.watched),
                    item.added_at, item.seal,
                ),
            )  # fmt: skip

    def find(self, address: str) -> Contact | None:
        found = self._select("address = ?", address)
        return found[0] if found else None

    def named(self, name: str) -> Contact | None:
        found = self._select("name_key = ?", name.casefold())
        return found[0] if found else None

    def all(self, *, watched_only: bool = False) -> list[Contact]:
        """By name."""
        return self._select("watched >= ? ORDER BY name_key", int(watched_only))

    def remove(self, address: str) -> None:
        """Raises NotFoundError("store.contact_unknown")."""
        with self._database.transaction() as connection:
            gone = connection.execute("DELETE FROM address_book WHERE address = ?", (address,))
            if gone.rowcount == 0:
                raise NotFoundError("store.contact_unknown", address=address[:80])

    def _select(self, rest: str, *values: str | int) -> list[Contact]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT * FROM address_book WHERE {rest}", values).fetchall()  # noqa: S608
        return [_contact(row) for row in rows]


def _contact(row: sqlite3.Row) -> Contact:
    watched = bool(row["watched"])
    return Contact(row["address"], row["name"], row["note"], watched, row["added_at"], row["seal"])
