"""More witnesses for a sealed record than its own chain: OpenTimestamps calendars and time-stamp authorities.

Each is asked only when the user says so. A calendar gets a hash of the sealed record mixed with chance, which
tells it nothing; an authority gets a hash of the record itself, so that it could find the record on its
chain. Neither learns anything of the work. Both see the computer's network address and the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desktop_app.chain.web_service import ask, checked_address
from desktop_app.content.whole_file import discard_partial, whole_file
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.proofs import time_stamp_token as tokens
from desktop_app.proofs.open_timestamp import HEADER_SIZE, OpenTimestamp, block_time
from desktop_app.services.networks import NetworkService
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import Registration, RegistrationRepository
from desktop_app.store.witnesses import Witness, WitnessKind, WitnessRepository
from desktop_app.store.works import WorkRepository

__all__ = ["Witness", "WitnessKind", "WitnessService", "WitnessState", "WitnessView"]

ASKING = "stage.asking_witness"
SUGGESTED_CALENDAR = "https://a.pool.opentimestamps.org"
SUGGESTED_AUTHORITY = "https://freetsa.org/tsr"
SUGGESTED_BLOCKS = "https://blockstream.info/api"
_CALENDAR_TYPE = "application/vnd.opentimestamps.v1"
_ANSWER_LIMIT = 10_000
_ENDINGS = {WitnessKind.OPENTIMESTAMPS: ".ots", WitnessKind.RFC3161: ".tsr"}


class WitnessState(StrEnum):
    """How far a witness has come; "witness.state_<state>" words it."""

    PROMISED = "promised"
    """The calendar will put it into Bitcoin within hours; ask again then."""
    IN_BLOCK = "in_block"
    """The proof leads to a block of Bitcoin that has not been looked up."""
    SIGNED = "signed"
    """An authority has signed it; whether to trust that authority is for the reader to say."""
    CONFIRMED = "confirmed"
    """Checked against the block, or against an authority that the reader trusts."""


@dataclass(frozen=True)
class WitnessView:
    """A witness and what it says. `time` in Unix seconds, None while there is none; `block` of Bitcoin."""

    witness: Witness
    state: WitnessState
    time: int | None
    block: int | None
    authority: str = ""


class WitnessService:
    """`easiest` bounds how little work a block of Bitcoin may show; only tests change it."""

    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        witnesses: WitnessRepository,
        networks: NetworkService,
        clock: Clock,
        easiest: int | None = None,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._witnesses = witnesses
        self._networks = networks
        self._clock = clock
        self._easiest = {} if easiest is None else {"easiest": easiest}

    def for_work(self, work_id: str) -> tuple[WitnessView, ...]:
        """All witnesses of a work's records, newest first."""
        rows = [
            one
            for record in self._registrations.for_work(work_id)
            for one in self._witnesses.for_registration(record.id)
        ]
        return tuple(self.view(one) for one in rows)

    def view(self, witness: Witness) -> WitnessView:
        """What a witness says, without asking anybody."""
        if witness.kind is WitnessKind.RFC3161:
            said = tokens.facts(witness.proof)
            state = WitnessState.CONFIRMED if witness.attested_at else WitnessState.SIGNED
            return WitnessView(witness, state, said.time, None, said.authority)
        blocks = OpenTimestamp.decode(witness.proof).attested
        if not blocks:
            return WitnessView(witness, WitnessState.PROMISED, None, None)
        state = WitnessState.CONFIRMED if witness.attested_at else WitnessState.IN_BLOCK
        return WitnessView(witness, state, witness.attested_at, blocks[0].height)

    def ask_calendar(self, work_id: str, calendar: str, task: Task | None = None) -> WitnessView:
        """Have a calendar promise to put the record's commitment into Bitcoin.

        Raises RefusedError("witness.not_registered"), InvalidInputError("witness.address"),
        UnavailableError, CorruptError("witness.bad_answer").
        """
        server = checked_address(calendar)
        record = self._record(work_id)
        (task or Task()).report(0, 0, ASKING)
        stamp, message = OpenTimestamp.begin(record.commitment)
        stamp.add(message, ask(f"{server}/digest", message, _CALENDAR_TYPE, _ANSWER_LIMIT))
        return self._added(record, WitnessKind.OPENTIMESTAMPS, server, stamp.encode())

    def ask_authority(self, work_id: str, authority: str, task: Task | None = None) -> WitnessView:
        """Have a time-stamp authority (RFC 3161) sign the record's commitment. Raises as `ask_calendar`."""
        server = checked_address(authority)
        record = self._record(work_id)
        (task or Task()).report(0, 0, ASKING)
        request = tokens.request_for(record.commitment)
        answer = ask(server, request.data, tokens.REQUEST_TYPE, tokens.SIZE_LIMIT)
        tokens.answer_fits(answer, record.commitment, request)
        return self._added(record, WitnessKind.RFC3161, server, answer)

    def complete(self, witness_id: str, task: Task | None = None) -> WitnessView:
        """Ask the calendars again that have promised a proof. Asks only the calendar that was chosen.

        Raises RefusedError("witness.not_yet") while it is not in a block, UnavailableError, CorruptError.
        """
        witness = self._witnesses.get(witness_id)
        if witness.kind is WitnessKind.RFC3161:
            return self.view(witness)
        (task or Task()).report(0, 0, ASKING)
        stamp = OpenTimestamp.decode(witness.proof)
        problem: ColophonError | None = None
        for promised_by, message in stamp.promises:
            if stamp.attested:
                break
            # A pool hands out promises of its members; what a proof names is not contacted unless it is
            # the server that the user chose or a subdomain of the same site.
            server = _same_site(promised_by, witness.server)
            if server is None:
                problem = RefusedError("witness.other_calendar", server=promised_by[:80])
                continue
            try:
                url = f"{server}/timestamp/{message.hex()}"
                stamp.add(message, ask(url, None, _CALENDAR_TYPE, _ANSWER_LIMIT))
            except ColophonError as error:
                problem = error
        if not stamp.attested:
            if problem is not None and problem.params.get("status") != 404:
                raise problem
            raise RefusedError("witness.not_yet")
        self._witnesses.update(witness.id, stamp.encode(), witness.attested_at)
        return self.view(self._witnesses.get(witness.id))

    def confirm(
        self, witness_id: str, *, blocks: str = "", roots: Path | None = None, task: Task | None = None
    ) -> WitnessView:
        """Check a witness to the end: against a block of Bitcoin, or an authority that you trust.

        `blocks` is a server with Bitcoin's blocks (Esplora's interface); it learns which block you look at.
        `roots` are trusted root certificates (PEM). Raises CorruptError for a witness that proves nothing.
        """
        witness = self._witnesses.get(witness_id)
        record = self._registrations.get(witness.registration_id)
        if witness.kind is WitnessKind.RFC3161:
            if roots is None:
                raise InvalidInputError("witness.roots")
            try:
                pem = expanded(roots).read_bytes()
            except OSError:
                raise InvalidInputError("witness.roots") from None
            said = tokens.verify(witness.proof, record.commitment, pem)
            self._witnesses.update(witness.id, witness.proof, said.time)
            return self.view(self._witnesses.get(witness.id))
        stamp = OpenTimestamp.decode(witness.proof)
        if not stamp.is_of(record.commitment):
            raise CorruptError("witness.of_another")
        if not stamp.attested:
            raise RefusedError("witness.not_yet")
        server = checked_address(blocks)
        (task or Task()).report(0, 0, ASKING)
        attested = stamp.attested[0]
        name = ask(f"{server}/block-height/{attested.height}", None, "text/plain", 200).decode(
            "ascii", "replace"
        )
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise CorruptError("witness.no_header")
        try:
            header = bytes.fromhex(
                ask(f"{server}/block/{name}/header", None, "text/plain", 4 * HEADER_SIZE).decode("ascii")
            )
        except ValueError:
            raise CorruptError("witness.no_header") from None
        time = block_time(attested, header, **self._easiest)
        self._witnesses.update(witness.id, witness.proof, time)
        return self.view(self._witnesses.get(witness.id))

    def export(self, witness_id: str, folder: Path) -> tuple[Path, Path]:
        """Write the commitment and the proof beside it, for any OpenTimestamps client or OpenSSL."""
        witness = self._witnesses.get(witness_id)
        record = self._registrations.get(witness.registration_id)
        folder = expanded(folder).absolute()
        commitment = folder / f"{witness.id}.commitment"
        proof = commitment.with_name(commitment.name + _ENDINGS[witness.kind])
        for path, data in ((commitment, record.commitment), (proof, witness.proof)):
            discard_partial(path)
            with whole_file(path) as file:
                file.put(data)
        return commitment, proof

    def _record(self, work_id: str) -> Registration:
        work = self._works.get(work_id)
        network = self._networks.active
        found = self._registrations.confirmed(work.id, network.chain_id)
        if found is None:
            raise RefusedError("witness.not_registered", title=work.title, network=network.name)
        return found

    def _added(self, record: Registration, kind: WitnessKind, server: str, proof: bytes) -> WitnessView:
        witness = Witness(new_id(), record.id, kind, server, proof, self._clock.now())
        self._witnesses.add(witness)
        return self.view(witness)


def _same_site(promised_by: str, chosen: str) -> str | None:
    from urllib.parse import urlsplit

    try:
        server = checked_address(promised_by)
        theirs, ours = urlsplit(server), urlsplit(chosen)
    except ColophonError:
        return None
    if (theirs.hostname, theirs.port) == (ours.hostname, ours.port):
        return server
    parts = (ours.hostname or "").split(".")
    # The ends of an address in numbers, or what all of a country share ("co.uk"), are no site.
    if len(parts) < 2 or parts[-1].isdigit():
        return None
    shared = len(parts[-1]) == 2 and len(parts[-2]) <= 3
    site = ".".join(parts[-3 if shared else -2 :])
    related = theirs.scheme == "https" and (theirs.hostname or "").endswith("." + site)
    return server if related else None
