"""Content Credentials (C2PA 2.2, CAWG training and data mining 1.1): signing copies, reading any file.

Nothing here reaches a network: remote manifests are not fetched and nobody is asked about revocation. What is
found in a file was written by anyone, and is only text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.content.ai_use import Training
from desktop_app.content.apart import run_apart
from desktop_app.content.steady_file import open_steady
from desktop_app.content.whole_file import written_at_once
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task

if TYPE_CHECKING:
    from desktop_app.content.signing_identity import SigningIdentity

EMBED_LIMIT = 256 * 1024 * 1024
"""Embedding takes twice the size of the file in memory; larger files get a sidecar."""
SIDECAR_SUFFIX = ".c2pa"
SIGNING, READING = "stage.signing_credentials", "stage.reading_credentials"
REGISTRATION = "org.colophon.registration"
_TRAINING = "cawg.training-mining"
_USES = ("cawg.ai_training", "cawg.ai_generative_training", "cawg.data_mining", "cawg.ai_inference")
_SIDECAR_LIMIT = 64 * 1024 * 1024
# Any other sidecar type makes c2pa rewrite MP3, FLAC, PDF and EPUB.
_PLAIN = "application/octet-stream"
_EMBEDDED = {
    "image/jpeg": "image/jpeg", "image/png": "image/png", "image/webp": "image/webp",
    "image/tiff": "image/tiff", "image/gif": "image/gif", "image/svg+xml": "image/svg+xml",
    "image/avif": "image/avif", "audio/mpeg": "audio/mpeg", "audio/wav": "audio/wav",
    "audio/flac": "audio/flac", "audio/mp4": "audio/mp4", "video/mp4": "video/mp4",
    "video/quicktime": "video/quicktime", "application/pdf": "application/pdf",
    "application/epub+zip": "application/epub+zip",
}  # fmt: skip
_READABLE = {**_EMBEDDED, "image/heic": "image/heic", "image/heif": "image/heif",
             "video/x-msvideo": "video/avi"}  # fmt: skip
_QUIET = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Claim:
    """What is signed about a file. `registration` is put in as it is; None leaves it out."""

    title: str
    training: Training = Training.FORBIDDEN
    licence: str = ""
    registration: Mapping[str, str | int] | None = None


class Trust(StrEnum):
    """How far a file's credentials can be relied on."""

    NONE = "none"
    """The file has no credentials."""
    BROKEN = "broken"
    """The file or the credentials were changed after signing."""
    UNKNOWN_SIGNER = "unknown_signer"
    """Unchanged since it was signed, but anyone can make such a certificate."""
    TRUSTED = "trusted"
    """Unchanged, and the certificate comes from an authority that the reader trusts."""


@dataclass(frozen=True)
class CredentialReport:
    """What was found. `problems` are C2PA validation codes; `remote` an address that was not looked at.

    `training` maps each use to what the maker says; `earlier` counts credentials of earlier versions.
    """

    trust: Trust
    embedded: bool = False
    signer: str = ""
    issuer: str = ""
    signed_at: str = ""
    made_with: str = ""
    title: str = ""
    training: tuple[tuple[str, str], ...] = ()
    registration: tuple[tuple[str, str], ...] = ()
    earlier: int = 0
    problems: tuple[str, ...] = ()
    remote: str = ""


def can_embed(media_type: str, size: int) -> bool:
    """Whether credentials go into a copy of the file; otherwise beside it."""
    return media_type in _EMBEDDED and size <= EMBED_LIMIT


def sign_copy(
    source: Path, media_type: str, destination: Path, claim: Claim, identity: SigningIdentity, task: Task
) -> None:
    """Write a copy of `source` with credentials inside. The source is only read.

    Raises RefusedError("content.exists"), InvalidInputError("credentials.cannot_embed"), UnavailableError,
    CancelledError, and what `open_steady` raises.
    """
    if media_type not in _EMBEDDED:
        raise InvalidInputError("credentials.cannot_embed", path=source.name)
    with written_at_once(destination) as part, open_steady(source):
        task.report(0, 0, SIGNING)
        run_apart(_sign, source, _EMBEDDED[media_type], part, claim, identity, task=task)


def sign_beside(source: Path, sidecar: Path, claim: Claim, identity: SigningIdentity, task: Task) -> None:
    """Write credentials for `source` to a file of their own. Raises as `sign_copy`."""
    with written_at_once(sidecar) as part, open_steady(source):
        task.report(0, 0, SIGNING)
        part.write_bytes(run_apart(_sign, source, _PLAIN, None, claim, identity, task=task))


def read_credentials(
    path: Path, media_type: str, sidecar: Path | None, anchors: str, task: Task
) -> CredentialReport:
    """What a file's credentials say, and how far to trust them; `anchors` are trusted authorities in PEM.

    Raises InvalidInputError("credentials.unreadable") for credentials that are damaged beyond reading,
    "credentials.sidecar_too_large", UnavailableError, CancelledError.
    """
    task.report(0, 0, READING)
    with open_steady(path):
        return run_apart(_read, path, media_type, sidecar, anchors, task=task)


