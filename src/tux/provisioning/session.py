"""One run against Sentry: faults first, then look-ups, then the plan, then what was asked for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.provisioning.applying import Applier
from tux.provisioning.bodies import wanted_of
from tux.provisioning.faults import account_faults, definition_faults, notes_of
from tux.provisioning.looking import look
from tux.provisioning.objects import REMOVABLE
from tux.provisioning.place import look_up, project_of
from tux.provisioning.plan import Plan, plan, removals
from tux.provisioning.sentry_api import SERVICE
from tux.shared.exceptions import TuxAPIRequestError, TuxConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.provisioning.objects import Found
    from tux.provisioning.plan import Action
    from tux.provisioning.sentry_api import SentryAPI
    from tux.shared.settings import Settings
    from tux.watch import Definitions


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked for."""

    prune: bool = False
    adopt: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be done, and what was seen."""

    plan: Plan
    found: tuple[Found, ...]
    notes: tuple[str, ...] = ()


def check(definitions: Definitions, settings: Settings) -> None:
    """Refuse what Sentry would, before it is asked anything.

    Raises:
        TuxConfigurationError: something is wrong; all of it is told.
    """
    faults = [*account_faults(settings), *definition_faults(definitions, settings)]
    if faults:
        raise TuxConfigurationError("The set-up of Sentry", " ".join(faults))


def planned(api: SentryAPI, definitions: Definitions, settings: Settings, choice: Choice) -> Sight:
    """Look, and say what is to be done.

    Raises:
        TuxConfigurationError: something that is named is not there, or a person must decide.
        TuxAPIError: Sentry refused, or gave no answer.
    """
    with _understood(api):
        project = project_of(api, settings)
        wanted = wanted_of(definitions, settings, look_up(api, definitions, settings, project))
        found = look(api, project, wanted)
        made = plan(wanted, found, prune=choice.prune, adopt=choice.adopt)
    if made.faults:
        raise TuxConfigurationError("The set-up of Sentry", " ".join(made.faults))
    return Sight(made, found, tuple(notes_of(definitions)))


def applied(api: SentryAPI, sight: Sight, tell: Callable[[Action], object]) -> None:
    """Do what is planned."""
    with _understood(api):
        Applier(api, sight.found, tell).apply(sight.plan.actions)


def ruin(api: SentryAPI, settings: Settings) -> Sight:
    """Say what is to be removed so that nothing of ours is left; settings stay as they are."""
    with _understood(api):
        seen = look(api, project_of(api, settings))
    found = tuple(one for one in seen if one.kind in REMOVABLE and one.is_ours)
    return Sight(Plan(tuple(removals(found))), found)


@contextmanager
def _understood(api: SentryAPI) -> Iterator[None]:
    """Tell an answer that has not the form of Sentry's as what it is: somebody else may have given it.

    Each place that reads an answer would have to doubt each of its parts; none does.
    """
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        reason = (
            f"JSON of another form than Sentry's ({type(error).__name__}): look at SENTRY_URL; if "
            "that is right, this Sentry and this Tux do not fit each other"
        )
        raise TuxAPIRequestError(SERVICE, api.asked, api.answered, reason) from error
