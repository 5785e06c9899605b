"""Keys that a YAML text has twice."""

from __future__ import annotations

import yaml


def duplicate_keys(text: str) -> list[str]:
    """Keys written twice in one mapping of a YAML text: the parser would silently keep the last one."""
    problems: list[str] = []

    def visit(node: yaml.Node, path: str) -> None:
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                if name in first:
                    problems.append(f"{path}{name}: written twice, in line {first[name]} and in line {line}")
                first.setdefault(name, line)
                visit(value, f"{path}{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                visit(value, path)

    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if root is not None:
        visit(root, "")
    return problems