# --- In a process of its own ------------------------------------------------------------------------------


def _sign(source: Path, kind: str, copy: Path | None, claim: Claim, identity: SigningIdentity) -> bytes:
    import c2pa

    builder = c2pa.Builder(json.dumps(_manifest(claim)), context=c2pa.Context.from_dict(_QUIET))
    # The source becomes the parent: credentials that it had before are kept.
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    if copy is None:
        builder.set_no_embed()
    signer = c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.chain.encode(), identity.key.encode(), None)
    )
    target = open(copy, "x+b") if copy else open(os.devnull, "w+b")  # noqa: PTH123, SIM115
    with source.open("rb") as reading, target as writing:
        try:
            return bytes(builder.sign(signer, kind, reading, writing))
        except c2pa.C2paError as error:
            raise InvalidInputError("credentials.cannot_embed", path=source.name) from error


def _manifest(claim: Claim) -> dict[str, Any]:
    from desktop_app import __version__

    entry: dict[str, str] = {"use": claim.training.value}
    if claim.training is Training.LICENSED:
        entry["constraint_info"] = claim.licence
    assertions: list[dict[str, Any]] = [
        {"label": _TRAINING, "data": {"entries": {use: dict(entry) for use in _USES}}}
    ]
    if claim.registration is not None:
        assertions.append({"label": REGISTRATION, "data": dict(claim.registration)})
    return {
        "claim_generator_info": [{"name": "Colophon", "version": __version__}],
        "title": claim.title,
        "assertions": assertions,
    }


def _read(path: Path, media_type: str, sidecar: Path | None, anchors: str) -> CredentialReport:
    import c2pa

    settings: dict[str, Any] = dict(_QUIET)
    if anchors:
        settings["trust"] = {"trust_anchors": anchors}
    store: bytes | None = None
    kind = _READABLE.get(media_type)
    if sidecar is not None:
        with sidecar.open("rb") as file:
            store = file.read(_SIDECAR_LIMIT + 1)
        if len(store) > _SIDECAR_LIMIT:
            raise InvalidInputError("credentials.sidecar_too_large")
        kind = _PLAIN
    if kind is None:
        return CredentialReport(Trust.NONE)
    with path.open("rb") as file:
        try:
            reader = c2pa.Reader(kind, file, store, context=c2pa.Context.from_dict(settings))
        except c2pa.C2paError as error:
            # An address is found, and by these settings not fetched.
            kind_of_error = type(error).__name__
            if "ManifestNotFound" in kind_of_error:
                return CredentialReport(Trust.NONE)
            if "Remote" in kind_of_error or str(error).startswith("Remote"):
                return CredentialReport(Trust.NONE, remote=str(error).rpartition(" ")[2][:500])
            raise InvalidInputError("credentials.unreadable", path=path.name) from error
        with reader:
            return _report(json.loads(reader.json()), reader.is_embedded(), reader.get_remote_url() or "")


def _report(found: dict[str, Any], embedded: bool, remote: str) -> CredentialReport:
    manifests = found.get("manifests", {})
    active = manifests.get(found.get("active_manifest"), {})
    state = found.get("validation_state", "Invalid")
    problems = [one.get("code", "") for one in found.get("validation_status", [])]
    trust = {"Trusted": Trust.TRUSTED, "Valid": Trust.UNKNOWN_SIGNER}.get(state, Trust.BROKEN)
    signature = active.get("signature_info", {})
    generators = active.get("claim_generator_info") or [{}]
    return CredentialReport(
        trust=trust,
        embedded=embedded,
        signer=_text(signature.get("common_name")),
        issuer=_text(signature.get("issuer")),
        signed_at=_text(signature.get("time")),
        made_with=_text(generators[0].get("name")),
        title=_text(active.get("title")),
        training=_training(_assertion(active, _TRAINING)),
        registration=tuple(
            (_text(key), _text(value)) for key, value in _assertion(active, REGISTRATION).items()
        )[:16],
        earlier=max(0, len(manifests) - 1),
        problems=tuple(dict.fromkeys(_text(code) for code in problems if code))[:20],
        remote=_text(remote),
    )


def _assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    for one in manifest.get("assertions", []):
        if one.get("label") == label and isinstance(one.get("data"), dict):
            data: dict[str, Any] = one["data"]
            return data
    return {}


def _training(data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    entries = data.get("entries", {})
    if not isinstance(entries, dict):
        return ()
    return tuple(
        (_text(use), _text(said.get("use"))) for use, said in entries.items() if isinstance(said, dict)
    )[:16]


def _text(value: object) -> str:
    return "" if value is None else str(value)[:500]
