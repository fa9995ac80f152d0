"""This is where Prometheus's own tool tries the alerts that have tests, wherever it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "deploy/prometheus/tests").glob("*.yml"))


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_alerts_ring_when_they_should(file: Path) -> None:
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
