"""What to say of the queues that are heard at a server's address."""

from goq.core.values.text import show_queue
from goq.core.waits.allegiance import Kind, News
from goq.roles.said.saying import Say


def _before(news: News) -> str:
    is_same = news.ours.number == news.speaker.number
    return "another server in that epoch" if is_same else str(news.ours.number)


def tell(news: News, address: str, say: Say) -> None:
    """One line, with both queues or both epochs."""
    ours, theirs = show_queue(news.ours.queue), show_queue(news.speaker.queue)
    match news.kind:
        case Kind.FOREIGN:
            say(
                f"another queue is at {address}: {theirs}. What is here belongs to queue {ours}: it goes on and"
                " waits for that one alone; start 'goq serve' in its folder, or end this process",
                "foreign queue",
                queue=ours,
                speaker=theirs,
            )
        case Kind.CHANGED:
            say(
                f"another queue is at {address}: {theirs}. Nothing of queue {ours} is here; working for the new one.",
                "queue changed",
                queue=ours,
                speaker=theirs,
            )
        case Kind.OLD:
            say(
                f"an old copy of queue {ours} is at {address}: in its epoch {news.speaker.number}, and"
                f" {_before(news)} was there before. Nothing is taken from it; start 'goq serve' with the"
                " latest journal, or with that copy and --restored",
                "old queue",
                queue=ours,
                epoch=news.speaker.number,
                seen=news.ours.number,
            )
        case Kind.BACK:
            say(f"queue {ours} is at {address} again.", "queue found", queue=ours)
