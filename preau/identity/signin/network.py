"""Where a request comes from, as far as can be believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The network of the caller: its IPv4 address, or the /64 of its IPv6 one.

    `X-Forwarded-For` is believed for as many proxies as the operator declared (`PREAU_TRUSTED_PROXIES`, none by
    default), counted from our side: what stands further left was written by the caller.
    """
    address = request.META.get("REMOTE_ADDR", "")
    trusted: int = settings.TRUSTED_PROXIES
    if trusted:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        address = hops[-trusted] if len(hops) >= trusted else address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
