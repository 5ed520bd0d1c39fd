"""Counts what came of the made-up calls, so that a run in which nothing was done is no good run.

`counted` is told of every answer; at the end of the program the counts are in the file that
CARDWRIGHT_TALLY names. Run as a program, this prints them, and fails where an operation that can do
something never did:

    tally.py TALLY DOCUMENT HOOKS
"""

import atexit
import collections
import importlib
import json
import os
import sys
import urllib.request

CASES = collections.Counter()
SUCCESSES = collections.Counter()


def counted(case, success):
    CASES[case.operation.label] += 1
    SUCCESSES[case.operation.label] += bool(success)


def kept():
    with open(os.environ["CARDWRIGHT_TALLY"], "w", encoding="utf-8") as file:
        json.dump({"cases": CASES, "successes": SUCCESSES}, file)


def judged(tally, document, hooks):
    """What is wrong with a run, line by line; what never succeeds is excused by the hooks."""
    cases, successes = tally["cases"], tally["successes"]
    print(f"{sum(cases.values())} cases, {sum(successes.values())} successes, "
          f"{len(cases)} operations called")
    labels = [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
    ]
    wrong = [f"{label} was not called" for label in labels if not cases.get(label)]
    never = [label for label in labels if cases.get(label) and not successes.get(label)]
    for label in never:
        reason = hooks.NEVER.get(label)
        if reason is None:
            wrong.append(f"{label} succeeded in none of {cases[label]} cases")
        else:
            print(f"excused: {label}: {reason}")
    for label in hooks.NEVER:
        if label not in never:
            wrong.append(f"{label} is excused and needs no excuse")
    return wrong


if __name__ == "__main__":
    tally, document, surface = sys.argv[1:]
    with open(tally, encoding="utf-8") as file:
        tally = json.load(file)
    with urllib.request.urlopen(document, timeout=10) as answer:
        document = json.load(answer)
    wrong = judged(tally, document, importlib.import_module(surface + "_excuses"))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)

atexit.register(kept)
