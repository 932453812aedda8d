"""What a member wrote stays at home where the code's own sentences quote it, too."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import discord
import pytest
import sentry_sdk
from discord import app_commands
from discord.ext import commands
from loguru import logger
from tests.fakes.discord_client import connected

import tux.services.sentry as layer
from tux.services.sentry.quotations import CONTENT, Quotations, without_quotations
from tux.shared.privacy import PrivacySettings

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

Ctx = commands.Context[commands.Bot]
Interaction = discord.Interaction[commands.Bot]
SECRET = "little " + "whinging"
"""Not as the lines of code have it, which leave with the stack."""


def quoting(word: str) -> None:
    """Say in every way what was said, and fail."""
    logger.info("asked for {}", word)
    layer.add_breadcrumb(f"looking up {word}", data={"url": f"https://maps.example/{quote(word)}"})
    sentry_sdk.set_tag("place", word)
    with layer.start_span(op="http.client", name=f"GET /places/{quote(word)}") as span:
        span.set_data("place", word)
    raise LookupError(f"no such city: {word!r}")


class Form(discord.ui.Modal, title="Form"):
    word: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        quoting(self.word.value)


class Quoting(commands.Cog):
    @commands.command()
    async def city(self, ctx: Ctx, *, word: str) -> None:
        quoting(word)

    @app_commands.command()
    @app_commands.choices(size=[app_commands.Choice(name="large", value="large one")])
    async def town(self, interaction: Interaction, word: str, size: str = "small") -> None:
        layer.add_breadcrumb(f"a {size}")
        quoting(word)

    @app_commands.command()
    async def ask(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())


class Listening(commands.Cog):
    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        quoting(message.content)


async def said_in(client: Client, way: str) -> None:
    """Let a member say it in one way."""
    member, channel = client.member, client.channel
    if way == "prefix":
        await member.say(channel, f"!city {SECRET}")
    elif way == "slash":
        await member.slash(channel, "town", word=SECRET, size="large one")
    elif way == "form":
        form = await client.local.reply_to(await member.slash(channel, "ask"))
        await client.transaction()
        client.sent.forget()
        await member.submit_modal(form, word=SECRET)
    else:
        await member.say(channel, SECRET)


@pytest.mark.parametrize("way", ["prefix", "slash", "form", "listener"])
async def test_no_byte_has_what_was_written(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Neither the event nor its transaction, spans, breadcrumbs, tags or log lines quote the member."""
    async with connected(sent, monkeypatch) as client:
        await client.bot.add_cog(Listening() if way == "listener" else Quoting())
        await client.bot.tree.sync()
        await said_in(client, way)
        unit = await client.transaction()
        event = client.sent.event
        (line,) = (one for one in sent.logs if one["body"].startswith("asked for"))
    assert event["exception"]["values"][-1]["value"] == f"no such city: '{CONTENT}'"
    crumbs = [crumb["message"] for crumb in event["breadcrumbs"]["values"]]
    assert f"looking up {CONTENT}" in crumbs
    assert way != "slash" or "a large one" in crumbs
    assert event["tags"]["place"] == CONTENT
    assert f"GET /places/{CONTENT}" in [span["description"] for span in unit["spans"]]
    assert line["body"] == f"asked for {CONTENT}"
    # Each word alone may be anybody's.
    for spelling in (SECRET, quote(SECRET)):
        assert spelling.encode() not in sent.everything


