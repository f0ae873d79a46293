"""The plan's inputs measured: close rate, average deal, marketing share, length of the sales cycle.

Shown two ways, never mixed. *Same-month* is events of the month ÷ events of the month: a ratio of two
different sets, which may exceed 1 and has no interval. *Cohort* follows the leads of the month to whatever
month they were won in: its close rate carries a Wilson interval, its average deal and marketing share a
bootstrap interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, lcm
from random import Random

from agreements.exact import exact
from reports.shares import Share, share
from reports.speed import Summary, percentile, summarise

Z95 = Decimal("1.959963984540054")
"""The normal quantile at 97.5 %: a two-sided 95 % interval."""
RESAMPLES = 2_000
GROUPS = 256
"""More deals than this are dealt at random into this many groups, and the groups are resampled: one random byte
draws one, so that a page need not wait, and the interval is the same but for the grouping's noise."""
SEED = 20_180_301
TAIL = Fraction(1, 40)

Money = int | Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value, of n observations, and its 95 % interval; None where nothing can be said."""

    value: Fraction | None
    n: int
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True, slots=True)
class Deal:
    """A won deal; `is_marketing` where its lead came from marketing."""

    amount: Money
    is_marketing: bool


@dataclass(frozen=True, slots=True)
class SameMonth:
    """Events of the month ÷ events of the month; the shares keep numerator and denominator."""

    marketing_leads: int
    customers: int
    close_rate: Share
    average_deal: Share
    marketing_share: Share
    revenue_marketing: Decimal
    revenue_all: Decimal


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became of the month's leads; immature until a usual sales cycle has passed since its end."""

    marketing_leads: int
    customers: int
    close_rate: Estimate
    average_deal: Estimate
    marketing_share: Estimate
    revenue_marketing: Decimal
    revenue_all: Decimal
    is_immature: bool


def same_month(
    *,
    marketing_leads: int,
    customers: int,
    paying_customers: int,
    revenue_customers: Money,
    revenue_marketing: Money,
    revenue_all: Money,
) -> SameMonth:
    """The month's marketing leads, and the customers and revenue that closed in the month, whenever they were
    leads.

    `customers` are marketing leads; the average deal is `revenue_customers` over the `paying_customers`, those
    whose amount is known. `revenue_marketing` also has the deals of leads unknown here that say they are
    marketing's: they count in the share, but of no known customer.
    """
    return SameMonth(
        marketing_leads=marketing_leads,
        customers=customers,
        close_rate=share(customers, marketing_leads),
        average_deal=share(revenue_customers, paying_customers),
        marketing_share=share(revenue_marketing, revenue_all),
        revenue_marketing=Decimal(revenue_marketing),
        revenue_all=Decimal(revenue_all),
    )


def cohort(
    *, marketing_leads: int, customers: int, deals: Sequence[Deal], is_immature: bool, seed: int = SEED
) -> Cohort:
    """The leads qualified in the month: `customers` of the marketing leads were won, in whatever month.

    `deals` are the won deals of all leads of the month, marketing's and others'. `ValueError` for more
    customers than leads.
    """
    marketing = [deal.amount for deal in deals if deal.is_marketing]
    low, high = wilson(customers, marketing_leads)
    return Cohort(
        marketing_leads=marketing_leads,
        customers=customers,
        close_rate=Estimate(share(customers, marketing_leads).value, marketing_leads, low, high),
        average_deal=average_deal(marketing, seed=seed),
        marketing_share=marketing_share(deals, seed=seed),
        revenue_marketing=sum(map(Decimal, marketing), Decimal(0)),
        revenue_all=sum((Decimal(deal.amount) for deal in deals), Decimal(0)),
        is_immature=is_immature,
    )


def is_immature(*, cohort_end: date, as_of_day: date, cycle_p90_days: Fraction | None) -> bool:
    """Whether the cohort's youngest leads have had less than the cycle that nine won deals in ten stay
    within.

    `cohort_end` is the first day after the cohort. Without a measured cycle every cohort is immature.
    """
    return cycle_p90_days is None or as_of_day < cohort_end + timedelta(days=ceil(cycle_p90_days))


