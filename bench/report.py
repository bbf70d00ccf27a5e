"""How results are printed."""

from statistics import median

from bench.load import Result


def line(name: str, results: list[Result]) -> float:
    """Print the median rate of several rounds with p50 and p99; return the rate."""
    rate = median(result.rate for result in results)
    p50 = median(result.percentile(0.5) for result in results)
    p99 = median(result.percentile(0.99) for result in results)
    failed = sum(result.failed for result in results)
    print(
        f"  {name:<46} {rate:>9,.0f}/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms"
        + f"   {failed} failed" * bool(failed)
    )
    return rate
