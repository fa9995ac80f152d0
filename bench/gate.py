"""This is where it is shown how well the gate knows forbidden words, by the tricks they are hidden with (C21)."""

from bench.report import Report
from tests.catalog.compliance.score import corpus, score


def measure(report: Report) -> None:
    """Precision and recall of the built-in word list on labelled texts."""
    texts = corpus()
    clean = sum(not each.terms for each in texts)
    report.row("gate", f"{len(texts)} labelled texts, {clean} of them clean")
    scores = score(texts)
    whole = scores.pop("all")
    report.figure("precision", whole.precision, "", at_least=0.95)
    report.figure("recall", whole.recall, "", at_least=0.95)
    for trick, part in scores.items():
        if part.right + part.missed:
            report.figure(trick, f"{part.precision:.3f}, {part.recall:.3f}, {part.right + part.missed} terms", "")
    for said in whole.said:
        report.figure("  mistaken", said, "")
