"""The shape of the house: which layer builds on which, who imports what; held by the dbt manifest and the tree."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins" / "creamery"
PARENTS = {
    "staging": {"source"},
    "staging/ops": {"source"},
    "staging/scores": {"source"},
    "intermediate": {"staging", "staging/ops", "intermediate", "seeds"},
    "star": {"staging", "staging/ops", "intermediate", "star", "seeds"},
    "marts": {"star", "marts", "seeds", "staging/ops", "staging/scores"},
    # Memberships of segments carry their own days: no mart lies between them and their lists and views.
    "audiences": {"audiences", "marts", "star", "seeds", "staging/ops", "staging/scores"},
    "reporting": {"star", "marts", "audiences", "staging/ops", "staging/scores"},
}
# The published generation is how every reader reaches star and marts.
READS_LATEST, READS_PUBLISHED = {"star", "marts"}, {"audiences", "reporting"}


def layer_of(node: dict[str, Any]) -> str:
    if node["resource_type"] in ("seed", "source"):
        return {"seed": "seeds", "source": "source"}[node["resource_type"]]
    parts = Path(node["original_file_path"]).parts[1:]
    folder = "/".join(parts[:2])
    return folder if folder in ("staging/ops", "staging/scores") else parts[0]


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_each_layer_builds_on_those_it_may(manifest: dict[str, Any]) -> None:
    everything = manifest["nodes"] | manifest["sources"]
    wrong = []
    for model in models(manifest):
        allowed = PARENTS[layer_of(model)]
        for parent in model["depends_on"]["nodes"]:
            # published() asks staging/ops which generation readers see.
            if layer_of(everything[parent]) not in allowed and not is_clock_of_days(model, parent):
                wrong.append(f"{model['name']} <- {parent}")
    assert wrong == []


def is_clock_of_days(model: dict[str, Any], parent: str) -> bool:
    """business_date() reads the time zone from ops.warehouse wherever a moment becomes a day: in staging only."""
    return parent == "source.creamery.ops.warehouse" and layer_of(model) == "staging"


def test_every_model_says_its_grain(manifest: dict[str, Any]) -> None:
    without = [
        model["name"]
        for model in models(manifest)
        if not re.search(r"Grain: one row(\.| per .+\.)( |$)?", " ".join(model["description"].split()))
    ]
    assert without == []


def test_star_and_marts_are_read_by_generation(manifest: dict[str, Any]) -> None:
    """A bare ref() to a permanent table would see rows of several generations."""
    permanent = {m["name"] for m in models(manifest) if m["config"]["materialized"] == "permanent_table"}
    wrong = []
    for model in models(manifest):
        code = model["raw_code"]
        for name in permanent:
            if re.search(rf"""ref\(["']{name}["']\)""", code):
                wrong.append(f"{model['name']}: ref({name})")
            if f'latest("{name}")' in code and layer_of(model) not in READS_LATEST:
                wrong.append(f"{model['name']}: latest({name})")
            if f'published("{name}")' in code and layer_of(model) not in READS_PUBLISHED:
                wrong.append(f"{model['name']}: published({name})")
    assert wrong == []


def test_what_readers_see_is_contracted(manifest: dict[str, Any]) -> None:
    without = [
        model["name"]
        for model in models(manifest)
        if model["config"]["schema"] in READS_LATEST | READS_PUBLISHED and not model["config"]["contract"]["enforced"]
    ]
    assert without == []


@pytest.mark.parametrize(
    "folder",
    ["dbt_project/models", *(f"plugins/creamery/{name}" for name in ("audiences", "carts", "push", "segments"))],
)
def test_no_wall_clock_in_business_logic(folder: str) -> None:
    clock = re.compile(r"current_date|current_timestamp|\bnow\(\)|date\.today|datetime\.(utc)?now", re.I)
    # When a file was written and removed: audit, not meaning.
    audit = re.compile(r"(exported|dropped)_at = now\(\)")
    assert (ROOT / folder).is_dir()
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".sql", ".py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if clock.search(audit.sub("", line))
    ]
    assert found == []


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_only_orchestration_imports_airflow() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for path in PLUGINS.rglob("*.py")
        if PLUGINS / "orchestration" not in path.parents
        and any(name.split(".")[0] == "airflow" for name in imports_of(path))
    ]
    assert offenders == []


def test_warehouse_connections_are_opened_in_one_place() -> None:
    """Others that connect do so to sources, to write into them, as administrators, or to the laptop's own server."""
    elsewhere = {"demo_shop", "extract", "laptop"}
    writers_into_odoo = {"loyalty/session.py", "push/destinations/addon_tables.py"}
    offenders = [
        str(path.relative_to(ROOT))
        for path in PLUGINS.rglob("*.py")
        if "psycopg.connect(" in path.read_text()
        and path.name not in ("warehouse.py", "warehouse_bootstrap.py")
        and path.relative_to(PLUGINS).parts[0] not in elsewhere
        and str(path.relative_to(PLUGINS)) not in writers_into_odoo
    ]
    assert offenders == []


def test_dag_files_only_wire() -> None:
    for path in (ROOT / "dags").glob("*.py"):
        text = path.read_text()
        code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert len(code) <= 80, path.name
        top_level = {name for node in ast.parse(text).body for name in imports_of_node(node)}
        assert not {name.split(".")[0] for name in top_level} & {
            "pandas",
            "numpy",
            "psycopg",
            "os",
            "sklearn",
        }, path.name
        assert not re.search(
            r"\bselect\b.*\bfrom\b", text.lower().replace(ast.get_docstring(ast.parse(text)) or "", "")
        ), path.name


def imports_of_node(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module} if isinstance(node, ast.ImportFrom) and node.module else set()


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_file_of_everything() -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix in (".py", ".sql") and len(path.read_text().splitlines()) > 450
    ]
    assert long == []


def test_locks_carry_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert not re.search(r"://|--(extra-)?index|--find-links", text), path.name
        assert text.count("--hash=sha256:") >= len(re.findall(r"^[a-z0-9].*==", text, re.M)), path.name
