"""Templates whose includes are compiled into them (inlining): a fragment that many pages share costs none of them a call."""

from typing import Any

from jinja2 import BaseLoader, Environment, nodes
from jinja2.visitor import NodeTransformer


class InliningEnvironment(Environment):
    """An environment in which a template that another one includes by its name is part of it, in a scope of its own.

    What it sets ends with it, as with any include; it sees what was set before. A template that is named only when it is
    rendered is included then.
    """

    def __init__(self, *, loader: BaseLoader, **options: Any) -> None:
        super().__init__(loader=loader, **options)
        self._sources = loader

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Inlining(self).visit(super()._parse(source, name, filename))

    def parse_included(self, name: str) -> nodes.Template:
        """A template by its name, for another one."""
        source, filename, _ = self._sources.get_source(self, name)
        return self._parse(source, name, filename)


class _Inlining(NodeTransformer):
    def __init__(self, environment: InliningEnvironment) -> None:
        self._environment = environment

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        if isinstance(node.template, nodes.Const) and node.with_context and not node.ignore_missing:
            return nodes.Scope(self._environment.parse_included(node.template.value).body, lineno=node.lineno)
        return node
