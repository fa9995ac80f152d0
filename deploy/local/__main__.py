"""This is where `make run` starts the shop, says when it is ready, and stops it on Ctrl-C."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from rich.console import Console

from deploy.local.ports import Ports, PortTaken
from deploy.local.shop import KeepsDying, LocalShop
from deploy.local.supervision import Info

_LOOK_EVERY_S = 1.0
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Runs until SIGINT or SIGTERM; 0 after an orderly stop, 1 when the shop could not start."""
    arguments = _arguments()
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    ports = Ports.free() if arguments.free_ports else Ports()
    elsewhere = {name: os.environ[name] for name in ("MONGO_URL", "NATS_URL") if os.environ.get(name)}
    shop = LocalShop(arguments.directory, ports, elsewhere)
    try:
        shop.start()
    except (PortTaken, FileNotFoundError) as reason:
        return _refuse(reason)
    try:
        shop.wait_ready(_tell_ready, stop=stopped)
        if not stopped.is_set():
            _invite(shop)
            _watch(shop, stopped)
    except KeepsDying as reason:
        return _refuse(reason)
    finally:
        _stop(shop)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description="The whole shop on this machine.")
    parser.add_argument("--free-ports", action="store_true", help="use any free ports, beside whatever runs already")
    parser.add_argument("--directory", type=Path, default=Path(".run"), help="data and logs (default: .run)")
    return parser.parse_args()


def _refuse(reason: Exception) -> int:
    console.print("[red]The shop is not open:[/]", end=" ")
    console.print(str(reason), markup=False)
    return 1


def _tell_ready(name: str, seconds: float) -> None:
    console.print(f"  [green]✓[/] {name:<10} {seconds:4.1f} s")


def _invite(shop: LocalShop) -> None:
    urls = shop.urls
    console.print(
        f"\n[bold green]The shop is open:[/] {urls['gateway']}   documentation {urls['docs']}   "
        f"metrics {urls['metrics of gateway']}\n"
        f"Logs are in {shop.directory / 'logs'}, data in {shop.directory / 'data'}. Ctrl-C closes it.\n"
    )


def _watch(shop: LocalShop, stopped: Event) -> None:
    before = shop.info()
    while not stopped.wait(_LOOK_EVERY_S):
        if not shop.supervisor.running:
            raise KeepsDying("supervisord is gone; its log: " + str(shop.supervisor.log("supervisord")))
        now = shop.info()
        for name in now:
            _tell_change(shop, name, before, now)
        before = now or before


def _tell_change(shop: LocalShop, name: str, before: Mapping[str, Info], now: Mapping[str, Info]) -> None:
    was, new = before[name], now[name]
    if new.given_up and not was.given_up:
        console.print(f"[red]{name} keeps dying and was given up.[/] From {shop.supervisor.log(name)}:", markup=True)
        console.print(shop.supervisor.last_words(name), markup=False)
    elif new.pid and was.pid != new.pid:
        console.print(f"[yellow]{name} died and was started again;[/] its log: {shop.supervisor.log(name)}")


def _stop(shop: LocalShop) -> None:
    # A second Ctrl-C must not leave half a shop behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    shop.stop()
    console.print("The shop is closed; its data stays for the next time.")


if __name__ == "__main__":
    sys.exit(main())
