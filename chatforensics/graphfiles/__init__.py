"""Graphs as GraphML, GEXF and node-link JSON bytes, the same bytes on every run.

All three are written here from two tables, some thousand rows at a time: networkx holds a graph in objects many times
as large, and its own writers hold a tree of elements beside it and stamp the day into the file. What is written reads
back with networkx.
"""

from chatforensics.graphfiles.markup import gexf_bytes, graphml_bytes
from chatforensics.graphfiles.nodelink import json_bytes
from chatforensics.graphfiles.table import AnyGraph, GraphTable

__all__ = ["AnyGraph", "GraphTable", "gexf_bytes", "graphml_bytes", "json_bytes"]
