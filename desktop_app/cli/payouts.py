"""`colophon payouts`: what came in, and watching it come."""

from __future__ import annotations

from desktop_app.cli.command import new_app

app = new_app("Payouts of your royalty tokens, as the network shows them: seen, safe, final.")
