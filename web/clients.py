"""The client of a request: its address (of IPv6 the network), and the signed ids and the browser that it names."""

import ipaddress
from functools import lru_cache

from auth.clients import Client
from formats.browsers import describe_browser
from web.cookies import DEVICE, SESSION, read_id
from web.requests import Request

ADDRESS_LIMIT = 60  # characters; no address is longer, but what a proxy says in place of one
USER_AGENT_LIMIT = 1000  # characters of a User-Agent header that are looked at

_describe = lru_cache(maxsize=1024)(describe_browser)  # the same few thousand computers ask again and again


def read_client(request: Request) -> Client:
    """What the connection, the cookies and the headers of the request say. Whether the session lives, the database knows."""
    return Client(
        address=network_of(request.client.host if request.client else ""),
        session_id=read_id(request, SESSION),
        device_id=read_id(request, DEVICE),
        browser=_describe(request.headers.get("User-Agent", "")[:USER_AGENT_LIMIT]),
    )


def network_of(host: str) -> str:
    """An address, as limits know it. Of IPv6 it is the network (/64): what one household or store has."""
    return _network_of(host[:ADDRESS_LIMIT])


@lru_cache(maxsize=4096)
def _network_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host or "?"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


@lru_cache(maxsize=1024)
def is_within(whose: str, networks: tuple[str, ...]) -> bool:
    """Whether what `network_of` has said is in one of these addresses or networks."""
    try:
        asked = ipaddress.ip_network(whose)
    except ValueError:
        return False
    given = (ipaddress.ip_network(network) for network in networks)
    return any(asked.version == network.version and asked.overlaps(network) for network in given)  # type: ignore[arg-type]
