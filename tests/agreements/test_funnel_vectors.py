"""The funnel against published examples: the shared vectors where they are at hand, and a golden sheet of its
own.
"""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.vectors import answer_funnel

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "funnel.public.json"
NO_USE = {"lead_velocity", "compound", "coverage"}


def _same(answer, expected, tolerance):
    if isinstance(expected, list):
        pairs = zip(answer, expected, strict=True)
        return all(_same(one, other, tolerance) for one, other in pairs)
    if expected is None or answer is None:
        return answer is expected
    return abs(Fraction(answer) - Fraction(expected)) <= Fraction(tolerance)


def same(vector):
    answer, expected = answer_funnel(vector), vector["expected"]
    if "error" in expected or "error" in answer:
        return answer == expected
    return answer.keys() == expected.keys() and all(
        _same(answer[key], value, vector.get("tolerance", 0)) for key, value in expected.items()
    )


def test_the_shared_vectors_are_answered():
    if not SHARED.exists():
        pytest.skip(f"no shared vectors at {SHARED}: the golden sheet below is tested alone")
    vectors = json.loads(SHARED.read_text())["vectors"]
    used = [vector for vector in vectors if vector["op"] not in NO_USE]
    assert all(answer_funnel(v) is NotImplemented for v in vectors if v["op"] in NO_USE)
    assert [(v["id"], answer_funnel(v)) for v in used if not same(v)] == []
    assert used


def _reverse(quota, deal, rates, expected, share="1"):
    inputs = {"quota": quota, "avg_deal": deal, "rates": rates, "marketing_share": share}
    return {"op": "reverse_funnel", "inputs": inputs, "expected": expected}


def _waterfall(goal, days, day, actual, **expected):
    inputs = {"goal": goal, "days": days, "day": day, "actual": actual}
    return {"op": "waterfall", "inputs": inputs, "expected": expected}


# Worked by hand from the formulas at the head of agreements/funnel.py and reports/waterfall.py.
GOLDEN = [
    _reverse("5000", "100", ["0.5"], {"marketing_revenue": "5000", "customers": "50", "leads": 100}),
    # Seven customers at one in twenty.
    _reverse("7", "1", ["0.05"], {"leads": 140}),
    # 10 ÷ 3 customers: rounding them up before dividing would ask for 8 leads.
    _reverse("10", "3", ["0.5"], {"customers": "10/3", "leads_exact": "20/3", "leads": 7}),
    # In binary floats 0.07 × 102,000 ÷ 5,950 ÷ 0.4 is a little more than 3.
    _reverse("102000", "5950", ["0.4"], {"leads": 3}, share="0.07"),
    # A part of a lead is a lead more; nothing to sell needs no lead.
    _reverse("100.01", "100", ["1"], {"leads": 2}),
    _reverse("0", "100", ["0.5"], {"customers": "0", "leads": 0}),
    _reverse("100", "100", [], {"leads": 1}),
    _reverse("100", "0", ["0.5"], {"error": "undefined"}),
    _reverse("100", "-1", ["0.5"], {"error": "undefined"}),
    _reverse("-1", "100", ["0.5"], {"error": "undefined"}),
    _reverse("100", "100", ["0"], {"error": "undefined"}),
    _reverse("100", "100", ["1.01"], {"error": "undefined"}),
    _reverse("100", "100", ["0.5"], {"error": "undefined"}, share="0"),
    _reverse("100", "100", ["0.5"], {"error": "undefined"}, share="1.5"),
    _reverse("NaN", "100", ["0.5"], {"error": "undefined"}),
    {
        "op": "forward_funnel",
        "inputs": {"top": "1000", "rates": ["0.1", "0.25", "0.5"]},
        "expected": {"stages": ["100", "25", "12.5"]},
    },
    {
        "op": "lead_value",
        "inputs": {"avg_deal": "800", "rates": ["0.125"]},
        "expected": {"lead_value": "100"},
    },
    {
        "op": "leads_from_value",
        "inputs": {"target_revenue": "1000", "lead_value": "300"},
        "expected": {"leads": 4},
    },
    {"op": "ratio", "inputs": {"part": "1", "of": "3"}, "expected": {"ratio": "1/3"}},
    {"op": "ratio", "inputs": {"part": "1", "of": "0"}, "expected": {"error": "undefined"}},
    _waterfall(
        "31", 31, 10, "8", daily="1", pace="10", gap="-2", projected="24.8", needed_per_remaining_day="23/21"
    ),
    _waterfall("31", 31, 31, "31", pace="31", gap="0", attainment="1", needed_per_remaining_day="0"),
    _waterfall("31", 31, 31, "30", gap="-1", needed_per_remaining_day=None),
    _waterfall("31", 31, 0, "0", pace="0", gap="0", attainment=None, projected=None),
]


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["op"])
def test_the_golden_sheet(vector):
    assert same(vector), answer_funnel(vector)


def test_answers_do_not_depend_on_the_expectation():
    vector = {"op": "ratio", "inputs": {"part": "1", "of": "4"}}
    assert answer_funnel(vector) == {"ratio": "0.25"}
