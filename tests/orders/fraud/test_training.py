"""This is where it is held what training may and may not do to the rules."""

import random
import subprocess
import sys

from services.kit.computing import apart
from services.orders.fraud.signals import BIAS, SIGNALS
from services.orders.fraud.training import Learnt, Sample, learn

RULES = {name: signal.weight for name, signal in SIGNALS.items()}


def past(orders: int, odds_of_guest: float, seed: int = 3) -> list[Sample]:
    """Orders of which guests are fraud more often than the rules believe, and nothing else says anything."""
    chance, rows = random.Random(seed), []
    for _ in range(orders):
        guest = chance.random() < 0.3
        fraud = chance.random() < (odds_of_guest if guest else 0.002)
        found = {"guest": 1.0} if guest else {}
        if chance.random() < 0.5:
            found["new_address"] = 1.0
        rows.append(Sample(found, fraud))
    return rows


def learnt(samples: list[Sample]) -> Learnt:
    return learn(samples, RULES, BIAS, {}, BIAS)


def test_much_that_was_seen_moves_a_weight_and_little_does_not() -> None:
    many, few = learnt(past(6_000, 0.08)), learnt(past(150, 0.08))
    assert many.taken and many.weights["guest"] > 1.5 > few.weights["guest"] > 0
    assert many.weights["new_address"] < 0.3 < RULES["new_address"]
    assert many.weights["name_differs"] == RULES["name_differs"]  # never seen: the rule stands
    assert many.loss < many.loss_before and many.auc > 0.75


def test_a_model_no_better_than_the_one_in_use_is_not_taken() -> None:
    samples = past(4_000, 0.08)
    first = learnt(samples)
    again = learn(samples, RULES, BIAS, first.weights, first.bias)
    assert first.taken and not again.taken
    assert not learn([Sample({}, False)] * 200, RULES, BIAS, {}, BIAS).taken  # nothing bad to measure it on


def test_those_that_were_left_out_count() -> None:
    samples = past(4_000, 0.08)
    thinned = [each for n, each in enumerate(samples) if each.fraud or n % 4 == 0]
    weighed = [Sample(each.features, each.fraud, 1.0 if each.fraud else 4.0) for each in thinned]
    assert abs(learnt(weighed).bias - learnt(samples).bias) < 0.1 < abs(learnt(thinned).bias - learnt(samples).bias)


async def test_it_is_learnt_in_a_process_of_its_own() -> None:
    found: Learnt = await apart(learn, past(400, 0.2), RULES, BIAS, {}, BIAS)
    assert set(found.weights) == set(SIGNALS)


def test_the_service_itself_never_loads_what_it_is_learnt_with() -> None:
    code = "import sys, services.orders.service; print(*{'numpy', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
