{{- $front := not (.Entry.MayRespond "code") -}}
# itsme as an OIDC provider of Identity Platform.
{{- if not $front}}
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
{{- end}}
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
