from __future__ import annotations

import pytest

from TransferSegLib.core.licences import commercial_use, use_in_words


@pytest.mark.parametrize(
    "licence",
    [
        "CC-BY-NC 4.0",
        "CC BY-NC-SA 4.0",
        "cc_by_nc",
        "PolyForm-Noncommercial-1.0.0",
        "NVIDIA OneWay Noncommercial License",
        "NVIDIA Source Code License-NC",
        "custom NC",
        "research only",
        "Academic and research use only",
        "for academic research purposes only",
        "may be used only for research or evaluation purposes",
        "may not be used for commercial purposes",
        "Commercial use is prohibited",
        "MIT; training data CC-BY-NC-4.0",
        "research, educational, or academic use only",
        "research \n\t and  scientific   purposes only",
        "The Work may only be used or intended for use\nnon-commercially.",
    ],
)
def test_words_that_forbid_commercial_use_outweigh_what_is_stated(licence):
    assert commercial_use(licence, True) is False


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0", "CC-BY-SA-4.0 (as its training data)", "CC0-1.0", "BSD-3-Clause", "CC BY 4.0"]
)
def test_licences_in_the_open_allow_commercial_use(licence):
    assert commercial_use(licence) is True
    assert commercial_use(licence, False) is False


@pytest.mark.parametrize(
    "licence",
    [
        "Apache-2.0; training data under its own terms",
        "for any purpose, commercial or non-commercial",
        "free for non-commercial and commercial use",
        "This alternative is allowed only for noncommercial distribution",
        "only occasionally and noncommercially, and only if you received the object code with such an offer",
    ],
)
def test_what_is_not_clear_is_left_as_stated(licence):
    assert commercial_use(licence) is None
    assert commercial_use(licence, True) is True


def test_a_licence_that_nobody_stated_is_unknown():
    assert [use_in_words(text, None) for text in ("", "not stated", "their own")] == [
        "unknown",
        "unknown",
        "see the licence",
    ]


@pytest.mark.parametrize(
    "licence",
    ["research" + " " * 10**6, "research " * 10**5 + ";", "gpl-2" + "(" * 10**5 + " x", "commercial-or-" * 10**5],
)
def test_a_long_text_is_looked_at_in_a_time_that_grows_as_it_does(licence):
    # Any of them took minutes where it was looked at anew from each of its words.
    assert commercial_use(licence) is None
