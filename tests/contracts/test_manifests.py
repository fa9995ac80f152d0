"""This is where the manifests are rendered as a cluster gets them and held to the rules of deploy/k8s/README.md."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.kit.settings import PORTS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = list(PORTS)
PROCESSES = [*SERVICES, "gateway"]
KUBERNETES = "1.37"
NAME = "app.kubernetes.io/name"
Manifest = dict[str, Any]


@cache
def rendered(overlay: str) -> list[Manifest]:
    kubectl = Path(sys.executable).with_name("kubectl")
    command = [str(kubectl), "kustomize", str(DEPLOY / "k8s" / overlay)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return list(yaml.safe_load_all(answer.stdout))


def of_kind(overlay: str, *kinds: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in rendered(overlay) if each["kind"] in kinds}


def workloads(overlay: str) -> dict[str, Manifest]:
    return of_kind(overlay, "Deployment", "StatefulSet", "Job")


def pods_and_containers(overlay: str) -> Iterator[tuple[str, Manifest, Manifest]]:
    for name, workload in workloads(overlay).items():
        pod = workload["spec"]["template"]["spec"]
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            yield name, pod, container


both = pytest.mark.parametrize("overlay", ["production", "local"])


@both
def test_every_object_is_valid_to_the_letter(overlay: str) -> None:
    objects = rendered(overlay)
    for each in objects:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)
        assert each["metadata"].get("namespace", each["metadata"]["name"]) == "shop", each
    assert len(objects) > 50


@both
def test_no_container_can_do_more_than_it_must(overlay: str) -> None:
    for name, pod, container in pods_and_containers(overlay):
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True and context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name


@both
def test_every_container_has_bounds_and_an_exact_image(overlay: str) -> None:
    for name, _, container in pods_and_containers(overlay):
        resources = container["resources"]
        for bound in ("requests", "limits"):
            assert set(resources[bound]) == {"cpu", "memory"}, f"{name}: {bound}"
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+(-\w+)?", container["image"]), container["image"]


@both
def test_what_runs_is_probed_and_spread(overlay: str) -> None:
    for name, workload in of_kind(overlay, "Deployment", "StatefulSet").items():
        pod = workload["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] >= 40, name
        labels = workload["spec"]["template"]["metadata"]["labels"]
        for spread in pod["topologySpreadConstraints"]:
            assert spread["labelSelector"]["matchLabels"].items() <= labels.items(), name
        for container in pod["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container), name
            # A service lives while its loop turns; that its database is away is a matter of readiness.
            if "grpc" in container["livenessProbe"]:
                assert container["livenessProbe"]["grpc"]["service"] == "live"
                assert "service" not in container["readinessProbe"]["grpc"]


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_scales_survives_a_drain_and_has_a_policy(process: str) -> None:
    name = f"shop-{process}"
    labels = of_kind("production", "Deployment")[name]["spec"]["template"]["metadata"]["labels"]
    scaler = of_kind("production", "HorizontalPodAutoscaler")[name]["spec"]
    assert scaler["scaleTargetRef"]["name"] == name and scaler["minReplicas"] >= 2
    assert "replicas" not in of_kind("production", "Deployment")[name]["spec"]
    for kind, path in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        selector = of_kind("production", kind)[name]["spec"][path]["matchLabels"]
        assert selector.items() <= labels.items() and selector[NAME] == process


def test_servers_are_three_with_disks_of_their_own_and_lose_one_at_a_time() -> None:
    for name in ("nats", "mongodb"):
        server = of_kind("production", "StatefulSet")[name]["spec"]
        assert server["replicas"] == 3 and server["volumeClaimTemplates"]
        assert server["template"]["spec"]["affinity"]["podAntiAffinity"]
        assert of_kind("production", "PodDisruptionBudget")[name]["spec"]["maxUnavailable"] == 1
        assert name in of_kind("production", "NetworkPolicy")


@both
def test_nothing_is_reached_unless_a_policy_says_so(overlay: str) -> None:
    policies = of_kind(overlay, "NetworkPolicy")
    deny = policies.pop("deny-all-but-dns")["spec"]
    assert deny["podSelector"] == {} and deny["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny and {port["port"] for rule in deny["egress"] for port in rule["ports"]} == {53}
    for name, workload in workloads(overlay).items():
        policy = policies[name]["spec"]
        assert (
            policy["podSelector"]["matchLabels"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
        )
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        rules = [*policy.get("ingress", []), *policy.get("egress", [])]
        assert all(rule.get("ports") and (rule.get("from") or rule.get("to")) for rule in rules), name


def allowed(process: str, direction: str, end: str) -> set[str]:
    """The processes and servers one process's policy names at the other end."""
    rules = of_kind("production", "NetworkPolicy")[f"shop-{process}"]["spec"][direction]
    selectors = [peer.get("podSelector", {}).get("matchExpressions", []) for rule in rules for peer in rule[end]]
    return {value for each in selectors for wanted in each for value in wanted["values"]}