async def test_it_leaves_where_content_may(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``PRIVACY_CONTENT`` the sentence is whole."""
    sent.start(privacy=PrivacySettings(content=True))
    async with connected(sent, monkeypatch) as client:
        await client.bot.add_cog(Quoting())
        await client.member.say(client.channel, f"!city {SECRET}")
        await client.transaction()
    assert sent.event["exception"]["values"][-1]["value"] == f"no such city: '{SECRET}'"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("invalid literal for int() with base 10: 'ten'", f"invalid literal for int() with base 10: '{CONTENT}'"),
        ("no ten in Attenborough", "no ten in Attenborough"),
        ("he said: spam, it's “ham”!", f"he said: {CONTENT}!"),
        (repr("spam, it's “ham”"), f'"{CONTENT}"'),
        (r'{"q": "spam, it\'s \u201cham\u201d"}'.replace(r"\'", "'"), f'{{"q": "{CONTENT}"}}'),
        (f"GET /search?q={quote('spam, it' + chr(39) + 's “ham”')}", f"GET /search?q={CONTENT}"),
        ("KeyError: 'rank'", "KeyError: 'rank'"),
        ("no member 123456789012345678", "no member 123456789012345678"),
        ("nothing of it", "nothing of it"),
    ],
)  # fmt: skip
def test_what_is_found(text: str, left: str) -> None:
    """Whole texts are found in any spelling, pieces where they are quoted, and the bot's own names are kept."""
    written = [
        "spam, it's “ham”",
        "ten",
        "rank",
        "<@123456789012345678>",
        "123456789012345678",
        "  ",
    ]
    assert Quotations(written, ["rank"]).removed(text) == left


@pytest.mark.parametrize(
    ("said", "text", "left"),
    [
        ("find <@123456789012345678> at home", "said: find <@123456789012345678> at home", f"said: {CONTENT}"),
        ("find <@123456789012345678> at home", "looking at home for it", f"looking {CONTENT} for it"),
        ("little whinging", "no key cache_little whinging", f"no key cache_{CONTENT}"),
        ("New York", "no key cache_New York", f"no key cache_{CONTENT}"),
        ("little whinging", "Little Whinging?", f"{CONTENT}?"),
        ("little\nwhinging", "asked for little whinging", f"asked for {CONTENT}"),
        ("東京タワー", "東京タワーは見つかりません", f"{CONTENT}は見つかりません"),
        ("東京", "no city 東京", f"no city {CONTENT}"),
        ("猫", "no cat 猫舌", "no cat 猫舌"),
        ("Berlin", "Berlinは見つかりません", f"{CONTENT}は見つかりません"),
        ('née "x" y', r'{"q": "née \"x\" y"}', f'{{"q": "{CONTENT}"}}'),
        ("spam, it's", "GET https://maps.example/spam,%20it's", f"GET https://maps.example/{CONTENT}"),
        ("a/b and c", "GET /places/a%2Fb%20and%20c", f"GET /places/{CONTENT}"),
        ("a/b and c", "GET /places?q=a/b+and+c", f"GET /places?q={CONTENT}"),
    ],
)  # fmt: skip
def test_the_whole_is_found_anywhere(said: str, text: str, left: str) -> None:
    """It is found around mentions, joined to names, in capitals, among letters without spaces, and in addresses."""
    assert Quotations([said]).removed(text) == left


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("error", "error while reading a user's message from the database"),
        ("User", "no user: '5'"),
        ("removed", "no city: removed"),
        ("did you see the memory", "KeyError: 'id', no column 'me' or 'ory'"),
        ("what an error that was", "no key 'error'"),
        ("ories", "categories and get_ories()"),
    ],
)
def test_words_of_everybody(said: str, text: str) -> None:
    """Words that any bot's sentences have stay readable, and so does what is only a part of one."""
    assert Quotations([said]).removed(text) == text


def test_a_bare_word_of_the_code() -> None:
    """A word that stands in the lines which leave with the event is kept in its sentence."""
    code = 'raise LookupError(f"no penguin: {penguin}")'
    assert Quotations(["Penguin"], code=code).removed("no penguin: 5") == "no penguin: 5"
    assert Quotations(["Penguin"]).removed("no penguin: 5") == f"no {CONTENT}: 5"


@pytest.mark.parametrize("kind", ["op", "category"])
def test_queries(kind: str) -> None:
    """In a query a bare word is a table's; a value in quotes and a whole sentence are the member's."""
    asked: dict[str, Any] = {kind: "db" if kind == "op" else "query", "data": {}}
    written = Quotations(["penguins", "penguins of madagascar"])
    for query, left in (
        ("SELECT penguins.id FROM penguins", "SELECT penguins.id FROM penguins"),
        ("SELECT 1 WHERE a = 'penguins'", f"SELECT 1 WHERE a = '{CONTENT}'"),
        ("SELECT penguins of madagascar", f"SELECT {CONTENT}"),
    ):
        event = {"spans": [asked | {"description": query}]}
        told = without_quotations(event, written) or event
        assert told["spans"][0]["description"] == left


