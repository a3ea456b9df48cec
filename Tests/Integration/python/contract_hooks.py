"""What schemathesis does differently here: SCHEMATHESIS_HOOKS names this file."""

import re
import uuid

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes every key that is one a new one: under a key that was used, the next request would rightly be refused."""
    headers = case.headers or {}
    key = headers.get(KEY)
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        headers[KEY] = key[:200] + uuid.uuid4().hex
