"""What Karimi 2021 claims, and how each claim is judged."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import partial

from TransferSegLib.studies.claims import Claim, Judgement, Sample, judge_all, judge_difference
from TransferSegLib.studies.entries import per_run, seconds_to_convergence
from TransferSegLib.studies.papers.karimi2021.grid import (
    CENTERS,
    CT_ORGANS,
    ENCODER,
    LIVER_CT,
    LIVER_MRI,
    NEWBORN,
    NO_SOURCE,
    OLDER,
    OPEN,
    PANCREAS,
    POOL,
    POOR_CENTER,
    RANDOM_ENCODER,
    TUMOURS,
    WHOLE_BRAIN,
    YOUNGER,
)
from TransferSegLib.studies.papers.karimi2021.looking import courses, reuse, shown_layers
from TransferSegLib.studies.papers.karimi2021.rows import (
    RI,
    TSC,
    from_scratch,
    main_network,
    of_target,
    sample,
    transferred,
    with_all,
)
from TransferSegLib.studies.results import Results

# With a random encoder Dice fell from 0.967 to 0.940, "a small drop" (§3.7); this much counts for nothing.
SMALL_DROP = 0.03
# §3.6: "typically below 25 %".
TYPICAL_CHANGE = 0.25
# Of RSIM: table 8 calls differences up to about this much the same.
SAME_RSIM = 0.05


def _fewest(results: Results) -> Results:
    sizes = results.levels("size")
    return results.where(size=sizes[0]) if len(sizes) > 1 else Results(())


def _one_center(results: Results) -> Judgement:
    ri = with_all(from_scratch(results, POOR_CENTER, beside=CENTERS))
    tl = transferred(results, POOR_CENTER, CENTERS)
    return judge_difference(sample(tl, "models of one centre"), sample(ri, RI), "more", "Dice")


def _pool(results: Results) -> Judgement:
    one, pool = (transferred(results, POOR_CENTER, source) for source in (CENTERS, POOL))
    return judge_difference(
        sample(pool, "the model of all other centres"), sample(one, "models of one centre"), "more", "Dice"
    )


def _converges_sooner(results: Results) -> Judgement:
    parts = []
    for target, source in ((LIVER_CT, LIVER_MRI), (YOUNGER, NEWBORN)):
        tl = per_run(with_all(transferred(results, target, source)), "converged_step", f"transfer to {target}")
        ri = per_run(with_all(from_scratch(results, target, beside=source)), "converged_step", RI)
        of = f"iterations to convergence ({target})"
        parts.append(judge_difference(tl, ri, "less", of, negligible=0.0, unit="runs", digits=0))
    return judge_all(parts)


def _with_most(target: str, source: str, results: Results) -> Judgement:
    ri = with_all(from_scratch(results, target, beside=source))
    tl = with_all(transferred(results, target, source))
    return judge_difference(sample(tl, f"a model of {source}"), sample(ri, RI), "same", f"Dice of {target}")


def _with_fewest(target: str, source: str, results: Results) -> Judgement:
    ri = _fewest(from_scratch(results, target, beside=source))
    tl = _fewest(transferred(results, target, source))
    cases = tl.levels("size")
    of = f"Dice of {target} with {cases[0]} cases" if cases else f"Dice of {target}"
    return judge_difference(sample(tl, f"a model of {source}"), sample(ri, RI), "more", of)


def _tsc_few(results: Results) -> Judgement:
    tl = transferred(results, TSC, TUMOURS)
    ri = from_scratch(results, TSC, beside=TUMOURS).where(target=set(tl.levels("target")))
    few = [_of_few(rows) for rows in (tl, ri)]
    return judge_difference(sample(few[0], "a model of tumours"), sample(few[1], RI), "more", "Dice with few scans")


def _of_few(rows: Results) -> Results:
    most = set(with_all(rows).levels("cell"))
    return Results(tuple(row for row in rows if row.cell not in most))


def _source_size(results: Results) -> Judgement:
    """In each size of the target set, the largest source set against the smallest."""
    some = of_target(results, NEWBORN).where(strategy=OPEN)
    sources = sorted(
        (name for name in some.levels("source") if str(name).startswith(f"{WHOLE_BRAIN}-")),
        key=lambda name: int(str(name).rsplit("-", 1)[1]),
    )
    if len(sources) < 2:
        return judge_difference(Sample(WHOLE_BRAIN, {}), Sample("fewer", {}), "same", "Dice")
    parts, network = [], main_network(results, NEWBORN, NO_SOURCE)
    for size in some.levels("size"):
        least, most = (
            transferred(results, NEWBORN, name, network).where(size=size) for name in (sources[0], sources[-1])
        )
        of = f"Dice with {size} cases"
        parts.append(judge_difference(sample(most, str(sources[-1])), sample(least, str(sources[0])), "same", of))
    return judge_all(parts)


def _pairs(results: Results) -> tuple[tuple[str, str, str], ...]:
    return ((LIVER_CT, LIVER_MRI, "liver-ct"), (YOUNGER, NEWBORN, "younger fetus"))


def _random_encoder(results: Results) -> Judgement:
    parts = []
    for target, source, said in _pairs(results):
        random = sample(transferred(results, target, source, strategy=RANDOM_ENCODER), "a random encoder")
        whole = sample(with_all(from_scratch(results, target, beside=source)), "all of the network")
        parts.append(judge_difference(random, whole, "same", f"Dice ({said})", negligible=SMALL_DROP))
    return judge_all(parts)


def _random_encoder_is_faster(results: Results) -> Judgement:
    parts = []
    for target, source, said in _pairs(results):
        rows = transferred(results, target, source, strategy=RANDOM_ENCODER)
        random = seconds_to_convergence(rows, "a random encoder")
        whole = seconds_to_convergence(with_all(from_scratch(results, target, beside=source)), "all of the network")
        of = f"seconds to convergence ({said})"
        parts.append(judge_difference(random, whole, "less", of, negligible=0.0, unit="runs", digits=1))
    return judge_all(parts)


def _encoder_alone(results: Results) -> Judgement:
    part = sample(transferred(results, LIVER_CT, LIVER_MRI, strategy=ENCODER), "the encoder alone")
    whole = sample(with_all(transferred(results, LIVER_CT, LIVER_MRI)), "all of the network")
    return judge_difference(part, whole, "same", "Dice of liver-ct")


def _filters_change_little(results: Results) -> Judgement:
    changes = {
        f"{change.condition}, {stage.stage}": stage.mean
        for one in results.analyses
        for change in one.changes
        for stage in change.stages
    }
    if not changes:
        return Judgement("cannot tell", "no training kept snapshots")
    middle = statistics.median(changes.values())
    below = sum(value < TYPICAL_CHANGE for value in changes.values())
    numbers = (
        f"the mean change of a filter is below {100 * TYPICAL_CHANGE:g} % in {below} of {len(changes)} stages of the "
        f"trainings that were looked into, in the middle {100 * middle:.0f} %"
    )
    return Judgement("seen" if 2 * below > len(changes) else "not seen", numbers)


def _encoder_changes_less(results: Results) -> Judgement:
    """RSIM of start and convergence, the paper's three layers of the encoder against its three of the decoder."""
    some = Results(
        (
            *with_all(from_scratch(results, [YOUNGER], beside=NEWBORN)),
            *with_all(transferred(results, YOUNGER, NEWBORN)),
            *with_all(from_scratch(results, [LIVER_CT], beside=LIVER_MRI)),
            *with_all(transferred(results, LIVER_CT, LIVER_MRI)),
        )
    )
    encoder, decoder = {}, {}
    for course in courses(results, some):
        layers = shown_layers(list(course.start))
        encoder[course.training] = _mean([course.start[n] for n in layers if n.startswith("encoder")])
        decoder[course.training] = _mean([course.start[n] for n in layers if n.startswith("decoder")])
    return judge_difference(
        Sample("the encoder's layers", encoder),
        Sample("the decoder's", decoder),
        "more",
        "RSIM of start and convergence",
        unit="runs",
    )


