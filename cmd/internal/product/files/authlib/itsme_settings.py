ITSME_CLIENT_ID = {{json .ClientID}}
ITSME_CLIENT_SECRET = {{json .Secret}}
ITSME_SERVER_METADATA_URL = {{json .Discovery}}
ITSME_CLIENT_KWARGS = {"scope": {{json .Scope}}, "code_challenge_method": "S256"{{if eq .AuthMethod "client_secret_post"}}, "token_endpoint_auth_method": "client_secret_post"{{end}}}

# Flask's own secret, which it signs its sessions with.
SECRET_KEY = {{json random}}
