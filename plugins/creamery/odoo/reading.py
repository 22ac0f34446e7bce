"""Which methods change nothing, and may be called again without a thought."""

_READS = frozenset({"search_read", "search_count", "search", "read", "fields_get"})


def is_read(method: str) -> bool:
    return method in _READS
