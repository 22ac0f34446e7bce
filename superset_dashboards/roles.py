"""Superset's roles as a file: roles.yaml, applied over the REST API with every import.

Superset knows permissions by ids, and those on databases differ per installation, so the file names them as
Superset shows them: '<permission> on <resource>'.
"""

from pathlib import Path
from typing import Any

import yaml
from superset_client import ImportFailedError, Superset

Spec = dict[str, Any]


def read_roles(folder: Path) -> dict[str, Spec]:
    roles: dict[str, Spec] = yaml.safe_load((folder / "roles.yaml").read_text())
    return roles


def apply_roles(superset: Superset, roles: dict[str, Spec]) -> None:
    """Make the roles what the file says; who has a role keeps it. ImportFailedError names what does not exist."""
    known = {
        f"{each['permission']['name']} on {each['view_menu']['name']}": each["id"]
        for each in superset.every("security/permissions-resources")
    }
    existing = {role["name"]: role["id"] for role in superset.every("security/roles")}
    databases = {each["database_name"]: each["id"] for each in superset.every("database")}
    for name, spec in roles.items():
        for kind, written, there in (("role", "bases", existing), ("database", "databases", databases)):
            if missing := sorted(set(spec[written]) - set(there)):
                raise ImportFailedError(f"roles.yaml: {name} names the {kind} {missing[0]!r}, which Superset lacks")
        wanted = _inherited(superset, [existing[base] for base in spec["bases"]])
        if unknown := sorted(set(spec["without"]) - wanted):
            raise ImportFailedError(f"roles.yaml: {name} is to go without {unknown[0]!r}, which its bases do not give")
        wanted -= set(spec["without"])
        wanted |= {f"database_access on [{database}].(id:{databases[database]})" for database in spec["databases"]}
        number = existing.get(name) or _create(superset, name)
        body = {"permission_view_menu_ids": sorted(known[each] for each in wanted)}
        superset.ask("POST", f"security/roles/{number}/permissions", f"giving {name} its permissions", json=body)


def _inherited(superset: Superset, bases: list[int]) -> set[str]:
    return {
        f"{each['permission_name']} on {each['view_menu_name']}"
        for base in bases
        for each in superset.get(f"security/roles/{base}/permissions/")["result"]
    }


def _create(superset: Superset, name: str) -> int:
    answer = superset.ask("POST", "security/roles/", f"creating role {name}", json={"name": name}).json()
    return int(answer["id"])
