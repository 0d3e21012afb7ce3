"""Witnesses of the tests' own on loopback: a calendar with its blocks, and an OpenSSL authority."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import Timestamp

REGTEST_BITS = 0x207FFFFF
HEIGHT = 871_004

Answer = tuple[int, bytes]


@contextmanager
def server(answer: Callable[[str, str, bytes], Answer]) -> Iterator[str]:
    """The address of a server that answers with `answer(method, path, body)`."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, data = answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = respond  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def encoded(stamp: Timestamp) -> bytes:
    context = BytesSerializationContext()
    stamp.serialize(context)
    return bytes(context.getbytes())


class Calendar:
    """Promises at once, has the proof after `mine`, and serves the block that it is in."""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[tuple[str, str, bytes]] = []
        self.promised: list[bytes] = []
        self.proofs: dict[bytes, bytes] = {}
        self.header = b""

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        self.asked.append((method, path, body))
        if (method, path) == ("POST", "/digest"):
            stamp = Timestamp(body)
            inner = stamp.ops.add(OpPrepend(b"time")).ops.add(OpAppend(b"hmac")).ops.add(OpSHA256())
            inner.attestations.add(PendingAttestation(self.address))
            self.promised.append(inner.msg)
            return 200, encoded(stamp)
        if path.startswith("/timestamp/"):
            proof = self.proofs.get(bytes.fromhex(path.removeprefix("/timestamp/")))
            return (404, b"Pending confirmation in Bitcoin blockchain") if proof is None else (200, proof)
        if path == f"/block-height/{HEIGHT}":
            return 200, self.block_hash.encode()
        if path == f"/block/{self.block_hash}/header":
            return 200, self.header.hex().encode()
        return 404, b""

    @property
    def block_hash(self) -> str:
        return hashlib.sha256(hashlib.sha256(self.header).digest()).digest()[::-1].hex()

    def mine(self, time: int) -> None:
        """Put the last promise into a block of a chain on which little work is needed."""
        stamp = Timestamp(self.promised[-1])
        root = stamp.ops.add(OpAppend(b"\x55" * 32)).ops.add(OpSHA256()).ops.add(OpSHA256())
        root.attestations.add(BitcoinBlockHeaderAttestation(HEIGHT))
        self.proofs[self.promised[-1]] = encoded(stamp)
        for nonce in range(1000):
            self.header = (
                (4).to_bytes(4, "little") + b"\x11" * 32 + root.msg + time.to_bytes(4, "little")
                + REGTEST_BITS.to_bytes(4, "little") + nonce.to_bytes(4, "little")
            )  # fmt: skip
            if bytes.fromhex(self.block_hash)[0] < 0x7F:
                return


class Authority:
    """An RFC 3161 authority by OpenSSL, as `openssl ts` runs it."""

    def __init__(self, folder: Path, *, sends_root: bool = False) -> None:
        self.folder = folder
        self.sends_root = sends_root
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(
            "[tsa]\ndefault_tsa = own\n[own]\nserial = serial\nsigner_digest = sha256\n"
            "default_policy = 1.2.3.4.1\ndigests = sha256, sha512\naccuracy = secs:1\nordering = yes\n"
            "tsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n"
            "[root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n"
            "subjectKeyIdentifier = hash\n"
            "[signer]\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n"
            "extendedKeyUsage = critical,timeStamping\nsubjectKeyIdentifier = hash\n"
            "authorityKeyIdentifier = keyid\n[req]\ndistinguished_name = name\n[name]\n"
        )
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "ts.cnf"]
        self.openssl("req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-days", "100",
                     "-subj", "/O=Harbour/CN=Harbour Root", "-extensions", "root")  # fmt: skip
        self.openssl("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr",
                     "-subj", "/O=Harbour/CN=Harbour Time")  # fmt: skip
        signing = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "50"]
        signing += ["-extfile", "ts.cnf", "-extensions", "signer"]
        self.openssl("x509", "-req", "-in", "tsa.csr", *signing, "-out", "tsa.pem")

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def openssl(self, *arguments: str) -> bytes:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def answer(self, _method: str, _path: str, body: bytes) -> Answer:
        (self.folder / "request.tsq").write_bytes(body)
        signing = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-queryfile", "request.tsq"]
        signing += ["-chain", "root.pem"] if self.sends_root else []
        self.openssl("ts", "-reply", "-config", "ts.cnf", "-section", "own", *signing, "-out", "answer.tsr")
        return 200, (self.folder / "answer.tsr").read_bytes()
