{{if eq .AuthMethod "client_secret_post" -}}
# itsme as an identity provider of Okta.
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
terraform {
  required_providers {
    okta = {
      source  = "okta/okta"
      version = ">= 4.9"
    }
  }
}

resource "okta_idp_oidc" "itsme" {
  name                    = {{hcl .Answers.alias}}
  issuer_url              = {{hcl .Issuer}}
  authorization_url       = {{printf "%s/authorize" .Issuer | hcl}}
  authorization_binding   = "HTTP-REDIRECT"
  token_url               = {{printf "%s/token" .Issuer | hcl}}
  token_binding           = "HTTP-POST"
  jwks_url                = {{printf "%s/keys" .Issuer | hcl}}
  jwks_binding            = "HTTP-REDIRECT"
  user_info_url           = {{printf "%s/userinfo" .Issuer | hcl}}
  user_info_binding       = "HTTP-REDIRECT"
  client_id               = {{hcl .ClientID}}
  client_secret           = sensitive(file("${path.module}/secret"))
  pkce_required           = true
  request_signature_scope = "NONE"
  scopes                  = {{quoted .Scopes}}
  username_template       = "idpuser.email"

{{if .Entry.EmailVerified}}  account_link_action = "AUTO"
{{- else}}  # Linking by an unverified address would let one person take over the account of another.
  account_link_action = "DISABLED"
{{- end}}
}
{{end}}