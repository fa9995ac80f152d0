"""This is where what is remembered is forgotten in time."""

from services.orders.memory import Memory


class Watch:
    """Tells the seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_it_is_bounded_and_forgets_what_was_not_used_longest() -> None:
    memory: Memory[str, int] = Memory(2, 10)
    for number, key in enumerate("ab"):
        memory.put(key, number, memory.stamp())
    assert memory.get("a") == 0
    memory.put("c", 2, memory.stamp())
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (0, None, 2, 2)


def test_it_forgets_on_time_but_can_be_asked_for_what_is_old() -> None:
    watch = Watch()
    memory: Memory[str, int] = Memory(2, 2.0, watch)
    memory.put("a", 1, memory.stamp())
    watch.seconds = 3
    assert (memory.get("a"), memory.get("a", 300)) == (None, 1)


def test_an_answer_asked_for_before_a_change_is_not_remembered_after_it() -> None:
    memory: Memory[str, int] = Memory(2, 2.0)
    stamp = memory.stamp()
    memory.drop("a")
    memory.put("a", 1, stamp)
    assert memory.get("a") is None
    memory.put("a", 2, memory.stamp())
    memory.clear()
    assert memory.get("a", 300) is None
