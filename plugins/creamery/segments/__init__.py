"""Segments: definitions in campaigns/segments, compiled to SQL, their memberships kept in schema scores."""

from creamery.segments.catalogue import DEFINITIONS_FOLDER, Catalogue, load_catalogue
from creamery.segments.compiler import Statement, compile_rule, compile_segment
from creamery.segments.definition import LoadedSegments, SegmentDefinition, load_segments
from creamery.segments.refresh import Outcome, Refreshed, refresh

__all__ = [
    "DEFINITIONS_FOLDER",
    "Catalogue",
    "LoadedSegments",
    "Outcome",
    "Refreshed",
    "SegmentDefinition",
    "Statement",
    "compile_rule",
    "compile_segment",
    "load_catalogue",
    "load_segments",
    "refresh",
]
