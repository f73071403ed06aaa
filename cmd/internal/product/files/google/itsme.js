import { getAuth, OAuthProvider, signInWithRedirect } from 'firebase/auth';

export async function logInWithItsme() {
  const provider = new OAuthProvider({{printf "oidc.%s" .Answers.alias | json}});
{{- range .Entry.Scopes}}
  provider.addScope({{json .}});
{{- end}}
  await signInWithRedirect(getAuth(), provider);
}
