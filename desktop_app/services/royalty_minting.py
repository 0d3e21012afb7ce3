"""Making royalty tokens of registered works: one, or a whole album in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_bytes

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import create_token_call
from desktop_app.chain.logs import TokenCreated, decode_logs
from desktop_app.chain.sender import Receipt
from desktop_app.core.errors import RefusedError
from desktop_app.services.acting import one_transaction
from desktop_app.services.actions import Action
from desktop_app.services.networks import Network, NetworkService
from desktop_app.services.royalty_terms import MintTerms, checked, in_words
from desktop_app.store.registrations import Registration, RegistrationRepository
from desktop_app.store.tokens import Token
from desktop_app.store.works import WorkRepository


class Minting:
    """`keep` stores a new token and follows its payments."""

    def __init__(
        self,
        works: WorkRepository,
        registrations: RegistrationRepository,
        networks: NetworkService,
        keep: Callable[[Token], None],
    ) -> None:
        self._works = works
        self._registrations = registrations
        self._networks = networks
        self._keep = keep

    def prepare(self, terms: MintTerms) -> Action[Token]:
        """One token. Raises InvalidInputError and RefusedError before anything is signed."""
        chain = self._networks.chain()
        network = chain.network
        record = self._record(chain, terms.work_id)
        terms = _with_currencies(checked(terms), network)
        sender = self._networks.sender(chain)
        self._require_free(chain, terms.work_id, record)
        call = create_token_call(
            commitment_id=record.commitment_id,
            name=terms.name,
            symbol=terms.symbol,
            supply=terms.supply,
            collaborators=[(each.address, each.share_ppm) for each in terms.collaborators],
            currencies=[currency.address for currency in terms.currencies],
            uri=terms.uri,
            salt=token_bytes(32),
            registrant=record.registrant,
        )

        def after(receipt: Receipt) -> Token:
            made = next(event for event in decode_logs(list(receipt.logs)) if isinstance(event, TokenCreated))
            token = _token(made, receipt, terms, network)
            self._keep(token)
            return token

        params = {
            "title": self._works.get(terms.work_id).title,
            "name": terms.name,
            "symbol": terms.symbol,
            "supply": f"{terms.supply:,}",
            "terms": in_words(terms),
        }
        return one_transaction(sender, call, "review.mint", params, after)

    def _record(self, chain: Chain, work_id: str) -> Registration:
        work = self._works.get(work_id)
        record = self._registrations.confirmed(work.id, chain.network.chain_id)
        if record is None:
            raise RefusedError("ownership.not_registered", title=work.title, network=chain.network.name)
        return record

    def _require_free(self, chain: Chain, work_id: str, record: Registration) -> None:
        if reads.token_of(chain, record.registrant, record.commitment_id) is not None:
            title = self._works.get(work_id).title
            raise RefusedError("royalties.already_minted", title=title, network=chain.network.name)


def _with_currencies(terms: MintTerms, network: Network) -> MintTerms:
    if terms.currencies:
        return terms
    return replace(terms, currencies=(network.native, *([network.dollar] if network.dollar else [])))


def _token(made: TokenCreated, receipt: Receipt, terms: MintTerms, network: Network) -> Token:
    return Token(
        chain_id=network.chain_id,
        address=made.token,
        work_id=terms.work_id,
        creator=made.creator,
        name=terms.name,
        symbol=terms.symbol,
        supply=made.supply,
        created_block=receipt.block_number,
        tx_hash=receipt.tx_hash,
        collaborators=terms.collaborators,
        currencies=terms.currencies,
    )
