"""What Mecheter 2023 claims, and how each claim is judged."""

from __future__ import annotations

from collections.abc import Callable

from TransferSegLib.studies.claims import (
    Claim,
    Claimed,
    Judgement,
    Sample,
    judge_all,
    judge_best,
    judge_difference,
    judge_slope,
    nothing_found,
)
from TransferSegLib.studies.claims import slopes as slopes_of
from TransferSegLib.studies.entries import (
    by_size,
    label_named,
    sample,
    seconds_to_convergence,
)
from TransferSegLib.studies.papers.mecheter2023.grid import (
    AIR,
    BONE,
    DICE,
    OF_BOTH,
    OF_T1W,
    SOFT,
    T1W,
    T2W,
    TISSUES,
)
from TransferSegLib.studies.papers.mecheter2023.rows import (
    adapted,
    approaches_of,
    by_option,
    fusion_title,
    layers_title,
    of_layers_and_sizes,
)
from TransferSegLib.studies.results import Results


def _score(results: Results, name: str, label: str, metric: str = DICE) -> Sample:
    """The score of each case for a label of the paper; without values where the results have no such label."""
    known = label_named(results, label)
    return sample(results, name, metric, known) if known is not None else Sample(name, {})


def _direct(results: Results, label: str) -> Sample:
    return _score(adapted(results).where(strategy="direct"), "the source model as it is", label)


def _open(results: Results, label: str) -> Sample:
    return _score(adapted(results).where(strategy="open"), "open fine tuning", label)


def _layer_steps(results: Results, label: str, metric: str = DICE) -> list[tuple[float, Sample]]:
    """(layers, score) of conservative fine tuning."""
    found = by_option(results, "conservative")
    return [(float(n or 0), _score(rows, layers_title(n), label, metric)) for n, rows in found.items()]


def _fused(results: Results, fusion: str, label: str) -> Sample:
    return _score(by_option(adapted(results), "hybrid").get(fusion, Results(())), f"{fusion_title(fusion)}", label)


def _all_samples(results: Results, label: str, metric: str = DICE) -> dict[str, Sample]:
    return {
        title: _score(rows, title, label, metric)
        for title, rows in approaches_of(adapted(results)).items()
        if len(rows)
    }


def _best_of_all(title: str, label: str, metric: str, of: str) -> Callable[[Results], Judgement]:
    def judge(results: Results) -> Judgement:
        found = _all_samples(results, label, metric)
        best = found.pop(title, Sample(title, {}))
        return judge_best(best, list(found.values()), of)

    return judge


def _open_finds_bone(results: Results) -> Judgement:
    return judge_difference(_open(results, BONE), _direct(results, BONE), "more", "Dice of bone")


def _source_as_it_is_is_best_elsewhere(results: Results) -> Judgement:
    return judge_all(
        [_best_of_all("Transfer learning without fine tuning", t, DICE, f"Dice of {t}")(results) for t in (SOFT, AIR)]
    )


def _more_layers_more_bone(results: Results) -> Judgement:
    steps = _layer_steps(adapted(results), BONE)
    return judge_slope(steps, "more", "Dice of bone", "the layers from FC alone on")


def _layers_matter_less_elsewhere(results: Results) -> Judgement:
    bone = [sample for _, sample in _layer_steps(adapted(results), BONE)]
    if bone and all(sample.found_nothing for sample in bone):
        return nothing_found("Dice of bone", bone)

    def rise(tissue: str) -> Sample:
        return Sample(tissue, slopes_of(_layer_steps(adapted(results), tissue)))

    of = "the rise of Dice over all layers"
    return judge_all([judge_difference(rise(BONE), rise(tissue), "more", of) for tissue in (SOFT, AIR)])


def _six_layers_for_air(results: Results) -> Judgement:
    samples = {int(n): one for n, one in _layer_steps(adapted(results), AIR)}
    return judge_best(samples.pop(6, Sample("6 Conv", {})), list(samples.values()), "Dice of air")


def _few_patients_few_layers(results: Results) -> Judgement:
    sizes = by_size(of_layers_and_sizes(results))
    everything = [sample for one in sizes for _, sample in _layer_steps(one.rows, BONE)]
    if everything and all(sample.found_nothing for sample in everything):
        return nothing_found("Dice of bone", everything)
    rises = [Sample(f"{one.title} patients", slopes_of(_layer_steps(one.rows, BONE))) for one in sizes]
    if len(rises) < 2:
        rises = [Sample("few patients", {}), Sample("all patients", {})]
    return judge_difference(rises[0], rises[-1], "less", "the rise of the Dice of bone over all layers")


def _over_sizes(results: Results, layers: int, label: str) -> list[tuple[float, Sample]]:
    rows = by_option(of_layers_and_sizes(results), "conservative").get(layers, Results(()))
    return [(one.cases, _score(one.rows, f"{one.title} patients", label)) for one in by_size(rows)]


def _fc_is_constant(results: Results) -> Judgement:
    parts = [
        judge_slope(
            _over_sizes(results, 0, tissue), "same", f"Dice of {tissue} with FC alone", "sizes", negligible=0.02
        )
        for tissue in TISSUES
    ]
    return judge_all(parts)


