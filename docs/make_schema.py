"""Write job.schema.json, the JSON schema of `job.json`, from the dataclass that reads it: `python docs/make_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from TransferSegLib.core.records import json_schema
from TransferSegLib.jobs.spec import JobSpec

SCHEMA = Path(__file__).with_name("job.schema.json")


def schema_text() -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "TransferSeg job"}
    return json.dumps({**head, **json_schema(JobSpec)}, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
