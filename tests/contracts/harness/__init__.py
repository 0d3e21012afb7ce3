"""What the contract tests share: the bare EVM, deployed contracts, the exact model."""
