"""One formula in four notations: what each prints, and that it can be read."""

import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from pylatexenc.latexwalker import LatexWalker
from typst import compile as compile_typst

from gradgrade.oracle.derivation.formulas.expression import (
    Entry,
    Equality,
    Expression,
    Letter,
    Named,
    Number,
    Numeral,
    Numerals,
    Sized,
    Total,
)
from gradgrade.oracle.derivation.formulas.functions import (
    bracketed,
    cos,
    erf,
    exp,
    hadamard,
    half,
    in_line,
    larger,
    ln,
    magnitude,
    pi,
    sequence,
    sigmoid,
    sign,
    sqrt,
    sum_of,
    tanh,
    where,
    whole_part,
)
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.formulas.mathml import NAMESPACE, to_mathml, to_mathml_pieces
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.formulas.typst import to_typst
from gradgrade.oracle.derivation.names import Name
from tests.oracle.derivation.formulas.structures import CONVENTIONS, FAMILIES

a, d, y, z = map(Letter, "adyz")
N, K = Letter("N", 4), Letter("K", 2)
W = Name("W", 1)
weights, biases, x = Named(W), Named(Name("b", 1)), Named(Name("x"))
eta, rate, beta = (Named(Name(text)) for text in ("learning_rate", "rate", "beta1"))
matrix = Numerals((("1", "-2"), ("3", "4e-8")))

