{{- $refreshes := false}}{{range .Entry.Scopes}}{{if eq . "offline_access"}}{{$refreshes = true}}{{end}}{{end -}}
{{if .Entry.RequireDPoP -}}
import { IndexedDbDPoPStore } from "oidc-client-ts"

{{end -}}
export const settings = {
  authority: {{json .Issuer}},
  client_id: {{json .ClientID}},
  redirect_uri: {{json (index .Entry.RedirectURIs 0)}},
  post_logout_redirect_uri: {{json (index .Entry.PostLogoutRedirectURIs 0)}},
  scope: {{json .Scope}},
  automaticSilentRenew: {{$refreshes}}, // silent renewal works by refresh tokens alone, with the scope offline_access
{{- if .Entry.RequireDPoP}}
  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },
  loadUserInfo: false, // which it would ask for without its key: the claims stand in the ID token
{{- else}}
  loadUserInfo: true,
{{- end}}
}
