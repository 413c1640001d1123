"""Recurrence: how much of a melody returns after a while; bars are likely as long as that, or as a half of it.

Parallelism is Steedman's cue to meter ("The perception of musical rhythm and metre", Perception 6, 1977).
"""


def recurring_onsets(rhythm: set[int], lag: int) -> float:
    """Return how much better than chance onsets at half-beats predict those so many half-beats later."""
    if not rhythm:
        return 0.0
    low, high = min(rhythm), max(rhythm) - lag
    room = range(low, high + 1)
    if len(room) < lag:
        return 0.0
    same = sum((half in rhythm) == (half + lag in rhythm) for half in room) / len(room)
    share = len(rhythm) / (high + lag - low + 1)
    return same - share**2 - (1 - share) ** 2


def recurring_steps(moves: set[tuple[int, int]], lag: int) -> float:
    """Return the share of melodic steps that recur so many half-beats later."""
    if not moves:
        return 0.0
    last = max(half for half, _ in moves) - lag
    early = [(half, step) for half, step in moves if half <= last]
    return sum((half + lag, step) in moves for half, step in early) / len(early) if len(early) > 3 else 0.0
