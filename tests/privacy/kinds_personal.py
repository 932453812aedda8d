"""Who somebody is and where: cards, accounts, addresses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from tests.privacy.samples import Sample, around, digits, iban, luhn, named, pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_NAMES = ("ada", "grace", "linus", "margaret", "ken")
_HOSTS = ("mail.example.org", "example.com", "post.uni-x.ac.uk", "example.museum")


def _card(prefix: str, length: int, groups: tuple[int, ...] = ()) -> Callable[[Random], Sample]:
    """Make a card's number with its check digit, in one piece or in groups."""

    def sample(chance: Random) -> Sample:
        number = luhn(prefix + pick(chance, "0123456789", length - len(prefix) - 1))
        parts, start = [], 0
        for size in groups:
            parts.append(number[start : start + size])
            start += size
        spelled = chance.choice(" -").join(parts) if groups else number
        return Sample(f"paid with {spelled} today", (spelled,), {"paid": spelled})

    return sample


def _local(chance: Random) -> str:
    return f"{chance.choice(_NAMES)}.{pick(chance, 'bcdfghklmnprstvz', 7)}"


def _email(chance: Random) -> str:
    return f"{_local(chance)}@{chance.choice(_HOSTS)}"


def _tagged(chance: Random) -> str:
    return f"{_local(chance)}+{pick(chance, 'bcdfghkl', 5)}@{chance.choice(_HOSTS)}"


def _ipv4(chance: Random) -> str:
    return str(ipaddress.IPv4Address(chance.randrange(0x0B000000, 0x7EFFFFFF)))


def _ipv6(chance: Random) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address((0x20010DB8 << 96) | chance.getrandbits(96))


def _ipv6_short(chance: Random) -> str:
    return str(ipaddress.IPv6Address((0x20010DB8 << 96) | chance.getrandbits(48)))


KINDS: dict[str, Callable[[Random], Sample]] = {
    "card, visa": _card("4", 16),
    "card, visa in groups": _card("4", 16, (4, 4, 4, 4)),
    "card, mastercard": _card("55", 16, (4, 4, 4, 4)),
    "card, mastercard's new range": _card("2720", 16),
    "card, amex": _card("37", 15, (4, 6, 5)),
    "card, discover": _card("6011", 16),
    "card, jcb": _card("3530", 16),
    "card, diners": _card("36", 14),
    "card by name": named("card_number", lambda c: luhn(digits(c, 18))),
    "security code": named("card_cvv", lambda c: digits(c, 4)),
    "iban": around(
        "transfer from {} failed", lambda c: iban("DE", digits(c, 18)), lambda v: {"from": v}
    ),
    "iban in groups": around(
        "from {}, today",
        lambda c: " ".join(_fours(iban("GB", "NWBK" + digits(c, 14)))),
    ),
    "e-mail": around("no account of {} is known", _email, lambda v: {"who": v}),
    "e-mail with a tag": around("{}", _tagged),
    "e-mail with a name": around('"Ada" <{}>', _email),
    "e-mail in a link": around("mailto:{}?subject=hi", _email),
    "e-mail by name": named("email", _email),
    "ipv4": around("peer {} was refused", _ipv4, lambda v: {"peer": v}),
    "ipv4 with a port": around("connect to ('{}', 443) failed", _ipv4),
    "ipv4 in a url": around("http://{}:8080/health", _ipv4),
    "ipv4 by name": named("remote_addr", _ipv4),
    "ipv6": around("peer {} was refused", lambda c: _ipv6(c).exploded),
    "ipv6, short": around("from {}", _ipv6_short),
    "ipv6 in a url": around("https://[{}]:8443/", _ipv6_short),
    "ipv6 with a zone": around("from {}%eth0 now", _ipv6_short),
    "ipv4 mapped": around("peer ::ffff:{} left", _ipv4),
    "forwarded header": around(
        "X-Forwarded-For: {}, 10.0.0.1", _ipv4, lambda v: {"X-Forwarded-For": v}
    ),
    "card, unionpay by name": named("creditCard", lambda c: luhn("62" + digits(c, 13))),
    "card, maestro by name": named("card_number", lambda c: luhn("6759" + digits(c, 11))),
    "iban, french": around("from {} today", lambda c: iban("FR", digits(c, 23))),
    "e-mail, percent": around("https://x.example/?to={}", lambda c: _email(c).replace("@", "%40")),
    "e-mail in brackets": around("['{}', 1]", _email),
    "real ip header": around("X-Real-IP: {}", _ipv4, lambda v: {"X-Real-IP": v}),
    "phone number by name": named("phone", lambda c: "+49 30 " + digits(c, 8)),
}


def _fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]
