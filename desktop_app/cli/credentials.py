"""`colophon credentials`: signed copies of works, and what the credentials of any file are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.credentials import CredentialView

app = new_app("Content Credentials (C2PA): copies that say whose they are, and whether they were changed.")

_OWN = "A certificate of your own"


@command(app, "sign")
def sign(
    session: Session,
    work: WorkArgument,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the signed copy.")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="The name that you publish under; needed the first time.")
    ] = "",
    training: Annotated[
        str,
        typer.Option(
            "--training",
            metavar="forbidden|licensed|allowed",
            help="May AI be trained with it? Without this, as you described the work, or else forbidden.",
        ),
    ] = "",
    licence: Annotated[
        str, typer.Option("--licence", help="With --training licensed: where the licence is to be had.")
    ] = "",
    with_record: Annotated[
        bool,
        typer.Option("--with-record", help="Say which sealed record is this work's."),
    ] = False,
    sidecar: Annotated[
        bool, typer.Option("--sidecar", help="Put the credentials beside the file instead of into a copy.")
    ] = False,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", metavar="FILE", help="The chain from your authority (PEM).", rich_help_panel=_OWN
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="FILE", help="Its private key (PEM).", rich_help_panel=_OWN),
    ] = None,
) -> None:
    """Write a signed copy of a work. The work's own file stays as it is."""
    from desktop_app.services.credentials import OwnCertificate, Training
    from desktop_app.services.details import training_from

    services = session.services
    found = services.library.get(work)
    if (certificate is None) != (key is None):
        raise InvalidInputError("cli.certificate_and_key")
    said = training_from(training) or services.details.metadata(found.id).training
    rule = said or Training.FORBIDDEN
    own = None
    if certificate is not None and key is not None:
        own = OwnCertificate(certificate, key, passphrase.of_key(session, key))
    else:
        passphrase.unlock(session)
    record = services.registration.current(found.id) if with_record else None
    if with_record and record is None:
        raise RefusedError("credentials.no_record", title=found.title)
    session.note("credentials.signing_reveals")
    if record is not None:
        session.note("credentials.signing_reveals_record")
    path = file
    if path is None:
        path = services.credentials.suggested_path(found.id)
        if sidecar and services.credentials.embeds(found.id):
            path = found.path.with_name(found.path.name + ".c2pa")
    written = session.run(
        lambda task: services.credentials.sign(
            found.id, path, name, training=rule, licence=licence, with_registration=record, own=own,
            sidecar=sidecar, task=task,
        )
    )  # fmt: skip
    session.show({"path": written}, str(written))


@command(app, "show")
def show(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any file.")],
    sidecar: Annotated[
        Path | None,
        typer.Option(
            "--sidecar", metavar="FILE", help="Its credentials, if they are in a file of their own."
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="FILE", help="Authorities that you trust (PEM)."),
    ] = None,
) -> int:
    """Show the credentials of a file and how far to trust them. Exit code 1: changed after signing."""
    view = session.run(lambda task: session.services.credentials.read(file, sidecar, trust, task))
    state = view.report.trust.value
    session.show(
        view, words(f"credentials.trust_{state}"), words(f"credentials.trust_{state}_text"), _facts(view)
    )
    return FAILED if state == "broken" else 0


def _facts(view: CredentialView) -> output.Part:
    report = view.report
    rules = {
        use.removeprefix("cawg."): words(f"credentials.training_{rule.lower()}")
        if rule in ("notAllowed", "allowed", "constrained")
        else rule
        for use, rule in report.training
    }
    rows: list[tuple[str, object]] = [
        ("Signed by", report.signer),
        ("Vouched for by", report.issuer),
        ("", words("credentials.by_you") if view.by_you else ""),
        ("Signed at", report.signed_at),
        ("Made with", report.made_with),
        ("Title", report.title),
        *((words("cli.rule_for", use=use), rule) for use, rule in rules.items()),
        *((words("cli.record_part", name=name), value) for name, value in report.registration),
        ("Earlier versions", report.earlier or ""),
        ("Problems", ", ".join(report.problems)),
    ]
    if view.your_work is not None:
        rows.append(("Record", words("credentials.your_record", title=view.your_work.title)))
    elif report.registration:
        rows.append(("Record", words("credentials.claims_record")))
    if report.remote:
        rows.append(("Elsewhere", words("credentials.remote_not_fetched", address=report.remote)))
    return output.facts(rows)
