"""A line that freezes."""

import select
import socket
import threading


class FrozenProxy:
    """A TCP proxy that can stall without closing anything: a Wi-Fi hole."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._flowing = threading.Event()
        self._flowing.set()
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def close(self) -> None:
        self._closed = True
        self.thaw()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            outer = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [inner, outer]
            threading.Thread(target=self._pump, args=(inner, outer), daemon=True).start()

    def _pump(self, inner: socket.socket, outer: socket.socket) -> None:
        try:
            while not self._closed:
                ready, _, _ = select.select([inner, outer], [], [], 0.2)
                self._flowing.wait()
                for one in ready:
                    data = one.recv(65_536)
                    if not data:
                        return
                    (outer if one is inner else inner).sendall(data)
        except (OSError, ValueError):
            return
        finally:
            inner.close()
            outer.close()
