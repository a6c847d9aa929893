"""The sentences of what is advised before a training and after jobs, from its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.grid import times
from TransferSegLib.core.preprocessing_words import known_sides
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.calibration import Calibration
from TransferSegLib.evaluation.case_curve import CaseCurve
from TransferSegLib.evaluation.experience import MEASURED_ON, Experience
from TransferSegLib.evaluation.predicted_dice import DicePrediction
from TransferSegLib.evaluation.statistics import Statistics

# A voxel size that differs from the model's by more than this factor shows different detail.
FAR_SPACING = 1.5


def about_seen(card: ModelCard, seen: Sequence[str], without_labels: int, annotated: int) -> list[Problem]:
    """What is said first: whether the source model has learned from the cases.

    Args:
        card: The source model's card.
        seen: The names of the annotated cases that it was trained or validated on.
        without_labels: How many others it learned from without their labels.
        annotated: How many annotated cases there are.
    """
    found = []
    if not annotated:
        return []
    if seen:
        found.append(
            Problem(
                "advise-seen",
                "The source model was trained or validated on {count} of the {annotated} annotated cases ({cases:…}); Dice "
                "on {count:~it|them} would be too good, so {count:~it is|they are} left out of what follows.",
                {"count": len(seen), "annotated": annotated, "cases": list(seen)},
                "warning",
            )
        )
    if without_labels:
        found.append(
            Problem(
                "advise-seen-without-labels",
                "The source model learned from the images of {count} of the {annotated} annotated cases without their "
                "labels, so that Dice on {count:~it|them} may be a little too good.",
                {"count": without_labels, "annotated": annotated},
                "note",
            )
        )
    if not card.seen:
        found.append(
            Problem(
                "advise-seen-unknown",
                "Whether the source model has seen these cases is not known: its card does not say which images it was "
                "trained on. If it has, all Dice below are too good.",
                severity="note",
            )
        )
    return found


def about_spacing(ratio: tuple[float, float, float] | None, card: ModelCard) -> list[Problem]:
    """Say how large the voxels are, compared with the model's.

    Args:
        ratio: The voxel size of the cases over the model's: right, anterior, superior. None where the model takes any.
        card: The source model's card.

    Returns:
        One sentence; none where the model takes any voxel size.
    """
    if ratio is None:
        return []
    far = any(not 1 / FAR_SPACING < one < FAR_SPACING for one in ratio)
    return [
        Problem(
            "advise-spacing",
            "Resolution: the voxels are {ratios} times as large as the model's ({spacing} mm){far:?, which is far: the model "
            "has not seen such detail, or more of it|}.",
            {
                "ratios": " × ".join(f"{one:.2g}" for one in ratio),
                "spacing": times(known_sides(card.preprocessing.spacing_mm)),
                "far": far,
            },
            "warning" if far else "note",
        )
    ]


def about_features(features: float | None) -> Problem:
    """How far the inputs of the normalisations are from those of the training, in nats; None where that is not known."""
    if features is None:
        return Problem(
            "advise-features-unknown",
            "How far the features are is not known: the network stores no statistics of its training (it has no batch "
            "normalisation).",
            severity="note",
        )
    return Problem(
        "advise-features",
        "Features: the inputs of its normalisations are {distance:.2f} nats from those of its training (0 is no shift).",
        {"distance": features},
        "note",
    )


def about_intensities(distance: float | None, card: ModelCard) -> Problem:
    """Say how far the intensities are from those of the model's training.

    Args:
        distance: The distance in standard deviations; None where it is not known.
        card: The source model's card.
    """
    if distance is None:
        return Problem(
            "advise-intensity-unknown",
            "How far the intensities are is not known: the model's card has none of its training images.",
            severity="note",
        )
    return Problem(
        "advise-intensities",
        "Intensities: {distance:.2f} standard deviations from the mean of its training images, which are {spread:.2f} from "
        "it themselves (Wasserstein distance){any:?; it was trained on random contrasts, so that says little|}.",
        {
            "distance": distance,
            "spread": max(channel.spread for channel in card.intensities),
            "any": card.any_contrast,
        },
        "note",
    )


def _about_expected(expected: Sequence[Experience], others: Sequence[Experience]) -> Problem:
    if not expected and not others:
        return Problem(
            "advise-expectation-unknown",
            "What a training will bring is not known before one was scored: that was measured on the {part} alone.",
            {"part": MEASURED_ON},
            "note",
        )
    if not expected:
        return Problem(
            "advise-nothing-alike",
            "What a training will bring is not known before one was scored: on the {part} no source model was measured that "
            "was about as good as this one as it is. Fine-tuning everything changed the mean Dice of others by {said:;}.",
            {"part": MEASURED_ON, "said": [_brought(one, with_dice=True) for one in others]},
            "note",
        )
    directs = sorted({round(dice, 3) for one in expected for dice in one.measured})
    return Problem(
        "advise-experience",
        "What to expect: on the {part}, fine-tuning everything changed the mean Dice by {said:;}, measured where the source "
        "model had {directs} as it is; other numbers of cases were not measured. All of it is of one data set, with the "
        "default settings.",
        {
            "part": MEASURED_ON,
            "said": [_brought(one) for one in expected],
            "directs": " and ".join(f"{dice:.3f}" for dice in directs[:: max(1, len(directs) - 1)]),
        },
        "note",
    )


def _brought(one: Experience, with_dice: bool = False) -> Problem:
    """What a number of cases brought; on request with the Dice that the source model had."""
    return Problem(
        "advise-experience-cases",
        "{low:+.3f}{range:? to {high:+.3f}|} with {cases} cases{with_dice:? where it was {dice:.3f} as it is|}",
        {
            "low": one.low,
            "high": one.high,
            "range": round(one.low, 3) != round(one.high, 3),
            "cases": one.cases,
            "with_dice": with_dice,
            "dice": one.measured[0],
        },
        "note",
    )


def about_labels(names: Sequence[str]) -> Problem:
    """Which labels are looked at where no case has a segmentation."""
    return Problem(
        "advise-labels-assumed",
        "No case has a segmentation, so what is looked for is what the source model segments ({labels:…}); whether you want "
        "other structures is not known.",
        {"labels": list(names)},
        "note",
    )


def about_copies(copies: float, images: int) -> Problem:
    """Say how steady the model is: how much its segmentation changes when the image is shifted by a voxel.

    Args:
        copies: 1 - Dice between the segmentation of an image and that of the mean over its copies, from 0 (steady) to 1.
        images: The number of images that this is the mean of.
    """
    return Problem(
        "advise-copies",
        "Steadiness: what the source model finds in an image and what it finds in copies that are shifted by a voxel are "
        "{away:.3f} from each other (1 - Dice, mean of {count} {count:~image|images}; 0 is steady).",
        {"away": copies, "count": images},
        "note",
    )


def about_promise(
    promise: DicePrediction | None, promised: Sequence[tuple[str, float]], scans: int, annotated: int
) -> list[Problem]:
    """What the source model's own probabilities say of its Dice.

    Args:
        promise: How well they predict it; None where that cannot be measured.
        promised: (name, Dice) of scans without a segmentation, by them.
        scans: How many such scans were looked at.
        annotated: How many annotated cases were scored.
    """
    found = []
    if promise is not None and promise.correlation is not None:
        found.append(
            Problem(
                "advise-promise",
                "The source model's own probabilities {useful:?tell|do not tell} of its Dice: rank correlation "
                "{correlation:.2f} over {count} cases; Dice predicted by them are off by {error:.3f}, the mean alone by "
                "{of_mean:.3f}.",
                {
                    "useful": promise.useful,
                    "correlation": -promise.correlation,
                    "count": promise.cases,
                    "error": promise.error,
                    "of_mean": promise.error_of_mean,
                },
                "note",
            )
        )
    if promised:
        found.append(
            Problem(
                "advise-promised",
                "Predicted for the source model as it is: a mean Dice of {dice:.2f} in {count} {count:~scan|scans} without a "
                "segmentation{checked:?|, if its probabilities are right, which {annotated:?fewer than four annotated cases "
                "cannot tell|nothing can tell without a segmentation}: most models are surer than they are right}.",
                {
                    "dice": sum(value for _, value in promised) / len(promised),
                    "count": scans,
                    "checked": promise is not None,
                    "annotated": bool(annotated),
                },
                "note",
            )
        )
    return found


def about_calibration_of_job(calibrated: Calibration | None) -> Problem:
    """Whether the fold models of the kept strategy are right as often as they are sure; None where that is not known."""
    if calibrated is None:
        return Problem(
            "advise-job-calibration-unknown",
            "Calibration of the models of folds is not known: the last job trained none, or an earlier version ran it.",
            severity="note",
        )
    return Problem(
        "advise-job-calibration",
        "Calibration of the models of folds, on the cases that they held out: their confidence is {error:.3f} from how often "
        "they are right (expected calibration error; 0 is best).",
        {"error": calibrated.error},
        "note",
    )


def about_direct(
    direct: Statistics | None,
    expected: tuple[Sequence[Experience], Sequence[Experience]],
    calibrated: Calibration | None,
    has_seen: bool,
) -> list[Problem]:
    """How good the source model is as it is, what fine-tuning brought others, and whether its probabilities are right.

    Args:
        direct: Its Dice over the annotated cases; None without such.
        expected: What fine-tuning brought source models that were about as good, and others, see `experience`.
        calibrated: Its calibration; None without an annotated case.
        has_seen: Whether it has seen some of the annotated cases, which are left out.
    """
    found = []
    if direct is None or direct.mean is None:
        found.append(
            Problem(
                "advise-direct-unknown",
                "How good the source model is as it is, is not known: no case{has_seen:? that it has not seen|} has a "
                "segmentation to compare with; annotate one.",
                {"has_seen": has_seen},
                "note",
            )
        )
    else:
        interval = direct.low is not None and direct.high is not None
        found.append(
            Problem(
                "advise-direct",
                "As it is, the source model has a mean Dice of {dice:.3f} in {count} annotated "
                "{count:~case|cases}{has_seen:? that it has not seen|}{interval:? (95 % interval {low:.3f} to {high:.3f})|}.",
                {
                    "dice": direct.mean,
                    "count": direct.n,
                    "has_seen": has_seen,
                    "interval": interval,
                    "low": direct.low or 0.0,
                    "high": direct.high or 0.0,
                },
                "note",
            )
        )
    found.append(_about_expected(*expected))
    if calibrated is not None:
        found.append(
            Problem(
                "advise-calibration",
                "Calibration of the source model as it is: its confidence is {error:.3f} from how often it is right "
                "(expected calibration error; 0 is best).",
                {"error": calibrated.error},
                "note",
            )
        )
    return found


def about_curve(curve: CaseCurve | None, kept_source: bool, too_few_unseen: bool) -> Problem:
    """What more annotated cases would bring.

    Args:
        curve: The curve; None where there is none.
        kept_source: Whether a job kept the source model as it is.
        too_few_unseen: Whether there would be a curve if the source model had not seen some of the cases.
    """
    if curve is None and kept_source:
        return Problem(
            "advise-curve-untrained",
            "What more annotated cases would bring cannot be said: a job kept the source model as it is, which no case "
            "changes.",
            severity="note",
        )
    if curve is None and too_few_unseen:
        return Problem(
            "advise-curve-seen",
            "What more annotated cases would bring cannot be said: too few of the cases that the jobs scored are ones "
            "that the source model has not seen.",
            severity="note",
        )
    if curve is None:
        return Problem(
            "advise-curve-one-size",
            "What more annotated cases would bring cannot be said from one number of cases; adapt on half of them as "
            "well, and give both jobs.",
            severity="note",
        )
    said = [
        Problem(
            "advise-expected",
            "{gain:+.3f} with {cases} cases (95 % interval {low:+.3f} to {high:+.3f})",
            {"gain": one.gain, "cases": one.cases, "low": one.low, "high": one.high},
            "note",
        )
        for one in curve.expected
    ]
    return Problem(
        "advise-curve",
        "More annotated cases: measured was a Dice of {measured:;} by models of folds{is_shared:?, on the {shared} cases "
        "that all of these jobs have scored|, each on its own cases, which may be easier or harder than the others}. With "
        "more than your {cases:g} nothing was measured; a power law through these {count} means has, beyond a model of all "
        "{cases:g}: {said:;}.",
        {
            "measured": [
                Problem(
                    "advise-measured",
                    "{dice:.3f} trained on {cases:g} {cases:~case|cases}",
                    {"dice": one.mean or 0.0, "cases": round(size, 1)},
                    "note",
                )
                for size, one in zip(curve.sizes, curve.measured, strict=True)
            ],
            "is_shared": curve.shared is not None,
            "shared": curve.shared or 0,
            "count": len(curve.sizes),
            "cases": curve.now,
            "said": said,
        },
        "note",
    )


def about_prediction(prediction: DicePrediction | None, has_seen: bool) -> Problem:
    """Whether the disagreement of the source model and the kept one tells of a low Dice.

    Args:
        prediction: How well it does; None where that cannot be said.
        has_seen: Whether the source model has seen some of the cases.
    """
    if prediction is None or prediction.correlation is None:
        return Problem(
            "advise-prediction-unknown",
            "Whether disagreement tells of a low Dice cannot be said: that takes four scored cases that differ, which "
            "both the source model and the kept one have segmented{has_seen:?, and which the source model was not "
            "trained on|}.",
            {"has_seen": has_seen},
            "note",
        )
    return Problem(
        "advise-prediction",
        "Disagreement with the source model {useful:?tells|does not tell} of a low Dice: rank correlation "
        "{correlation:.2f} over {count} cases; predicted Dice are off by {error:.3f}, the mean alone by {of_mean:.3f}.",
        {
            "useful": prediction.useful,
            "correlation": prediction.correlation,
            "count": prediction.cases,
            "error": prediction.error,
            "of_mean": prediction.error_of_mean,
        },
        "note",
    )
