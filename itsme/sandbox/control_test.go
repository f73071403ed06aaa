package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// command posts JSON to the control endpoint.
func command(t *testing.T, s *sandbox.TestServer, name, body string) answer {
	t.Helper()
	return send(t, http.MethodPost, s.Control()+"/"+name, "application/json", body)
}

func TestControlNext(t *testing.T) {
	s := sandbox.NewServer(t)
	if a := command(t, s, "next", `{"outcome":"success","persona":"no-email","openFor":1,"statusDelay":"1ms","fault":"500","faultTimes":1}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	c, transaction := client(t, s), begin(t, s, nil)
	if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrUnavailable) {
		t.Errorf("the fault: %v", err)
	}
	if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Status != itsme.Open {
		t.Errorf("the delay: %v, %v", result, err)
	}
	if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Identity.FullName != "Wouters" {
		t.Errorf("the person: %v, %v", result, err)
	}
}

func TestControlAlwaysAndDecide(t *testing.T) {
	s := sandbox.NewServer(t)
	if a := command(t, s, "always", `{"outcome":"cancelled"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for range 2 {
		if result, err := client(t, s).Status(t.Context(), begin(t, s, nil).Token); err != nil || result.Status != itsme.Cancelled {
			t.Errorf("%v, %v", result, err)
		}
	}
	command(t, s, "always", `{}`)
	transaction := begin(t, s, nil)
	if a := command(t, s, "decide", `{"transactionToken":"`+transaction.Token+`","outcome":"success","persona":"foreign"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if result, err := client(t, s).Status(t.Context(), transaction.Token); err != nil || result.Identity.GivenName != "Sanne" {
		t.Errorf("%v, %v", result, err)
	}
	if a := command(t, s, "decide", `{"outcome":"cancelled"}`); a.status != http.StatusConflict {
		t.Errorf("decided twice: %d", a.status)
	}
}

func TestControlShows(t *testing.T) {
	s := sandbox.NewServer(t)
	transaction := begin(t, s, nil)
	var seen []sandbox.Transaction
	if err := json.Unmarshal([]byte(visit(t, s.Control()+"/transactions").body), &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0].Token != transaction.Token || seen[0].RedirectURL != redirectURL {
		t.Errorf("%+v", seen)
	}
	var people []struct{ Name string }
	if err := json.Unmarshal([]byte(visit(t, s.Control()+"/personas").body), &people); err != nil || len(people) != len(sandbox.Personas()) {
		t.Errorf("%v, %v", people, err)
	}
	if a := visit(t, s.Control()+"/"); a.status != http.StatusOK || a.body != sandbox.Help {
		t.Errorf("help: %d", a.status)
	}
	s.Next(sandbox.Script{Outcome: itsme.Failure})
	if a := send(t, http.MethodDelete, s.Control()+"/transactions", "", ""); a.status != http.StatusNoContent {
		t.Errorf("DELETE: %d", a.status)
	}
	if len(s.Transactions()) != 0 || s.Starts() != 0 {
		t.Error("nothing was forgotten")
	}
	if _, err := client(t, s).Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrBadAnswer) {
		t.Errorf("a forgotten transaction: %v", err)
	}
	if seen, _ := s.Last(); seen.Status != "" {
		t.Error("there is a last one")
	}
}

// Help names every fault and persona there is.
func TestHelpIsWhole(t *testing.T) {
	for _, p := range sandbox.Personas() {
		if !strings.Contains(sandbox.Help, p.Name) {
			t.Errorf("persona %s", p.Name)
		}
	}
	for _, f := range []sandbox.Fault{
		sandbox.BadRequest, sandbox.ServerError, sandbox.HTML500, sandbox.BadJSON, sandbox.Empty,
		sandbox.TooLarge, sandbox.Redirect, sandbox.Hang, sandbox.Cut, sandbox.CutBody,
	} {
		if !strings.Contains(sandbox.Help, string(f)) {
			t.Errorf("fault %s", f)
		}
	}
}

func TestControlRefuses(t *testing.T) {
	s := sandbox.NewServer(t)
	for name, body := range map[string]string{
		"an unknown persona": `{"persona":"nobody"}`, "an unknown fault": `{"fault":"earthquake"}`, "an unknown member": `{"outcomes":"success"}`,
		"a delay without unit": `{"statusDelay":"3"}`, "a delay of the other kind": `{"startDelay":"-1s"}`, "no JSON": `outcome=success`,
	} {
		if a := command(t, s, "next", body); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := command(t, s, "decide", `{}`); a.status != http.StatusBadRequest {
		t.Errorf("no outcome: %d", a.status)
	}
	// A page of another site may send text and forms without asking.
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if a := send(t, http.MethodPost, s.Control()+"/always", contentType, `{"outcome":"success"}`); a.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", contentType, a.status)
		}
	}
}
