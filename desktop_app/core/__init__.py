"""What every layer shares: errors, amounts, time, paths, settings, logging, Merkle trees."""
