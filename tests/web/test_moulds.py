"""Moulds, and includes that are compiled in."""

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from web import moulds
from web.inlined import InliningEnvironment
from web.moulds import Mould, blank


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two templates of our own in place of those of the house."""
    sources = {"form": '<b id="{{ id }}">{{ title }}</b>{{ id }}', "page": "{{ form }}"}
    environment = Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)
    monkeypatch.setattr(moulds, "render_text", lambda name, context: environment.get_template(name).render(context))


@pytest.mark.usefixtures("templates")
def test_a_mould_is_filled_with_words_and_nothing_else() -> None:
    mould = Mould("form", {"id": blank("id"), "title": "<Lapor>"})
    filled = mould.fill({"id": '">', "other": 1})
    assert filled.__html__() == '<b id="&#34;&gt;">&lt;Lapor&gt;</b>&#34;&gt;'
    assert Environment(autoescape=True).from_string("{{ form }}").render(form=filled) == filled.__html__()
    assert mould.fill({"id": 7}).__html__() == '<b id="7">&lt;Lapor&gt;</b>7', "filled before, it is as it was"
    with pytest.raises(KeyError):
        mould.fill({})


@pytest.mark.usefixtures("templates")
def test_a_mould_knows_what_it_is_made_of_and_no_more() -> None:
    with pytest.raises(UndefinedError):
        Mould("form", {"id": blank("id")})


def test_what_is_included_is_as_it_was() -> None:
    sources = {
        "outer": "{% set a = 1 %}{% for b in (1, 2) %}{% include 'inner' %}{% endfor %}{{ a }}{% include other %}",
        "inner": "{% from 'macros' import twice %}{{ twice(b) }}{{ a }}{% set a = 9 %}{% include 'innermost' %};",
        "innermost": "{{ a }}",
        "macros": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}",
        "late": "<i>{{ a }}",
    }
    inlined = InliningEnvironment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)
    plain = Environment(loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined)
    shown = [environment.get_template("outer").render(other="late") for environment in (inlined, plain)]
    assert shown[0] == shown[1] == "1119;2219;1<i>1"
    assert "innermost" not in (inlined.compile(sources["outer"], raw=True)), "compiled in, not called"
