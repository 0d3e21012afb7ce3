"""Making royalty tokens of registered works: one, or a whole album in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes

from desktop_app.chain import reads
from desktop_app.chain.artifacts import contract_address, token_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import (
    FACTORY,
    LICENCES,
    Call,
    NewToken,
    create_token_call,
    create_tokens_call,
    offer_licence_call,
)
from desktop_app.chain.logs import TokenCreated, decode_logs
from desktop_app.chain.sender import Receipt
from desktop_app.chain.wire import bad_answer
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import ColophonError, InvalidInputError, RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.services.acting import one_transaction, review
from desktop_app.services.actions import Action
from desktop_app.services.licence_terms import LicenceTerms, checked_offer, offer_params
from desktop_app.services.networks import Network, NetworkService
from desktop_app.services.royalty_terms import MAX_ALBUM, MintTerms, Parent, checked, in_words
from desktop_app.services.wording import message, words
from desktop_app.store.registrations import Registration, RegistrationRepository
from desktop_app.store.tokens import Token
from desktop_app.store.works import Work, WorkRepository

OFFER_GAS_BOUND = 600_000
"""Gas that offering a licence cannot exceed."""


@dataclass(frozen=True)
class _Ready:
    """A work that can get its token now."""

    work: Work
    record: Registration
    record_holder: str
    terms: MintTerms
    salt: bytes


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

    def prepare(self, terms: MintTerms, licences: Sequence[LicenceTerms] = ()) -> Action[Token]:
        """One token, and the licences that are offered with it, each in a transaction of its own.

        Raises InvalidInputError and RefusedError before anything is signed. When the token was made and a
        licence could not be offered, `licence.not_offered` says so.
        """
        chain = self._networks.chain()
        ready = self._ready(chain, terms)
        if licences:
            self._networks.require_contracts(chain, LICENCES)
        offers = [checked_offer(each) for each in licences]
        for offer in offers:
            if offer.price.currency not in ready.terms.currencies:
                accepted = ", ".join(each.symbol for each in ready.terms.currencies)
                raise InvalidInputError(
                    "royalties.other_currency", symbol=offer.price.currency.symbol, accepted=accepted
                )
        call = create_token_call(**vars(_new(ready)))
        params = {
            "title": ready.work.title,
            "name": ready.terms.name,
            "symbol": ready.terms.symbol,
            "supply": grouped(ready.terms.supply),
            "terms": in_words(ready.terms),
        }
        sender = self._networks.sender(chain)
        self._require_free(chain, ready)
        if not licences:
            return one_transaction(
                sender,
                call,
                "review.mint",
                params,
                lambda receipt: self._made(chain, sender.address, [ready], receipt)[0],
                people=_people(ready),
            )
        if ready.record_holder != sender.address:
            raise RefusedError(
                "licence.not_the_licensor", holder=ready.record_holder, name=ready.terms.name
            )
        token = token_address(sender.address, ready.salt)
        calls = [
            offer_licence_call(token, offer, each.uri.strip())
            for offer, each in zip(offers, licences, strict=True)
        ]
        quote = sender.quote(call)
        bound = Amount(OFFER_GAS_BOUND * quote.max_fee, quote.worst_case.currency)
        worst = quote.worst_case + Amount(bound.units * len(calls), bound.currency)
        offered = [
            words("review.mint_licence", **offer_params(ready.terms.name, ready.terms.symbol, each))
            for each in licences
        ]
        params["licences"] = "; ".join(offered)
        told = review(
            sender,
            "review.mint_with_licences",
            call.to,
            params,
            worst,
            transactions=1 + len(calls),
            people=_people(ready),
        )

        def run(task: Task) -> Token:
            task.report(0, 1 + len(calls), "stage.waiting_for_block")
            receipt = sender.send(call, quote, task)
            made = self._made(chain, sender.address, [ready], receipt)[0]
            for number, one in enumerate(calls, start=1):
                task.report(number, 1 + len(calls), "stage.offering")
                try:
                    priced = sender.quote(one)
                    if priced.worst_case.units > bound.units:
                        raise RefusedError("chain.fee_outdated")
                    sender.send(one, priced, task)
                except ColophonError as problem:
                    detail = message(problem).title
                    raise RefusedError(
                        "licence.not_offered", name=made.name, detail=detail
                    ) from problem
            return made

        return Action(told, run, [call, *calls])

    def prepare_album(self, album: Sequence[MintTerms]) -> Action[tuple[Token, ...]]:
        """The tokens of up to 32 works in one transaction: all are made, or none is."""
        if not album or len(album) > MAX_ALBUM:
            raise InvalidInputError("royalties.how_many", limit=MAX_ALBUM)
        for name in ("work_id", "symbol"):
            if len({str(getattr(each, name)).casefold() for each in album}) != len(album):
                raise InvalidInputError("royalties.album_twice")
        chain = self._networks.chain()
        ready = [self._ready(chain, terms) for terms in album]
        sender = self._networks.sender(chain)
        for each in ready:
            self._require_free(chain, each)
        listed = [
            words(
                "review.mint_album_one",
                title=each.work.title,
                supply=grouped(each.terms.supply),
                name=each.terms.name,
                symbol=each.terms.symbol,
                terms=in_words(each.terms),
            )
            for each in ready
        ]
        call: Call = create_tokens_call([_new(each) for each in ready])
        params = {"count": str(len(ready)), "list": "\n".join(listed)}
        return one_transaction(
            sender,
            call,
            "review.mint_album",
            params,
            lambda receipt: self._made(chain, sender.address, ready, receipt),
            people=list(dict.fromkeys(who for each in ready for who in _people(each))),
        )

    def _ready(self, chain: Chain, given: MintTerms) -> _Ready:
        network = chain.network
        work = self._works.get(given.work_id)
        record = self._registrations.confirmed(work.id, network.chain_id)
        if record is None:
            raise RefusedError("ownership.not_registered", title=work.title, network=network.name)
        self._networks.require_contracts(chain, FACTORY)
        terms = checked(given)
        if not terms.currencies:
            terms = replace(terms, currencies=usual_currencies(network))
        for currency in terms.currencies:
            if currency.chain_id != network.chain_id:
                raise InvalidInputError("royalties.currency_elsewhere", symbol=currency.symbol)
        parents = tuple(self._parent(chain, each, record, terms.currencies) for each in terms.parents)
        on_chain = reads.record(chain, record.registrant, record.commitment_id)
        if on_chain is None:
            raise RefusedError("ownership.not_registered", title=work.title, network=network.name)
        return _Ready(work, record, on_chain.holder, replace(terms, parents=parents), token_bytes(32))

    def _parent(
        self, chain: Chain, given: Parent, record: Registration, currencies: Sequence[Currency]
    ) -> Parent:
        """The same with its own name. The contract would refuse it for the same reasons, in one word."""
        network = chain.network
        origin = reads.origin(chain, given.token)
        if origin is None:
            raise InvalidInputError("royalties.parent_unknown", address=given.token, network=network.name)
        found = reads.token_terms(chain, given.token)
        name = given.name or found.name
        if record.block_time is None or origin.registered_at >= record.block_time:
            raise RefusedError("royalties.parent_not_earlier", name=name)
        lacking = [each.symbol for each in currencies if each.address not in found.currencies]
        if lacking:
            known = [network.currency(each) for each in found.currencies]
            accepted = ", ".join(
                each.symbol if each else address
                for each, address in zip(known, found.currencies, strict=True)
            )
            raise RefusedError(
                "royalties.parent_lacks_currency", name=name, symbols=", ".join(lacking), accepted=accepted
            )
        return replace(given, name=name)

    def _require_free(self, chain: Chain, ready: _Ready) -> None:
        if reads.token_of(chain, ready.record.registrant, ready.record.commitment_id) is not None:
            raise RefusedError(
                "royalties.already_minted", title=ready.work.title, network=chain.network.name
            )

    def _made(
        self, chain: Chain, creator: str, ready: Sequence[_Ready], receipt: Receipt
    ) -> tuple[Token, ...]:
        made = {
            event.token: event
            for event in decode_logs(list(receipt.logs))
            if isinstance(event, TokenCreated) and event.place.contract == contract_address(FACTORY)
        }
        tokens = []
        for each in ready:
            # Nothing but the sender and the salt decides the address, so that no node can name another one.
            event = made.get(token_address(creator, each.salt))
            if event is None or event.work != each.record.commitment_id:
                raise bad_answer("receipt.token")
            token = Token(
                chain_id=chain.network.chain_id,
                address=event.token,
                work_id=each.work.id,
                creator=event.creator,
                name=each.terms.name,
                symbol=each.terms.symbol,
                supply=event.supply,
                created_block=receipt.block_number,
                tx_hash=receipt.tx_hash,
                collaborators=each.terms.collaborators,
                currencies=each.terms.currencies,
            )
            self._keep(token)
            tokens.append(token)
        return tuple(tokens)


def usual_currencies(network: Network) -> tuple[Currency, ...]:
    """What a token takes unless something else is said: the coin, and the dollar where there is one."""
    return (network.native, *([network.dollar] if network.dollar else []))


def _people(ready: _Ready) -> tuple[str, ...]:
    return tuple(each.address for each in ready.terms.collaborators)


def _new(ready: _Ready) -> NewToken:
    terms = ready.terms
    return NewToken(
        commitment_id=ready.record.commitment_id,
        registrant=ready.record.registrant,
        name=terms.name,
        symbol=terms.symbol,
        supply=terms.supply,
        collaborators=[(each.address, each.share_ppm) for each in terms.collaborators],
        currencies=[currency.address for currency in terms.currencies],
        uri=terms.uri,
        salt=ready.salt,
        parents=[(each.token, each.share_ppm) for each in terms.parents],
        resale_share=terms.resale_share_ppm,
    )
