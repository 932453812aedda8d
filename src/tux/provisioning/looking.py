"""What Sentry has: each object that is ours, and whatever stands where one of ours would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.provisioning.comparable import comparable
from tux.provisioning.dashboard import KEY as DASHBOARD
from tux.provisioning.dashboard import NAME
from tux.provisioning.marks import PREFIX, is_scoped, mark_of, scoped
from tux.provisioning.objects import MONITORS, Found, Kind
from tux.provisioning.routes import ROUTES
from tux.shared.exceptions import TuxAPIRequestError, TuxAPIResourceNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tux.provisioning.objects import Body, Wanted
    from tux.provisioning.sentry_api import SentryAPI

TOO_OLD: Final = (
    "this Sentry has no monitors of the new kind: it is too old, self-hosted needs 26.7 or newer"
)


def look(
    api: SentryAPI, project: dict[str, Any], wanted: Sequence[Wanted] = ()
) -> tuple[Found, ...]:
    """Read all that is ours in a project, and of what is wanted what has no mark.

    Those are settings, and names that others have taken.
    """
    slug, project_id = str(project["slug"]), int(project["id"])
    detectors = _detectors(api, project_id)
    monitors = tuple(_monitors(detectors, wanted))
    # Unlike by their ids, monitors are the same ones after they were made anew.
    names = {one.id: one.key for one in monitors}
    names |= {str(one["id"]): f"#{one['id']}" for one in detectors if str(one["id"]) not in names}
    return (
        *monitors,
        *_alerts(api, slug, names),
        *_dashboards(api, slug),
        *_crons(api, project, wanted),
        *_settings(api, project, wanted),
        *_releases(api, slug, wanted),
    )


def _detectors(api: SentryAPI, project_id: int) -> list[Body]:
    try:
        return list(api.pages(ROUTES[Kind.MONITOR].many, project=project_id))
    except TuxAPIResourceNotFoundError as error:
        raise TuxAPIRequestError(error.service, error.endpoint, 404, TOO_OLD) from None


def _monitors(detectors: list[Body], wanted: Sequence[Wanted]) -> Iterator[Found]:
    titles = {one.title: one.key for one in wanted if one.kind is Kind.MONITOR}
    for body in detectors:
        one, title = str(body["id"]), str(body.get("name"))
        if mark := mark_of(body.get("description")):
            yield Found(Kind.MONITOR, mark.key, one, title, body, mark.spec)
        elif title in titles:
            yield Found(Kind.MONITOR, titles[title], one, title, body, is_ours=False)


def _alerts(api: SentryAPI, slug: str, names: dict[str, str]) -> Iterator[Found]:
    for body in api.pages(ROUTES[Kind.ALERT].many):
        title = str(body.get("name"))
        if is_scoped(title, slug):
            ids = map(str, body.get(MONITORS) or [])
            named = {**body, MONITORS: [names.get(one, f"#{one}") for one in ids]}
            key = title.removeprefix(PREFIX).removesuffix(f" ({slug})")
            yield Found(Kind.ALERT, key, str(body["id"]), title, named)


def _dashboards(api: SentryAPI, slug: str) -> Iterator[Found]:
    title, route = scoped(NAME, slug), ROUTES[Kind.DASHBOARD]
    # The list has no widgets, and other people's boards whose title has ours in it.
    for listed in api.pages(route.many, filter="excludePrebuilt", query=title):
        if listed.get("title") != title:
            continue
        body = api.get(route.one, str(listed["id"]))
        marks = (mark_of(widget.get("description")) for widget in body.get("widgets") or [])
        mark = next((one for one in marks if one and one.key == DASHBOARD), None)
        yield Found(
            Kind.DASHBOARD,
            DASHBOARD,
            str(body["id"]),
            title,
            body,
            mark.spec if mark else None,
            is_ours=mark is not None,
        )


def _crons(api: SentryAPI, project: dict[str, Any], wanted: Sequence[Wanted]) -> Iterator[Found]:
    """Find by slug within the project, and go on by id: another project may have the slug, too."""
    asked = {one.key: one for one in wanted if one.kind is Kind.CRON}
    for body in api.pages(ROUTES[Kind.CRON].many, project=int(project["id"])):
        slug, title = str(body["slug"]), str(body.get("name"))
        is_ours = is_scoped(title, str(project["slug"]))
        if is_ours or slug in asked:
            is_ours = is_ours or _is_of_check_ins(body, asked[slug])
            yield Found(Kind.CRON, slug, str(body["id"]), title, body, is_ours=is_ours)


def _is_of_check_ins(body: Body, wanted: Wanted) -> bool:
    """Tell what our bot's check-ins made, which bears no mark: named by its slug, on our schedule."""
    there, ours = (comparable(Kind.CRON, one) for one in (body, wanted.body))
    fields = ("schedule_type", "schedule")
    return body.get("name") == wanted.key and all(there[one] == ours[one] for one in fields)


def _settings(api: SentryAPI, project: dict[str, Any], wanted: Sequence[Wanted]) -> Iterator[Found]:
    for one in wanted:
        if one.kind is Kind.PROJECT:
            yield Found(one.kind, one.key, one.key, one.title, project)
    for kind in (Kind.FILTER, Kind.KEY):
        keys = {one.key: one.title for one in wanted if one.kind is kind}
        for body in api.pages(ROUTES[kind].many) if keys else ():
            if (key := str(body["id"])) in keys:
                yield Found(kind, key, key, keys[key], body)


def _releases(api: SentryAPI, slug: str, wanted: Iterable[Wanted]) -> Iterator[Found]:
    names = {one.kind: one for one in wanted if one.kind in {Kind.RELEASE, Kind.DEPLOY}}
    if Kind.RELEASE not in names:
        return
    release, deploy = names[Kind.RELEASE], names[Kind.DEPLOY]
    try:
        body = api.get(ROUTES[Kind.RELEASE].one, release.key)
    except TuxAPIResourceNotFoundError:
        return
    if slug in {one.get("slug") for one in body.get("projects") or []}:
        yield Found(Kind.RELEASE, release.key, release.key, release.title, body)
    for one in api.pages(ROUTES[Kind.DEPLOY].many, release.key):
        is_same = one.get("name") == deploy.body["name"]
        if is_same and one.get("environment") == deploy.key:
            yield Found(Kind.DEPLOY, deploy.key, release.key, deploy.title, one)
            return
