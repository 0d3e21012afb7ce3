"""Putting a work's sealed record on a network, once, and knowing afterwards how that went."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes

from desktop_app.chain import reads
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import (
    REGISTRY,
    Call,
    anchor_call,
    anchor_many_call,
    register_call,
    register_many_call,
)
from desktop_app.chain.fees import FeeQuote
from desktop_app.chain.logs import REGISTERED, Registered, decode_logs
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.errors import BugError, ColophonError, InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import registration as proofs
from desktop_app.proofs.commitment import Opening, blinding, content_scalar, owner_key
from desktop_app.proofs.group import default_group
from desktop_app.services.acting import review
from desktop_app.services.actions import Action
from desktop_app.services.networks import Network, NetworkService
from desktop_app.services.wallet import OwnerSecrets, WalletService
from desktop_app.store.ids import new_id
from desktop_app.store.registrations import Registration, RegistrationRepository, RegistrationStatus
from desktop_app.store.works import Work, WorkRepository

__all__ = ["Registration", "RegistrationService", "RegistrationStatus", "opening_of"]

SEARCH_BLOCKS = 5_000
MOST_AT_ONCE = 32
NO_URI = bytes(32)
"""Nothing is published about a sealed work."""


def opening_of(
    work: Work, secrets: OwnerSecrets, record_salt: bytes, chain_id: int, registry: str
) -> Opening:
    """The secret inside of a work's commitment on one network."""
    return Opening(
        content_scalar(work.chunk_root, work.size),
        owner_key(secrets.seed),
        blinding(secrets.seed, record_salt, chain_id, bytes.fromhex(registry[2:])),
    )


