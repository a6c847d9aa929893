"""The library's texts that the panel shows, for Slicer's translation tools; `words.library_text` translates them.

Written by docs/make_translation_templates.py, and imported by nothing.
"""

from slicer.i18n import translate


def texts() -> tuple[str, ...]:
    """All texts, in the person's language."""
    return (
        translate("TransferSeg.library", "unexpected error ({kind}: {text}); the traceback is in {log}."),
        translate("TransferSeg.library", "{found}; see `{help}`."),
        translate("TransferSeg.library", "one of {choices}"),
        translate("TransferSeg.library", "yes or no"),
        translate("TransferSeg.library", "a text"),
        translate("TransferSeg.library", "{count} whole numbers"),
        translate("TransferSeg.library", "{count} whole numbers from {least:,}"),
        translate("TransferSeg.library", "a whole number"),
        translate("TransferSeg.library", "a whole number from {least:,}"),
        translate("TransferSeg.library", "a whole number from {least:,} to {most:,}"),
        translate("TransferSeg.library", "a number greater than {above:,}"),
        translate("TransferSeg.library", "a number greater than {above:,} and at most {most:,}"),
        translate("TransferSeg.library", "a number"),
        translate("TransferSeg.library", "a number from {least:,}"),
        translate("TransferSeg.library", "a number from {least:,} to {most:,}"),
        translate("TransferSeg.library", "option `{option}`: must be {expected}, not `{value}`."),
        translate(
            "TransferSeg.library", "options `{first_option}` and `{second_option}` are both given; give one of them."
        ),
        translate(
            "TransferSeg.library",
            "{option} and {other_option}: how many steps fit into a time differs from run to run; give --steps or --epochs.",
        ),
        translate(
            "TransferSeg.library",
            "{option} {value}: a patch of so many voxels does not fit into memory; choose a smaller one.",
        ),
        translate("TransferSeg.library", "the segmentation is empty"),
        translate(
            "TransferSeg.library",
            "keep it if there is nothing to segment, otherwise annotate the case or list it as unlabelled",
        ),
        translate("TransferSeg.library", "two of its channels are the same image"),
        translate("TransferSeg.library", "give each channel its own image"),
        translate("TransferSeg.library", "no case to train on has a segmentation"),
        translate("TransferSeg.library", "annotate at least one case"),
        translate(
            "TransferSeg.library", "strategy `{strategy}` has no option `{option}`; it takes {known:?{known}|none}."
        ),
        translate("TransferSeg.library", "strategy `{strategy}`: {reason}."),
        translate("TransferSeg.library", "strategy `{name}` is not known; choose one of {known}."),
        translate(
            "TransferSeg.library",
            "strategy `{strategy}`: the source model `{source}` was trained for {task} and segments nothing; choose one of {able}.",
        ),
        translate(
            "TransferSeg.library",
            "strategy `{strategy}`: layers={layers}, but network `{network}` has {count} convolutions; choose 1 to {count}.",
        ),
        translate("TransferSeg.library", "Source model as it is"),
        translate(
            "TransferSeg.library",
            "When your scans look like those that the model was made for; and always, as what the others are measured against.",
        ),
        translate("TransferSeg.library", "Fine-tune everything"),
        translate(
            "TransferSeg.library",
            "When your scans look quite different from the source's, and you have four cases or more.",
        ),
        translate("TransferSeg.library", "Fine-tune the last layers"),
        translate(
            "TransferSeg.library",
            "When you have very few cases (one to four), or scans that are close to the source's: it overfits least.",
        ),
        translate("TransferSeg.library", "Two encoders, old and new"),
        translate(
            "TransferSeg.library",
            "When the contrast is a different one but the anatomy the same: what the source knows is kept untouched beside it.",
        ),
        translate("TransferSeg.library", "Train on old and new scans together"),
        translate(
            "TransferSeg.library",
            "When you have the source's cases too, and want one model that works on both kinds of scan.",
        ),
        translate("TransferSeg.library", "Keep the encoder, new decoder"),
        translate(
            "TransferSeg.library",
            "When what is to be segmented is a different thing from what the source model segments.",
        ),
        translate("TransferSeg.library", "Random encoder, trained decoder"),
        translate(
            "TransferSeg.library", "For research: how much of the result comes from trained encoder features at all."
        ),
        translate("TransferSeg.library", "From scratch"),
        translate("TransferSeg.library", "When you have many cases, or want to see what the source model is worth."),
        translate("TransferSeg.library", "Steps"),
        translate("TransferSeg.library", "How many steps each training takes."),
        translate("TransferSeg.library", "Epochs"),
        translate("TransferSeg.library", "How often each training goes through all cases."),
        translate("TransferSeg.library", "Minutes"),
        translate("TransferSeg.library", "How long all trainings of the job take together."),
        translate("TransferSeg.library", "min"),
        translate("TransferSeg.library", "Device"),
        translate("TransferSeg.library", "What the networks run on; `auto` is the fastest device of this computer."),
        translate("TransferSeg.library", "Random seed"),
        translate(
            "TransferSeg.library",
            "The number that all random draws follow from: folds, new weights, patches and augmentation.",
        ),
        translate("TransferSeg.library", "Learning rate"),
        translate(
            "TransferSeg.library", "The learning rate of every layer that is trained, in place of the strategy's own."
        ),
        translate("TransferSeg.library", "Learning rate over time"),
        translate("TransferSeg.library", "How the learning rate changes while a training runs."),
        translate("TransferSeg.library", "falls smoothly to zero (cosine)"),
        translate("TransferSeg.library", "falls a little each epoch"),
        translate("TransferSeg.library", "falls when nothing is gained"),
        translate("TransferSeg.library", "stays as it is"),
        translate("TransferSeg.library", "Batch size"),
        translate("TransferSeg.library", "How many patches the network sees in one step."),
        translate("TransferSeg.library", "patches"),
        translate("TransferSeg.library", "Patch size"),
        translate("TransferSeg.library", "The size of the patches that are cut out of the images."),
        translate("TransferSeg.library", "voxels"),
        translate("TransferSeg.library", "Augmentation"),
        translate(
            "TransferSeg.library",
            "How strongly the patches are changed at random, so that the model copes with more than it has seen.",
        ),
        translate("TransferSeg.library", "none"),
        translate("TransferSeg.library", "light: small turns, shifts and changes of size"),
        translate("TransferSeg.library", "strong: larger ones, and changes of brightness"),
        translate("TransferSeg.library", "contrast: tissues in the brightness of other scanners"),
        translate("TransferSeg.library", "The same weights from every run"),
        translate(
            "TransferSeg.library",
            "Whether every run of the job ends with the same weights; training is then slower on a GPU.",
        ),
        translate("TransferSeg.library", "Last layers"),
        translate("TransferSeg.library", "How many of the last convolutions are trained."),
        translate("TransferSeg.library", "Part of the network"),
        translate("TransferSeg.library", "Which part of the network is trained, in place of a number of layers."),
        translate("TransferSeg.library", "the output layer"),
        translate("TransferSeg.library", "the decoder"),
        translate("TransferSeg.library", "the encoder and the output layer"),
        translate("TransferSeg.library", "Fusion"),
        translate("TransferSeg.library", "How the features of the two encoders are joined."),
        translate("TransferSeg.library", "multiplied"),
        translate("TransferSeg.library", "side by side"),
        translate("TransferSeg.library", "averaged"),
        translate("TransferSeg.library", "the larger of the two"),
    )
