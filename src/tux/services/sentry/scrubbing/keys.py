"""Keys and tokens of clouds, forges and services, in a run without spaces.

What a key begins with finds it; how long and how mixed the rest is tells it from a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import marker

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 16
"""Characters that a run has at least for a key to stand in it."""

PREFIXES = {
    **dict.fromkeys(("AKIA", "ASIA", "ABIA", "ACCA", "LTAI"), 10),
    **dict.fromkeys(("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"), 14),
    **dict.fromkeys(("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-", "glft-"), 10),
    **dict.fromkeys(("xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-", "xoxe-", "xapp-"), 10),
    **dict.fromkeys(("sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "whsec_"), 12),
    **dict.fromkeys(("sntrys_", "sntryu_", "npm_", "pypi-", "dckr_pat_", "rubygems_"), 12),
    **dict.fromkeys(("dop_v1_", "doo_v1_", "dor_v1_", "dapi", "nfp_", "sbp_", "vcp_", "vcn_"), 12),
    **dict.fromkeys(("pscale_pw_", "pscale_tkn_", "pscale_oauth_", "rnd_", "HRKU-", "fm2_"), 12),
    **dict.fromkeys(("dp.pt.", "dp.st.", "pul-", "hvs.", "hvb.", "tskey-", "vercel_"), 12),
    **dict.fromkeys(("sk-proj-", "sk-ant-", "sk-or-v1-", "sk-svcacct-", "gsk_", "pplx-"), 12),
    **dict.fromkeys(("AIza", "ya29.", "GOCSPX-", "SG.", "hf_", "r8_", "xai-", "ABSK"), 12),
    **dict.fromkeys(("shpat_", "shpss_", "shpca_", "shppa_", "sq0csp-", "sq0atp-"), 12),
    **dict.fromkeys(("secret_", "ntn_", "lin_api_", "figd_", "glsa_", "glc_", "NRAK-"), 14),
    **dict.fromkeys(("phx_", "phc_", "CFPAT-", "xkeysib-", "xsmtpsib-", "tfp_", "pnu_"), 12),
    **dict.fromkeys(("rzp_live_", "rzp_test_", "FLWSECK-", "FLWSECK_TEST-"), 6),
    **dict.fromkeys(("duffel_live_", "duffel_test_", "rdme_", "CLOJARS_", "PMAK-"), 12),
    **dict.fromkeys(("ATATT3", "ATCTT3", "ATBB", "ATOA", "AKCp", "cmVmd", "dt0c01."), 20),
    **dict.fromkeys(("EAAA", "EAAC", "EAAM", "EZAK", "EZTK", "sk-", "key-", "AGE-SECRET-KEY-1"), 20),
    **dict.fromkeys(("glffct-", "glimt-", "glagent-", "gloas-", "GR1348941", "BBDC-", "aio_"), 12),
    **dict.fromkeys(("fo1_", "fio-u-", "ico-", "s-s4t2ud-", "NRII-", "NRJS-", "sha256~", "API-"), 12),
    **dict.fromkeys(("shippo_live_", "shippo_test_", "squ_", "sqp_", "sqa_", "sgp_", "tk-us-"), 14),
    **dict.fromkeys(("access-sandbox-", "access-production-", "api_org_", "scauth_", "nvapi-"), 14),
    **dict.fromkeys(("pat-na1-", "pat-eu1-", "lsv2_pt_", "lsv2_sk_", "tvly-", "pcsk_", "AQVN"), 14),
    **dict.fromkeys(("sm_aat_", "v1.0-", "CCIPAT_", "sm_pat_", "dt0s01."), 20),
    **dict.fromkeys(("RGAPI-", "oauth:"), 18),
    **dict.fromkeys(("sl.", "ops_eyJ", "sk.eyJ", "pk.eyJ"), 40),
}  # fmt: skip
"""What a key begins with → how many more characters it has at least, also when it was cut."""


def trie(words: Iterable[str]) -> str:
    """Write an alternative of many words so that each character is tried once."""
    branches: dict[str, list[str]] = defaultdict(list)
    for word in words:
        branches[word[:1]].append(word[1:])
    ends = "" in branches
    branches.pop("", None)
    spelled = "|".join(re.escape(first) + trie(rest) for first, rest in branches.items())
    if not spelled:
        return ""
    return f"(?:{spelled}){'?' if ends else ''}"


# Behind a letter it is a word's middle, but "\nghp_…" may be spelled with a backslash.
_PREFIX = re.compile(rf"(?:(?<![A-Za-z])|(?<=\\[nrt])|(?<=\\x[0-9a-f][0-9a-f])){trie(PREFIXES)}")
_LETTERS = re.compile(r"[A-Za-z]+")
_FIRST_WORDS = {_LETTERS.match(prefix)[0] for prefix in PREFIXES}  # type: ignore[index]  # each begins with a letter
_WHOLE = frozenset(word for word in _FIRST_WORDS if word not in PREFIXES)
_HEADS = tuple(word for word in _FIRST_WORDS if word in PREFIXES)
"""What a key's letters begin with, where more letters may follow."""
_REST = re.compile(r"[\w.+/=~-]*+", re.ASCII)
_LOOKED_AT = 128
_LIKE_WORDS = frozenset(
    {
        "sk-",
        "key-",
        "secret_",
        "npm_",
        "vercel_",
        "sl.",
        "rnd_",
        "pul-",
        "API-",
        "ico-",
        "v1.0-",
        "tk-us-",
        "aio_",
    }
)
"""Names begin so, too: a key has one long piece."""
_PIECES = re.compile(r"[-._/]")
_PIECE = 8
_CAPITALS = re.compile(r"[A-Z0-9]{10}")
_MAY_BE_KEY = re.compile(r"[0-9A-Z]")
_NO_WORD = re.compile(r"[0-9A-Z]")
_MIXED = re.compile(r"[0-9]|[a-z][A-Z]|[A-Z][a-z][A-Z]")

