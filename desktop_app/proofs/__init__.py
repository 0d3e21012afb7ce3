"""Zero-knowledge ownership proofs and certificates (CFRG sigma-protocols-03)."""
