"""Files: fingerprints, chunk trees, packages and credentials."""
