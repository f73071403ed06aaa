OIDC_RP_CLIENT_ID = {{json .ClientID}}
OIDC_RP_CLIENT_SECRET = {{json .Secret}}
OIDC_RP_SCOPES = {{json .Scope}}
OIDC_RP_SIGN_ALGO = {{json (or .Entry.SigningAlg "RS256")}}
OIDC_USE_PKCE = True{{if eq .AuthMethod "client_secret_basic"}}
OIDC_TOKEN_USE_BASIC_AUTH = True{{end}}
OIDC_OP_AUTHORIZATION_ENDPOINT = {{json (print .Issuer "/authorize")}}
OIDC_OP_TOKEN_ENDPOINT = {{json (print .Issuer "/token")}}
OIDC_OP_USER_ENDPOINT = {{json (print .Issuer "/userinfo")}}
OIDC_OP_JWKS_ENDPOINT = {{json (print .Issuer "/keys")}}
OIDC_OP_LOGOUT_ENDPOINT = {{json (print .Issuer "/logout")}}

# Django's own secret, which it signs its sessions and tokens with.
SECRET_KEY = {{json random}}
