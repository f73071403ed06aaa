package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/storage"
)

// PushPath is the pushed authorization request endpoint's.
const PushPath = "/par"

// Push is POST /par, behind its rules.
func (e *AuthorizeEndpoints) Push() Handler {
	return e.guard.serve(Endpoint{
		Path:       PushPath,
		Proofs:     true,
		Parameters: append(clientParameters(), Parameters()...),
		Rules:      clientCall(),
	}, e.push)
}

// push is the pushed authorization request endpoint (RFC 9126 §2): every check
// of an authorization request, and the client's authentication before them.
func (e *AuthorizeEndpoints) push(ctx context.Context, c *Call) error {
	client, err := e.guard.authenticate(ctx, c)
	if err != nil {
		return err
	}
	if err := e.ceilings.countPush(ctx, client); err != nil {
		return err
	}
	h := storage.NewHandle()
	a, err := e.reader.read(ctx, pushedParameters(c.Form, client), Source{Pushed: h.Text()}, "")
	if err != nil {
		return err
	}
	if refused := bindRequest(a, c.Proof.Thumbprint); refused != nil {
		return refused
	}
	expires := e.now().Add(e.config.PushedRequest)
	dies := expires.Add(patience + client.Deadline) // a click may be late, and a retry later still
	err = e.pushes.put(ctx, h, Pushed{
		ClientID: client.ID, Parameters: a.parameters.Encode(), Signed: a.source.Signed, Expires: expires, Dies: dies,
	})
	if err != nil {
		return err
	}
	body, _ := json.Marshal(struct { // a string and a number always encode
		RequestURI string `json:"request_uri"`
		ExpiresIn  int64  `json:"expires_in"` // seconds
	}{requestURIPrefix + h.Text(), int64(e.config.PushedRequest / time.Second)})
	c.W.Header().Set("Content-Type", "application/json")
	c.W.WriteHeader(http.StatusCreated)
	_, _ = c.W.Write(body) // a client that has hung up is nobody's error
	return nil
}

// pushedParameters are what was sent, without what the client authenticates with.
func pushedParameters(form url.Values, client *Client) url.Values {
	parameters := url.Values{"client_id": {client.ID}}
	for _, name := range Parameters() {
		if name != "client_id" && form.Has(name) {
			parameters[name] = form[name]
		}
	}
	return parameters
}

// bindRequest binds a pushed request to the key of the proof that came with it,
// as if its thumbprint had been sent (RFC 9449 §10.1).
func bindRequest(a *Asking, thumbprint string) *Error {
	if thumbprint == "" {
		return nil
	}
	if asked := a.request.DPoPKey; asked != "" && asked != thumbprint {
		return badRequest("The dpop_jkt is not that of the DPoP proof.")
	}
	a.parameters.Set("dpop_jkt", thumbprint)
	return nil
}
