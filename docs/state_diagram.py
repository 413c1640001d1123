"""Draw the state machine from its table: `python docs/state_diagram.py` prints Mermaid for docs/architecture.md."""

from domain.jobs.transitions import TABLE, TERMINAL, JobStatus


def mermaid() -> str:
    """Return the diagram: one arrow per row of the table, an end for each terminal state."""
    steps = [f"    {before} --> {after} : {event.__name__}" for (before, event), after in TABLE.items()]
    ends = [f"    {status} --> [*]" for status in JobStatus if status in TERMINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> PENDING", *steps, *ends])


if __name__ == "__main__":
    print(mermaid())  # noqa: T201 (a script prints)
