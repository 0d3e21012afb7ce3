"""Flower's processes for a federated run: a SuperLink for who collects, a SuperNode for each owner, with TLS.

Each is started with a home of its own, tells nobody about itself (telemetry and search for updates are off),
and is ended with all that it started.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desktop_app.core.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.wallet.durable import replace_file

AUTHORITY, CERTIFICATE, KEY = "authority.pem", "server.pem", "server.key"
TLS_DAYS = 90
PATIENCE = 300
"""Seconds after which a SuperNode gives up a SuperLink that does not answer."""
_FLOWER = (sys.executable, "-m", "desktop_app.services.federated_flower")
_SCRIPTS = ("flower-superlink", "flower-supernode", "flower-superexec", "flwr-serverapp", "flwr")
_PROJECT = """[project]
name = "colophon-federated"
version = "1.0.0"
description = "Federated training with proofs"
license = "Apache-2.0"
dependencies = []
[tool.flwr.app]
publisher = "colophon"
[tool.flwr.app.components]
serverapp = "colophon_federated.server:app"
clientapp = "colophon_federated.client:app"
[tool.flwr.app.config]
"""


def require_flower() -> Path:
    """The folder with Flower's commands; raises RefusedError where it is not installed."""
    folder = Path(sys.executable).parent
    if os.name != "posix":
        raise RefusedError("training.federated_posix")
    if importlib.util.find_spec("flwr") is None or not all((folder / each).exists() for each in _SCRIPTS):
        raise RefusedError("training.flower_missing")
    return folder


def make_tls(folder: Path, hosts: tuple[str, ...]) -> Path:
    """A certificate for a SuperLink at these hosts (names or addresses), by an authority made for it.

    Writes `authority.pem`, which the owners need, `server.pem` and `server.key`; the authority's own key is
    kept nowhere. Returns the first. Raises RefusedError where there is one already.
    """
    if not hosts or not all(hosts):
        raise InvalidInputError("training.no_host")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = [folder / name for name in (AUTHORITY, CERTIFICATE, KEY)]
    for path in paths:
        if path.exists():
            raise RefusedError("training.file_exists", path=str(path))
    now = datetime.datetime.now(datetime.UTC)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Colophon federated run")])

    def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=TLS_DAYS))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    authority = (
        builder(authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    server = (
        builder(subject, server_key)
        .add_extension(x509.SubjectAlternativeName([_host(each) for each in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    secret = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    contents = (authority.public_bytes(Encoding.PEM), server.public_bytes(Encoding.PEM), secret)
    for path, content in zip(paths, contents, strict=True):
        replace_file(path, content)
    return paths[0]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates,
        crl_sign=signs_certificates, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def environment(home: Path, **more: str) -> dict[str, str]:
    """For Flower's processes: a home of their own, no telemetry, no search for updates, our relay first.

    Nothing of ours is passed on, such as a passphrase in COLOPHON_PASSPHRASE, but what `more` says.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folders = (str(home / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", ""))
    passed = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
    return {
        **passed,
        "FLWR_HOME": str(home),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
        "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.2",
        "PATH": os.pathsep.join(folders),
        **more,
    }


def install_relay(home: Path) -> None:
    """Put our relay where a SuperNode looks for `flwr-clientapp`."""
    folder = home / "bin"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    script = folder / "flwr-clientapp"
    script.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m desktop_app.services.federated_flower "$@"\n', "utf-8"
    )
    script.chmod(0o700)


def write_app(folder: Path) -> Path:
    """The app bundle's sources that a SuperLink is given. Its client can do nothing: owners run their own."""
    package = folder / "colophon_federated"
    package.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(_PROJECT, "utf-8")
    (package / "__init__.py").write_text("", "utf-8")
    server = "from desktop_app.services.federated_flower import server_app\n\napp = server_app()\n"
    (package / "server.py").write_text(server, "utf-8")
    (package / "client.py").write_text("from flwr.clientapp import ClientApp\n\napp = ClientApp()\n", "utf-8")
    return folder


@contextlib.contextmanager
def process(command: list[str], variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all that it starts, in a group of its own, which is ended with the block."""
    with log.open("ab") as file:
        started = subprocess.Popen(  # noqa: S603 - Flower's own commands
            command, env=dict(variables), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Ask the whole group to stop, then end what is left of it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(patience)
        until = time.monotonic() + patience
        while _group_lives(started.pid) and time.monotonic() < until:
            time.sleep(0.05)
        if not _group_lives(started.pid):
            return


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def superlink(tls: Path, host: str, port: int, home: Path) -> list[str]:
    """The command of a SuperLink that owners reach at host:port."""
    return [
        *_FLOWER, "superlink",
        "--ssl-ca-certfile", str(tls / AUTHORITY), "--ssl-certfile", str(tls / CERTIFICATE),
        "--ssl-keyfile", str(tls / KEY), "--host", host, "--port", str(port),
        "--disable-runtime-dependency-installation", "--database", str(home / "superlink.db"),
    ]  # fmt: skip


def supernode(address: str, authority: Path, port: int) -> list[str]:
    """The command of a SuperNode; its own interface for its relay is at 127.0.0.1:`port`."""
    return [
        *_FLOWER, "supernode",
        "--root-certificates", str(authority), "--superlink", address, "--port", str(port),
        "--max-wait-time", str(PATIENCE),
    ]  # fmt: skip


def submit(
    app: Path, host: str, port: int, authority: Path, home: Path, seconds: float, task: Task
) -> None:
    """Start the run on a SuperLink, which may take so many seconds to be there; raises UnavailableError."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "config.toml").write_text(
        f'[superlink]\ndefault = "colophon"\n[superlink.colophon]\naddress = "{host}:{port}"\n'
        f'root-certificates = "{authority}"\n',
        "utf-8",
    )
    command = [str(Path(sys.executable).parent / "flwr"), "run", str(app), "colophon"]
    until = time.monotonic() + seconds
    while not _answers(host, port):
        if time.monotonic() > until:
            raise UnavailableError("training.flower_failed", detail=f"{host}:{port}")
        task.wait(0.2)
    done = subprocess.run(  # noqa: S603 - Flower's own command
        command, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, check=False,
        timeout=seconds,
    )  # fmt: skip
    if done.returncode:
        detail = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-300:]
        raise UnavailableError("training.flower_failed", detail=detail)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def clear(folder: Path) -> None:
    """Remove what Flower kept of a run."""
    shutil.rmtree(folder, ignore_errors=True)
