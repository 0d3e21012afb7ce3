"""One window for each data folder: a second start hands over what it was asked to open, and ends.

The socket lies in the data folder, which only its owner can enter. What comes through it is a list of files
and links to show, nothing else; it is looked at like a file that was dropped on the window.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_app.core.home_lock import HomeLock

SOCKET = "window.socket"
LONGEST_PATH = 100
"""Of a Unix socket, with some room (sun_path holds 108)."""
LARGEST = 1 << 16
PATIENCE_MS = 3000
STARTING_MS = 20_000
"""The first may still be building its window."""
_DONE = b"ok\n"


class SingleInstance(QObject):
    """`asked(list of str)` when another start has handed over; the list may be empty."""

    asked = Signal(list)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._lock = HomeLock(home)
        self._server: QLocalServer | None = None

    def is_first(self) -> bool:
        """Whether this process is the one with the window now; it listens from then on."""
        if self._server is not None:
            return True
        if not self._lock.take():
            return False
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = socket_name(self._home)
        QLocalServer.removeServer(name)  # left by a window that was killed: the lock says that it is gone
        server.newConnection.connect(self._connected)
        server.listen(name)  # where it cannot, a second start only says that the window is open
        self._server = server
        return True

    def hand_over(self, arguments: list[str]) -> bool:
        """Give `arguments` to the first; False where it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(socket_name(self._home))
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        socket.write(json.dumps(arguments).encode() + b"\n")
        socket.waitForBytesWritten(PATIENCE_MS)
        answered = socket.waitForReadyRead(STARTING_MS) and socket.readAll().data() == _DONE
        socket.abort()
        return answered

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            self._lock.release()

    def _connected(self) -> None:
        assert self._server is not None
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(LARGEST)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            if socket.bytesAvailable():
                self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= LARGEST:
                socket.abort()
            return
        arguments = _parsed(bytes(socket.readLine().data()))
        if arguments is None:
            socket.abort()
            return
        socket.write(_DONE)
        socket.flush()
        self.asked.emit(arguments)


def _parsed(line: bytes) -> list[str] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    fits = isinstance(found, list) and all(isinstance(one, str) for one in found)
    return found if fits else None


def socket_name(home: Path) -> str:
    """Where the first listens: in the data folder, or, where that path is too long, under its hash."""
    path = str(home / SOCKET)
    if len(path.encode()) <= LONGEST_PATH:
        return path
    return f"colophon-{hashlib.sha256(path.encode()).hexdigest()[:32]}"
