"""The royalty tokens that the user made or follows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desktop_app.core.amounts import Currency
from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class Collaborator:
    """`share_ppm` in parts per million of every payment; `name` is the user's own note."""

    address: str
    share_ppm: int
    name: str = ""


@dataclass(frozen=True)
class Token:
    """`supply` in shares; `created_block` is where its payments can begin. Orders are the contract's."""

    chain_id: int
    address: str
    work_id: str | None
    creator: str
    name: str
    symbol: str
    supply: int
    created_block: int
    tx_hash: str | None
    collaborators: tuple[Collaborator, ...]
    currencies: tuple[Currency, ...]


class TokenRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        """Raises RefusedError("store.token_exists")."""
        key = (token.chain_id, token.address)
        with self._database.transaction() as connection:
            if _select(connection, "chain_id = ? AND address = ?", *key):
                raise RefusedError("store.token_exists", address=token.address)
            connection.execute(
                "INSERT INTO tokens (chain_id, address, work_id, creator, name, symbol, supply,"
                " created_block, tx_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *key, token.work_id, token.creator, token.name, token.symbol, str(token.supply),
                    token.created_block, token.tx_hash,
                ),
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO token_collaborators (chain_id, token, position, address, share_ppm, name)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(*key, i, c.address, c.share_ppm, c.name) for i, c in enumerate(token.collaborators)],
            )
            connection.executemany(
                "INSERT INTO token_currencies (chain_id, token, position, address, symbol, decimals)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(*key, i, c.address, c.symbol, c.decimals) for i, c in enumerate(token.currencies)],
            )

    def find(self, chain_id: int, address: str) -> Token | None:
        with self._database.read() as connection:
            found = _select(connection, "chain_id = ? AND address = ?", chain_id, address)
        return found[0] if found else None

    def get(self, chain_id: int, address: str) -> Token:
        """Raises NotFoundError("store.token_unknown")."""
        token = self.find(chain_id, address)
        if token is None:
            raise NotFoundError("store.token_unknown", address=address[:80])
        return token

    def on_chain(self, chain_id: int) -> list[Token]:
        """Newest first."""
        with self._database.read() as connection:
            return _select(connection, "chain_id = ?", chain_id)

    def for_work(self, work_id: str) -> list[Token]:
        """Newest first, on all chains."""
        with self._database.read() as connection:
            return _select(connection, "work_id = ?", work_id)

    def name_collaborator(self, chain_id: int, token: str, address: str, name: str) -> None:
        """Note who is behind an address. Raises NotFoundError("store.token_unknown")."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE token_collaborators SET name = ? WHERE chain_id = ? AND token = ? AND address = ?",
                (name, chain_id, token, address),
            )
            if changed.rowcount == 0:
                raise NotFoundError("store.token_unknown", address=token[:80])

    def delete(self, chain_id: int, address: str) -> None:
        """Stop following a token. Raises NotFoundError("store.token_unknown")."""
        with self._database.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM tokens WHERE chain_id = ? AND address = ?", (chain_id, address)
            )
            if gone.rowcount == 0:
                raise NotFoundError("store.token_unknown", address=address[:80])

    def forget_chain(self, chain_id: int) -> None:
        """Drop the tokens of a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM tokens WHERE chain_id = ?", (chain_id,))


def _select(connection: sqlite3.Connection, condition: str, *values: str | int) -> list[Token]:
    rows = connection.execute(
        f"SELECT * FROM tokens WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
    ).fetchall()  # fmt: skip
    return [_token(connection, row) for row in rows]


def _token(connection: sqlite3.Connection, row: sqlite3.Row) -> Token:
    key = (row["chain_id"], row["address"])
    collaborators = connection.execute(
        "SELECT address, share_ppm, name FROM token_collaborators WHERE chain_id = ? AND token = ?"
        " ORDER BY position",
        key,
    )
    currencies = connection.execute(
        "SELECT symbol, decimals, address FROM token_currencies WHERE chain_id = ? AND token = ?"
        " ORDER BY position",
        key,
    )
    return Token(
        chain_id=row["chain_id"],
        address=row["address"],
        work_id=row["work_id"],
        creator=row["creator"],
        name=row["name"],
        symbol=row["symbol"],
        supply=int(row["supply"]),
        created_block=row["created_block"],
        tx_hash=row["tx_hash"],
        collaborators=tuple(Collaborator(*item) for item in collaborators),
        currencies=tuple(Currency(row["chain_id"], *item) for item in currencies),
    )
