"""How often the labels were right where that was measured: the figures of the model card, for print."""

from collections.abc import Mapping

from chatforensics.schema import SLATE_LABEL

CORPUS = (
    "189 texts gathered from public collections and labelled by the codebook by one person. The model was never "
    "trained on them, but their totals were seen while it was built: read these figures as the better end."
)
# Of the public texts: precision, recall, F1 with the middle 95 % of bootstrap resamples, as the model card has them.
SLATE = {"texts": 189, "held": 40, "precision": ".67", "recall": ".85", "f1": ".75", "low": ".63", "high": ".84"}
F1 = {
    "endorse": ".67", "oppose": ".80", "relay": ".64", "mobilise": ".50", "procedure": ".38", "remind": ".35",
    "bloc_appeal": ".14",
}  # fmt: skip
# Rows of the model card: texts, instructions among them, precision, recall, F1.
OTHERS = (
    ("invented by further hands, typical, English", 200, 100, ".90", ".79", ".84"),
    ("invented, typical, 9 other languages", 60, 30, ".80", ".80", ".80"),
    ("invented, half of them only hints, English", 221, 98, ".80", ".50", ".62"),
    ("invented, half of them only hints, 14 other languages and spellings", 164, 79, ".85", ".66", ".74"),
)
_UNMEASURED = (
    "decided by named words beside a ballot alone; there are no real examples to measure it on, and in invented "
    "texts such words were found in one case of two to five"
)


def tell_measured(label: str) -> str:
    """Return in words how often a label was right on public texts, or that this was not measured.

    On other chats the rates may be others. Source: the model card of this version.
    """
    if label == SLATE_LABEL:
        return (
            "of 100 flags 67 were right, and 85 of 100 instructions were flagged (F1 .75, .63 to .84; 189 public texts)"
        )
    if label in F1:
        return f"F1 {F1[label]} on 189 public texts, which held 8 to 32 true examples of such a label"
    return _UNMEASURED


def tell_briefly(label: str) -> str:
    """Return the same in a few words, to stand beside a probability."""
    if label == SLATE_LABEL:
        return "67 of 100 such flags were right on public texts"
    return f"F1 {F1[label]} on public texts" if label in F1 else "not measured on real texts"


def describe_measured_model() -> str:
    """Return the SHA-256 of the model that was measured: the one in this package."""
    from chatforensics.labelling.model import describe_model

    return str(describe_model()["sha256"])


def is_same_model(run: Mapping[str, object]) -> bool | None:
    """Tell whether the run used the model that was measured; None where it names none."""
    model = run.get("model")
    stated = model.get("sha256") if isinstance(model, Mapping) else None
    return None if stated is None else stated == describe_measured_model()
