"""Words that a bot's own sentences have whatever a member says: they tell of nobody."""

from __future__ import annotations

from typing import Final

COMMON_WORDS: Final = frozenset(
    """
about access active add after again all also answer any are args attempt back because been
before being bool both but button callback can cannot channel channels class client code column
command commands connect connected connection content could count cursor data database date
default delete deleted denied dict discord does done down each empty enabled error errors event
events ever every exception expected expired failed failure false field fields file files float
for format found from function gateway get good got guild guilds had has have hello her here him
his host how http https index info insert int interaction internal into invalid invite items its
join json just keyword know kwargs length let level like limit line list load loaded local lock
login look make many may maybe member members message messages method missing module more most
much must name names need network never new nice none not nothing now null number object off one
only option options order other our out over own page parameter parse path permission
permissions ping please pong port put query queue rate really reason received reconnect record
refused removed reply request required response result results retry return right role roles run
said same say see select self send sent server servers service session set shard she should size
slash some start started state status still stop string success such sure syntax system table
task test text than thank thanks that the their them then there these they thing think this
those thread time timed timeout today token too true try two type types unexpected unique
unknown update updated url use user username users valid value values version voice wait waiting
want warn warning was way webhook well were what when where which while who why will with
without work would yes you your
    """.split()  # noqa: SIM905  # as a list it would be a page
)
"""In small letters: the commonest of English, and of what programs say of errors and of Discord."""
