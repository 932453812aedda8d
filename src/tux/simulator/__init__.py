"""The local Discord, on loopback, for tests and demos: no account, no token, no network."""

from tux.simulator.errors import BadOptionError, ImpossibleActError, UnknownCommandError
from tux.simulator.faults import Fault
from tux.simulator.guild import Guild
from tux.simulator.local import LocalDiscord
from tux.simulator.member import Member
from tux.simulator.messages import Message
from tux.simulator.model import Channel, Overwrite, Role, User
from tux.simulator.people import Crowd, Deed, Scene
from tux.simulator.permissions import Permission
from tux.simulator.rate_limits import RateLimit
from tux.simulator.replies import Act, Reply
from tux.simulator.rest import Request

__all__ = [
    "Act",
    "BadOptionError",
    "Channel",
    "Crowd",
    "Deed",
    "Fault",
    "Guild",
    "ImpossibleActError",
    "LocalDiscord",
    "Member",
    "Message",
    "Overwrite",
    "Permission",
    "RateLimit",
    "Reply",
    "Request",
    "Role",
    "Scene",
    "UnknownCommandError",
    "User",
]