def folder_of(process: str) -> Path:
    return ROOT / ("gateway" if process == "gateway" else f"services/{process}")


def called_by(process: str) -> set[str]:
    """Whose gRPC stubs a process's code makes, and which servers it talks to: every service to both by its kit."""
    code = "\n".join(path.read_text() for path in folder_of(process).rglob("*.py"))
    stubs = re.findall(r"\bshop\.(\w+)\.v1(?:\.\w+_pb2_grpc| import (?:\([^)]*|[^\n]*)_pb2_grpc)", code)
    servers = {"mongodb": r"pymongo|connect_mongo", "nats": r"\bimport nats\b|\bBus\b"}
    used = {server for server, sign in servers.items() if process in SERVICES or re.search(sign, code)}
    return (set(stubs) & set(SERVICES) - {process}) | used


def test_both_ends_of_every_call_agree() -> None:
    for service in SERVICES:
        callers = {caller for caller in PROCESSES if service in allowed(caller, "egress", "to")}
        assert allowed(service, "ingress", "from") == callers, f"deploy/k8s/{service}/kustomization.yaml"


@pytest.mark.parametrize("process", PROCESSES)
def test_what_the_code_calls_is_what_the_policy_allows(process: str) -> None:
    assert folder_of(process).is_dir(), "not written yet"
    assert called_by(process) == allowed(process, "egress", "to"), f"deploy/k8s/{process}/kustomization.yaml"


def test_production_secrets_are_mounted_files_and_none_is_in_the_manifests() -> None:
    assert not of_kind("production", "Secret")
    for name, pod, container in pods_and_containers("production"):
        assert not any("secretKeyRef" in str(variable) for variable in container.get("env", [])), name
        mounted = {mount["name"] for mount in container["volumeMounts"] if mount.get("readOnly")}
        secret = [volume["name"] for volume in pod["volumes"] if "secret" in volume or "projected" in volume]
        assert secret and set(secret) <= mounted, name


def test_production_is_not_development() -> None:
    settings = next(
        each["data"] for name, each in of_kind("production", "ConfigMap").items() if name.startswith("settings")
    )
    assert settings["SHOP_ENV"] == "production" and float(settings["DRAIN_S"]) >= 2
    for service in SERVICES:
        host, port = settings[f"{service.upper()}_ADDRESS"].removeprefix("dns:///").split(":")
        assert of_kind("production", "Service")[host]["spec"]["ports"][0]["port"] == int(port)


def test_compose_knows_every_process_and_pins_the_same_servers() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert {*PROCESSES, "psp", "mongodb", "nats", "prometheus", "grafana", "collector"} == set(compose)
    assert all(re.search(r":v?\d+\.\d+\.\d+", service["image"]) for service in compose.values())
    for service in compose.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), f"{source} is mounted but not there"
    for name in ("mongodb", "nats"):
        pod = of_kind("production", "StatefulSet")[name]["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"] == compose[name]["image"]


@pytest.mark.parametrize("place", ["local/mongod.py", "compose.yaml", "k8s/mongodb/mongod.sh"])
def test_who_dies_within_a_transaction_holds_what_it_touched_no_longer_than_a_lease(place: str) -> None:
    assert "transactionLifetimeLimitSeconds=10" in (DEPLOY / place).read_text()


def test_prometheus_looks_at_every_process() -> None:
    scraping = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert scraping["scrape_configs"][0]["file_sd_configs"] == [{"files": ["targets/shop.yml"]}]
    for targets in ("shop", "compose"):
        groups = yaml.safe_load((DEPLOY / "prometheus" / "targets" / f"{targets}.yml").read_text())
        assert {group["labels"]["process"] for group in groups} == set(PROCESSES)
