"""The indicators that look at how an export is written: headers, times, bytes, marks and letters."""

from collections.abc import Mapping

from chatforensics.integrity.clockface import CLOCKFACE
from chatforensics.integrity.encoding import ENCODING
from chatforensics.integrity.evidence import Indicator
from chatforensics.integrity.form import FORM
from chatforensics.integrity.untyped import UNTYPED
from chatforensics.integrity.writing import WRITING

WRITTEN: Mapping[str, Indicator] = {**FORM, **CLOCKFACE, **ENCODING, **UNTYPED, **WRITING}
