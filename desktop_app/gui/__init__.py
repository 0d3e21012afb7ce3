"""The window (PySide6). Nothing else imports Qt."""
