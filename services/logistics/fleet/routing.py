"""This is where stops are put on routes: capacity, time windows, shifts; by PyVRP (hybrid iterated local search). Pure.

Run it `apart`: numpy and PyVRP are imported by the process that solves, never by the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TOO_MUCH, TOO_LATE, NO_ROOM = "too_much_for_any_vehicle", "window_out_of_reach", "no_room_left"
_IDLE_ITERATIONS = 3_000  # so long nothing better is found: it is good enough, and the same on every machine


@dataclass(frozen=True, slots=True)
class Stop:
    """Someone to bring something to. Times are seconds of the day of the plan."""

    grams: int
    pieces: int
    earliest_s: int
    latest_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Van:
    """What can be carried, and when. `fixed` is what taking it out at all is worth in metres of way."""

    grams: int
    pieces: int
    from_s: int
    until_s: int
    fixed: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Place 0 is the depot, place n + 1 that of stop n. Metres and seconds from each place to each."""

    metres: Sequence[Sequence[int]]
    seconds: Sequence[Sequence[int]]
    stops: Sequence[Stop]
    vans: Sequence[Van]
    limit_s: float = 10.0
    seed: int = 1
    idle_iterations: int = _IDLE_ITERATIONS


@dataclass(frozen=True, slots=True)
class Visit:
    """Stop number `stop` is reached and served at these seconds of the day."""

    stop: int
    arrives_s: int
    served_s: int


@dataclass(frozen=True, slots=True)
class Tour:
    """What van number `van` does: its visits in order, when it leaves and is back, and its way in metres."""

    van: int
    visits: list[Visit]
    leaves_s: int
    back_s: int
    metres: int


@dataclass(frozen=True, slots=True)
class Solved:
    """The tours, and why a stop is in none (by its number)."""

    tours: list[Tour]
    unserved: dict[int, str]

    @property
    def metres(self) -> int:
        """Of all tours together."""
        return sum(tour.metres for tour in self.tours)


def solve(problem: Problem) -> Solved:
    """The shortest tours found. Stops that fit nowhere are left out, with the reason. The same seed gives the same tours
    unless the time limit ends the search first."""
    hopeless = {n: why for n in range(len(problem.stops)) if (why := hopeless_because(problem, n))}
    hopeful = [n for n in range(len(problem.stops)) if n not in hopeless]
    if not hopeful:
        return Solved([], hopeless)
    tours = _tours(problem, hopeful)
    visited = {visit.stop for tour in tours for visit in tour.visits}
    return Solved(tours, hopeless | {n: NO_ROOM for n in hopeful if n not in visited})


def hopeless_because(problem: Problem, number: int) -> str:
    """Why no van could bring it even if it brought nothing else; empty when one could."""
    stop, there, back = problem.stops[number], problem.seconds[0][number + 1], problem.seconds[number + 1][0]
    strong = [van for van in problem.vans if van.grams >= stop.grams and van.pieces >= stop.pieces]
    if not strong:
        return TOO_MUCH if problem.vans else NO_ROOM
    for van in strong:
        begins = max(van.from_s + there, stop.earliest_s)
        if begins <= stop.latest_s and begins + stop.service_s + back <= van.until_s:
            return ""
    return TOO_LATE


def _tours(problem: Problem, hopeful: Sequence[int]) -> list[Tour]:
    import numpy
    import pyvrp
    from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

    places = [0, *(n + 1 for n in hopeful)]
    metres: Any = numpy.array([[problem.metres[a][b] for b in places] for a in places], dtype=numpy.int64)
    seconds: Any = numpy.array([[problem.seconds[a][b] for b in places] for a in places], dtype=numpy.int64)
    # Leaving a stop out costs more than any way to it, so that it is left out only where it cannot be brought; and being
    # too full or too late can always cost more than that.
    prize = 2 * int(metres.max()) + max(van.fixed for van in problem.vans) + 1
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=100.0 * prize))
    clients = [_client(place, problem.stops[n], prize) for place, n in enumerate(hopeful, 1)]
    vans = [
        pyvrp.VehicleType(1, [van.grams, van.pieces], 0, 0, van.fixed, van.from_s, van.until_s) for van in problem.vans
    ]
    where = [pyvrp.Location(0, 0) for _ in places]  # the ways between them are given
    data = pyvrp.ProblemData(where, clients, [pyvrp.Depot(0)], vans, [metres], [seconds])
    stop = MultipleCriteria([MaxRuntime(problem.limit_s), NoImprovement(problem.idle_iterations)])
    nobody = pyvrp.Solution(data, [])  # all stops may be left out: the search begins with what is allowed
    best = pyvrp.solve(data, stop, problem.seed, collect_stats=False, params=params, initial_solution=nobody).best
    return [_tour(problem, hopeful, route) for route in best.routes()]


def _client(place: int, stop: Stop, prize: int) -> Any:
    import pyvrp

    return pyvrp.Client(
        place,
        delivery=[stop.grams, stop.pieces],
        service_duration=stop.service_s,
        tw_early=stop.earliest_s,
        tw_late=stop.latest_s,
        prize=prize,
        required=False,
    )


def _tour(problem: Problem, hopeful: Sequence[int], route: Any) -> Tour:
    """PyVRP's route in our words. It tells when it is at work at a stop; when it arrives there follows from the way."""
    visits, place, left = [], 0, int(route.start_time())
    for activity in route.schedule():
        if activity.is_client():
            number = hopeful[activity.idx]
            arrives = left + problem.seconds[place][number + 1]
            place, left = number + 1, activity.end_time
            visits.append(Visit(number, arrives, left))
    return Tour(route.vehicle_type(), visits, int(route.start_time()), int(route.end_time()), int(route.distance()))
