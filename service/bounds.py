"""How much a request may make a server do: its bounds, one beside the other.

They are in costs (`gradgrade.oracle.derivation.costs`), told from an exercise's structure before
anything is computed. The times are those of a virtual machine of two cores with other work. What is
bounded elsewhere, and why, is in docs/decisions/bounds.md.
"""

MOST_COST = 100_000
"""Of an exercise: the largest that a server draws, previews, or grades for anybody.

That is 50,000 weights with their gradients and updates, or a thousand iterations of one layer.
"""

MOST_PROCESSOR_SECONDS = 15
"""Of one piece of work for whoever asks without a course: three times what the largest took."""

MOST_PUBLISHING_SECONDS = 120
"""Of processor time, to preview a set or to find out whether each of its exercises can be issued:
the largest exercise that a server draws takes a fifth of it, and all of the catalogue's a third."""

SHORT_COST, COST_A_BYTE = 2_000, 1
"""What is graded for anybody of a body of so many bytes: iterations, samples and layers are stated
in a word, and 616 bytes could cost three seconds. The catalogue's exercises have at most 0.8 a
byte."""

BYTES_A_COST = 100
"""Of a body: so many take about as long to read as a cost of 1 takes to grade."""

COST_OF_EXHAUSTION = 400_000
"""What `MOST_PROCESSOR_SECONDS` are charged as."""

MOST_COST_EXPLAINED = 5_000
"""Of an exercise in `POST /grade`: of what is larger, wrong answers are marked and not explained,
which takes far longer."""

MOST_COST_CHECKED = 40_000
"""Of all variants of a CI job's request together.

Variants and verdicts, with all answers wrong, which takes longest, took 6 s for 200 variants of two
units, 10 to 11 s for 27 of two layers of 10 and for one of three layers of 40; for 15 of twenty
layers of 3, the worst, 14 s on a machine at rest and 25 s on a busy one.
"""

MOST_WORK_PREGENERATED = 600_000
"""Of `drawing_work`, before it is left to the command line.

That is 280 variants of one small layer, or 63 of three layers of 40 units on 5 samples: 6 to 24
seconds.
"""

MOST_WORK_AHEAD = 100_000
"""Of `drawing_work`, for the variants that are made ahead together: 1 to 4 seconds beside requests.

Of small exercises it is as many students as the setting says; of the largest, one.
"""

MOST_WORK_PREVIEWED = 500_000
"""Of `drawing_work`, for all exercises of one preview, each the same share.

It took 8 to 14 s where it was all taken, by one exercise (15 variants of three layers of 40 units,
2 of two of 150) or by ten (of two of 10 each).
"""

PREVIEW_WORK, PREVIEW_COSTS = 5_000, 3
"""What an exercise takes of it before its first variant: so much, and so many times its cost."""

MOST_PREVIEW_SECONDS = 10
"""After so long no further exercise of a preview is begun: what the gates refuse is drawn up to
1000 times, which no structure foretells."""

SHORT_BODY, BYTES_AN_ENTRY = 16 * 1024, 128
"""Of a submission's body: so many bytes, and so many more for every entry that is asked, which is
twice the longest numeral."""

MOST_INVALID = 50
"""Malformed submissions to a variant that are kept: they spend no attempt, and each has a body."""

MOST_REGRADED = 2_000
"""Submissions, or variants, before a regrade is left to the command line."""