def cycle_days(days: Sequence[int]) -> Summary:
    """Length of the sales cycle, first `qualified_at` to won, in days."""
    return summarise(days)


def wilson(successes: int, n: int, z: Decimal = Z95) -> tuple[Fraction | None, Fraction | None]:
    """The score interval of a proportion (Wilson 1927), within [0, 1]; (None, None) for n = 0.

    centre = (p + z²/2n) ÷ (1 + z²/n),  half-width = z·√(p(1−p)/n + z²/4n²) ÷ (1 + z²/n),  p = successes ÷ n.
    The square root is taken to 28 digits; the low end is exactly 0 for no success, the high one 1 for no
    failure.
    """
    if not 0 <= successes <= n:
        raise ValueError("successes must lie between 0 and n")
    if not n:
        return None, None
    zz = Fraction(z) ** 2
    p = Fraction(successes, n)
    inner = p * (1 - p) / n + zz / (4 * n * n)
    with localcontext() as context:
        context.prec = 28
        root = Fraction((Decimal(inner.numerator) / Decimal(inner.denominator)).sqrt())
    centre, half = p + zz / (2 * n), Fraction(z) * root
    low = (centre - half) / (1 + zz / n) if successes else Fraction(0)
    high = (centre + half) / (1 + zz / n) if successes < n else Fraction(1)
    return max(low, Fraction(0)), min(high, Fraction(1))


def average_deal(amounts: Sequence[Money], *, seed: int = SEED) -> Estimate:
    """Mean amount of the deals, with a bootstrap interval from two deals on."""
    return bootstrap_ratio([(exact(amount, "amount"), Fraction(1)) for amount in amounts], seed=seed)


def marketing_share(deals: Sequence[Deal], *, seed: int = SEED) -> Estimate:
    """Revenue of marketing's deals ÷ revenue of all, with a bootstrap interval over the deals."""
    return bootstrap_ratio(
        [
            (amount if deal.is_marketing else Fraction(0), amount)
            for deal, amount in ((deal, exact(deal.amount, "amount")) for deal in deals)
        ],
        seed=seed,
    )


def bootstrap_ratio(
    pairs: Sequence[tuple[Fraction, Fraction]], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Estimate:
    """Σ numerators ÷ Σ denominators with its 95 % percentile interval (Efron 1979), the same for the same
    seed.

    The pairs are drawn with replacement, `resamples` times; a draw whose denominators sum to 0 or less is
    left out. More than 256 pairs are first dealt at random into 256 groups, which are drawn instead. No
    interval below two pairs, or if more than half of the draws were left out.
    """
    n = len(pairs)
    total = share(sum((a for a, _ in pairs), Fraction(0)), sum((b for _, b in pairs), Fraction(0)))
    if n < 2 or total.denominator <= 0:
        return Estimate(total.value, n, None, None)
    random = Random(seed)
    units = _dealt(pairs, random)
    scale = lcm(*(number.denominator for unit in units for number in unit))
    above, below = [int(a * scale) for a, _ in units], [int(b * scale) for _, b in units]
    sums = []
    for _ in range(resamples):
        drawn = random.randbytes(GROUPS) if len(units) == GROUPS else random.choices(range(n), k=n)
        divisor = sum(map(below.__getitem__, drawn))
        if divisor > 0:
            sums.append((sum(map(above.__getitem__, drawn)), divisor))
    if 2 * len(sums) < resamples:
        return Estimate(total.value, n, None, None)
    sums.sort(
        key=lambda pair: (pair[0] << 128) // pair[1]
    )  # as exact as it need be, and quicker than fractions
    ratios = [Fraction(*pair) for pair in sums]
    return Estimate(total.value, n, percentile(ratios, TAIL), percentile(ratios, 1 - TAIL))


def _dealt(pairs: Sequence[tuple[Fraction, Fraction]], random: Random) -> list[tuple[Fraction, Fraction]]:
    if len(pairs) <= GROUPS:
        return list(pairs)
    shuffled = list(pairs)
    random.shuffle(shuffled)
    groups = [shuffled[start::GROUPS] for start in range(GROUPS)]
    return [
        (sum((a for a, _ in group), Fraction(0)), sum((b for _, b in group), Fraction(0))) for group in groups
    ]
