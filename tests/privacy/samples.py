"""What a kind is made of: a text that holds a secret, and the parts of it that must not leave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
URL64 = ALNUM + "-_"
STD64 = ALNUM + "+/"
BASE32 = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"
_SYLLABLES = ("lo", "mi", "ra", "tu", "vek", "sol", "pan", "dri", "ku", "fen", "wo", "zam", "nel")


@dataclass(frozen=True)
class Sample:
    """One secret in the surroundings in which it is known."""

    text: str
    secrets: tuple[str, ...]
    """The parts of the text that must not leave."""
    tree: Any = None
    """The same as data, for places that take some."""


Make = "Callable[[Random], Sample]"


def pick(chance: Random, alphabet: str, count: int) -> str:
    """Draw characters."""
    return "".join(chance.choices(alphabet, k=count))


def digits(chance: Random, count: int) -> str:
    """Draw a number of so many digits."""
    return chance.choice("123456789") + pick(chance, string.digits, count - 1)


def snowflake(chance: Random) -> str:
    """Draw an id of Discord."""
    return str(chance.randrange(10**17, 10**18))


def words(chance: Random, count: int = 6) -> str:
    """Draw what a member may have written: words that stand nowhere else."""
    return " ".join("".join(chance.choices(_SYLLABLES, k=4)) for _ in range(count))


def unpadded(data: bytes) -> str:
    """Encode as tokens do: base64 for URLs, without its padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def crc_base62(text: str) -> str:
    """Give the six check characters with which GitHub's and npm's tokens end."""
    number, out = zlib.crc32(text.encode()), ""
    alphabet = string.digits + string.ascii_uppercase + string.ascii_lowercase
    for _ in range(6):
        number, rest = divmod(number, 62)
        out = alphabet[rest] + out
    return out


def luhn(number: str) -> str:
    """Append a card's check digit."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return number + str(-total % 10)


def iban(country: str, rest: str) -> str:
    """Put an account number behind its two check digits."""
    spelled = "".join(str(int(one, 36)) for one in rest + country + "00")
    return f"{country}{98 - int(spelled) % 97:02d}{rest}"


def jwt(chance: Random, claims: dict[str, Any]) -> str:
    """Sign claims with a key that nobody has."""
    parts = [
        unpadded(json.dumps(one, separators=(",", ":")).encode())
        for one in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    signed = ".".join(parts)
    mac = hmac.new(chance.randbytes(32), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{unpadded(mac)}"


def discord_token(chance: Random) -> str:
    """Make a bot's token: its id, the time of issue, the signature."""
    tail = chance.choice((27, 38))
    issued = unpadded(chance.randrange(2**30, 2**31).to_bytes(4, "big"))
    return f"{unpadded(snowflake(chance).encode())}.{issued}.{pick(chance, URL64, tail)}"


def interaction_token(chance: Random) -> str:
    """Make an interaction's token: base64 of its id and of a key."""
    inner = f"interaction:{snowflake(chance)}:{pick(chance, ALNUM, 120)}"
    return unpadded(inner.encode())


def alone(make: Callable[[Random], str]) -> Callable[[Random], Sample]:
    """Make a kind that is known by itself."""

    def sample(chance: Random) -> Sample:
        value = make(chance)
        return Sample(value, (value,))

    return sample


def around(
    template: str, make: Callable[[Random], str], tree: Callable[[str], Any] | None = None
) -> Callable[[Random], Sample]:
    """Make a kind that is known by what stands around it."""

    def sample(chance: Random) -> Sample:
        value = make(chance)
        text = template.replace("{id}", snowflake(chance)).replace("{}", value)
        return Sample(text, (value,), tree(value) if tree else None)

    return sample


def named(name: str, make: Callable[[Random], str]) -> Callable[[Random], Sample]:
    """Make a kind that is known by its name: a field of data, an assignment in a text."""

    def sample(chance: Random) -> Sample:
        value = make(chance)
        forms = (
            f"{name}={value}",
            f"{name}='{value}'",
            f"{name}: {value}",
            json.dumps({"n": 1, name: value}),
            repr({name: value, "n": 1}),
        )
        return Sample(chance.choice(forms), (value,), {name: value, "n": 1})

    return sample
