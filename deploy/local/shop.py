"""This is where the whole shop is one object: servers, payment sandbox, services and gateway on this machine."""

from deploy.local.ports import HOST, Ports
from deploy.local.processes import SERVICES, Process, shop_processes
from deploy.local.servers import KeepsDying, LocalServers

__all__ = ["KeepsDying", "LocalServers", "LocalShop", "Ports"]


class LocalShop(LocalServers):
    """Every process of the shop, started at once: each waits by itself for what it stands on."""

    @property
    def urls(self) -> dict[str, str]:
        """Where a person looks: the gateway, its documentation, and the metrics of each process by name."""
        gateway = f"http://{self.ports.address('gateway')}"
        metrics = {f"metrics of {name}": f"http://{HOST}:{port}/metrics" for name, port in self.ports.metrics.items()}
        return {"gateway": gateway, "docs": f"{gateway}/docs", **metrics}

    def _addresses(self) -> dict[str, str]:
        psp, gateway = self.ports.address("psp"), self.ports.address("gateway")
        return {
            **super()._addresses(),
            **{f"{name.upper()}_ADDRESS": self.ports.address(name) for name in SERVICES},
            "SHOP_ENV": "development",
            "PSP_LISTEN": psp,
            "PSP_URL": f"http://{psp}",
            "PSP_WEBHOOK_URL": f"http://{gateway}/v1/payments/webhooks/sandbox",
            "PSP_DATA": str(self.directory / "data" / "psp.sqlite"),
        }

    def _processes(self) -> list[Process]:
        return [*super()._processes(), *shop_processes(self.ports)]
