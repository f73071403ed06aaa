package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// RFC 9101 §6.2 and §10.1, OpenID Connect Core §3.1.2.6: a client that has keys must sign, and is told so. One that has
// none is told that it cannot send a request object at all, signed or not.
func TestUnsignedRequestObjects(t *testing.T) {
	app, reference := newParty(t, "app-1"), "https://app.example/requests/1"
	published := &shelf{keys: nil, objects: map[string]string{}}
	for _, row := range []struct {
		name string
		keys client.Keys
		code string
	}{
		{"a client with keys", app.keys(), "invalid_request_object"},
		{"a client with keys at an address that does not answer", client.Keys{URI: "https://app.example/jwks"}, "invalid_request_object"},
		{"a client without keys", client.Keys{}, "request_not_supported"},
	} {
		s := With(t, Options{
			App:   func(c *client.Client) { c.Keys, c.RequestURIs = row.keys, []string{reference} },
			Parts: func(p *provider.Parts) { p.KeySets, p.Outbound = published, published },
		})
		payload, err := json.Marshal(objectOf(s, nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range []string{`{"alg":"none"}`, `{"alg":"None","typ":"oauth-authz-req+jwt"}`, `{"alg":"NONE","kid":"app-1"}`} {
			object := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
			published.objects[reference] = object
			_, byValue := responseOf(t, s.Browser().Authorize(set("request", object)))
			_, byReference := responseOf(t, s.Browser().Authorize(set("request_uri", reference)))
			for way, got := range map[string]url.Values{"by value": byValue, "by reference": byReference} {
				if got.Get("error") != row.code || got.Get("state") != "a state" {
					t.Errorf("%s, %s %s: %v, want %s", row.name, header, way, got, row.code)
				}
			}
			pushing(t, s, set("request", object)).Wants(t, http.StatusBadRequest, row.code)
		}
	}
}
