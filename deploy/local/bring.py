"""This is where `make import` begins: a large file of products goes into a running shop, with a progress bar, and each row
that stayed out is named."""

import asyncio
import hashlib
import sys
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deploy.local.client import Staff
from deploy.local.ports import LAPTOP

_CONSOLE = Console()
_LOOK_S = 0.3
_NAMED = 50  # rows that stayed out, at most


async def bring(staff: Staff, file: bytes, *, publish: bool, look_s: float = _LOOK_S) -> dict[str, Any]:
    """Sends a file and follows its job; answers the job as it ended. The same file again is the same job."""
    key = hashlib.sha256(file + bytes([publish])).hexdigest()
    path = f"/v1/imports?publish={'true' if publish else 'false'}"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=_CONSOLE) as bar:
        task = bar.add_task("Sending", total=None)
        answer = await staff.call("POST", path, raw=file, key=key, Content_Type="text/csv")
        job: dict[str, Any] = answer.expect(202)
        while job["state"] in ("waiting", "running"):
            bar.update(task, description="Taking in", completed=job["done"], total=job["total"] or None)
            await asyncio.sleep(look_s)
            job = await staff.get(f"/v1/jobs/{job['id']}")
        bar.update(task, description=job["state"], completed=job["done"], total=job["total"])
    return job


async def stayed_out(staff: Staff, job_id: str) -> list[dict[str, Any]]:
    """The first rows that did not go in."""
    page = await staff.get(f"/v1/imports/{job_id}/rows?rejected=true&limit={_NAMED}")
    rows: list[dict[str, Any]] = page["items"]
    return rows


async def _main(file: bytes, publish: bool) -> int:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as session:
        staff = await Staff(f"http://127.0.0.1:{LAPTOP['gateway']}", session).sign_in()
        job = await bring(staff, file, publish=publish)
        counts = {row["name"]: row["count"] for row in job["counts"]}
        _CONSOLE.print(
            f"{counts.get('accepted', 0):,} rows went in, {counts.get('rejected', 0):,} stayed out ({job['id']})."
        )
        for row in await stayed_out(staff, job["id"]):
            said = "; ".join(f"{error['column']} {error['message']}".strip() for error in row["errors"])
            _CONSOLE.print(f"  row {row['row']} {row['sku']}: {said}", highlight=False)
        if job["state"] != "done":
            _CONSOLE.print(f"[red]The job {job['state']}: {job['detail']}")
        return 0 if job["state"] == "done" else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("which file? make import FILE=products.csv [PUBLISH=1]")
    sys.exit(asyncio.run(_main(Path(sys.argv[1]).read_bytes(), "--publish" in sys.argv)))
