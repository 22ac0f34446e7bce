"""Who is written to, about what, and what came of it."""
