"""The nodes of a CASE/UCO graph: made one by one, each with an identifier that follows from what it is about."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from chatforensics.package.exchanged import identify

Node: TypeAlias = dict[str, Any]
Facet: TypeAlias = tuple[str, Mapping[str, Any]]

_UCO = "https://ontology.unifiedcyberontology.org/uco"
CONTEXT: Mapping[str, str] = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "co": "http://purl.org/co/",
    **{
        f"uco-{name}": f"{_UCO}/{name}/"
        for name in ("action", "analysis", "core", "identity", "observable", "tool", "types")
    },
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Graph:
    """Nodes in the order in which they were added; one bundle lists the objects among them."""

    def __init__(self, namespace: uuid.UUID) -> None:
        """Start without nodes; identifiers are made in the given namespace."""
        self._namespace = namespace
        self._objects: dict[str, str] = {}
        self._nodes: dict[str, Node] = {}

    def ref(self, *key: object) -> Node:
        """Return a reference to the node of that key, which may be added later."""
        return {"@id": f"urn:uuid:{identify(self._namespace, *key)}"}

    def refs(self, kind: str) -> list[Node]:
        """Return references to all objects of a kind that were added."""
        return [{"@id": node} for node, found in self._objects.items() if found == kind]

    def add(
        self,
        kind: str,
        *key: object,
        type: str,  # noqa: A002 - the word of JSON-LD
        name: str = "",
        properties: Mapping[str, Any] | None = None,
        facets: Sequence[Facet] = (),
    ) -> Node:
        """Add an object with its facets and return a reference to it; a second one of that key is not added."""
        node = self.ref(kind, *key)
        if node["@id"] in self._objects:
            return node
        named = {"uco-core:name": name} if name else {}
        parts = [self._facet(facet, kind, *key) for facet in facets]
        self._objects[node["@id"]] = kind
        self.attach(
            node,
            type=type,
            properties={**named, **(properties or {}), **({"uco-core:hasFacet": parts} if parts else {})},
        )
        return node

    def attach(self, node: Node, *, type: str, properties: Mapping[str, Any]) -> None:  # noqa: A002 - the word of JSON-LD
        """Add a node that is part of an object and no object of its own; a second one of its key is not added."""
        self._nodes.setdefault(node["@id"], {**node, "@type": type, **properties})

    def relate(  # noqa: PLR0913 - what a relationship of UCO has
        self,
        source: Node,
        target: Node,
        *,
        kind: str,
        key: tuple[object, ...],
        told: str = "",
        directional: bool = True,
        facets: Sequence[Facet] = (),
    ) -> None:
        """Add that one thing stands to another in some way."""
        properties = {
            "uco-core:isDirectional": directional,
            "uco-core:kindOfRelationship": kind,
            "uco-core:source": source,
            "uco-core:target": target,
        }
        about = words(told) if told else {}
        kind = "uco-observable:ObservableRelationship"
        self.add("relationship", *key, type=kind, properties=properties | about, facets=facets)

    def hashed(self, sha256: str, *, about: object = "") -> Node:
        """Return the property that holds a SHA-256, and add its node."""
        node = self.ref("hash", sha256, about)
        value = typed("hexBinary", sha256)
        self.attach(
            node, type="uco-types:Hash", properties={"uco-types:hashMethod": "SHA256", "uco-types:hashValue": value}
        )
        return {"uco-observable:hash": node}

    def enclose(self, *, name: str, description: str, created: str) -> list[Node]:
        """Return every node, in front of them the bundle that lists the objects."""
        about = {"uco-core:name": name, "uco-core:objectCreatedTime": instant(created), **words(description)}
        listed = [{"@id": node} for node in self._objects]
        bundle = {**self.ref("bundle"), "@type": "uco-core:Bundle", **about, "uco-core:object": listed}
        return [bundle, *self._nodes.values()]

    def _facet(self, facet: Facet, *key: object) -> Node:
        kind, properties = facet
        full = kind if ":" in kind else f"uco-observable:{kind}"
        node = self.ref("facet", full, *key)
        self.attach(node, type=full, properties=properties)
        return node


def words(*texts: str) -> Node:
    """Return texts as the description of an object, in the order of the alphabet: a set has none of its own."""
    found = sorted(set(texts))
    return {"uco-core:description": found[0] if len(found) == 1 else found}


def instant(at: str) -> Node:
    """Return a time in UTC as UCO has it."""
    return typed("dateTime", at)


def number_of(value: float) -> Node:
    """Return a number of at most six digits behind the point as a decimal, which has no exponent."""
    return typed("decimal", f"{value:.6f}")


def typed(datatype: str, value: str) -> Node:
    """Return a value of a type of XML Schema."""
    return {"@type": f"xsd:{datatype}", "@value": value}