# What begins here, and is no word's middle; a line break before it may be spelled.
_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=\\x[0-9a-f][0-9a-f]))"
FORMATS = (
    (
        "$",
        r"\$(?:2[abxy]|[156y]|apr1|argon2id|argon2[id]|pbkdf2-sha\d{3}|scrypt)\$[\w./$=,+-]{12,}+",
    ),
    ("pbkdf2_sha", r"pbkdf2_sha\d{1,3}\$\d{1,9}\$[\w./$=+-]{12,}+"),
    ("-us", r"{_B}[0-9a-f]{32}-us\d{1,2}"),
    ("Q~", r"[\w.~-]{3}\dQ~[\w.~-]{16,}+"),
    (":AA", r"(?<!\d)\d{8,10}:AA[\w-]{18,}+"),
    ("%3AAA", r"(?<!\d)\d{8,10}%3AAA[\w-]{18,}+"),
    (".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{16,}+"),
    ("access_token$", r"access_token\$\w++\$\w++(?:\$\w++)?"),
    ("A3-", r"{_B}A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){2,5}"),
    ("SK", r"{_B}SK[0-9a-f]{20,32}(?![A-Za-z0-9])"),
    ("pat", r"{_B}pat[A-Za-z0-9]{14}\.[0-9a-f]{24,}+"),
    ("cio", r"{_B}cio(?=[a-z]*+[A-Z0-9])[A-Za-z0-9]{20,32}(?![A-Za-z0-9])"),
    ("oy2", r"{_B}oy2(?=[a-z]*+\d)[a-z0-9]{26,43}(?![A-Za-z0-9])"),
    ("sdk-", r"{_B}sdk-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f-]{4,17}"),
    ("AAAAAAAAAAAAAAAA", r"(?<!A)A{16,}+[\w%]{24,}+"),
    ("webhook.office.com", r"(?<=webhook\.office\.com/)webhookb2/[\w/@%-]++"),
    ("hooks.slack.com", r"(?<=hooks\.slack\.com/services/)[\w/]++"),
    ("1//0", r"{_B}1//0[\w-]{24,}+"),
    ("mfa.", r"mfa\.[\w-]{20,}+"),
    ("aW50ZXJhY3Rpb246", r"aW50ZXJhY3Rpb246[\w=-]*+"),
)
"""A part that each has → the whole. Lengths are those of keys that were cut, too."""

_JWT = re.compile(r"eyJ[\w-]*+((?:\.(?!\.)[\w-]*+){0,4}+)", re.ASCII)
_CUT_REST = 3
_SHORTEST_JWT = 20
_CUT_JWT = 40
_KEY = marker("key")
_KINDS = {"mfa.": "discord token", "aW50ZXJhY3Rpb246": "discord token"}
_COMPILED = [
    (gate, re.compile(pattern.replace("{_B}", _BEGINS), re.ASCII), marker(_KINDS.get(gate, "key")))
    for gate, pattern in FORMATS
]


def keys(run: str) -> str:
    """Remove keys that are known by their form from a run without spaces."""
    if not _MAY_BE_KEY.search(run):
        return run
    if "eyJ" in run:
        run = _JWT.sub(_jwt, run)
    for gate, pattern, replacement in _COMPILED:
        if gate in run:
            run = pattern.sub(replacement, run)
    if "\\" in run or _may_begin(run):
        run = _without_prefixed(run)
    return run


def _jwt(match: re.Match[str]) -> str:
    """Tell a token from a word: it has two parts at least, or was cut within a long one."""
    parts, rest = match[1], match.string[match.end() : match.end() + 1]
    is_token = len(match[0]) > _SHORTEST_JWT if parts else len(match[0]) > _CUT_JWT and rest in ".…"
    return marker("token") if is_token else match[0]


def begins_key(run: str) -> int | None:
    """Tell where the last key in a run that was cut begins: there a few characters are enough."""
    found = None
    for prefix in _PREFIX.finditer(run) if "\\" in run or _may_begin(run) else ():
        rest = run[prefix.end() :]
        if prefix[0] not in _LIKE_WORDS and len(rest) >= _CUT_REST and _NO_WORD.search(rest):
            found = prefix.start() if found is None else found
    return found


def _may_begin(run: str) -> bool:
    """Tell, without trying each prefix at each place, whether one may be there."""
    return not _WHOLE.isdisjoint(_LETTERS.findall(run)) or any(head in run for head in _HEADS)


def _without_prefixed(run: str) -> str:
    parts: list[str] = []
    done = end = 0
    for prefix in _PREFIX.finditer(run):
        start, body = prefix.span()
        if start < done:
            continue
        if end < body and (rest := _REST.match(run, body)):
            end = rest.end()
        if _is_key(prefix[0], run[body : min(end, body + _LOOKED_AT)].rstrip(".=/+~-")):
            parts += [run[done:start], _KEY]
            done = end
    return "".join(parts) + run[done:] if parts else run


def _is_key(prefix: str, rest: str) -> bool:
    """Tell a key from a name like ``sk-toolbar-v2-small``."""
    shortest = PREFIXES[prefix]
    if len(rest) < shortest:
        return False
    if prefix.isupper() and _CAPITALS.match(rest):
        return True
    if prefix in _LIKE_WORDS and max(map(len, _PIECES.split(rest))) < _PIECE:
        return False
    if prefix in _LIKE_WORDS or prefix.isalpha():
        return _MIXED.search(rest) is not None
    return _NO_WORD.search(rest) is not None
