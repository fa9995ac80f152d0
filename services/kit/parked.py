"""This is where parked events are shown and told again: `make parked`, `make parked RETELL=evt_…` (or `all`)."""

import argparse
import asyncio
from typing import Any

from services.kit.jetstream import Bus
from services.kit.service import connect_mongo
from services.kit.settings import PORTS, Settings


async def _main(retell: str) -> None:
    settings = Settings()
    client = connect_mongo(settings.mongo_url)
    bus = Bus(settings.nats_url, settings.event_prefix, "parked")
    await asyncio.wait_for(bus.connect_for_ever(), 5)
    count = 0
    for service in PORTS:
        parked = client[f"{settings.database_prefix}{service}"]["parked"]
        async for row in parked.find({}).sort("_id", 1):
            count += 1
            print(f"{row['_id']}  {service:<10} {row['subject']:<42} {row['parked_at']:%F %T}  {row['cause'][:80]}")
            if retell in ("all", row["_id"]):
                await _tell_again(bus, row)
                await parked.delete_one({"_id": row["_id"]})
                print("    told again")
    print(f"{count} parked" if count else "Nothing is parked.")
    if count and not retell:
        print("Tell one again: make parked RETELL=evt_…   or all of them: make parked RETELL=all")
    await bus.close()
    await client.close()


async def _tell_again(bus: Bus, row: dict[str, Any]) -> None:
    # Without its old message id: JetStream would take it for the duplicate it is. Every listener bears hearing it twice.
    headers = {name: value for name, value in row["headers"].items() if name != "Nats-Msg-Id"}
    await bus.client.jetstream().publish(bus.subject(row["subject"]), row["data"], headers=headers)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Shows parked events and tells them again.")
    parser.add_argument("--retell", default="", help="an event's id, or `all`")
    asyncio.run(_main(parser.parse_args().retell))


if __name__ == "__main__":
    main()
