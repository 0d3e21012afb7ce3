"""The command line: one file per command group, over the same services as the window."""
