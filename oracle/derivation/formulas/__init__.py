"""Formulas as expressions: written with operators, laid out once, printed and evaluated.

`expression` holds the records and `functions` what they are written with beside the operators;
`notation` lays them out in `boxes`, with the `symbols` of names, and each printer writes boxes in a
notation of its own: `latex`, `plain`, `typst`, `mathml`. `evaluation` says what a formula is worth,
and `rewriting` makes formulas of formulas.
"""
