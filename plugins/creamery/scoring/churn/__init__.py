"""Churn: labels, rule score, candidates, reasons, score."""
