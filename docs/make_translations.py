"""Write the module's texts into the .ts files of its translations, keep what is translated, and make the .qm files.

    python docs/make_translations.py            # all languages that are there; says what is not translated yet
    python docs/make_translations.py --list     # the texts without a translation, as JSON
    python docs/make_translations.py --take de FILE.json      # source text → translation, for all that FILE names

Texts and contexts are those by which Slicer asks for a translation: the file for `_(…)`, what stands first in `translate(…)`,
the class of the form for the `.ui`. Slicer's own script, around Qt's lupdate, finds the same texts, but needs to rewrite the
module's files for it.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODULE = REPOSITORY / "TransferSeg"
FOLDER = MODULE / "Resources" / "Translations"
# Properties of widgets whose texts are names that Slicer knows, and no words.
NO_WORDS = ("SlicerParameterName", "nodeTypes", "hideChildNodeTypes")
Texts = dict[tuple[str, str], str]


def texts() -> list[tuple[str, str]]:
    """Context and text of all that can be translated, each once, in the order of their files."""
    found: dict[tuple[str, str], None] = {}
    for path in [MODULE / "TransferSeg.py", *sorted((MODULE / "TransferSegGui").glob("*.py"))]:
        found |= dict.fromkeys(_in_python(path))
    for path in sorted((MODULE / "Resources" / "UI").glob("*.ui")):
        found |= dict.fromkeys(_in_form(path))
    return list(found)


def _in_python(path: Path) -> Iterator[tuple[str, str]]:
    context = f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name, texts = getattr(call.func, "id", ""), [node.value for node in call.args if isinstance(node, ast.Constant)]
        if name == "_" and len(texts) == 1:
            yield context, texts[0]
        elif name == "translate" and len(texts) == 2:
            yield texts[0], texts[1]


def _in_form(path: Path) -> Iterator[tuple[str, str]]:
    form = ET.parse(path).getroot()
    names = [name for part in form.iter("property") if part.get("name") in NO_WORDS for name in part.iter("string")]
    for node in form.iter("string"):
        if node.text and node not in names:
            yield form.findtext("class") or "", node.text


def read(path: Path) -> Texts:
    """Context and text → translation of a .ts file; "" for what is not translated yet."""
    found: Texts = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            done = translation is not None and translation.get("type") != "unfinished"
            text = (translation.text or "") if done and translation is not None else ""
            found[context.findtext("name") or "", message.findtext("source") or ""] = text
    return found


def write(path: Path, translated: Texts) -> None:
    """Write all texts with their translations, and make the .qm file that Qt reads."""
    root = ET.Element("TS", version="2.1", language=path.stem.partition("_")[2].replace("-", "_"))
    contexts: dict[str, ET.Element] = {}
    for name, source in texts():
        if name not in contexts:
            contexts[name] = ET.SubElement(root, "context")
            ET.SubElement(contexts[name], "name").text = name
        message = ET.SubElement(contexts[name], "message")
        ET.SubElement(message, "source").text = source
        text = translated.get((name, source), "")
        ET.SubElement(message, "translation", {} if text else {"type": "unfinished"}).text = text or None
    ET.indent(root, "  ")
    content = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{content}\n', encoding="utf-8")
    import PySide6

    lrelease = Path(PySide6.__file__).parent / ("lrelease.exe" if sys.platform == "win32" else "lrelease")
    subprocess.run([lrelease, "-silent", path, "-qm", path.with_suffix(".qm")], check=True)


def main() -> int:
    """Update every language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--take", nargs=2, metavar=("LANGUAGE", "FILE"))
    arguments = parser.parse_args()
    missing = {}
    for path in sorted(FOLDER.glob("TransferSeg_*.ts")):
        language = path.stem.partition("_")[2]
        translated = read(path) if path.stat().st_size else {}
        if arguments.take and arguments.take[0] == language:
            given = json.loads(Path(arguments.take[1]).read_text(encoding="utf-8"))
            translated |= {key: given[key[1]] for key in texts() if key[1] in given}
        if not arguments.list:
            write(path, translated)
        missing[language] = list(
            dict.fromkeys(source for name, source in texts() if not translated.get((name, source)))
        )
    if arguments.list:
        print(json.dumps(missing, indent=0, ensure_ascii=False))
    else:
        for language, left in missing.items():
            print(f"{language}: {len(left)} of {len(texts())} texts are not translated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
