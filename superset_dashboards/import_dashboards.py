"""Import the dashboards of this folder into a running Superset, over its REST API.

    SUPERSET_USER=admin SUPERSET_PASSWORD=... python superset_dashboards/import_dashboards.py --url http://...

SUPERSET_WAREHOUSE_URI (without a password) replaces the warehouse address in databases/creamery.yaml. Import
again at any time: objects keep their ids, and what an earlier import brought and the files no longer contain
is removed. An object counts as ours only if its uuid is the one that we derive from the file name that it
bears, so what people made, copies of our charts included, is never touched. Roles become what roles.yaml says, and
the charts are asked once, so that people find them cached.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bundle import FOLDER, MAINTAINER, BundleError, Spec, compile_bundle, identity, read
from roles import apply_roles, read_roles
from superset_client import ImportFailedError, Superset
from warming import warm

# An object is removed before the ones it uses.
KINDS = ("dashboard", "chart", "dataset", "database")


@dataclass(slots=True)
class Report:
    """What an import did, for people to read."""

    imported: dict[str, int] = field(default_factory=dict)
    pruned: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    dashboards: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield "Imported " + ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in self.imported.items())
        yield from (f"Removed {name}: no longer in the files" for name in self.pruned)
        yield from (f"Kept {name}: not in the files, but people's own objects use it" for name in self.kept)
        yield from (f"{title}: {url}" for title, url in self.dashboards.items())


def described_by(kind: str, item: dict[str, Any]) -> str:
    """The file, without suffix, that an object claims to come from."""
    match kind:
        case "database":
            return f"databases/{item['database_name']}"
        case "dataset":
            return f"datasets/{item['database']['database_name']}/{item['table_name']}"
        case _:
            return str(item.get("certification_details") or "").removesuffix(".yaml")


def is_ours(kind: str, item: dict[str, Any]) -> bool:
    """True for what an import brought: nobody gets our uuid5 by accident, and a copy gets another uuid."""
    return str(item["uuid"]) == identity(described_by(kind, item))


def used_by_people(superset: Superset, kind: str, item: dict[str, Any], ours: set[str]) -> bool:
    """Whether removing our object would break somebody's own dashboard, chart or dataset."""
    match kind:
        case "chart":
            dashboards = {str(dashboard["id"]) for dashboard in item["dashboards"]}
            return bool({f"dashboard {number}" for number in dashboards} - ours)
        case "dataset":
            related = superset.get(f"dataset/{item['id']}/related_objects")["charts"]["result"]
            return bool({f"chart {chart['id']}" for chart in related} - ours)
        case "database":
            sets = superset.every("dataset")
            return any(each["database"]["id"] == item["id"] for each in sets)
        case _:
            return False


def prune(superset: Superset, documents: dict[str, Spec], report: Report) -> None:
    """Remove what is ours and no longer in the files, unless people built on it."""
    wanted = {document["uuid"] for document in documents.values() if "uuid" in document}
    ours: set[str] = set()
    for kind in KINDS:
        for item in [item for item in superset.every(kind) if is_ours(kind, item)]:
            ours.add(f"{kind} {item['id']}")
            if str(item["uuid"]) in wanted:
                continue
            path = f"{described_by(kind, item)}.yaml"
            if used_by_people(superset, kind, item, ours):
                report.kept.append(path)
            else:
                superset.delete(kind, item["id"])
                report.pruned.append(path)


def import_dashboards(superset: Superset, folder: Path = FOLDER, warehouse_uri: str | None = None) -> Report:
    """Raises BundleError for wrong files, ImportFailedError for a Superset that does not take them."""
    documents = compile_bundle(read(folder), warehouse_uri)
    superset.import_assets(documents)
    report = Report()
    for kind in reversed(KINDS):
        report.imported[kind] = sum(path.startswith(f"{kind}s/") for path in documents)
    prune(superset, documents, report)
    apply_roles(superset, read_roles(folder))
    superset.forget_cached([item["id"] for item in superset.every("dataset") if is_ours("dataset", item)])
    report.dashboards = {
        spec["dashboard_title"]: f"{superset.url}/superset/dashboard/{spec['slug']}/"
        for path, spec in documents.items()
        if path.startswith("dashboards/")
    }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=f"Import {MAINTAINER}'s dashboards into a running Superset.")
    parser.add_argument("--url", required=True, help="where Superset is, for example http://127.0.0.1:8088")
    url = parser.parse_args().url
    user, password = (os.environ.get(name) for name in ("SUPERSET_USER", "SUPERSET_PASSWORD"))
    if not user or not password:
        sys.exit("Set SUPERSET_USER and SUPERSET_PASSWORD to an administrator of Superset.")
    try:
        superset = Superset(url, user, password)
        report = import_dashboards(superset, warehouse_uri=os.environ.get("SUPERSET_WAREHOUSE_URI"))
    except (BundleError, ImportFailedError) as error:
        sys.exit(str(error))
    print("\n".join(report.lines()))
    for chart, problem in warm(superset, read()).items():
        print(f"Chart {chart} does not answer: {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
