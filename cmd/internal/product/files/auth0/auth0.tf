{{- $front := not (.Entry.MayRespond "code") -}}
# itsme as an enterprise connection of Auth0.
{{- if and .Secret (not $front)}}
# The client's secret is in the file "secret" beside this one. Terraform keeps it in its state, in plain text:
# use a protected backend, and never commit terraform.tfstate.
{{- end}}
terraform {
  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = ">= 1.0"
    }
  }
}

resource "auth0_connection" "itsme" {
  name           = {{hcl .Answers.alias}}
  display_name   = "itsme"
  strategy       = "oidc"
  show_as_button = true

  options {
    type                   = {{if $front}}"front_channel"{{else}}"back_channel"{{end}}
    client_id              = {{hcl .ClientID}}
{{- if and .Secret (not $front)}}
    client_secret          = sensitive(file("${path.module}/secret"))
{{- end}}
    discovery_url          = {{hcl .Discovery}}
    issuer                 = {{hcl .Issuer}}
    authorization_endpoint = {{printf "%s/authorize" .Issuer | hcl}}
    token_endpoint         = {{printf "%s/token" .Issuer | hcl}}
    jwks_uri               = {{printf "%s/keys" .Issuer | hcl}}
    scopes                 = {{quoted .Scopes}}
{{- if not (or .Secret $front)}}

    token_endpoint_auth_method      = {{hcl .AuthMethod}}
    token_endpoint_auth_signing_alg = "RS256"
{{- end}}
{{- if not $front}}

    connection_settings {
      pkce = "s256"
    }
{{- end}}

    attribute_map {
      mapping_mode = "use_map"
      attributes = jsonencode({
{{- range .Claims}}
        {{hcl .}} = "$${context.tokenset.{{.}}}"
{{- end}}
{{- if has .Entry.Scopes "address"}}
        "address" = "$${context.tokenset.address}"
{{- end}}
      })
    }
  }
}
