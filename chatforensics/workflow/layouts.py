"""How exports lie in folders, which is all that tells whose phone they came from; what to say where it does not."""

from collections.abc import Sequence
from pathlib import Path

from chatforensics.intake import ExportFile
from chatforensics.intake.content import is_folder, is_regular

_FOLDERS = (
    "Folders given one by one: each export counts as a phone of its own. Give the folder above them, with one "
    "sub-folder per phone."
)
_ONE_FOLDER = (
    "Exports that lie in the folder given, in no sub-folder of it: {n:,}. Each counts as a phone of its own. Give the "
    "folder above, with one sub-folder per phone."
)
_FILES = (
    "Exports given one by one: {n:,}. Each counts as a phone of its own. Where several came from one phone, put them "
    "into one sub-folder per phone, and give the folder above."
)


def warn_of_folders(paths: Sequence[Path], exports: Sequence[ExportFile], *, files: bool = True) -> list[str]:
    """Say what it means that two or more exports lie in no sub-folder of a folder that was given.

    Args:
        paths: what was given.
        exports: what was found there.
        files: also where files were given one by one, which is how two are compared.
    """
    alone = [export.path for export in exports if export.folder is None and is_regular(export.path)]
    above = {path for path in paths if is_folder(path)} & {path.parent for path in alone}
    inside = [path for path in alone if path.parent in above]
    if len(above) > 1:
        return [_FOLDERS]
    if len(inside) > 1:
        return [_ONE_FOLDER.format(n=len(inside))]
    return [_FILES.format(n=len(alone))] if files and len(alone) > 1 else []
