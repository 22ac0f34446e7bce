"""Health check of a container: is this address answering, and does it call this part of Airflow healthy?

    healthy.py http://localhost:8088/health
    healthy.py http://airflow-api-server:8080/api/v2/monitor/health scheduler

Exit code 0 means healthy. Airflow's own check per part (`airflow jobs check`) takes seconds.
"""

import json
import sys
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 8


def is_healthy(address: str, part: str | None) -> bool:
    # Superset behind a TLS proxy redirects what does not come from it.
    request = Request(address, headers={"X-Forwarded-Proto": "https"})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return part is None or json.load(answer)[part]["status"] == "healthy"
    except OSError as error:  # urllib's errors are of this kind
        print(f"{address}: {error}", file=sys.stderr)
        return False


def main() -> int:
    address, *part = sys.argv[1:]
    return 0 if is_healthy(address, part[0] if part else None) else 1


if __name__ == "__main__":
    sys.exit(main())
