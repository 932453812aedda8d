from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.shared.toml_lines import TomlLines

TEXT = '''\
# a comment
a = 1

[b.c]  # b is here, too
d = [
  1,
  2,
]
"e.f" = """
[g]
"""
h.i = {j = 3}

[[k]]
l = 1
[[k]]
l = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("b",), 4),
        (("b", "c"), 4),
        (("b", "c", "d"), 5),
        (("b", "c", "e.f"), 9),
        (("b", "c", "h", "i", "j"), 12),
        (("k", 0, "l"), 15),
        (("k", 1), 16),
        (("k", 1, "l"), 17),
        (("b", "c", "nothing"), 4),
        (("nothing",), None),
    ],
)
def test_a_value_has_the_line_on_which_it_begins(path: tuple[str | int, ...], line: int) -> None:
    """Tables, dotted keys, values of many lines and lists of tables are found."""
    assert TomlLines(TEXT).line_of(path) == line


@given(st.lists(st.sampled_from(["{} = 1", "{} = [\n1,\n]", '{} = """\n\n"""', "# {}", ""])))
def test_every_key_is_found_where_it_stands(forms: list[str]) -> None:
    """Whatever stands between them, each key is on the line that begins with it."""
    text = "\n".join(form.format(f"key{place}") for place, form in enumerate(forms))
    found = {key: TomlLines(text).line_of((key,)) for key in tomllib.loads(text)}
    lines = text.split("\n")
    assert all(line and lines[line - 1].startswith(f"{key} =") for key, line in found.items())
