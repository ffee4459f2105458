"""What an agent wants done, gathered while it hears of something, and its open questions. Pure."""

from goq.core.worker.instructions import Ask, Drop, Instruction, Say
from goq.core.worker.talk import Saying
from goq.core.worker.work import Label


class Desk:
    """Where the parts of one agent leave their instructions."""

    def __init__(self) -> None:
        self._out: list[Instruction] = []
        self._asked = 0
        self._open: dict[int, Saying] = {}

    def take_all(self) -> list[Instruction]:
        """The instructions since the last time, in order."""
        out, self._out = self._out, []
        return out

    def do(self, instruction: Instruction) -> None:
        """Have this done."""
        self._out.append(instruction)

    def say(self, text: str, event: str, about: dict[str, int | str]) -> None:
        """Have a line written."""
        self._out.append(Say(text, event, about))

    def tell_end(self, label: Label, *, accepted: bool) -> None:
        """Say what the server made of a result."""
        if accepted:
            self.say(f"done with {label.name}", "job done", label.about)
        else:
            self.say(f"too late, and refused: the result of {label.name}", "result refused", label.about)

    def ask(self, question: Saying) -> int:
        """Have a question asked; its number."""
        self._asked += 1
        self._open[self._asked] = question
        self._out.append(Ask(self._asked, question))
        return self._asked

    def answered(self, number: int) -> Saying | None:
        """The question of that number, which is open no more; None if it was not."""
        return self._open.pop(number, None)

    def drop(self, number: int) -> None:
        """Want no answer to that question, if it is open."""
        if self._open.pop(number, None):
            self._out.append(Drop(number))

    def drop_all(self) -> None:
        """Want no answer at all."""
        for number in list(self._open):
            self.drop(number)
