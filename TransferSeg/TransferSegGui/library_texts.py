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
        translate("TransferSeg.library", "{where}: is not the data of a sentence; correct the file."),
        translate("TransferSeg.library", "{path}: cannot be read ({reason}); check the path."),
        translate("TransferSeg.library", "{path}: line {number} is not a row of scores; write the file again."),
        translate(
            "TransferSeg.library",
            "No annotated case was scored, so nothing can be said about which model is better: that takes 2 folds or more, or separate test cases.",
        ),
        translate(
            "TransferSeg.library",
            "The source model was trained on {seen} of the {scored} cases that were scored, so these scores are too good, its own most of all; score on cases that it has not seen. {verdict}.",
        ),
        translate(
            "TransferSeg.library",
            "The encoder was trained by {task} in {steps} steps; the loss went from {first:.3g} to {last:.3g}. No case was segmented: adapt the model with `{strategy}` to see what it is worth.",
        ),
        translate(
            "TransferSeg.library",
            "`{strategy}` reaches a mean Dice of {dice:.2f}{interval} in {count} {count:~case|cases}{misses}",
        ),
        translate(
            "TransferSeg.library",
            "the source model {labels:~does not know this label|knows none of these labels} ({labels}), so there is nothing to compare with",
        ),
        translate("TransferSeg.library", "no other strategy was run to compare it with"),
        translate(
            "TransferSeg.library",
            "`{strategy}` has the highest mean Dice, {on_all}{on_shared}{first} against {second} of the source model as it is ({difference}, {share}){misses}",
        ),
        translate("TransferSeg.library", "{dice:.2f}; "),
        translate("TransferSeg.library", "`{strategy}` ({dice:.2f}) is not clearly behind it"),
        translate("TransferSeg.library", "{names} came out worse than the source model"),
        translate(
            "TransferSeg.library",
            "{on_shared}the source model as it is has the highest mean Dice, {first} against {second} of `{strategy}`, the best of the others ({difference}, {share}){misses}",
        ),
        translate("TransferSeg.library", "Fine-tuning made it worse: {means}"),
        translate("TransferSeg.library", "Fine-tuning did not help: {means}"),
        translate("TransferSeg.library", "keep the source model unless the pictures say otherwise"),
        translate(
            "TransferSeg.library",
            "`{strategy}` has the highest mean Dice, {first} against {second} of {runner_up} ({difference}, {share}){misses}",
        ),
        translate("TransferSeg.library", "the two are as good as equal"),
        translate(
            "TransferSeg.library",
            "the source model {labels:~does not know this label|knows none of these labels} ({labels}), so no comparison with it is made",
        ),
        translate(
            "TransferSeg.library",
            "the source model as it is (`{strategy}`) was not run, so whether fine-tuning helped is not known",
        ),
        translate("TransferSeg.library", "on {names}, the {labels:~label|labels} that the source model knows, "),
        translate("TransferSeg.library", "fine-tuning made no clear difference"),
        translate("TransferSeg.library", "there fine-tuning made it worse, and that is more than chance ({p})"),
        translate("TransferSeg.library", "that is more than chance ({p})"),
        translate("TransferSeg.library", "a difference too small to matter, {meaning}"),
        translate("TransferSeg.library", "chance alone could have done this ({p}), {meaning}"),
        translate(
            "TransferSeg.library",
            "{count} {count:~case is|cases are} too few to rule out chance (at least {needed} are needed where {compared} strategies are compared)",
        ),
        translate("TransferSeg.library", "p {p}{corrected:? after correction for {comparisons} comparisons|}"),
        translate("TransferSeg.library", "no case in common"),
        translate("TransferSeg.library", "{difference}, 95 % interval {low} to {high}"),
        translate("TransferSeg.library", "{count} of {of} {of:~case|cases} {better:?better|worse}"),
        translate(
            "TransferSeg.library",
            "{share}; in {count} {count:~case|cases} only one of the two rightly found nothing, a Dice of 1",
        ),
        translate("TransferSeg.library", " (95 % interval {low} to {high})"),
        translate(
            "TransferSeg.library",
            "{root}: no training case has a label; annotate at least one case (a folder holds `images` and, of the same names, `labels`).",
        ),
        translate("TransferSeg.library", "case `{case}`: {problem} (and {more} more, see `{command}`)."),
        translate("TransferSeg.library", "case `{case}`: {problem}."),
        translate("TransferSeg.library", "{problem} (and {more} more, see `{command}`)."),
        translate(
            "TransferSeg.library",
            "strategies can only be compared on cases that the models did not see; give {option}, or give test cases with labels.",
        ),
        translate(
            "TransferSeg.library",
            "strategies can only be compared on cases that the models did not see; annotate at least one more case, or give test cases with labels.",
        ),
        translate(
            "TransferSeg.library",
            "{root}: none of its labels ({labels}) is one of the source model's that the target's labels begin from; name them as the model does ({model_labels}).",
        ),
        translate("TransferSeg.library", "{plans}; all together about {time} on this computer."),
        translate("TransferSeg.library", "{plans}, about {time} on this computer."),
        translate("TransferSeg.library", "{count:.0f} seconds"),
        translate("TransferSeg.library", "{count:.0f} minutes"),
        translate("TransferSeg.library", "{count:.1f} hours"),
        translate("TransferSeg.library", "{count:.0f} hours"),
        translate(
            "TransferSeg.library",
            "{trained} of {convolutions} convolutions will be trained, {parameters_trained} of {parameters} parameters",
        ),
        translate(
            "TransferSeg.library", "nothing is trained, the source model is used as it is ({parameters} parameters)"
        ),
        translate("TransferSeg.library", "{path}: the disk is full; free space, then `{command}`."),
        translate(
            "TransferSeg.library",
            "{path}: writing is not allowed ({reason}); make the folder writable, then `{command}`.",
        ),
        translate("TransferSeg.library", "{path}: writing failed ({reason}); check the disk, then `{command}`."),
        translate("TransferSeg.library", "Writing the scores and the report"),
        translate(
            "TransferSeg.library",
            "The kept model is the source model as it is: used by itself it segments its own labels ({labels}), which are translated into yours in this job alone",
        ),
        translate(
            "TransferSeg.library",
            "{path}: holds a job already; go on with it by `{command}`, or choose another folder.",
        ),
        translate("TransferSeg.library", "{path}: is a file; choose a folder for the job."),
        translate("TransferSeg.library", "{path}: is not empty and holds no job; choose a new or an empty folder."),
        translate("TransferSeg.library", "{path}: the disk is full; choose another folder, or make room there."),
        translate(
            "TransferSeg.library",
            "{path}: is a link, and a job would write through it; put the file or folder itself there.",
        ),
        translate("TransferSeg.library", "{path}: cannot be read ({reason}); was the job moved?"),
        translate("TransferSeg.library", "{path}: is being run by another process; wait for it, or cancel it."),
        translate(
            "TransferSeg.library",
            "{path}: is being run by process {pid} on {host} since {started}; wait for it, or cancel it.",
        ),
        translate(
            "TransferSeg.library",
            "{path}: holds something else than a checkpoint of this program; delete it, then `{command}`.",
        ),
        translate("TransferSeg.library", "{path}: cannot be written ({reason}); choose another folder."),
        translate("TransferSeg.library", "{option}: there is only 1 annotated case; choose 0 for no cross-validation."),
        translate(
            "TransferSeg.library",
            "{option}: there are only {most} annotated cases; choose at most {most}, or 0 for no cross-validation.",
        ),
        translate("TransferSeg.library", "{path}: cannot be started ({reason}); choose another Python."),
        translate("TransferSeg.library", "{path}: process {pid} does not end; end it in the system's task manager."),
        translate(
            "TransferSeg.library", "The worker ended without a word; go on by `{command}`. Its last line: {last_line}"
        ),
        translate("TransferSeg.library", "The worker ended without a word; go on by `{command}`."),
        translate("TransferSeg.library", "{path}: the worker on an unknown computer does not answer; end it there."),
        translate("TransferSeg.library", "{path}: the worker on {host} does not answer; end it there."),
        translate("TransferSeg.library", "cancelled before training began; `{command}` starts it."),
        translate("TransferSeg.library", "cancelled; the model so far is in {path}, `{command}` goes on."),
        translate(
            "TransferSeg.library", "case `{case}`: {path} cannot be read ({reason}); put it back, then resume the job."
        ),
        translate("TransferSeg.library", "Checking the cases"),
        translate("TransferSeg.library", "Preparing the cases"),
        translate("TransferSeg.library", "case {number} of {count}"),
        translate("TransferSeg.library", "strategy `{strategy}`: a name is small letters, digits and `-`; correct it."),
        translate(
            "TransferSeg.library",
            "strategy `{strategy}`: option `{option}` is not of the form name=value; write it like conservative:layers=6.",
        ),
        translate(
            "TransferSeg.library",
            "strategy `{strategy}`: `{part}` is not of the form name=value, or is given twice; write it like conservative:layers=6.",
        ),
        translate(
            "TransferSeg.library", "field `format`: {found} is not {known}, the newest known; update TransferSeg."
        ),
        translate("TransferSeg.library", "field `title`: has control characters; give a title of one line."),
        translate("TransferSeg.library", "field `task`: `{kind}` teaches segmentation; `{task}` is for `pretrain`."),
        translate(
            "TransferSeg.library", "field `folds`: nothing is segmented in {task}, so there are no folds; leave it out."
        ),
        translate(
            "TransferSeg.library",
            "field `folds`: {folds} cannot be; give 2 or more, or 0 for the final model without cross-validation.",
        ),
        translate(
            "TransferSeg.library",
            'field `label_map`: `{label}` must go to a source label\'s name, a list of names, "new" or null; correct it.',
        ),
        translate("TransferSeg.library", "field `{field}`: `{path}` is not an absolute path; give the whole path."),
        translate(
            "TransferSeg.library", "field `network`: `pretrain` needs a network and no source model; correct the job."
        ),
        translate(
            "TransferSeg.library", "field `source`: `{kind}` needs a source model and no network; correct the job."
        ),
        translate("TransferSeg.library", "field `strategies`: the list is empty; give at least one strategy."),
        translate("TransferSeg.library", "field `strategies`: {reason}."),
        translate("TransferSeg.library", "field `strategies`: `{strategy}` is there twice; name each strategy once."),
        translate(
            "TransferSeg.library", "field `source_data`: `{strategy}` trains with the source's cases; give {option}."
        ),
        translate(
            "TransferSeg.library",
            "field `keep`: `{strategy}` is none of the job's strategies; name one of them or `best`.",
        ),
        translate(
            "TransferSeg.library", "field `strategies`: `pretrain` has the one strategy `scratch`; correct the job."
        ),
        translate(
            "TransferSeg.library",
            "field `strategies`: `adapt` has the strategy in `keep`, after `direct`; for others use `compare`.",
        ),
        translate("TransferSeg.library", "{path}: not a job folder (it has no {file}); check the path."),
        translate(
            "TransferSeg.library",
            "{root}: has other cases than when the job began ({changes}); put them back as they were to go on, or start a new job with the cases of now.",
        ),
        translate("TransferSeg.library", "now annotated"),
        translate("TransferSeg.library", "now a test case"),
        translate("TransferSeg.library", "now unlabelled"),
        translate("TransferSeg.library", "now with other voxels"),
        translate("TransferSeg.library", "Not started yet; start it by `{command}`."),
        translate("TransferSeg.library", "Failed; see worker.log, then `{command}`."),
        translate("TransferSeg.library", "Cancelled; go on with it by `{command}`."),
        translate("TransferSeg.library", "The worker ended without a word; go on where it stopped by `{command}`."),
        translate("TransferSeg.library", "{strategy}, final model"),
        translate("TransferSeg.library", "{strategy}, fold {fold}"),
        translate("TransferSeg.library", "Segmenting: {unit}"),
        translate("TransferSeg.library", "Training: {unit}"),
        translate("TransferSeg.library", "{unit}: {reason}; start again with a lower {option} than {rate:g}."),
        translate(
            "TransferSeg.library",
            "Every slice that was looked at holds the same labels, so there is nothing to tell apart and the encoder learns next to nothing; choose smaller patches or another task",
        ),
        translate(
            "TransferSeg.library",
            "memory ran out even with one small patch at a time; close other programs or choose {option}, then `{command}`.",
        ),
        translate("TransferSeg.library", "Memory ran out: going on with batch {batch} and patches of {size} voxels"),
        translate("TransferSeg.library", "{unit}, step {step} of {steps}"),
        translate("TransferSeg.library", "{unit}, case {number} of {count}"),
        translate(
            "TransferSeg.library", "Memory ran out while segmenting: going on with the processor in place of the GPU"
        ),
        translate(
            "TransferSeg.library",
            "{path}: the job failed ({kind}: {reason}); the details are in {log}, `{command}` goes on with it.",
        ),
        translate("TransferSeg.library", "Reading the cases"),
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
