"""The only clock: read once per command and handed on as an argument."""

import os
from datetime import UTC, datetime

from chatforensics.errors import UsageError


def now() -> datetime:
    """Return the time in UTC, in whole seconds; SOURCE_DATE_EPOCH stands for it where it is set.

    Raises:
        UsageError: SOURCE_DATE_EPOCH is no time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH: '{epoch}' is no time.", hint="Give seconds since 1970.") from error
    return moment.replace(microsecond=0)
