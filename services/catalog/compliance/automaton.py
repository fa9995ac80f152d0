"""This is where many words are looked for in one pass over a text (Aho and Corasick, 1975). Pure."""

from collections import deque
from collections.abc import Iterable, Iterator


class Automaton:
    """Finds every occurrence of every pattern, overlapping ones too, in time linear in the text and what is found."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._steps: list[dict[str, int]] = [{}]
        self._ends: list[list[str]] = [[]]
        for pattern in filter(None, patterns):
            self._add(pattern)
        self._links = [0] * len(self._steps)
        self._link()

    def _add(self, pattern: str) -> None:
        state = 0
        for sign in pattern:
            if sign not in self._steps[state]:
                self._steps[state][sign] = len(self._steps)
                self._steps.append({})
                self._ends.append([])
            state = self._steps[state][sign]
        if pattern not in self._ends[state]:
            self._ends[state].append(pattern)

    def _link(self) -> None:
        """Each state gets the longest other one that ends as it does, and what ends there ends here."""
        waiting = deque(self._steps[0].values())
        while waiting:
            state = waiting.popleft()
            for sign, after in self._steps[state].items():
                waiting.append(after)
                back = self._links[state]
                while back and sign not in self._steps[back]:
                    back = self._links[back]
                self._links[after] = self._steps[back].get(sign, 0)
                self._ends[after] = self._ends[after] + self._ends[self._links[after]]

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Where each occurrence begins, and of what."""
        steps, links, ends, state = self._steps, self._links, self._ends, 0
        for i, sign in enumerate(text, 1):
            while state and sign not in steps[state]:
                state = links[state]
            state = steps[state].get(sign, 0)
            if ends[state]:
                for pattern in ends[state]:
                    yield i - len(pattern), pattern
