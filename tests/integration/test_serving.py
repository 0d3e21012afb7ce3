"""The seller's own server: locked files with ranges, prepaid plays, and a file in IPFS."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import requests
from eth_account import Account
from eth_account.messages import encode_typed_data
from integration.journey import mint, register
from integration.people import PASSPHRASE, active, services_of

from desktop_app.core.amounts import Amount
from desktop_app.core.errors import UnavailableError
from desktop_app.services import sale_server
from desktop_app.services.app import Services
from desktop_app.services.ipfs import add_to_ipfs
from desktop_app.services.licence_records import plays_message
from desktop_app.services.licences import LicenceKind, LicenceTerms
from desktop_app.services.sale_records import Sale
from desktop_app.services.sale_terms import SaleMode, SaleTerms

LISTENER = Account.from_key("0x" + "5e" * 32)
CID = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


class Shop:
    def __init__(self, folder: Path) -> None:
        self.services: Services = services_of(folder / "home")
        self.services.wallet.create("passphrase", PASSPHRASE)
        self.services.networks.faucet(active(self.services))
        work = register(self.services, folder / "works")
        self.content = (folder / "works" / "la.txt").read_bytes()
        self.token = mint(self.services, work)
        selling, dollar = self.services.selling, self.token.currencies[1]
        terms = SaleTerms(Amount(1, dollar), mode=SaleMode.SEALED)
        package = selling.packages.make(work)
        self.sale: Sale = selling.sales.prepare_offer(self.token, terms, package).execute()
        plays = LicenceTerms(LicenceKind.PLAYS, Amount(1, dollar))
        version = self.services.licences.prepare_offer(self.token, plays).execute().version
        bought = self.services.licences.prepare_buy(self.token, version, 2, LISTENER.address).execute()
        self.licence = bought.licence.id
        self.server = selling.server("127.0.0.1", 0)
        self.base = self.server.start()

    def voucher(self, total: int, key: object = LISTENER) -> dict[str, str]:
        chain_id = self.services.networks.active.chain_id
        message = encode_typed_data(full_message=plays_message(chain_id, self.licence, total))
        signature = key.sign_message(message).signature  # type: ignore[attr-defined]
        return {"licence": str(self.licence), "total": str(total), "signature": "0x" + signature.hex()}

    def play(self, total: int, key: object = LISTENER) -> requests.Response:
        return requests.post(self.base + "/plays", json=self.voucher(total, key), timeout=60)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.server.close()
    made.services.close()


def place_of(base: str) -> tuple[str, int]:
    host, _, port = base.removeprefix("http://").rpartition(":")
    return host, int(port)


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers={"Accept-Encoding": "identity", **headers}, timeout=60)


def test_a_locked_file_is_served_whole_and_in_ranges(shop: Shop) -> None:
    data = shop.sale.package_path.read_bytes()
    (address,) = shop.server.addresses(shop.base).values()
    whole = get(address, Origin="null")
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    part = get(address, Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    assert get(address, Range=f"bytes={len(data)}-").status_code == 416
    head = requests.head(address, timeout=60)
    assert (head.headers["Content-Length"], head.content) == (str(len(data)), b"")
    assert requests.options(shop.base + "/plays", timeout=60).status_code == 204


@pytest.mark.parametrize(
    "path", ["/", "/packages/", "/packages/../home/colophon.db", "/packages/%2e%2e%2fa", "/x"]
)
def test_nothing_else_can_be_read(shop: Shop, path: str) -> None:
    answer = get(shop.base + path)
    assert (answer.status_code, answer.json()["error"]) == (404, "selling.no_such_file")


def test_plays_are_counted_with_vouchers_and_written_down_at_once(shop: Shop) -> None:
    stranger = Account.from_key("0x" + "66" * 32)
    assert shop.play(1, stranger).json()["error"] == "selling.voucher_forged"
    odd = shop.voucher(1)
    odd["signature"] = odd["signature"][:-2] + f"{int(odd['signature'][-2:], 16) - 27:02x}"
    refused = requests.post(shop.base + "/plays", json=odd, timeout=60)  # as the contract would
    assert refused.json()["error"] == "selling.voucher_forged"
    early = shop.play(2)
    assert (early.status_code, early.json()["newest"]) == (409, "0")
    first = shop.play(1)
    told = first.json()
    assert (first.status_code, told["left"], told["size"]) == (200, "1", len(shop.content))
    stream = shop.base + told["stream"]
    assert get(stream).content == shop.content
    assert get(stream, Range="bytes=1030-1999").content == shop.content[1030:2000]
    assert get(shop.base + "/stream/" + "a" * 32).status_code == 404
    again = shop.play(1)  # the page was loaded again
    assert again.status_code == 200
    assert again.json()["stream"] != told["stream"]
    assert get(stream).status_code == 404  # one play has one address, however often it is asked for
    assert shop.play(2).json()["left"] == "0"
    assert shop.play(3).json() == {**shop.play(3).json(), "error": "selling.voucher_refused", "newest": "2"}
    licence = shop.services.selling.plays.prepare_redeem(shop.licence).execute()
    assert licence.used == 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"licence": 1}', b"x" * 3000])
def test_nonsense_is_answered_calmly(shop: Shop, body: bytes) -> None:
    answer = requests.post(shop.base + "/plays", data=body, timeout=60)
    assert (answer.status_code, answer.json()["error"]) == (400, "selling.no_voucher_sent")


def test_a_body_that_nobody_reads_is_not_the_next_question(shop: Shop) -> None:
    inner = b"GET /y HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(place_of(shop.base), timeout=60) as connection:
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 404") == 1


def test_connections_that_say_nothing_cannot_take_all_files_of_the_program(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sale_server, "MOST_CONNECTIONS", 2)
    server = shop.services.selling.server("127.0.0.1", 0)
    place = place_of(server.start())
    try:
        silent = [socket.create_connection(place, timeout=60) for _ in range(2)]
        with socket.create_connection(place, timeout=60) as third:
            assert third.recv(1) == b""
        for one in silent:
            one.shutdown(socket.SHUT_WR)
            assert one.recv(1) == b""
            one.close()
    finally:
        server.close()


class FakeKubo(BaseHTTPRequestHandler):
    """Takes what Kubo's /api/v0/add takes, and answers as it does."""

    taken: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        assert body.endswith(b"\r\n--" + boundary + b"--\r\n")
        content = body.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n--" + boundary + b"--\r\n")
        self.taken.append((self.path, content))
        answer = json.dumps({"Name": "package", "Hash": CID, "Size": str(len(content))}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        pass


def test_a_locked_file_goes_to_the_users_own_ipfs_node(shop: Shop) -> None:
    node = HTTPServer(("127.0.0.1", 0), FakeKubo)
    thread = threading.Thread(target=node.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{node.server_port}"
        made = shop.services.selling.publish_on_ipfs(shop.sale, address)
    finally:
        node.shutdown()
        thread.join()
        node.server_close()
    assert made.addresses == (f"ipfs://{CID}",)
    ((path, content),) = FakeKubo.taken
    assert path.startswith("/api/v0/add?")
    assert content == shop.sale.package_path.read_bytes()
    with pytest.raises(UnavailableError, match="ipfs_unreachable"):
        add_to_ipfs(shop.sale.package_path, address)