def _as_diverse(results: Results) -> Judgement:
    """Mean RSIM of pairs by transfer learning against pairs from scratch, layer by layer."""
    from TransferSegLib.studies.papers.karimi2021.tables import table_8

    rows = {row.heads[0]: row for table in table_8(results) for row in table.rows}
    columns = [column.title for table in table_8(results) for column in table.columns]

    def layers(name: str) -> dict[str, float]:
        found = zip(columns, rows[name].entries, strict=True) if name in rows else ()
        return {column: entry.mean for column, entry in found if entry.mean is not None}

    return judge_difference(
        Sample("transfer learning", layers("RSIM(T.L., T.L.)")),
        Sample(RI, layers("RSIM(R.I., R.I.)")),
        "same",
        "RSIM of pairs",
        negligible=SAME_RSIM,
        unit="layers",
    )


def _reuse_is_deep(results: Results) -> Judgement:
    """Feature reuse of the last layer of the encoder and the decoder's against that of the first layer."""
    own = with_all(transferred(results, YOUNGER, NEWBORN))
    scratch = with_all(from_scratch(results, YOUNGER, beside=NEWBORN))
    found = {one.layer: one.reuse for one in reuse(results, own, scratch)}
    layers = shown_layers(list(found))
    if len(layers) < 2:
        return Judgement("cannot tell", "there are no trainings with snapshots of both kinds")
    first, *others = layers
    deeper = {layers[name]: found[name] for name in others}
    more = sum(value > found[first] for value in deeper.values())
    best = max(deeper, key=deeper.__getitem__)
    numbers = (
        f"feature reuse is {found[first]:.3f} in the first layer and more in {more} of {len(deeper)} deeper ones, at most "
        f"{deeper[best]:.3f} in {best} (one number a layer: chance is not excluded)"
    )
    return Judgement("seen" if more == len(deeper) else "not seen" if not more else "cannot tell", numbers)


