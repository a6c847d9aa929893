"""What Mecheter 2020 claims, and how each claim is judged."""

from __future__ import annotations

from TransferSegLib.studies.claims import Claim, Judgement, Sample, judge_all, judge_best, judge_difference, judge_slope
from TransferSegLib.studies.papers.mecheter2020.grid import AIR, BONE, OTHER, PROPOSED, SOFT
from TransferSegLib.studies.papers.mecheter2020.tables import of_source, score_of, tuned
from TransferSegLib.studies.results import Results

AS_IT_IS, DECODER = "Transfer learning", "Finetune: Decoder"


def _sample(results: Results, name: str, label: str) -> Sample:
    return Sample(name, score_of(results, label).values, is_share=True)


def _bone_is_hardest(results: Results) -> Judgement:
    own = of_source(results, PROPOSED)
    bone = _sample(own, "bone", BONE)
    return judge_all([judge_difference(bone, _sample(own, other, other), "less", "Dice") for other in (SOFT, AIR)])


def _proposed_is_better(results: Results) -> Judgement:
    proposed = _sample(of_source(results, PROPOSED), "the paper's training", BONE)
    otherwise = _sample(of_source(results, OTHER), "the other training", BONE)
    return judge_difference(proposed, otherwise, "more", "Dice of bone")


def _more_layers_more_bone(results: Results) -> Judgement:
    steps = [
        (float(title.split()[1]), _sample(rows, title, BONE))
        for title, rows in tuned(results).items()
        if title.endswith("CONV")
    ]
    return judge_slope(steps, "more", "Dice of bone", "the layers")


def _decoder_is_best(label: str, results: Results) -> Judgement:
    ways = tuned(results)
    samples = [_sample(rows, title, label) for title, rows in ways.items() if title != DECODER]
    return judge_best(_sample(ways.get(DECODER, Results(())), DECODER, label), samples, f"Dice of {label}")


def _air_stays(results: Results) -> Judgement:
    ways = tuned(results)
    decoder, as_it_is = (_sample(ways.get(title, Results(())), title, AIR) for title in (DECODER, AS_IT_IS))
    return judge_difference(decoder, as_it_is, "same", "Dice of air", negligible=0.01)


CLAIMS = (
    Claim(
        "bone-is-hardest",
        "Bone is segmented worse than soft tissue and air (0.79, 0.92, 0.98).",
        "§IV-A, Table I",
        _bone_is_hardest,
    ),
    Claim(
        "proposed-is-better",
        "Trained as proposed, SegNet segments bone better than trained as others did (0.79, 0.66).",
        "§IV-B, Table II",
        _proposed_is_better,
    ),
    Claim(
        "more-layers-more-bone",
        "The more convolutions are tuned, the better bone is segmented (0.50 with 2, 0.60 with 8).",
        "§IV-C, Table III",
        _more_layers_more_bone,
    ),
    Claim(
        "decoder-is-best",
        "Tuning the whole decoder is best (bone 0.63).",
        "§IV-C, Table III",
        lambda results: _decoder_is_best(BONE, results),
    ),
    Claim("air-stays", "Air does not improve by fine tuning (0.97 throughout).", "§IV-C, Table III", _air_stays),
)
