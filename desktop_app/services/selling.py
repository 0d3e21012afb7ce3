"""All of selling and buying, made when it is first needed: no start of the app waits for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from desktop_app.core.clock import Clock
from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.core.settings import IPFS_NODE, Settings
from desktop_app.services.details import DetailsService
from desktop_app.services.licences import LicenceService
from desktop_app.services.networks import NetworkService
from desktop_app.services.payouts import PayoutService
from desktop_app.services.wallet import WalletService
from desktop_app.store.database import Database
from desktop_app.store.play_counts import PlayCounts
from desktop_app.store.purchases import PurchaseRepository
from desktop_app.store.registrations import RegistrationRepository
from desktop_app.store.sales import SaleRepository
from desktop_app.store.tokens import TokenRepository
from desktop_app.store.transactions import TransactionRepository
from desktop_app.store.works import WorkRepository

if TYPE_CHECKING:
    from desktop_app.services.checkout import CheckoutService
    from desktop_app.services.play_sales import PlaySales
    from desktop_app.services.purchases import PurchaseService
    from desktop_app.services.sale_delivery import SaleDelivery
    from desktop_app.services.sale_orders import SaleOrders
    from desktop_app.services.sale_packages import SalePackages
    from desktop_app.services.sale_records import Order, Sale
    from desktop_app.services.sale_server import SaleServer
    from desktop_app.services.sales import SaleService


class SellingServices:
    """`packages` and `sales` offer works, `orders` and `delivery` serve who bought, `checkout` makes the
    page, `purchases` is the buyer's side."""

    def __init__(
        self,
        database: Database,
        wallet: WalletService,
        networks: NetworkService,
        payouts: PayoutService,
        licences: LicenceService,
        details: DetailsService,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = SaleRepository(database)
        self._purchases = PurchaseRepository(database)
        self._transactions = TransactionRepository(database)
        self._works = WorkRepository(database)
        self._tokens = TokenRepository(database)
        self._registrations = RegistrationRepository(database)
        self._wallet = wallet
        self._networks = networks
        self._payouts = payouts
        self._licences = licences
        self._details = details
        self._settings = settings
        self._clock = clock

    @cached_property
    def packages(self) -> SalePackages:
        from desktop_app.services.sale_packages import SalePackages

        return SalePackages(self._works, self._repository, self._wallet, self._clock)

    @cached_property
    def sales(self) -> SaleService:
        from desktop_app.services.sales import SaleService

        return SaleService(
            self._repository, self.packages, self._works, self._tokens, self._networks, self._clock
        )

    @cached_property
    def orders(self) -> SaleOrders:
        from desktop_app.services.sale_orders import SaleOrders

        return SaleOrders(
            self._repository,
            self.packages,
            self._works,
            self._tokens,
            self._networks,
            self._payouts,
            self._clock,
        )

    @cached_property
    def delivery(self) -> SaleDelivery:
        from desktop_app.services.sale_delivery import SaleDelivery

        return SaleDelivery(
            self._repository,
            self.sales,
            self.orders,
            self.packages,
            self._networks,
            self._wallet,
            self._clock,
        )

    @cached_property
    def plays(self) -> PlaySales:
        from desktop_app.services.play_sales import PlaySales

        return PlaySales(
            PlayCounts(self._database),
            self._licences,
            self.packages,
            self._works,
            self._tokens,
            self._networks,
            self._clock,
        )

    def server(self, host: str, port: int) -> SaleServer:
        """A web server for the locked files and plays, not started."""
        from desktop_app.services.sale_server import SaleServer

        return SaleServer(self.sales, self.plays, host, port)

    def publish_on_ipfs(self, sale: Sale, node: str = "", task: Task | None = None) -> Sale:
        """Add a sale's locked file to the user's IPFS node (that of the settings), and note its address.
        Raises RefusedError("selling.no_ipfs_node") and what `add_to_ipfs` raises."""
        from desktop_app.services.ipfs import add_to_ipfs

        chosen = node or self._settings.text(IPFS_NODE)
        if not chosen:
            raise RefusedError("selling.no_ipfs_node")
        address = "ipfs://" + add_to_ipfs(sale.package_path, chosen, task)
        return self.sales.set_addresses(sale, tuple(dict.fromkeys([*sale.addresses, address])))

    @cached_property
    def checkout(self) -> CheckoutService:
        from desktop_app.services.checkout import CheckoutService

        return CheckoutService(
            self.sales, self._works, self._registrations, self._details, self._licences, self._networks
        )

    @cached_property
    def purchases(self) -> PurchaseService:
        from desktop_app.services.purchases import PurchaseService

        return PurchaseService(
            self._purchases, self._transactions, self._wallet, self._networks, self._clock
        )

    def has_offers(self) -> bool:
        """Whether anything is or was on sale, on any network."""
        return bool(self._repository.chains_with_offers())

    def orders_everywhere(self) -> tuple[Order, ...]:
        """Every order of every network, as last seen; cheap where nothing was ever on sale."""
        chains = self._repository.chains_with_offers()
        return tuple(order for chain_id in chains for order in self.orders.orders(chain_id))

    def close(self) -> None:
        """Stop delivering. Idempotent."""
        if "delivery" in vars(self):
            self.delivery.close()