class RegistrationService:
    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        wallet: WalletService,
        networks: NetworkService,
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._wallet = wallet
        self._networks = networks

    def prepare(self, work_id: str, network_key: str = "") -> Action[Registration]:
        """Seal the work and prove, to the contract, that the sender knows what is inside.

        Where a network cannot check the proof, the same record is made without it. Raises RefusedError when
        the work has a record there already, or one on its way.
        """
        chain, sender, sealed, proved = self._seal([work_id], network_key)
        row, proof = sealed[0]
        if proved:
            call = register_call(proof.commitment, proof.challenge, proof.responses, NO_URI)
        else:
            call = anchor_call(proof.commitment, NO_URI)
        code = "review.register" if proved else "review.anchor"
        quote = sender.quote(call)
        told = review(
            sender, code, row.registry, {"title": self._works.get(work_id).title}, quote.worst_case
        )
        return Action(told, lambda task: self._send(chain, sender, call, quote, [row], task)[0], [call])

    def prepare_many(
        self, work_ids: Sequence[str], network_key: str = ""
    ) -> Action[tuple[Registration, ...]]:
        """`prepare` for up to 32 works in one transaction: all get their records, or none does."""
        if not work_ids or len(work_ids) > MOST_AT_ONCE:
            raise InvalidInputError("registration.how_many", limit=MOST_AT_ONCE)
        if len(set(work_ids)) != len(work_ids):
            raise InvalidInputError("registration.twice")
        chain, sender, sealed, proved = self._seal(work_ids, network_key)
        rows = [row for row, _ in sealed]
        proofs_ = [proof for _, proof in sealed]
        if proved:
            call = register_many_call([(p.commitment, p.challenge, p.responses, NO_URI) for p in proofs_])
        else:
            call = anchor_many_call([(p.commitment, NO_URI) for p in proofs_])
        code = "review.register_many" if proved else "review.anchor_many"
        quote = sender.quote(call)
        titles = "”, “".join(self._works.get(work_id).title for work_id in work_ids)
        params = {"count": str(len(rows)), "titles": titles}
        told = review(sender, code, rows[0].registry, params, quote.worst_case)
        return Action(told, lambda task: self._send(chain, sender, call, quote, rows, task), [call])

    def _seal(
        self, work_ids: Sequence[str], network_key: str
    ) -> tuple[Chain, Sender, list[tuple[Registration, proofs.Registration]], bool]:
        """A new commitment with its proof for each work, none of which may have a record there."""
        works = [self._works.get(work_id) for work_id in work_ids]
        chain = self._networks.chain(network_key)
        network = chain.network
        self.refresh(network.key)
        for work in works:
            self._require_new(work, network)
        self._networks.require_contracts(chain, REGISTRY)
        sender = self._networks.sender(chain)
        proved = chain.has_precompile()
        return chain, sender, [self._sealed(work, network, sender.address, proved) for work in works], proved

    def _require_new(self, work: Work, network: Network) -> None:
        for known in self._registrations.for_work(work.id):
            if known.chain_id != network.chain_id or known.status is RegistrationStatus.FAILED:
                continue
            state = "already_registered" if known.status is RegistrationStatus.CONFIRMED else "on_its_way"
            raise RefusedError(f"registration.{state}", title=work.title, network=network.name)

    def _sealed(
        self, work: Work, network: Network, registrant: str, proved: bool
    ) -> tuple[Registration, proofs.Registration]:
        registry = contract_address(REGISTRY)
        salt = token_bytes(32)
        opening = opening_of(work, self._wallet.owner_secrets(), salt, network.chain_id, registry)
        proof = proofs.make(network.chain_id, registry, registrant, opening)
        group = default_group()
        row = Registration(
            id=new_id(),
            work_id=work.id,
            chain_id=network.chain_id,
            registry=registry,
            registrant=registrant,
            commitment=group.encode(group.decode_from_chain(proof.commitment)),
            commitment_id=proof.commitment_id,
            record_salt=salt,
            proved=proved,
        )
        return row, proof

    def _send(
        self,
        chain: Chain,
        sender: Sender,
        call: Call,
        quote: FeeQuote,
        rows: Sequence[Registration],
        task: Task,
    ) -> tuple[Registration, ...]:
        def fail() -> None:
            for row in rows:
                self._registrations.fail(row.id)

        # The salts must be on disk before the records can exist: without them nobody could open them again.
        for row in rows:
            self._registrations.add(row)
        task.report(0, 2, "stage.sending")
        try:
            tx_hash = sender.submit(call, quote, task)
        except ColophonError:
            # Not sent, or refused for good: the journal knows of nothing on its way.
            fail()
            raise
        for row in rows:
            self._registrations.set_transaction(row.id, tx_hash)
        task.report(1, 2, "stage.waiting_for_block")
        try:
            receipt = sender.wait(tx_hash, task)
        except RefusedError:
            fail()
            raise
        for row in rows:
            self._confirm(chain, row, receipt)
        return tuple(self._registrations.get(row.id) for row in rows)

    def for_work(self, work_id: str) -> tuple[Registration, ...]:
        """All records of a work, newest first."""
        return tuple(self._registrations.for_work(work_id))

    def current(self, work_id: str) -> Registration | None:
        """The confirmed record of a work on the active network."""
        return self._registrations.confirmed(work_id, self._networks.active.chain_id)

    def elsewhere(self, work_id: str) -> dict[str, str]:
        """Other networks than the active one on which a work is registered: name by key."""
        here = self._networks.active.chain_id
        found = {}
        for row in self._registrations.for_work(work_id):
            network = self.network_of(row)
            confirmed = row.status is RegistrationStatus.CONFIRMED
            if network is not None and confirmed and network.chain_id != here:
                found[network.key] = network.name
        return found

    def network_of(self, registration: Registration) -> Network | None:
        """The network that a record is on, None when the app does not know it."""
        for known in self._networks.networks():
            if known.chain_id == registration.chain_id:
                return known
        return None

    def refresh(self, network_key: str = "") -> None:
        """Find out what became of records that were on their way, as after a restart."""
        chain = self._networks.chain(network_key)
        own = {account.address for account in self._wallet.status().accounts}
        waiting = [
            row for row in self._registrations.pending(chain.network.chain_id) if row.registrant in own
        ]
        if not waiting:
            return
        # Each account looks after its own, also those that are not active any more.
        senders = {
            address: self._networks.sender(chain, self._wallet.signer(address))
            for address in sorted({row.registrant for row in waiting})
        }
        on_their_way = {tx_hash for sender in senders.values() for tx_hash in sender.resume()}
        for row in waiting:
            sender = senders[row.registrant]
            if reads.record(chain, row.registrant, row.commitment_id) is None:
                if row.tx_hash is None:
                    self._note_transaction(sender, row)
                elif row.tx_hash not in on_their_way:
                    self._registrations.fail(row.id)
                continue
            tx_hash = row.tx_hash or _find_transaction(chain, row)
            receipt = None if tx_hash is None else sender.receipt(tx_hash)
            if receipt is not None:
                self._confirm(chain, row, receipt)

    def _note_transaction(self, sender: Sender, row: Registration) -> None:
        """After a crash before the hash was noted: find what was stored, or nothing was ever signed."""
        group = default_group()
        tx_hash = sender.waiting_with(group.encode_for_chain(group.decode(row.commitment)))
        if tx_hash is None:
            self._registrations.fail(row.id)
        else:
            self._registrations.set_transaction(row.id, tx_hash)

    def _confirm(self, chain: Chain, row: Registration, receipt: Receipt) -> None:
        events = [event for event in decode_logs(list(receipt.logs)) if isinstance(event, Registered)]
        ours = [event for event in events if event.commitment_id == row.commitment_id]
        record = reads.record(chain, row.registrant, row.commitment_id)
        if len(ours) != 1 or record is None:
            raise BugError("the transaction succeeded, but the record is not there")
        self._registrations.confirm(
            row.id,
            tx_hash=receipt.tx_hash,
            block_number=receipt.block_number,
            block_time=record.registered_at,
            proved=ours[0].proved,
        )


def _find_transaction(chain: Chain, row: Registration) -> str | None:
    """The transaction of a record whose hash was not noted before a crash, from the last blocks."""
    head = chain.block_number()
    topics = [REGISTERED, "0x" + "0" * 24 + row.registrant[2:].lower(), "0x" + row.commitment_id.hex()]
    for event in decode_logs(chain.logs(max(0, head - SEARCH_BLOCKS), head, [row.registry], topics)):
        return event.place.tx_hash
    return None
