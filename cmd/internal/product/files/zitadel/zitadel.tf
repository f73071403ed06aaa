# itsme as an identity provider of the ZITADEL instance.
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
terraform {
  required_providers {
    zitadel = {
      source  = "zitadel/zitadel"
      version = ">= 2.2"
    }
  }
}

provider "zitadel" {
  domain           = {{hostname .Answers.url | hcl}}
{{- with port .Answers.url}}
  port             = {{hcl .}}
{{- end}}
{{- if eq (scheme .Answers.url) "http"}}
  insecure         = true
{{- end}}
  jwt_profile_file = "${path.module}/zitadel-key.json"
}

resource "zitadel_idp_oidc" "itsme" {
  name                = "itsme"
  issuer              = {{hcl .Issuer}}
  client_id           = {{hcl .ClientID}}
  client_secret       = sensitive(file("${path.module}/secret"))
  scopes              = {{quoted .Scopes}}
  use_pkce            = true
  is_id_token_mapping = false
  is_creation_allowed = true
  is_auto_creation    = true
  is_auto_update      = true

{{if .Entry.EmailVerified}}  is_linking_allowed = true
  auto_linking       = "AUTO_LINKING_OPTION_EMAIL"
{{- else}}  # Linking by an unverified address would let one person take over the account of another.
  is_linking_allowed = false
  auto_linking       = "AUTO_LINKING_OPTION_UNSPECIFIED"
{{- end}}
}
