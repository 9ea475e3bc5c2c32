"""Which machines may be asked for a page: public ones, on the ports of the web.

The dashboard stands inside somebody's network. Whoever can make it fetch an address can ask with
its position there, so every address that is not plainly a public machine is refused: by allowing
only what is global unicast, and then refusing what carries or reaches something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

# 8080 and 8443 because smaller institutions serve public pages there; with public machines only,
# more ports would make the dashboard a port scanner and nothing else.
WEB_PORTS = frozenset({80, 443, 8080, 8443})

_LOOPBACK = IPv4Address("127.0.0.1")
_GLOBAL_IPV6 = IPv6Network("2000::/3")  # all that IANA has given to anybody for global unicast
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_REFUSED = tuple(
    ip_network(network)
    for network in (
        # IPv4 (https://www.iana.org/assignments/iana-ipv4-special-registry). Written out, because
        # what Python calls global differs between its releases.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; holds 100.100.100.200, a metadata address
        "127.0.0.0/8",
        "168.63.129.16/32",  # public, but inside Azure the machine's own host
        "169.254.0.0/16",  # link-local; holds 169.254.169.254, the metadata address
        "172.16.0.0/12",
        "192.0.0.0/24",  # holds 192.0.0.192, a metadata address
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        # IPv6, inside 2000::/3
        "2001::/23",  # IETF protocols; holds Teredo (2001::/32), which carries IPv4
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries IPv4; given up (RFC 7526)
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


@dataclass(frozen=True)
class AddressPolicy:
    """Decides by number, never by name. Tests give a Fetcher one that allows their own server."""

    ports: frozenset[int] = WEB_PORTS

    def allows(self, address: Address) -> bool:
        """Whether a page may be fetched from this address."""
        if isinstance(address, IPv6Address):
            return self._allows_ipv6(address)
        return address.is_global and not _is_refused(address)

    def allows_connection(self, local: Address, remote: Address) -> bool:
        """Whether an established connection may be used: a machine's own address is loopback."""
        return local != remote or self.allows(_LOOPBACK)

    def _allows_ipv6(self, address: IPv6Address) -> bool:
        if address.scope_id:
            return False
        if address.ipv4_mapped:
            return self.allows(address.ipv4_mapped)
        if address in _NAT64:
            return self.allows(_last_32_bits(address))
        if _is_isatap(address):
            return False
        return address in _GLOBAL_IPV6 and not _is_refused(address)


def parse_address(text: str) -> Address | None:
    """The address, None if `text` is not one in its usual form."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_refused(address: Address) -> bool:
    return any(address in network for network in _REFUSED if _same_version(network, address))


def _same_version(network: IPv4Network | IPv6Network, address: Address) -> bool:
    return network.version == address.version


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _is_isatap(address: IPv6Address) -> bool:
    """RFC 5214: the interface id is 0000:5efe or 0200:5efe and an IPv4 address."""
    return (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE
