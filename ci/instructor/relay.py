"""From an organisation's webhook to the workflow that makes the marks.

GitHub's webhooks cannot start a workflow by themselves: its API wants a token in a header, and they send none. This
stands between the two, on any machine with an HTTPS address. It believes only what is signed with the webhook's secret,
passes on nothing of what it is told but the fact that somebody pushed, and has no way back to any repository's content.

    RELAY_SECRET=...  the webhook's secret
    RELAY_TOKEN=...   a fine-grained token for the course's repository alone, with "contents: write" (GitHub asks that)
    RELAY_COURSE=org/course
    python ci/instructor/relay.py [PORT]     on 127.0.0.1, behind your web server; or any WSGI server with relay:respond

In the organisation: Settings, Webhooks; content type application/json, the same secret, and the event "Pushes" alone.
"""

import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.request
from wsgiref.simple_server import make_server

MAX_BYTES = 25 * 2**20  # GitHub sends no more
TIMEOUT_S = 20
API = os.environ.get("RELAY_API", "https://api.github.com")


def respond(environ, start_response):
    """Answer one delivery, as WSGI has it."""
    status = _answer(environ)
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]


def _answer(environ):
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ["REQUEST_METHOD"] != "POST" or not length.isdigit() or int(length) > MAX_BYTES:
        return "400 Bad Request"
    body = environ["wsgi.input"].read(int(length))
    if not is_signed(body, environ.get("HTTP_X_HUB_SIGNATURE_256", "")):
        return "401 Unauthorized"
    if environ.get("HTTP_X_GITHUB_EVENT") != "push" or not is_hand_in(body):
        return "202 Accepted"  # a ping, or a push that changes no mark
    return "204 No Content" if dispatch() else "502 Bad Gateway"


def is_signed(body, signature):
    expected = hmac.new(os.environ["RELAY_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}".encode(), signature.encode("utf-8", "replace"))


def is_hand_in(body):
    """Whether somebody pushed to a default branch, and not to the course itself."""
    event = json.loads(body)
    repository = event["repository"]
    to_default = event["ref"] == f"refs/heads/{repository['default_branch']}"
    return to_default and repository["full_name"].casefold() != os.environ["RELAY_COURSE"].casefold()


def dispatch():
    """Start the workflow, and say whether GitHub took it."""
    request = urllib.request.Request(  # noqa: S310 - an address of ours
        f"{API}/repos/{os.environ['RELAY_COURSE']}/dispatches",
        data=json.dumps({"event_type": "hand-in"}).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ['RELAY_TOKEN']}",
            "User-Agent": "stepgrade-relay",
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - an address of ours
            return answer.status == 204
    except urllib.error.URLError as error:
        print(f"GitHub did not take it: {error}", file=sys.stderr)
        return False


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    for name in ("RELAY_SECRET", "RELAY_TOKEN", "RELAY_COURSE"):
        if not os.environ.get(name):
            sys.exit(f"{name} is not set; the text at the beginning of {sys.argv[0]} says what it is")
    with make_server("127.0.0.1", port, respond) as server:
        print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
