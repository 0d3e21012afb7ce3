"""The composition root: builds every service once and hands them down. Cheap; nothing heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chain.networks import Network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.rpc import Rpc
from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import MONEY, Settings
from desktop_app.services.address_book import AddressBookService
from desktop_app.services.backup import BackupService
from desktop_app.services.catalogue import CatalogueService
from desktop_app.services.challenges import ChallengeService
from desktop_app.services.credentials import CredentialService
from desktop_app.services.details import DetailsService
from desktop_app.services.diagnostics import DiagnosticsService
from desktop_app.services.earnings import EarningsService
from desktop_app.services.home import HomeService
from desktop_app.services.jobs import JobRunner
from desktop_app.services.library import LibraryService
from desktop_app.services.licences import LicenceService
from desktop_app.services.network_prices import NetworkPriceService
from desktop_app.services.networks import NetworkService
from desktop_app.services.ownership import OwnershipService
from desktop_app.services.packages import PackageService
from desktop_app.services.payout_lines import Names
from desktop_app.services.payouts import PayoutService
from desktop_app.services.privacy import PrivacyService
from desktop_app.services.receipts import ReceiptService
from desktop_app.services.registered_works import RegisteredWorks
from desktop_app.services.registration import RegistrationService
from desktop_app.services.restore import finish_restore
from desktop_app.services.reviews import ReviewService
from desktop_app.services.royalties import RoyaltyService
from desktop_app.services.royalty_books import RoyaltyBooks
from desktop_app.services.selling import SellingServices
from desktop_app.services.training import TrainingServices
from desktop_app.services.transaction_words import TransactionWords
from desktop_app.services.transactions import TransactionService
from desktop_app.services.updates import UpdateService
from desktop_app.services.verification import CertificateVerifier
from desktop_app.services.wallet import WalletService
from desktop_app.services.witnesses import WitnessService
from desktop_app.store.address_book import AddressBookRepository
from desktop_app.store.backups import BackupRepository
from desktop_app.store.certificates import CertificateRepository
from desktop_app.store.challenges import ChallengeRepository
from desktop_app.store.database import Database
from desktop_app.store.network_prices import NetworkPriceRepository
from desktop_app.store.packages import PackageRepository
from desktop_app.store.payouts import PayoutRepository
from desktop_app.store.previews import Previews
from desktop_app.store.purchases import PurchaseRepository
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.sales import SaleRepository
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.training_licences import TrainingLicenceRepository
from desktop_app.store.transactions import TransactionRepository
from desktop_app.store.witnesses import WitnessRepository
from desktop_app.store.work_details import WorkDetailsRepository
from desktop_app.store.works import WorkRepository


@dataclass(frozen=True)
class Services:
    """All that window and command line call. `close` stops every thread and closes every file."""

    paths: AppPaths
    settings: Settings
    clock: Clock
    jobs: JobRunner
    wallet: WalletService
    library: LibraryService
    details: DetailsService
    catalogue: CatalogueService
    packages: PackageService
    credentials: CredentialService
    witnesses: WitnessService
    privacy: PrivacyService
    networks: NetworkService
    prices: NetworkPriceService
    registration: RegistrationService
    challenges: ChallengeService
    ownership: OwnershipService
    royalties: RoyaltyService
    books: RoyaltyBooks
    licences: LicenceService
    payouts: PayoutService
    earnings: EarningsService
    transactions: TransactionService
    receipts: ReceiptService
    address_book: AddressBookService
    reviews: ReviewService
    training: TrainingServices
    selling: SellingServices
    backup: BackupService
    diagnostics: DiagnosticsService
    updates: UpdateService
    home: HomeService
    database: Database

    def close(self) -> None:
        """Idempotent."""
        self.selling.close()
        self.payouts.close()
        self.jobs.close()
        self.networks.close()
        self.database.close()


def build_services(
    paths: AppPaths,
    clock: Clock | None = None,
    practice: PracticeNode | None = None,
    wallet: WalletService | None = None,
) -> Services:
    """Open the user's data, making it on the first start.

    `practice` lets several users of one process share a practice network; `wallet` replaces the usual one.
    Raises the store's typed errors for a database that cannot be used.
    """
    clock = clock or SystemClock()
    paths.create()
    finish_restore(paths.home)
    settings = Settings(paths.settings)
    database = Database(paths.database, paths.backups, clock)
    works, tokens = WorkRepository(database), TokenRepository(database)
    registrations, certificates = RegistrationRepository(database), CertificateRepository(database)
    transactions = TransactionRepository(database)
    about, packages = WorkDetailsRepository(database), PackageRepository(database)
    previews = Previews(paths.previews)
    wallet = wallet or WalletService(paths.vault, settings, clock)

    def endpoints(network: Network) -> tuple[Rpc, ...]:
        return networks.endpoints(network.key)

    def followed(chain_id: int) -> list[tuple[str, int]]:
        return [(token.address, token.created_block) for token in tokens.on_chain(chain_id)]

    def forget(chain_id: int) -> None:
        payouts.forget(chain_id)
        kept = (SaleRepository(database), PurchaseRepository(database), TrainingLicenceRepository(database))
        for repository in (tokens, registrations, transactions, *kept):
            repository.forget_chain(chain_id)

    node = practice or PracticeNode(paths.practice, clock)
    backup = BackupService(paths, wallet, BackupRepository(database), certificates, node.snapshot, clock)
    payouts = PayoutService(database, endpoints, followed, clock)
    networks = NetworkService(
        settings, node, wallet, transactions, forget, clock, backup.ready_for_real_money
    )
    registered = RegisteredWorks()
    address_book = AddressBookService(AddressBookRepository(database), wallet, transactions.recipients, clock)
    library = LibraryService(works, registrations, certificates, tokens, about, clock)
    details = DetailsService(works, about, previews, clock)
    challenges = ChallengeService(ChallengeRepository(database), clock)
    registration = RegistrationService(works, registrations, wallet, networks)
    royalties = RoyaltyService(works, registrations, tokens, wallet, networks, payouts, clock)
    earnings = EarningsService(PayoutRepository(database), tokens, works, networks, wallet, address_book)

    def naming(names: Names) -> TransactionWords:
        return TransactionWords(names, registrations.work_of, earnings.own_accounts())

    sent = TransactionService(
        transactions, networks, wallet, address_book, settings, clock, lambda: naming(earnings.names())
    )
    receipts = ReceiptService(
        transactions,
        PayoutRepository(database),
        sent,
        networks,
        earnings.own_accounts,
        earnings.names,
        naming,
        lambda chain_id: networks.chain_by_id(chain_id).rpc,
        clock,
        paths.printed,
    )
    licences = LicenceService(networks, wallet, payouts, clock)
    selling = SellingServices(database, wallet, networks, payouts, licences, details, settings, clock)
    return Services(
        paths=paths,
        settings=settings,
        clock=clock,
        jobs=JobRunner(),
        wallet=wallet,
        library=library,
        details=details,
        catalogue=CatalogueService(database, library, details, settings),
        packages=PackageService(works, packages, wallet, clock),
        credentials=CredentialService(works, registrations, wallet, paths, clock),
        witnesses=WitnessService(works, registrations, WitnessRepository(database), networks, clock),
        privacy=PrivacyService(
            database,
            works,
            registrations,
            certificates,
            tokens,
            packages,
            SaleRepository(database),
            previews,
            networks,
            paths,
            clock,
        ),
        networks=networks,
        prices=NetworkPriceService(networks, NetworkPriceRepository(database), clock),
        registration=registration,
        challenges=challenges,
        ownership=OwnershipService(
            works,
            registrations,
            certificates,
            wallet,
            networks,
            registered,
            CertificateVerifier(networks, registered, challenges, clock),
            settings,
            paths,
            clock,
        ),
        royalties=royalties,
        books=RoyaltyBooks(networks),
        licences=licences,
        payouts=payouts,
        earnings=earnings,
        transactions=sent,
        receipts=receipts,
        address_book=address_book,
        backup=backup,
        diagnostics=DiagnosticsService(paths, clock),
        reviews=ReviewService(networks, address_book, tokens, lambda: settings.text(MONEY)),
        training=TrainingServices(
            database, library, wallet, networks, registration, royalties, paths, clock
        ),
        selling=selling,
        updates=UpdateService(settings, clock),
        home=HomeService(
            library, backup, sent, payouts, earnings, selling.orders_everywhere, networks, clock
        ),
        database=database,
    )
