"""Draw the state machine from its table, as Mermaid in docs/architecture.md: `make docs` runs this."""

import re
from pathlib import Path

from domain.jobs.transitions import TABLE, TERMINAL, JobStatus


def mermaid() -> str:
    """Return the diagram: one arrow per row of the table, an end for each terminal state."""
    steps = [f"    {before} --> {after} : {event.__name__}" for (before, event), after in TABLE.items()]
    ends = [f"    {status} --> [*]" for status in JobStatus if status in TERMINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> PENDING", *steps, *ends])


if __name__ == "__main__":
    page = Path(__file__).with_name("architecture.md")
    page.write_text(re.sub(r"(?<=```mermaid\n).*?(?=\n```)", mermaid(), page.read_text(), flags=re.DOTALL))
