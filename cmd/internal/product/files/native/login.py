"""Logs a person in by their browser, and prints what the application is told.

pip install google-auth-oauthlib
"""

from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2 import AccessDeniedError

ISSUER = {{json .Issuer}}


class PublicClient(InstalledAppFlow):
    """An application that can keep no secret: it sends its client_id, and nothing else of its own (RFC 6749, section 3.2.1)."""

    def fetch_token(self, **kwargs):
        # Without this it authenticates by HTTP Basic, with an empty secret.
        return super().fetch_token(include_client_id=True, **kwargs)


flow = PublicClient.from_client_config(
    {
        "installed": {
            "client_id": {{json .ClientID}},
            "client_secret": None,
            "auth_uri": ISSUER + "/authorize",
            "token_uri": ISSUER + "/token",
        }
    },
    scopes={{json (words .Scope)}},
)

try:
    flow.run_local_server(
        host="127.0.0.1",  # not localhost, which others may listen on
        port=0,  # any that is free
        success_message="You can close this window, and go back to the application.",  # also shown to someone who cancelled
        timeout_seconds=300,
    )
except AccessDeniedError as refused:
    raise SystemExit(f"Nobody was logged in: {refused.description}")

answer = flow.authorized_session().get(ISSUER + "/userinfo")
answer.raise_for_status()
for name, value in answer.json().items():
    print(f"{name}: {value}")
