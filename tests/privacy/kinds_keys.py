"""Keys and tokens that are known by their form: forges, clouds, registries, services."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

from tests.privacy.samples import (
    ALNUM,
    BASE32,
    HEX,
    LOWER,
    STD64,
    UPPER,
    URL64,
    alone,
    around,
    crc_base62,
    digits,
    jwt,
    pick,
    unpadded,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.privacy.samples import Sample

PREFIXED = {
    "gitlab personal token": ("glpat-", URL64, 20), "gitlab deploy token": ("gldt-", URL64, 20),
    "gitlab runner token": ("glrt-", URL64, 20), "gitlab job token": ("glcbt-", HEX, 24),
    "gitlab trigger token": ("glptt-", HEX, 40),
    "aws access key id": ("AKIA", BASE32, 16), "aws temporary key id": ("ASIA", BASE32, 16),
    "aws bedrock key": ("ABSK", STD64, 128),
    "google api key": ("AIza", URL64, 35), "google oauth token": ("ya29.", URL64, 120),
    "google client secret": ("GOCSPX-", URL64, 28), "alibaba key id": ("LTAI", ALNUM, 20),
    "digitalocean token": ("dop_v1_", HEX, 64), "databricks token": ("dapi", HEX, 32),
    "vault token": ("hvs.", URL64, 90), "fly token": ("fm2_", STD64, 150),
    "heroku key": ("HRKU-AA", URL64, 58), "netlify token": ("nfp_", ALNUM, 36),
    "supabase token": ("sbp_", HEX, 40), "planetscale password": ("pscale_pw_", URL64, 43),
    "pulumi token": ("pul-", HEX, 40), "doppler token": ("dp.pt.", ALNUM, 43),
    "vercel token": ("vcp_", ALNUM, 56), "render key": ("rnd_", ALNUM, 32),
    "tailscale key": ("tskey-auth-", ALNUM, 33), "rubygems key": ("rubygems_", HEX, 48),
    "crates token": ("cio", ALNUM, 32), "nuget key": ("oy2", LOWER, 43),
    "clojars token": ("CLOJARS_", HEX, 60), "docker token": ("dckr_pat_", URL64, 27),
    "artifactory key": ("AKCp", ALNUM, 69), "artifactory token": ("cmVmd", ALNUM, 59),
    "bitbucket password": ("ATBB", ALNUM, 32), "atlassian token": ("ATATT3xFfGF0", URL64 + "=", 180),
    "slack app token": ("xapp-1-", UPPER, 70),
    "stripe live key": ("sk_live_", ALNUM, 24), "stripe restricted key": ("rk_live_", ALNUM, 99),
    "stripe webhook secret": ("whsec_", ALNUM, 32), "mailgun key": ("key-", HEX, 32),
    "openai key": ("sk-", ALNUM, 48), "openai project key": ("sk-proj-", URL64, 156),
    "anthropic key": ("sk-ant-api03-", URL64, 95), "openrouter key": ("sk-or-v1-", HEX, 64),
    "hugging face token": ("hf_", ALNUM, 34), "groq key": ("gsk_", ALNUM, 52),
    "xai key": ("xai-", ALNUM, 80), "replicate token": ("r8_", ALNUM, 37),
    "perplexity key": ("pplx-", ALNUM, 48), "shopify token": ("shpat_", HEX, 32),
    "square secret": ("sq0csp-", URL64, 43), "square token": ("EAAA", URL64, 60),
    "facebook token": ("EAAC", ALNUM, 160), "dropbox token": ("sl.", URL64, 140),
    "notion token": ("ntn_", ALNUM, 46), "linear key": ("lin_api_", ALNUM, 40),
    "figma token": ("figd_", URL64, 40), "new relic key": ("NRAK-", UPPER, 27),
    "posthog key": ("phx_", ALNUM, 43), "contentful token": ("CFPAT-", URL64, 43),
    "brevo key": ("xkeysib-", HEX, 64), "typeform token": ("tfp_", URL64, 44),
    "razorpay key": ("rzp_live_", ALNUM, 14), "easypost key": ("EZAK", ALNUM, 54),
    "duffel token": ("duffel_live_", URL64, 43), "flutterwave key": ("FLWSECK-", HEX, 32),
    "sentry user token": ("sntryu_", HEX, 64), "readme key": ("rdme_", LOWER, 70),
    "mapbox token": ("sk.eyJ1Ijoi", ALNUM, 60),
    "gitlab feature flag token": ("glffct-", URL64, 20), "gitlab mail token": ("glimt-", URL64, 25),
    "gitlab agent token": ("glagent-", URL64, 50), "gitlab application secret": ("gloas-", HEX, 64),
    "gitlab registration token": ("GR1348941", URL64, 20), "adafruit key": ("aio_", ALNUM, 28),
    "bitbucket access token": ("BBDC-", ALNUM, 44), "frame.io token": ("fio-u-", URL64, 64),
    "fly deploy token": ("fo1_", ALNUM, 43), "infracost key": ("ico-", ALNUM, 32),
    "intra42 secret": ("s-s4t2ud-", HEX, 64), "new relic ingest key": ("NRII-", URL64, 32),
    "new relic browser key": ("NRJS-", HEX, 19), "openshift token": ("sha256~", URL64, 43),
    "octopus key": ("API-", UPPER, 26), "shippo token": ("shippo_live_", HEX, 40),
    "sonar token": ("squ_", HEX, 40), "sourcegraph token": ("sgp_", HEX, 40),
    "scalingo token": ("tk-us-", URL64, 48), "plaid token": ("access-production-", HEX, 32),
    "hugging face organisation token": ("api_org_", ALNUM, 34), "authress key": ("scauth_", ALNUM, 40),
    "nvidia key": ("nvapi-", URL64, 64), "hubspot token": ("pat-na1-", HEX, 36),
    "langsmith key": ("lsv2_pt_", HEX, 32), "tavily key": ("tvly-", ALNUM, 32),
    "pinecone key": ("pcsk_", ALNUM, 70), "yandex key": ("AQVN", URL64, 35),
    "settlemint token": ("sm_aat_", ALNUM, 24), "cloudflare origin key": ("v1.0-", HEX, 171),
    "circleci token": ("CCIPAT_", ALNUM, 62), "google refresh token": ("1//0", URL64, 98),
}  # fmt: skip
"""Kind → what it begins with, of which characters and how many the rest is."""


def _github(prefix: str) -> Callable[[Random], Sample]:
    def make(chance: Random) -> str:
        secret = pick(chance, ALNUM, 30)
        return f"{prefix}{secret}{crc_base62(secret)}"

    return alone(make)


def _github_fine(chance: Random) -> str:
    return f"github_pat_{pick(chance, ALNUM, 22)}_{pick(chance, ALNUM, 59)}"


def _grafana(chance: Random) -> str:
    secret = pick(chance, ALNUM, 32)
    return f"glsa_{secret}_{zlib.crc32(secret.encode()):08x}"


def _sentry_org(chance: Random) -> str:
    claims = {"iat": 1_700_000_000.5, "url": "https://sentry.example", "org": "penguins"}
    secret = base64.b64encode(chance.randbytes(32)).decode().rstrip("=")
    return f"sntrys_{base64.b64encode(json.dumps(claims).encode()).decode()}_{secret}"


def _pypi(chance: Random) -> str:
    macaroon = b"\x02\x01\x08pypi.org\x02\x24" + chance.randbytes(90)
    return f"pypi-{unpadded(macaroon)}"


def _uuid(chance: Random) -> str:
    return "-".join(pick(chance, HEX, length) for length in (8, 4, 4, 4, 12))


def _jwe(chance: Random) -> str:
    head = unpadded(b'{"alg":"RSA-OAEP","enc":"A256GCM"}')
    return ".".join([head, *(pick(chance, URL64, length) for length in (86, 16, 60, 22))])


KINDS: dict[str, Callable[[Random], Sample]] = {
    name: alone(lambda chance, p=prefix, a=alphabet, n=count: p + pick(chance, a, n))  # type: ignore[misc]  # a default binds the row
    for name, (prefix, alphabet, count) in PREFIXED.items()
} | {
    "github token": _github("ghp_"),
    "github oauth token": _github("gho_"),
    "github server token": _github("ghs_"),
    "github fine-grained token": alone(_github_fine),
    "npm token": _github("npm_"),
    "pypi token": alone(_pypi),
    "grafana token": alone(_grafana),
    "sentry organisation token": alone(_sentry_org),
    "slack bot token": alone(
        lambda c: f"xoxb-{digits(c, 12)}-{digits(c, 12)}-{pick(c, ALNUM, 24)}"
    ),
    "slack user token": alone(
        lambda c: "-".join(["xoxp", *(digits(c, 12) for _ in range(3)), pick(c, HEX, 32)])
    ),
    "slack webhook": around(
        "https://hooks.slack.com/services/T0A1B2C3D/B0E1F2G3H/{}", lambda c: pick(c, ALNUM, 24)
    ),
    "teams webhook": around(
        "https://tux.webhook.office.com/webhookb2/{}", lambda c: f"{_uuid(c)}@{_uuid(c)}/x/{_uuid(c)}"
    ),
    "sendgrid key": alone(lambda c: f"SG.{pick(c, URL64, 22)}.{pick(c, URL64, 43)}"),
    "mailchimp key": alone(lambda c: f"{pick(c, HEX, 32)}-us{c.randint(1, 21)}"),
    "twilio key": alone(lambda c: "SK" + pick(c, HEX, 32)),
    "telegram token": alone(lambda c: f"{digits(c, 10)}:AA{pick(c, URL64, 33)}"),
    "azure client secret": alone(lambda c: f"{pick(c, ALNUM, 3)}8Q~{pick(c, URL64, 34)}"),
    "azure storage key": around(
        "DefaultEndpointsProtocol=https;AccountName=tux;AccountKey={};EndpointSuffix=core.windows.net",
        lambda c: base64.b64encode(c.randbytes(64)).decode(),
    ),
    "terraform token": alone(lambda c: f"{pick(c, ALNUM, 14)}.atlasv1.{pick(c, URL64, 67)}"),
    "airtable token": alone(lambda c: f"pat{pick(c, ALNUM, 14)}.{pick(c, HEX, 64)}"),
    "postman key": alone(lambda c: f"PMAK-{pick(c, HEX, 24)}-{pick(c, HEX, 34)}"),
    "dynatrace token": alone(lambda c: f"dt0c01.{pick(c, BASE32, 24)}.{pick(c, BASE32, 64)}"),
    "launchdarkly key": alone(lambda c: "sdk-" + _uuid(c)),
    "paypal token": alone(
        lambda c: f"access_token$production${pick(c, LOWER, 16)}${pick(c, HEX, 32)}"
    ),
    "twitter bearer": alone(lambda c: "A" * 21 + pick(c, ALNUM, 80)),
    "1password key": alone(
        lambda c: "-".join(["A3", *(pick(c, UPPER, n) for n in (6, 6, 5, 5, 5, 5))])
    ),
    "jwt": alone(lambda c: jwt(c, {"sub": digits(c, 10), "iat": 1_700_000_000})),
    "jwt unsigned": alone(
        lambda c: unpadded(b'{"alg":"none"}') + "." + unpadded(c.randbytes(40)) + "."
    ),
    "jwe": alone(_jwe),
}  # fmt: skip
