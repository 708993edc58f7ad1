"""Every id that is accepted can be referred to, wherever a reference may stand."""

from __future__ import annotations

from typing import Any

from tests.support.stack import running

IDS = [
    *("1st", "2024", "1e5", "0x1F", "1-2", "007", "a-b", "a-1", "x_y-", "tool-call-2"),
    *("true", "false", "none", "None", "True", "null", "in", "not", "and", "or", "is", "if"),
    *("else", "for", "class", "lambda", "import", "self", "loop", "range", "dict", "print"),
    *("审核", "नमस्ते", "ก็", "Straße", "Ⅷ", "ﬁ", "²x", "名前-2", "template_name", "budget_"),
]


def document(name: str) -> dict[str, Any]:
    """A node with the id, read in every kind of place."""
    # Inside `{% for %}` the template engine itself calls something `loop`.
    inside = "_['loop']" if name == "loop" else name
    nodes = [
        {"id": name, "type": "template", "config": {"template": "5"}},
        {"id": "plain", "type": "template", "config": {"template": f"<{{{{{name}.output}}}}>"}},
        {
            "id": "piped",
            "type": "template",
            "config": {"template": f"{{{{ {name}.output | int + 1 }}}} {{{{ '{name}.output' }}}}"},
        },
        {
            "id": "statement",
            "type": "template",
            "config": {
                "template": f"{{% if {name}.output == '5' %}}{{% for c in {name}.output %}}"
                f"{{{{ c ~ {inside}.output | upper }}}}{{% endfor %}}{{% endif %}}"
                f"{{{{ _['{name}'].output }}}}{{{{ _['{name}'].output | default('d') }}}}"
            },
        },
        {
            "id": "braced",
            "type": "condition",
            "config": {"condition": f"{{{{{name}.output}}}} > 4"},
        },
        {
            "id": "bare",
            "type": "condition",
            "config": {"condition": f"int({name}.output) == 5 and '{name}.x' != {name}.output"},
        },
        {
            "id": "compared",
            "type": "condition",
            "config": {
                "condition": {"left": {"ref": f"{name}.output"}, "operator": "==", "right": "5"}
            },
        },
        {
            "id": "program",
            "type": "code",
            "config": {"code": f"result = context['{name}']['output']"},
        },
        {
            "id": "each",
            "type": "loop",
            "config": {
                "items": ["a"],
                "nodes": [
                    {
                        "id": "inner",
                        "type": "template",
                        "config": {"template": f"{{{{ item ~ {name}.output | upper }}}}"},
                    }
                ],
                "output": "{{inner.output}}",
            },
        },
    ]
    outputs = {node["id"]: f"{{{{{node['id']}.output}}}}" for node in nodes}
    last = {"id": "end", "type": "end", "config": {"outputs": outputs}}
    others = [node["id"] for node in nodes if node["id"] != name]
    edges = [{"source": name, "target": one} for one in others]
    edges += [
        {"source": one, "target": "end", "port": port}
        for one in others
        for port in (("true", "false") if one in ("braced", "bare", "compared") else ("out",))
    ]
    return {"id": "w", "nodes": [*nodes, last], "edges": edges}


def expected(name: str) -> dict[str, Any]:
    return {
        name: "5",
        "plain": "<5>",
        "piped": f"6 {name}.output",
        "statement": "5555",
        "braced": True,
        "bare": True,
        "compared": True,
        "program": "5",
        "each": ["a5"],
    }


async def test_a_node_is_read_by_its_id_everywhere() -> None:
    async with running() as stack:
        came_to = {}
        for name in IDS:
            view, _ = await stack.run(document(name))
            came_to[name] = view.outputs or view.error
    assert came_to == {name: expected(name) for name in IDS}