PRINTED: list[tuple[Expression, str, str]] = [
    # Names
    (Named(W.gradient), r"\frac{\partial L}{\partial W_{1}}", "∂L/∂W1"),
    (Named(W._replace(iteration=3).updated), r"W_{1}^{\mathrm{new}(3)}", "W1_new@3"),
    (Named(Name("Wxh", 1)), "W_{xh,1}", "Wxh_1"),
    (Named(W.state("v")), "V_{W_{1}}", "V_W1"),
    (Named(Name("a", 2), "a"), "a", "a"),
    (Named(Name("normalized", 10)), r"\hat{a}_{10}", "a\u030210"),
    # Sums and signs
    (a - y, "a - y", "a - y"),
    (a - (y - 1) + 2, "a - (y - 1) + 2", "a - (y - 1) + 2"),
    (-(a + y), "-(a + y)", "-(a + y)"),
    (1 - -a, "1 - (-a)", "1 - (-a)"),
    (-a * y, "-a y", "-a y"),
    (a * y, "ay", "ay"),
    # Products
    (weights @ x + biases, r"W_{1} \, x + b_{1}", "W1 x + b1"),
    (weights.T @ (x - biases), r"{W_{1}}^{\mathsf{T}} \, (x - b_{1})", "W1ᵀ (x - b1)"),
    (hadamard(x, weights, biases), r"x \circ W_{1} \circ b_{1}", "x ∘ W1 ∘ b1"),
    (hadamard(x + 1, weights), r"(x + 1) \circ W_{1}", "(x + 1) ∘ W1"),
    (eta * Named(W.gradient), r"\eta \frac{\partial L}{\partial W_{1}}", "η ∂L/∂W1"),
    (2 * (a - y), "2 (a - y)", "2 (a - y)"),
    (eta * rate, r"\eta \cdot \mathrm{rate}", "η · rate"),
    (a * Number(Fraction(3)), r"a \cdot 3", "a · 3"),
    (ln(a) * z, r"(\ln a) z", "(ln a) z"),
    # Fractions, powers, roots
    (half * (a - y) ** 2, r"\tfrac{1}{2} (a - y)^2", "½ (a - y)²"),
    (1 / (N * K) * bracketed(a - y), r"\tfrac{1}{NK}\left(a - y\right)", "1/(NK) (a - y)"),
    ((1 - y) / (1 - a) - y / a, r"\frac{1 - y}{1 - a} - \frac{y}{a}", "(1 - y)/(1 - a) - y/a"),
    (in_line(-y, a), "-y / a", "-y / a"),
    (in_line(a, 1 + in_line(y, 2)), "a / (1 + y / 2)", "a / (1 + y / 2)"),
    (sqrt(a) + sqrt(a + y), r"\sqrt{a} + \sqrt{a + y}", "√a + √(a + y)"),
    (1 - beta**12, r"1 - \beta_1^{12}", "1 - β1¹²"),
    (Named(W.gradient) ** 2, r"\left(\frac{\partial L}{\partial W_{1}}\right)^2", "(∂L/∂W1)²"),
    ((-a) ** 3, "(-a)^3", "(-a)³"),
    # Functions
    (1 / (1 + exp(-z)), r"\frac{1}{1 + e^{-z}}", "1/(1 + e^(-z))"),
    (sigmoid(z) * (1 + z * sigmoid(-z)), r"\sigma(z) (1 + z \sigma(-z))", "σ(z) (1 + z σ(-z))"),
    (ln(1 - a), r"\ln(1 - a)", "ln(1 - a)"),
    (eta * sign(weights), r"\eta \operatorname{sign}(W_{1})", "η sign(W1)"),
    (larger(-d, a), r"\max(-d, a)", "max(-d, a)"),
    (1 + cos(pi * a / d), r"1 + \cos \frac{\pi a}{d}", "1 + cos (π a)/d"),
    (erf(in_line(z, sqrt(2))), r"\mathrm{erf}(z / \sqrt{2})", "erf(z / √2)"),
    (
        *(eta * rate ** whole_part(in_line(a - 1, 2)),),
        *(r"\eta \cdot \mathrm{rate}^{\lfloor (a - 1) / 2 \rfloor}", "η · rate^(⌊(a - 1) / 2⌋)"),
    ),
    (magnitude(a) > d, "|a| > d", "|a| > d"),
    (sequence(x, Number(Fraction(1), (1, 4))), "(x, 1)", "(x, 1)"),
    # Sums with an index, cases, forms
    (
        *(exp(Entry(z, "k")) / Total(exp(Entry(z, "j")), "j"),),
        *(r"\frac{e^{z_k}}{\sum_j e^{z_j}}", "(e^z_k)/(Σ_j e^z_j)"),
    ),
    (Total(Entry(weights, "n"), "n"), r"\sum_n (W_{1})_n", "Σ_n (W1)_n"),
    (a * Total(Entry(y, "j"), "j") - y, r"a \textstyle\sum_j y_j - y", "a Σ_j y_j - y"),
    (
        *(1 / N * Total(Total(Entry(bracketed(a - y, "[]"), "k,n"), "k"), "n"),),
        *(r"\tfrac{1}{N}\sum_n \sum_k \left[a - y\right]_{k,n}", "1/N Σ_n Σ_k [a - y]_k,n"),
    ),
    (
        *(where(z > 0, 1, d),),
        *(r"1 \text{ where } z > 0,\ d \text{ where } z < 0", "1 where z > 0, d where z < 0"),
    ),
    (Equality(a, -y), "a = -y", "a = -y"),
    (1 / Named(Name("A1d").gradient), None, "1/(∂L/∂A1d)"),
    (
        Named(Name("b").part("plus h")) ** 2,
        r"\left(b\right)_{\mathrm{plus\ h}}^{2}",
        "((b)_plus h)²",
    ),
    # Numbers: whole fractions, decimals as they are written, and else the shortest
    (Number(Fraction(1, 12)) * a, r"\tfrac{1}{12} a", "1/12 a"),
    (Number(Fraction(1, 2), text="0.50") * a, "0.50 a", "0.50 a"),
    (Number(Fraction(0.1)) * a, "0.1 a", "0.1 a"),
    (a + Number(Fraction(1e-5)), "a + 10^{-5}", "a + 10^-5"),
    (a * Number(Fraction(10**300)), r"a \cdot 10^{300}", "a · 10³⁰⁰"),
    (Number(Fraction(3e-20)) * a, None, "3 × 10^-20 a"),
    (Number(Fraction(-1, 2)) * a - Number(Fraction(1, 3)), None, "-½ a - 1/3"),
    (a + Number(Fraction(-3)), "a - 3", "a - 3"),
    (a * Number(Fraction(-3)), r"a \cdot (-3)", "a · (-3)"),
    (Number(Fraction(-3)) ** 2, r"(-3)^2", "(-3)²"),
    # Numbers put in
    (eta * matrix, r"\eta \begin{bmatrix} 1 & -2 \\ 3 & 4 \times 10^{-8} \end{bmatrix}", None),
    (2 * matrix @ x, None, "(2 [1 -2; 3 4 × 10^-8]) x"),
    (Sized(W, (3, 4)).T, r"{\underset{3 \times 4}{W_{1}}}^{\mathsf{T}}", "W1[3 × 4]ᵀ"),
    (tanh(matrix.T), None, "tanh([1 -2; 3 4 × 10^-8]ᵀ)"),
    (Numeral("1e-8") * Numeral("2"), r"\left(10^{-8}\right) \cdot 2", None),
    (Numeral("-1.5e-08"), r"-1.5 \times 10^{-8}", "-1.5 × 10^-8"),
    (half * Numeral("0.1"), r"\tfrac{1}{2} \cdot 0.1", "½ · 0.1"),
    (2 * (1 - Numeral("0.9")), r"2 \left(1 - 0.9\right)", "2 (1 - 0.9)"),
]


@pytest.mark.parametrize(("formula", "as_latex", "as_text"), PRINTED)
def test_a_formula_in_latex_and_as_plain_text(formula, as_latex, as_text):
    assert as_latex is None or to_latex(formula) == as_latex
    assert as_text is None or to_plain(formula) == as_text


