"""Addresses: where metrics are served apart from the public, a port for each process."""

import re
import socket
from contextlib import closing
from dataclasses import dataclass

WRITTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where metrics are served: a host and its ports, one for each process."""

    host: str
    ports: range

    @property
    def family(self) -> socket.AddressFamily:
        """IPv6 for a host that is written so."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET


def read(text: str) -> Address:
    """An address as in 127.0.0.1:9100, [::1]:9100 or, for several processes, 127.0.0.1:9100-9103. Raises ValueError."""
    parts = WRITTEN.fullmatch(text)
    first, last = (int(parts[2]), int(parts[3] or parts[2])) if parts else (0, 0)
    if parts is None or not 0 < first <= last < 2**16:
        raise ValueError("host:port is wanted, or host:first-last for several processes, such as 127.0.0.1:9100-9103.")
    return Address(parts[1].strip("[]"), range(first, last + 1))


def taken(address: Address) -> list[int]:
    """The ports that cannot be listened on now."""
    return [port for port in address.ports if not _is_free(address, port)]


def _is_free(address: Address, port: int) -> bool:
    with closing(socket.socket(address.family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, port))
        except OSError:
            return False
        return True