def _more_patients_more_bone(results: Results) -> Judgement:
    layers = [int(n or 0) for n in by_option(of_layers_and_sizes(results), "conservative")]
    deepest = max(layers, default=18)
    of = f"Dice of bone with {deepest} layers"
    return judge_slope(_over_sizes(results, deepest, BONE), "more", of, "the numbers of patients")


def _concatenation_for_soft_tissue_and_air(results: Results) -> Judgement:
    return judge_all(
        [
            judge_difference(
                _fused(results, "concatenate", tissue), _fused(results, "multiply", tissue), "more", f"Dice of {tissue}"
            )
            for tissue in (SOFT, AIR)
        ]
    )


def _hybrid_is_fastest(results: Results) -> Judgement:
    some = approaches_of(adapted(results))
    times = {title: seconds_to_convergence(rows, title) for title, rows in some.items() if len(rows)}
    hybrid = times.pop("Hybrid, multiplication", Sample("Hybrid, multiplication", {}))
    others = [one for title, one in times.items() if not title.startswith(("Hybrid", "Transfer")) and one.values]
    return judge_best(hybrid, others, "seconds to convergence", higher=False, negligible=0.0, unit="folds", digits=1)


def _augmentation(results: Results, target: str, claimed: Claimed) -> Judgement:
    of_target = results.where(target=target, strategy="direct")
    with_t2 = _score(of_target.where(source=OF_BOTH), "T2-weighted scans as augmentation", BONE)
    without = _score(of_target.where(source=OF_T1W), "T1-weighted ones alone", BONE)
    return judge_difference(with_t2, without, claimed, "Dice of bone", negligible=0.02)


CLAIMS = (
    Claim(
        "open-finds-bone",
        "Without fine tuning the model cannot segment the bone of the other sequence; open fine tuning can (Dice "
        "0.384 → 0.516).",
        "§4.1, Table 3",
        _open_finds_bone,
    ),
    Claim(
        "source-is-best-elsewhere",
        "Soft tissue and air are segmented best by the source model as it is (0.846 and 0.933), better than by any "
        "fine tuning.",
        "§4.1 and 4.4, tables 7 and 8",
        _source_as_it_is_is_best_elsewhere,
    ),
    Claim(
        "more-layers-more-bone",
        "The more convolutions are tuned, the better bone is segmented (Dice 0.353 with FC alone, 0.473 with 18 "
        "convolutions).",
        "§4.2, Table 4",
        _more_layers_more_bone,
    ),
    Claim(
        "layers-matter-less-elsewhere",
        "Soft tissue and air gain only slightly from more layers (0.797 → 0.820, 0.888 → 0.893).",
        "§4.2, Table 4",
        _layers_matter_less_elsewhere,
    ),
    Claim(
        "six-layers-for-air",
        "Air needs only six convolutions for its best Dice (0.894).",
        "§4.2, Table 4",
        _six_layers_for_air,
    ),
    Claim(
        "few-patients-few-layers",
        "With two patients fewer layers should be tuned: more layers gain less there than with eight.",
        "§4.2, Figure 5",
        _few_patients_few_layers,
    ),
    Claim(
        "fc-is-constant",
        "With FC alone the number of patients hardly matters.",
        "§4.2, Figure 5",
        _fc_is_constant,
    ),
    Claim(
        "more-patients-more-bone",
        "With many layers tuned, more patients give a better Dice of bone.",
        "§4.2, Figure 5",
        _more_patients_more_bone,
    ),
    Claim(
        "multiplication-is-best-for-bone",
        "The hybrid with multiplication has the highest Dice of bone of all approaches (0.539).",
        "§4.4, Table 6",
        _best_of_all("Hybrid, multiplication", BONE, DICE, "Dice of bone"),
    ),
    Claim(
        "18-layers-are-most-precise",
        "Tuning 18 convolutions segments bone most precisely (precision 0.706).",
        "§4.4, Table 6",
        _best_of_all("Fine tune 18 Conv", BONE, "precision", "precision of bone"),
    ),
    Claim(
        "concatenation-elsewhere",
        "For soft tissue and air, concatenation is better than multiplication (0.842 against 0.800, 0.885 against "
        "0.884; the 0.842 has a misprint in it, and is 0.810 by precision and recall).",
        "§4.3, Table 5",
        _concatenation_for_soft_tissue_and_air,
    ),
    Claim(
        "hybrid-is-fastest",
        "The hybrid needs the least time to converge of all that are trained.",
        "§4.5, Figure 7",
        _hybrid_is_fastest,
    ),
    Claim(
        "augmentation-keeps-t1w",
        "T2-weighted scans as augmentation do not change how well T1-weighted ones are segmented (Dice of bone 0.65 "
        "and 0.63; here taken as the same within 0.02).",
        "§4.6, Table 9",
        lambda results: _augmentation(results, T1W, "same"),
    ),
    Claim(
        "augmentation-helps-t2w",
        "They help to segment T2-weighted ones (Dice of bone 0.38 → 0.54).",
        "§4.6, Table 9",
        lambda results: _augmentation(results, T2W, "more"),
    ),
)
