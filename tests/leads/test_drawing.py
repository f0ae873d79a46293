"""Pieces of HTML: what people typed is escaped once, what is drawn already is left as it is."""

from leads.drawing.pieces import drawn, joined

HOSTILE = '<b>O\'Hara & "Söhne"</b> {lead}'


def test_what_was_typed_is_escaped_and_no_pattern():
    text = drawn('<a title="{name}">{name}</a>', name=HOSTILE)
    escaped = "&lt;b&gt;O&#x27;Hara &amp; &quot;Söhne&quot;&lt;/b&gt; {lead}"
    assert text == f'<a title="{escaped}">{escaped}</a>'


def test_what_is_drawn_already_is_not_escaped_again():
    inner = drawn("<b>{name}</b>", name="A & B")
    assert drawn("<p>{inner}, {n}</p>", inner=inner, n=3) == "<p><b>A &amp; B</b>, 3</p>"


def test_parts_are_escaped_one_by_one():
    assert joined(" · ", "<bdi>{part}</bdi>", ["<a>", "b"]) == "<bdi>&lt;a&gt;</bdi> · <bdi>b</bdi>"
    assert joined(" · ", "<bdi>{part}</bdi>", []) == ""
