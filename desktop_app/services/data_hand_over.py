"""Handing a committed data set to a trainer on another computer: rows, commitment, and a part of its budget.

The file is sealed under a passphrase (argon2id, AES-256-GCM). What the trainer may open is counted as opened
here before the file is written, so that both together never open more columns than the commitment allows.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.proofs.encoding import from_base64, from_hex_of_any_size, to_base64, to_hex
from desktop_app.services.data_sets import Added, DataSetService
from desktop_app.services.training_files import new_file, read_file
from desktop_app.training.certificate import MAX_SIZE, parse
from desktop_app.training.dataset import DataHeader
from desktop_app.training.soundness import query_bound
from desktop_app.training.table import TableSchema
from desktop_app.wallet.sealing import (
    Argon2Cost,
    WrappedKey,
    check_new_passphrase,
    new_key,
    seal,
    unseal,
    unwrap_key,
    wrap_key,
)

FORMAT, VERSION, SUFFIX = "colophon-data-hand-over", 1, ".handover.colophon"
_LABEL = b"data hand-over"
_BYTES = ("salt", "check", "nonce", "wrapped")


class DataHandOver:
    def __init__(self, data_sets: DataSetService) -> None:
        self._data_sets = data_sets

    def write(
        self, reference: str, output: Path, passphrase: str, proofs: int, security: int = 100
    ) -> Path:
        """Write a data set for a trainer, who can make so many proofs of this security with it.

        They are taken from the budget here, for good. The trainer will see every row. The file must go to one
        computer only. Raises RefusedError for a budget that does not suffice.
        """
        check_new_passphrase(passphrase)
        found = self._data_sets.get(reference)
        path = new_file(output, f"{found.id}{SUFFIX}")
        plain = self._data_sets.plain(found.id)
        columns = proofs * query_bound(found.header.degree_bound, security)
        certificate = self._data_sets.certificate(found.id)
        content = canonical_json.write(
            {
                "title": found.title,
                "header": canonical_json.write_dataclass(found.header),
                "schema": found.schema.encode().decode(),
                "columns": columns,
                "rows": to_base64(plain),
                "certificate": to_base64(certificate.read_bytes() if certificate.is_file() else b""),
            }
        )
        key = new_key()
        wrapped = wrap_key(passphrase, key, Argon2Cost(), _LABEL)
        nonce, sealed = seal(key, content, _LABEL)
        outside: dict[str, Json] = {name: to_hex(getattr(wrapped, name)) for name in _BYTES}
        outside |= {each.name: getattr(wrapped.cost, each.name) for each in fields(Argon2Cost)}
        outside |= {"format": FORMAT, "version": VERSION, "iv": to_hex(nonce), "sealed": to_base64(sealed)}
        self._data_sets.spend((found.identity,), columns)
        path.write_bytes(canonical_json.write(outside))
        return path

    def read(self, path: Path, passphrase: str, title: str = "", task: Task | None = None) -> Added:
        """Keep a data set that an owner handed over, after checking that its rows are what was committed to.

        Raises InvalidInputError for a wrong passphrase or another file, RefusedError for rows that are not
        those of the commitment, or a data set that is here already.
        """
        content = _opened(read_file(path), passphrase)
        header = canonical_json.read_dataclass(DataHeader, content["header"])
        header.check()
        columns, rows, certificate = content["columns"], content["rows"], content["certificate"]
        name, schema = content["title"], content["schema"]
        texts = (rows, certificate, name, schema)
        if type(columns) is not int or not 0 < columns <= header.capacity:
            raise InvalidInputError("training.not_a_hand_over")
        if not all(isinstance(each, str) for each in texts):
            raise InvalidInputError("training.not_a_hand_over")
        proof = from_base64(str(certificate))
        claims = parse(proof).claims if proof else ()
        if any(claim.statement.committed != (header,) for claim in claims):
            raise InvalidInputError("training.not_a_hand_over")
        return self._data_sets.receive(
            header, TableSchema.read(str(schema).encode()), from_base64(str(rows)), proof,
            title=title or str(name), columns=columns, task=task,
        )  # fmt: skip


def _opened(data: bytes, passphrase: str) -> dict[str, Json]:
    value = canonical_json.read(data, MAX_SIZE)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InvalidInputError("training.not_a_hand_over")
    costs = [each.name for each in fields(Argon2Cost)]
    found = read_object(value, ["format", "version", *_BYTES, *costs, "iv", "sealed"])
    numbers = {name: number for name in costs if type(number := found[name]) is int}
    texts = {name: text for name in (*_BYTES, "iv", "sealed") if isinstance(text := found[name], str)}
    if found["version"] != VERSION or len(numbers) != len(costs) or len(texts) != len(_BYTES) + 2:
        raise InvalidInputError("training.not_a_hand_over")
    wrapped = WrappedKey(Argon2Cost(**numbers), *(from_hex_of_any_size(texts[name]) for name in _BYTES))
    key = unwrap_key(passphrase, wrapped, _LABEL)
    plain = unseal(key, from_hex_of_any_size(texts["iv"]), from_base64(texts["sealed"]), _LABEL)
    if plain is None:
        raise RefusedError("training.hand_over_altered")
    return read_object(
        canonical_json.read(plain, MAX_SIZE), ["title", "header", "schema", "columns", "rows", "certificate"]
    )
