from __future__ import annotations

import pytest

from TransferSegLib.evaluation.representation.advice import advise

CHANCE = {"encoder.0": 0.05, "bottleneck": 0.05, "decoder.0": 0.05, "decoder.1": 0.05}


def network(encoder: float, decoder: float) -> dict[str, float]:
    """The RSIM of start and convergence; the mean of a part's layers is what is given."""
    return {
        "encoder.0": encoder + 0.1,
        "bottleneck": encoder - 0.1,
        "decoder.0": decoder,
        "decoder.1": decoder,
        "head": 0.9,
    }


@pytest.mark.parametrize(
    ("encoder", "decoder", "strategy"),
    [
        (0.35, 0.85, "conservative:part=encoder+head"),  # as liver MRI → CT in the paper: 0.22 and 0.61
        (0.8, 0.4, "conservative:part=decoder"),
        (0.8, 0.9, "conservative:part=head"),
        (0.4, 0.4, None),
        (0.8, 0.6, None),
    ],
)
def test_the_part_that_was_not_reused_is_to_be_trained(encoder, decoder, strategy):
    found = advise("open", [network(encoder, decoder)], [network(0.2, 0.25)], CHANCE)
    assert found.strategy == strategy
    assert found.encoder.reuse == pytest.approx(encoder - 0.2) and found.decoder.reuse == pytest.approx(decoder - 0.25)
    for number in (f"{found.encoder.reuse:.2f} in the encoder", f"{found.decoder.reuse:.2f} in the decoder"):
        assert number in found.problem.sentence


def test_the_sentence_is_the_advice_with_its_numbers():
    found = advise("open", [network(0.35, 0.85)], [network(0.2, 0.25)], CHANCE)
    assert found.problem.sentence == (
        "`open`: the encoder changed, the decoder was reused: try `conservative:part=encoder+head` (feature reuse 0.15 in "
        "the encoder and 0.60 in the decoder, from 1 training that began with the source's weights and 1 from scratch: with "
        "so few, another seed may say something else)."
    )


def test_nothing_reused_says_to_compare_with_scratch():
    found = advise("open", [network(0.4, 0.4)], [network(0.2, 0.25)], CHANCE)
    assert "neither encoder nor decoder was reused" in found.problem.sentence and "`scratch`" in found.problem.sentence


def test_numbers_between_those_of_the_paper_cannot_tell():
    assert "cannot tell" in advise("open", [network(0.8, 0.6)], [network(0.2, 0.25)], CHANCE).problem.sentence


def test_networks_that_disagree_cannot_tell():
    scattered = [network(0.35, 0.95), network(0.35, 0.4), network(0.35, 0.95)]
    found = advise("open", scattered, [network(0.2, 0.1), network(0.2, 0.3)], CHANCE)
    assert found.decoder.reuse > 0.5 and found.decoder.low < 0.25
    assert found.strategy is None and "cannot tell" in found.problem.sentence


def test_networks_that_agree_are_named_with_their_interval():
    found = advise(
        "open", [network(0.35, 0.85), network(0.36, 0.86)], [network(0.2, 0.25), network(0.21, 0.26)], CHANCE
    )
    assert found.strategy == "conservative:part=encoder+head"
    assert (
        "0.60 (0.57 to 0.63) in the decoder" in found.problem.sentence and "with so few" not in found.problem.sentence
    )


def test_without_scratch_there_is_no_reuse():
    found = advise("open", [network(0.9, 0.9)], [], CHANCE)
    assert found.strategy is None and "run `scratch` as well" in found.problem.sentence


def test_what_is_hardly_above_chance_cannot_tell():
    found = advise("open", [network(0.9, 0.3)], [network(0.2, 0.3)], CHANCE | {"decoder.0": 0.28, "decoder.1": 0.28})
    assert found.strategy is None and "hardly above chance in the decoder" in found.problem.sentence
