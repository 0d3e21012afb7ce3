"""Vault, keyring, accounts and signing. The only layer that sees a secret key."""
