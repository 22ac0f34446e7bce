"""Where audiences go, one module per kind of destination."""