def test_names_in_data() -> None:
    """What was written is taken out of the names in data, too, and no value is lost by it."""
    counts = {SECRET: 1, SECRET.title(): 2, "a\"b'c\\d": 3, "penguins": 4, "of.penguins": 5}
    said = Quotations([SECRET, "penguins", "a\"b'c\\d"])
    told = without_quotations({"extra": counts}, said)
    kept = {"penguins": 4, "of.penguins": 5}
    assert told == {"extra": {CONTENT: 1, f"{CONTENT} 2": 2, f"{CONTENT} 3": 3, **kept}}


def test_a_word_of_the_code() -> None:
    """A key that the code names in quotes is kept, though the member has used the word, too."""
    said = "for no penguin at all"
    assert (
        Quotations([said], code='why = data["penguin"]').removed("KeyError: 'penguin'")
        == "KeyError: 'penguin'"
    )
    assert (
        Quotations([said], code="why = data[penguin]").removed("KeyError: 'penguin'")
        == f"KeyError: '{CONTENT}'"
    )


def test_whoever_wrote_nothing() -> None:
    """A mention alone is an id, which stays, and there is nothing to look for."""
    assert not Quotations(["<@123456789012345678>", "123", ""])


def test_the_codes_own_parts_are_kept() -> None:
    """Classes, modules, stacks, ids and the layer's own contexts are looked past, and what is clean is no copy."""
    written = Quotations(["trouble"])
    stack = {"frames": [{"function": "trouble", "context_line": "trouble()"}]}
    event: dict[str, Any] = {
        "exception": {"values": [{"type": "trouble", "module": "trouble", "stacktrace": stack, "value": "x"}]},
        "contexts": {"feedback": {"message": "trouble"}, "discord": {"command": "trouble"}, "mine": {"a": ["trouble"]}},
        "breadcrumbs": {"values": [{"category": "trouble", "message": "no"}]},
        "transaction": "trouble",
    }  # fmt: skip
    told = without_quotations(event, written)
    assert told == {"contexts": event["contexts"] | {"mine": {"a": [CONTENT]}}}


ELSEWHERE = "Zwitterburg  am See, Zürich <1>"
"""With two blanks in a row."""


@pytest.mark.parametrize(
    "spelled",
    [
        repr(ELSEWHERE),
        repr(ELSEWHERE.lower()),
        repr(ELSEWHERE.upper()),
        repr(" ".join(ELSEWHERE.split())),
        ascii(ELSEWHERE),
        str(ELSEWHERE.encode()),
        f"'{escape(ELSEWHERE)}'",
        "'zwitterburg am see'",
        ascii("zürich"),
        str("Zürich".encode()),
        "\u2018Zwitterburg\u2019",
        "«am See»",
        "“Zürich”",
    ],
)
def test_what_code_made_of_it(spelled: str) -> None:
    """In quotes it is found in other capitals, blanks and letters, too, whatever quotes they are."""
    told = Quotations([ELSEWHERE]).removed(f"can't find {spelled}, so we're at home")
    assert told in (
        f"can't find {spelled[: -len(spelled.lstrip('b'))]}{mark}{CONTENT}{end}, so we're at home"
        for mark, end in ("''", '""', "\u2018\u2019", "«»", "“”", ("b'", "'"))
    )


def test_quotes_that_do_not_pair() -> None:
    """Apostrophes beside it and quotes within it hide no piece."""
    written = Quotations(['say "hi" harbour castle'])
    told = written.removed("can't find 'harbour' so we're at 'castle'")
    assert told == f"can't find '{CONTENT}' so we're at '{CONTENT}'"
    assert "harbour" not in written.removed("can't say \"harbour\", so we're here")
    told = written.removed(repr({"a": 'say "hi" harbour castle', "b": "harbour"}))
    assert "harbour" not in told


def test_a_text_without_end() -> None:
    """What no scrubber looks at is not gone through, and does not leave."""
    told = Quotations(["trouble"]).removed("trouble " + "x" * 50_000_000)
    assert len(told) < 100_100
    assert told.startswith(CONTENT)


def test_a_deep_tree_ends() -> None:
    """What lies too deep for the SDK is not walked through."""
    tree: dict[str, Any] = {}
    tree["a"] = tree
    assert without_quotations({"extra": tree}, Quotations(["trouble"])) == {}
