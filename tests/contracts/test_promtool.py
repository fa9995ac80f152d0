"""This is where Prometheus's own tool tries the alerts, wherever it is installed (Debian's `prometheus` has it); and where
it is held that each alert has such a test, in which it rings."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

PROMETHEUS = Path(__file__).parents[2] / "deploy/prometheus"
FILES = sorted((PROMETHEUS / "tests").glob("*.yml"))


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_alerts_ring_when_they_should(file: Path) -> None:
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_ringing_and_silent() -> None:
    rules = [yaml.safe_load(path.read_text()) for path in (PROMETHEUS / "rules").glob("*.yml")]
    alerts = {rule["alert"] for file in rules for group in file["groups"] for rule in group["rules"] if "alert" in rule}
    tries = [
        (one["alertname"], bool(one["exp_alerts"]))
        for file in FILES
        for test in yaml.safe_load(file.read_text())["tests"]
        for one in test.get("alert_rule_test", ())
    ]
    assert set(tries) == {(alert, rings) for alert in alerts for rings in (True, False)}
