"""Scores the model as it is and writes its card: `python -m training.notes.card [--quick 0.2]`.

With `--quick`, a share of the recordings is scored, and nothing is written.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Final

from adapters.audio.analysis import note_model
from adapters.audio.analysis.features import COLUMNS
from training.notes import evaluation
from training.notes.evaluation import Row

CARD: Final = Path(__file__).with_name("MODEL_CARD.md")

TEXT: Final = """# Model card: note_model.onnx

Written by `make train`; do not edit. `tests/unit/test_note_model.py` checks that it belongs to the model and the code.

| | |
|---|---|
| file | `src/adapters/audio/analysis/note_model.onnx`, {size} bytes |
| sha256 | `{sha256}` |
| reads | {columns} features per frame of 8 ms (`adapters/audio/analysis/features.py`, version {features_version}) |
| tells | log odds of an onset, of a sounding note, and of an end, per frame |
| networks | {members} of {weights} weights, dilated convolutions over 1 s (`training/notes/network.py`); their mean |
| trained on | {takes} synthetic takes ({minutes} minutes), training split of `training/voices` |
| training | {steps} steps each, seeds from {seed} |
| data code | `{data}` (digest of the generator and the features) |

## Scores

Note F1 of the whole transcription: onset within 50 ms, pitch within 50 cents (mir_eval); "with ends": the end within
20 % of the duration, too. Neither set was trained on: the hums come from another generator (`tests/support/hums.py`),
the excluded split has singers, consonants, rooms and codecs that training never draws.

| recordings | F1 | with ends | onsets only | octave errors | late | sharp |
|---|---|---|---|---|---|---|
{rows}

Hummed notes with a vibrato of ± 0.7 semitone that are heard as more than one: {splits:.1f} %.
F1 of five hums at 0 dB, for the test: {check:.4f}.

## Limits

- One voice at a time. A second singer or an accompaniment is noise at best, and false notes at worst.
- No real recording was trained on. Consonants, rooms and microphones are models of what phones record.
- Notes shorter than about 80 ms are taken for ornaments.
- Repeated notes without a new consonant or breath are one note.
- The model tells when, not how high: pitch comes from SwiftF0, and from a spectral peak for whistles up to 2,800 Hz.
"""


def main() -> None:
    """Score and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", type=float, default=1.0, help="share of the recordings to score")
    write(parser.parse_args().quick)


def write(share: float = 1.0) -> None:
    """Print the scores of the model file as it is, and write its card if all recordings were scored."""
    rows = []
    for row in evaluation.rows(share=share):
        rows.append(row)
        print(f"  {row.name:24}", "  ".join(f"{n} {v:.3f}" for n, v in row.figures._asdict().items()), flush=True)
    splits = 100 * evaluation.vibrato_splits(share=share)
    print(f"  notes split by vibrato: {splits:.1f} %")
    if share >= 1:
        CARD.write_text(text(rows, splits, evaluation.check()), encoding="utf-8")


def text(rows: list[Row], splits: float, check: float) -> str:
    """Return the card."""
    content = note_model.MODEL_FILE.read_bytes()
    return TEXT.format(
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        columns=COLUMNS,
        rows="\n".join(_line(row) for row in rows),
        splits=splits,
        check=check,
        **note_model.session().get_modelmeta().custom_metadata_map,
    )


def _line(row: Row) -> str:
    f = row.figures
    cells = [row.name, *(f"{100 * value:.1f}" for value in (f.f1, f.with_offsets, f.onset_f1))]
    cells += [f"{100 * f.octave_errors:.2f} %", f"{f.lateness_ms:+.0f} ms", f"{f.sharpness_cents:+.0f} cents"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
