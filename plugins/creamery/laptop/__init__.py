"""One machine's installation: embedded PostgreSQL, Airflow and Superset, and the commands of the Makefile.

Imports nothing of Airflow; talks to it over its REST API.
"""
