"""Where a probability lies so near a threshold that little would have to change for another decision."""

from collections.abc import Mapping

from chatforensics.package.sheets import as_words

MARGIN = 0.05
_DIGITS = 6  # probabilities are kept as 32-bit floats


def read_thresholds(run: Mapping[str, object]) -> dict[str, tuple[float, float]]:
    """Return for each label of the run's model from which probability it is to be read, and from which it is flagged.

    Labels that the run decided by named words alone are left out: their probability is no measure of nearness.
    """
    model = run.get("model")
    given = model.get("thresholds") if isinstance(model, Mapping) else None
    alone = as_words(model.get("decided_by_cues_alone")) if isinstance(model, Mapping) else []
    known = given if isinstance(given, Mapping) else {}
    found: dict[str, tuple[float, float]] = {}
    for label, pair in known.items():
        match pair:
            case [int() | float() as review, int() | float() as flag] if str(label) not in alone:
                found[str(label)] = (float(review), float(flag))
    return found


def tell_edge(label: Mapping[str, object], thresholds: Mapping[str, tuple[float, float]]) -> str | None:
    """Say in words that a label was decided within 0.05 of a threshold, else return None.

    It says where a number lies, and nothing of whether the decision is right: surer ones are wrong, too.

    Args:
        label: `label`, `probability` and `decision` as in the table of labels.
        thresholds: as `read_thresholds` returns them.
    """
    probability, pair = label.get("probability"), thresholds.get(str(label.get("label")))
    if not isinstance(probability, int | float) or pair is None:
        return None
    review, flag = (round(float(probability) - threshold, _DIGITS) for threshold in pair)
    if label.get("decision") == "flag":
        return "just above the threshold; read it" if 0 <= flag <= MARGIN else None
    if label.get("decision") == "review":
        near = "just below the threshold of a flag; read it" if -MARGIN <= flag < 0 else None
        return near or ("just above the threshold; read it" if 0 <= review <= MARGIN else None)
    return "just below the threshold; read it" if -MARGIN <= review < 0 else None