@pytest.fixture(scope="module")
def every():
    """Those above, and every formula of every derivation."""
    return [
        *(formula for formula, _, _ in PRINTED),
        *{
            (to_latex(formula), to_plain(formula)): formula
            for convention in CONVENTIONS
            for family in FAMILIES
            for _, derivation in family(convention)
            for step in derivation.steps
            for formula in (Named(step.name), derivation.formula(step))
        }.values(),
    ]


def test_there_are_formulas(every):
    assert len(every) > 1000


def test_plain_text_is_one_line_without_markup(every):
    for formula in every:
        text = to_plain(formula)
        assert text == " ".join(text.split())
        assert not set(text) & set("\\{}"), text
        for opening, closing in ("()", "[]"):
            assert text.count(opening) == text.count(closing), text


def test_latex_is_well_formed(every):
    LatexWalker(
        "\n\n".join(f"$${to_latex(each)}$$" for each in every), tolerant_parsing=False
    ).get_latex_nodes()
    for formula in every:
        text = to_latex(formula)
        assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right"), text


def test_typst_compiles(every):
    page = "\n".join(f"$ {to_typst(each)} $" for each in every)
    assert compile_typst(page.encode(), ignore_system_fonts=True).startswith(b"%PDF-")


def test_mathml_is_xml_without_an_unknown_element(every):
    known = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mstyle"}
    known |= {"msub", "msup", "msubsup", "munder", "mover", "mtable", "mtr", "mtd"}
    for formula in every:
        elements = list(ET.fromstring(to_mathml(formula)).iter())
        assert {each.tag.partition("}")[2] for each in elements} <= known
        assert all(each.text or len(each) or each.tag.endswith("mspace") for each in elements)


SIZES = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3}


def test_mathml_has_as_many_children_as_an_element_must_have(every):
    for formula in every:
        for element in ET.fromstring(to_mathml(formula)).iter():
            name = element.tag.partition("}")[2]
            assert len(element) == SIZES.get(name, len(element))


def test_what_stands_before_a_formula_is_part_of_it_in_mathml():
    text = "".join(ET.fromstring(to_mathml(a, after="=")).itertext())
    assert text == "=a"


def in_iterations(text: str, count: int) -> list[Named]:
    return [Named(Name(text, iteration=each)) for each in range(1, count + 1)]


def test_a_sum_that_goes_on_alike_from_iteration_to_iteration_is_shortened():
    stops, losses = in_iterations("stops", 6), in_iterations("L", 6)
    picked = sum_of(*(stop * loss for stop, loss in zip(stops, losses, strict=True)))
    assert to_plain(picked) == "stops@1 L@1 + stops@2 L@2 + ⋯ + stops@6 L@6"
    counted = sum_of(*(Number(Fraction(at)) * each for at, each in enumerate(stops, start=2)))
    assert to_plain(counted + 1) == "2 stops@1 + 3 stops@2 + ⋯ + 7 stops@6 + 1"
    assert r"+ \cdots +" in to_latex(picked)
    assert "dots.h.c" in to_typst(picked)


def test_a_sum_of_few_or_of_other_terms_is_written_out():
    few = sum_of(*in_iterations("stops", 4))
    assert to_plain(few) == "stops@1 + stops@2 + stops@3 + stops@4"
    others = sum_of(*(Named(Name("b", layer)) for layer in range(1, 7)))
    assert "⋯" not in to_plain(others)
    numbers = sum_of(*(Number(Fraction(at)) for at in range(1, 8)))
    assert "⋯" not in to_plain(numbers)


def pieces(markup: str) -> list[tuple[str, str]]:
    """The text of each element `math`, and its class."""
    root = ET.fromstring(f"<div>{markup.replace('<wbr>', '')}</div>")
    elements = root.iter(f"{{{NAMESPACE}}}math")
    return [("".join(each.itertext()), each.get("class", "")) for each in elements]


def test_a_line_may_end_before_each_term_of_a_sum_and_each_factor_that_a_sign_parts():
    a, b, c = map(Letter, "abc")
    markup = to_mathml_pieces(a + hadamard(b, c) - a, after="=")
    assert pieces(markup) == [("=a", ""), ("+b", ""), ("∘c", ""), ("−a", "")]
    assert markup.count('<span class="term">') == 1


def test_what_one_of_two_formulas_has_alone_is_marked():
    a, b, c = map(Letter, "abc")
    assert pieces(to_mathml_pieces(a + b + c, beside=a + c)) == [
        ("a", ""),
        ("+b", "differs"),
        ("+c", ""),
    ]
    assert pieces(to_mathml_pieces(b, beside=a + b)) == [("b", "")]
    assert pieces(to_mathml_pieces(-b, beside=b)) == [("−b", "differs")]


def test_where_two_formulas_share_nothing_nothing_is_marked():
    a, b = map(Letter, "ab")
    assert pieces(to_mathml_pieces(a, beside=b)) == [("a", "")]
