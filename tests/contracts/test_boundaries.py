"""This is where the house's rules are held: who may import whom, what stands alone, how large a thing may grow."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("catalog", "orders", "logistics", "crm", "marketing", "metrics")
DOORS = {"api", "messages", "neighbours", "store", "service", "__main__", "__init__"}
FRAMEWORKS = {"grpc", "nats", "pymongo", "fastapi", "aiohttp", "motor"}
FRAMEWORK_KIT = {
    "services.kit.rpc",
    "services.kit.jetstream",
    "services.kit.listening",
    "services.kit.relay",
    "services.kit.service",
}
BANNED_NAMES = {"utils", "helpers", "common", "manager", "handler", "models", "schemas", "base"}
FILE_LINES = 300
FUNCTION_LINES = 50
KIT_LINES = 2_600
LONGER: dict[str, str] = {}  # path → why it may be longer


def _sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _features(service: str) -> list[Path]:
    """Every room of a service that is not a door; adapters to the outside live in folders of their own."""
    folder = ROOT / "services" / service
    doors = {"neighbours", "messages", "api"}
    return [
        path
        for path in folder.rglob("*.py")
        if path.stem not in DOORS and not doors & set(path.relative_to(folder).parts[:-1])
    ]


ADAPTERS = {"services/orders/payments/sandbox.py"}  # a feature's folder may hold the adapters of its own Protocol


@pytest.mark.parametrize("service", SERVICES)
def test_features_know_no_framework(service: str) -> None:
    features = _features(service)
    assert features
    guilty = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in features
        if str(path.relative_to(ROOT)) not in ADAPTERS
        for name in _imports(path)
        if name.split(".")[0] in FRAMEWORKS or name in FRAMEWORK_KIT
    }
    assert guilty == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_deployed_alone(service: str, tmp_path: Path) -> None:
    """Kit, contracts and one service in an empty folder: it imports."""
    (tmp_path / "services").mkdir()
    shutil.copy(ROOT / "services/__init__.py", tmp_path / "services")
    for folder in ("kit", service):
        shutil.copytree(ROOT / "services" / folder, tmp_path / "services" / folder)
    code = f"import services.{service}.service as s; assert s.build and s.SETTINGS"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'proto/gen'}"}
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_doors(service: str) -> None:
    folder = ROOT / "services" / service
    for door in ("service.py", "__main__.py", "README.md"):
        assert (folder / door).is_file(), f"services/{service}/{door} is missing"
    for room in ("api", "messages"):
        assert (folder / f"{room}.py").is_file() or (folder / room).is_dir(), f"services/{service}/{room} is missing"
    assert len((folder / "README.md").read_text().splitlines()) <= 80


def test_no_file_and_no_function_outgrows_its_room() -> None:
    too_long: list[str] = []
    for path in _sources("services", "gateway", "deploy", "bench", "tests"):
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if len(text.splitlines()) > FILE_LINES and name not in LONGER:
            too_long.append(f"{name}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    too_long.append(f"{name}: {node.name} has {lines} lines")
    assert too_long == []


def test_the_kit_stays_small() -> None:
    lines = sum(len(path.read_text().splitlines()) for path in (ROOT / "services/kit").rglob("*.py"))
    assert lines <= KIT_LINES, f"the kit has {lines} lines: something must leave"


def test_modules_say_what_they_are_and_are_named_for_it() -> None:
    wrong: list[str] = []
    for path in _sources("services", "gateway", "deploy", "tests"):
        name = str(path.relative_to(ROOT))
        text = path.read_text()
        if path.stem in BANNED_NAMES:
            wrong.append(f"{name}: {path.stem} says nothing")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            wrong.append(f"{name}: no docstring")
    assert wrong == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in _sources("services", "gateway")
        if any(word in path.read_text() for word in ("os.environ", "os.getenv"))
    }
    assert readers <= {"services/kit/settings.py"}


def test_protobufs_own_json_is_nowhere() -> None:
    users = [str(p.relative_to(ROOT)) for p in _sources("services", "gateway") if "json_format" in p.read_text()]
    assert users == []
