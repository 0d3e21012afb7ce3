"""Networks, JSON-RPC, contracts, fees, sending, and the embedded practice network."""
