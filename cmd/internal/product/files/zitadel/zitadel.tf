# itsme as an identity provider of the ZITADEL instance. Of its secret this file knows only where it stands: in the file "secret" beside it.
terraform {
  required_providers {
    zitadel = {
      source  = "zitadel/zitadel"
      version = ">= 2.2"
    }
  }
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
{{- else}}  # By an address that nobody has verified, one person could take over the account of another.
  is_linking_allowed = false
  auto_linking       = "AUTO_LINKING_OPTION_UNSPECIFIED"
{{- end}}
}
