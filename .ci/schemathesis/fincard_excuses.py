"""Operations of which no made-up call can succeed, and why."""

NEVER = {}