def _mean(found: Sequence[float]) -> float:
    return statistics.fmean(found)


CLAIMS = (
    Claim(
        "one-center-helps",
        "On centre 5, whose scans are poor, models of one other centre help (Dice 0.421 → 0.577).",
        "§3.1, table 2",
        _one_center,
    ),
    Claim(
        "the-pool-is-better",
        "The model of all other centres is better than those of one (0.582, 0.577).",
        "§3.1, table 2",
        _pool,
    ),
    Claim(
        "converges-sooner",
        "Transfer learning converges in fewer iterations.",
        "§3.2 and 3.3, figures 3 and 5",
        _converges_sooner,
    ),
    Claim(
        "same-across-modalities",
        "Liver in CT, from liver in MRI: the Dice is the same as from scratch (0.97).",
        "§3.2, table 3",
        partial(_with_most, LIVER_CT, LIVER_MRI),
    ),
    Claim(
        "older-fetus-with-five-helps",
        "With 5 images of the older fetus, transfer learning from newborns helps (Dice 0.79 → 0.82).",
        "§3.3, table 4",
        partial(_with_fewest, OLDER, NEWBORN),
    ),
    Claim(
        "pancreas-with-few-helps",
        "With 15 images of the pancreas, transfer learning from other organs helps (Dice 0.70 → 0.74).",
        "§3.4, table 5",
        partial(_with_fewest, PANCREAS, CT_ORGANS),
    ),
    Claim(
        "pancreas-with-many-is-the-same",
        "With 150 images of the pancreas it does not matter (0.80, 0.81).",
        "§3.4, table 5",
        partial(_with_most, PANCREAS, CT_ORGANS),
    ),
    Claim(
        "tsc-with-three-helps",
        "With 3 scans of each centre, TSC lesions are better segmented from a model of tumours (Dice 0.48 → 0.60).",
        "§3.4, table 6",
        _tsc_few,
    ),
    Claim(
        "source-size-hardly-matters",
        "The number of source images hardly matters: 2500 are no better than 50.",
        "§3.5, table 7",
        _source_size,
    ),
    Claim(
        "encoder-changes-less-than-decoder",
        "The encoder's representations change much less in training than the decoder's.",
        "§3.6, figures 6 and 7",
        _encoder_changes_less,
    ),
    Claim(
        "filters-change-little",
        "Filters change little until convergence, typically by less than 25 % of their norm.",
        "§3.6, figures 8 and 9",
        _filters_change_little,
    ),
    Claim(
        "random-encoder-is-nearly-as-good",
        "With a random encoder that is frozen, Dice falls little (0.967 → 0.940 and 0.896 → 0.884; here taken as within "
        "0.03).",
        "§3.7, figure 11",
        _random_encoder,
    ),
    Claim(
        "random-encoder-converges-sooner",
        "And it converges in less time.",
        "§3.7, figure 11",
        _random_encoder_is_faster,
    ),
    Claim(
        "as-diverse",
        "Networks by transfer learning are as different from each other as those from scratch.",
        "§3.7, table 8",
        _as_diverse,
    ),
    Claim(
        "reuse-is-deep",
        "Features are reused more in deeper layers than in the first one (0.16 → 0.61).",
        "§3.7, table 9",
        _reuse_is_deep,
    ),
    Claim(
        "encoder-alone-suffices",
        "From liver MRI to liver CT, the encoder alone can be fine-tuned as well as all of the network.",
        "§3.7",
        _encoder_alone,
    ),
)
