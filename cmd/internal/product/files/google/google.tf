{{- $front := not (.Entry.MayRespond "code") -}}
# itsme as an OIDC provider of Identity Platform.{{if not $front}} Of its secret this file knows only where it stands: in the file "secret" beside it.{{end}}
terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

resource "google_identity_platform_oauth_idp_config" "itsme" {
  name         = {{printf "oidc.%s" .Answers.alias | hcl}}
  display_name = "itsme"
  enabled      = true
  issuer       = {{hcl .Issuer}}
  client_id    = {{hcl .ClientID}}
{{- if not $front}}

  client_secret = sensitive(file("${path.module}/secret"))
{{- end}}

  response_type {
    code     = {{not $front}}
    id_token = {{$front}}
  }
}
