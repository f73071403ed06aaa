package authorize

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// PushPath is the pushed authorization request endpoint's.
const PushPath = "/par"

// Push is POST /par, behind its rules.
func (e *Endpoints) Push() edge.Handler {
	return e.guard.Serve(clientauth.Endpoint{
		Path:       PushPath,
		Proofs:     true,
		Parameters: append(clientauth.Parameters(), request.Parameters()...),
		Rules:      clientauth.ClientRules(),
	}, e.push)
}

// beside is how many bytes of Redis a pushed request takes up beside its parameters.
const beside = 400

// push is the pushed authorization request endpoint (RFC 9126 §2): every check
// of an authorization request, and the client's authentication before them.
func (e *Endpoints) push(ctx context.Context, c *clientauth.Call) error {
	client, err := e.guard.Authenticate(ctx, c)
	if err != nil {
		return err
	}
	if err := e.ceilings.CountPush(ctx, client); err != nil {
		return err
	}
	h := storage.NewHandle()
	edge.EventOf(ctx).OfLogin(h.ID())
	a, err := e.reader.Read(ctx, pushedParameters(c.Form, client), request.Source{Pushed: h.Text()}, "")
	if err != nil {
		return err
	}
	if refused := bindRequest(a, c.Proof.Thumbprint); refused != nil {
		return refused
	}
	expires := e.now().Add(e.config.PushedRequest)
	dies := expires.Add(patience + client.Deadline) // a click may be late, and a retry later still
	parameters := a.Parameters.Encode()
	if !client.IsPublic() { // those have been counted
		if refused := e.ceilings.Keep(client.ID, beside+len(parameters), dies.Sub(e.now())); refused != nil {
			return refused
		}
	}
	if err := e.guard.Remember(ctx, c); err != nil {
		return err
	}
	err = e.pushes.Put(ctx, h, request.Pushed{
		ClientID: client.ID, Parameters: parameters, Signed: a.Source.Signed, Expires: expires, Dies: dies,
	})
	if err != nil {
		return err
	}
	body, _ := json.Marshal(struct { // a string and a number always encode
		RequestURI string `json:"request_uri"`
		ExpiresIn  int64  `json:"expires_in"` // seconds
	}{request.URIPrefix + h.Text(), int64(e.config.PushedRequest / time.Second)})
	c.W.Header().Set("Content-Type", "application/json")
	c.W.WriteHeader(http.StatusCreated)
	_, _ = c.W.Write(body) // a client that has hung up is nobody's error
	return nil
}

// pushedParameters are what was sent, without what the client authenticates with.
func pushedParameters(form url.Values, client *client.Client) url.Values {
	parameters := url.Values{"client_id": {client.ID}}
	for _, name := range request.Parameters() {
		if name != "client_id" && form.Has(name) {
			parameters[name] = form[name]
		}
	}
	return parameters
}

// bindRequest binds a pushed request to the key of the proof that came with it,
// as if its thumbprint had been sent (RFC 9449 §10.1).
func bindRequest(a *request.Asking, thumbprint string) *oauth.Error {
	if thumbprint == "" {
		return nil
	}
	if asked := a.Request.DPoPKey; asked != "" && asked != thumbprint {
		return oauth.BadRequest("The dpop_jkt is not that of the DPoP proof.").Of(oauth.WrongKey)
	}
	a.Parameters.Set("dpop_jkt", thumbprint)
	return nil
}
