"""Write the JSON schemas of `job.json` and of a list of models from their dataclasses: `python docs/make_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from TransferSegLib.core.records import json_schema
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.sources.downloads import Download, Listing

SCHEMA = Path(__file__).with_name("job.schema.json")
CATALOGUE_SCHEMA = Path(__file__).with_name("catalogue.schema.json")
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    return json.dumps({"$schema": DRAFT, "title": "TransferSeg job", **json_schema(JobSpec)}, indent=2) + "\n"


def catalogue_schema_text() -> str:
    schema = {"$schema": DRAFT, "title": "TransferSeg list of models", **json_schema(Listing)}
    schema["properties"]["entries"]["items"] = json_schema(Download)
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    CATALOGUE_SCHEMA.write_text(catalogue_schema_text(), encoding="utf-8")
