"""Personal data by its form: e-mail and IP addresses, card and account numbers."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import marker, put_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AT_DOMAIN = re.compile(r"(?:@|%40)((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24})")
_LOCAL = re.compile(r"[\w.+%'-]{1,64}+")
_VERSION = re.compile(r"v?\d+\.\d")
_EMAIL = marker("e-mail")


def emails(text: str) -> str:
    """Remove e-mail addresses."""
    return put_in(text, _addresses(text))


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    done = 0
    for domain in _AT_DOMAIN.finditer(text):
        start = domain.start()
        # A release is written "tux@1.2.0-rc.beta".
        if start < done or _VERSION.match(domain[1]):
            continue
        local = _LOCAL.match(text[max(done, start - 64) : start][::-1])
        name = local[0][::-1].lstrip("'") if local else ""
        # The user in addresses of repositories is nobody.
        if name and name != "git":
            done = domain.end()
            yield start - len(name), done, _EMAIL


_MOST = 255
_LONG_GROUP = re.compile(r"(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]{3}|\.")


def _keep_or(
    kind: str, is_personal: Callable[[re.Match[str]], bool], pattern: str
) -> Callable[[str], str]:
    replacement, compiled = marker(kind), re.compile(pattern)

    def apply(text: str) -> str:
        matches = compiled.finditer(text)
        return put_in(text, ((*one.span(), replacement) for one in matches if is_personal(one)))

    return apply


def _is_ipv4(match: re.Match[str]) -> bool:
    numbers = match[0].split(".")
    # What `ipaddress` says, at a tenth of its price.
    is_address = all(int(one) <= _MOST and (one[0] != "0" or one == "0") for one in numbers)
    return is_address and numbers[0] != "127" and match[0] != "0.0.0.0"  # noqa: S104  # nothing listens


def _is_ipv6(match: re.Match[str]) -> bool:
    try:
        address = IPv6Address(match[0])
    except AddressValueError:
        return False
    # "1::2" is a slice, "a::b" a name: addresses have a group of three and more.
    return not (address.is_loopback or address.is_unspecified) and (
        _LONG_GROUP.search(match[0]) is not None
    )


def is_card_number(digits: str) -> bool:
    """Check the issuer's digits, the length and Luhn's check digit.

    Ids of Discord have 17 digits and more: longer cards are known by their names only.
    """
    if (
        len(set(digits)) == 1
        or not (
            (digits[0] in "3456" and 13 <= len(digits) <= 16)  # noqa: PLR2004  # the issuers' lengths
            or ("2221" <= digits[:4] <= "2720" and len(digits) == 16)  # noqa: PLR2004  # Mastercard's new range
        )
    ):
        return False
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


GROUPS = r"(?:[.\xa0]|\xc2\xa0|\\{1,8}(?:x|u00)a0|\\{1,8}xc2\\{1,8}xa0)"
"""What stands between groups of four and more only: a dot, or a space that breaks no line, in any spelling."""
_SEPARATORS = re.compile(rf"{GROUPS}|[ -]")


def _is_card(match: re.Match[str]) -> bool:
    return is_card_number(_SEPARATORS.sub("", match[0]))


def _is_iban(match: re.Match[str]) -> bool:
    """Tell an account by its two check digits."""
    number = match[0].replace(" ", "")
    return int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 == 1


_ipv4 = _keep_or(
    "ip address",
    _is_ipv4,
    # "Chrome/120.0.0.0" and "==1.2.3.4" are versions.
    r"(?:(?<![\w.=])|(?<=\\[nrt]))(?<![A-Za-z]/)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
    r"|(?<=[^=]=)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)",
)
_ipv6 = _keep_or(
    "ip address",
    _is_ipv6,
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}+(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4})(?![\w:])",
)
# Not within a word: one id in a thousand, being hex, holds digits that would pass for a card.
_cards = _keep_or("card number", _is_card, r"(?<![0-9A-Za-z-])\d(?:[ -]{0,3}\d)*+(?![0-9A-Za-z])")
_grouped_cards = _keep_or(
    "card number",
    _is_card,
    rf"(?<![0-9A-Za-z.-])\d{{4}}{GROUPS}(?:\d{{4}}{GROUPS}\d{{4}}{GROUPS}\d{{4}}|\d{{6}}{GROUPS}\d{{4,5}})(?![0-9A-Za-z])",
)
_ibans = _keep_or(
    "bank account",
    _is_iban,
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?![A-Za-z0-9])",
)
_FOUR_NUMBERS = re.compile(r"\d\.\d{1,3}\.\d")
_TWO_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_MANY_DIGITS = re.compile(r"\d[\d -]{11}")
_GROUPED = re.compile(rf"\d{{4}}{GROUPS}\d{{4}}")
_ACCOUNT = re.compile(r"[A-Z]{2}\d{2}[ A-Z0-9]{11}")


def numbers(text: str) -> str:
    """Remove addresses and numbers; what each begins with is looked for first."""
    if "." in text and _FOUR_NUMBERS.search(text):
        text = _ipv4(text)
    if ":" in text and _TWO_COLONS.search(text):
        text = _ipv6(text)
    if _ACCOUNT.search(text):
        text = _ibans(text)
    if _GROUPED.search(text):
        text = _grouped_cards(text)
    return _cards(text) if _MANY_DIGITS.search(text) else text
