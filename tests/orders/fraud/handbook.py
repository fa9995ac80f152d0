"""This is where card payments are made up, after the simulator of the Fraud Detection Handbook (Le Borgne et al., ULB 2022,
chapter 3): customers and terminals on a map, three kinds of fraud.

1. Every payment above 220 is fraud.
2. Each day two terminals are taken over; all they take for 28 days is fraud.
3. Each day three customers lose their card; for 14 days a third of what they pay is five times as much, and fraud.

Numbers of takeovers are for 5,000 customers and 10,000 terminals; a smaller world has as many fewer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
_TERMINAL_DAYS, _CARD_DAYS, _DELAY = 28, 14, 7


@dataclass(frozen=True)
class World:
    """Payments in order of days. `amount` in whole units of money."""

    customer: Array
    terminal: Array
    day: Array
    amount: Array
    fraud: Array
    customers: int
    terminals: int
    days: int


def world(customers: int, terminals: int, days: int, seed: int = 0) -> World:
    """A made-up world; the same again for the same seed."""
    chance = np.random.default_rng(seed)
    homes, places = chance.uniform(0, 100, (customers, 2)), chance.uniform(0, 100, (terminals, 2))
    mean, often = chance.uniform(5, 100, customers), chance.uniform(0, 4, customers)
    radius = 5 * max(1.0, (10_000 / terminals) ** 0.5)
    near = [np.flatnonzero(((places - home) ** 2).sum(1) < radius**2) for home in homes]
    often *= np.array([bool(len(each)) for each in near])
    counts = chance.poisson(often[:, None], (customers, days))
    customer = np.repeat(np.arange(customers), counts.sum(1))
    day = np.concatenate([np.repeat(np.arange(days), row) for row in counts])
    amount = np.abs(chance.normal(mean[customer], mean[customer] / 2)).round(2)
    amount = np.where(amount < 1, chance.uniform(0, 2 * mean[customer]).round(2), amount)
    sizes = np.array([len(each) for each in near])
    pick = (chance.random(len(customer)) * sizes[customer]).astype(int)
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    terminal = np.concatenate(near)[start[customer] + pick]
    amount, fraud = _defrauded(customer, terminal, day, amount, (customers, terminals, days), chance)
    order = np.argsort(day, kind="stable")
    return World(customer[order], terminal[order], day[order], amount[order], fraud[order], customers, terminals, days)


def _defrauded(
    customer: Array, terminal: Array, day: Array, amount: Array, size: tuple[int, int, int], chance: Any
) -> tuple[Array, Array]:
    customers, terminals, days = size
    fraud = amount > 220
    taken, lost = np.zeros((terminals, days), bool), np.zeros((customers, days), bool)
    for at in range(days):
        for one in chance.integers(0, terminals, chance.poisson(2 * terminals / 10_000)):
            taken[one, at : at + _TERMINAL_DAYS] = True
        for one in chance.integers(0, customers, chance.poisson(3 * customers / 5_000)):
            lost[one, at : at + _CARD_DAYS] = True
    fraud = fraud | taken[terminal, day]
    misused = lost[customer, day] & (chance.random(len(day)) < 1 / 3)
    return np.where(misused, amount * 5, amount), fraud | misused


def rolling(of: World) -> Array:
    """Rolling features of each payment: ratio to the customer's own mean, velocity, amounts, and the terminal's risk of the
    last day, week and month as known a week later. The first column is ones."""
    own_n, own_sum = _sums(of.customer, of.day, of.customers, of.days, (None, of.amount))
    till_n, till_bad = _sums(of.terminal, of.day, of.terminals, of.days, (None, of.fraud))
    here, there = (of.customer, of.day), (of.terminal, np.maximum(of.day - _DELAY, 0))
    overall = of.amount.mean()
    columns = [np.ones(len(of.day))]
    for width in (7, 30):
        n, spent = _last(own_n, here, width), _last(own_sum, here, width)
        usual = (spent + overall) / (n + 1)
        columns += [np.clip(np.log(of.amount + 0.01) - np.log(usual), -3, 3), np.log1p(n)]
    columns.append(np.log1p(_last(own_n, here, 1)))
    columns += [of.amount / 100, np.maximum(0, of.amount - 150) / 100, (of.amount > 220).astype(float)]
    for width in (1, 7, 30):
        n, bad = _last(till_n, there, width), _last(till_bad, there, width)
        columns += [bad / np.maximum(n, 1), np.log1p(bad)]
    return np.stack(columns, axis=1)


def _sums(who: Array, day: Array, many: int, days: int, weights: tuple[Any, ...]) -> list[Array]:
    place = who * days + day
    tables = [np.bincount(place, weights=weight, minlength=many * days).reshape(many, days) for weight in weights]
    return [np.concatenate([np.zeros((many, 1)), np.cumsum(table, axis=1)], axis=1) for table in tables]


def _last(cumulative: Array, at: tuple[Array, Array], width: int) -> Array:
    """What came in the `width` days before this one."""
    who, day = at
    return cumulative[who, day] - cumulative[who, np.maximum(day - width, 0)]
