package simulation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// cm is a model of CM: transactions, each of which gives its identity once.
type cm struct {
	world        *world
	transactions []*transaction
}

// transaction is one that somebody pays for.
type transaction struct {
	name     string // for the story
	token    string
	back     string // where the browser is sent when it leaves itsme
	made     time.Time
	browser  *browser // that it was made for
	attempt  string   // the login and the attempt
	person   *person  // who has approved it
	status   string
	open     time.Time // when somebody who had come back was first told so: from then on it may succeed for a minute
	given    bool      // the identity has been given out
	maker    *op       // who has asked for it
	answered bool      // it has arrived
	stored   bool      // that request has written it since
	asker    *op       // to whom the identity was given
	delivery *op       // likewise, once it has arrived: who must keep it now
	kept     bool      // that request has written a code since, which Redis still knows of
	keptAt   time.Time
	gotAt    time.Time // when the identity arrived: a code lives from then on
	writer   *op       // that has changed its login last
	written  time.Time
	orphan   bool // a fault has taken it from the bridge
	sought   bool // somebody has come back to its login since it was approved
	late     bool // nothing has arrived for so long that it is of no use any more
}

const itsmeHost = "https://itsme.example/"

// person is somebody with the app.
type person struct {
	id, given, family, email, phone, street string
}

func personOf(browser string) *person {
	return &person{
		id: "person-of-" + browser, given: "Given" + browser, family: "Family" + browser, email: browser + "@mail.example",
		phone: "+3247000000" + browser[1:], street: "Street of " + browser,
	}
}

// facts are what nobody but the person's own application may see.
func (p *person) facts() []string {
	return []string{p.id, p.given, p.family, p.email, p.phone, p.street}
}

// made is a text of 64 characters that nothing else in the story holds.
func made(what string, seed uint64, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", what, seed, n))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return text[:40]
}

// answer is what CM says to one request that has arrived.
func (c *cm) answer(o *op, path string, body []byte) arrival {
	if o.posts {
		return c.start(o, body)
	}
	token := path[strings.LastIndex(path, "/")+1:]
	for _, t := range c.transactions {
		if t.token == token {
			return c.tell(o, t)
		}
	}
	return said(http.StatusBadRequest, map[string]any{"message": "unknown"})
}

func (c *cm) start(o *op, body []byte) arrival {
	var order struct {
		RedirectURL string `json:"redirectUrl"`
	}
	if json.Unmarshal(body, &order) != nil {
		return said(http.StatusBadRequest, map[string]any{"message": "unreadable"})
	}
	w := c.world
	t := &transaction{
		name: fmt.Sprintf("t%d", len(c.transactions)+1), token: made("transaction", w.plan.seed, len(c.transactions)),
		back: order.RedirectURL, made: time.Now(), browser: o.sender.browser, status: "open", maker: o,
	}
	t.attempt = t.back[:strings.LastIndex(t.back, ".")]
	w.promises.paid(o, t, c.transactions)
	c.transactions = append(c.transactions, t)
	w.promises.secret(t.token)
	w.promises.secret(returnProof(t.back))
	w.tell("CM makes %s for %s", t.name, o.sender.name)
	return said(http.StatusOK, map[string]any{"transactionToken": t.token, "authenticationUrl": itsmeHost + t.name})
}

// cmExpires is when an open transaction expires.
const cmExpires = 3 * time.Minute

func (c *cm) tell(o *op, t *transaction) arrival {
	w := c.world
	if t.status == "open" && time.Since(t.made) > cmExpires {
		t.status = "expired"
	}
	w.promises.asked(o, t)
	answer := map[string]any{"status": t.status}
	if t.status == "success" && !t.given {
		t.given, t.asker = true, o
		p := t.person
		answer["userId"] = p.id
		answer["name"] = map[string]any{"givenName": p.given, "familyName": p.family, "fullName": p.given + " " + p.family}
		answer["emailAddress"], answer["phoneNumber"] = p.email, p.phone
		answer["address"] = map[string]any{"streetAddress": p.street, "postalCode": "1000", "city": "Bruxelles", "countryCode": "BE"}
		w.tell("CM gives the identity of %s to %s", t.name, o.sender.name)
	} else {
		if t.status == "open" && t.open.IsZero() {
			t.open = time.Now()
		}
		w.tell("CM says %s of %s to %s", t.status, t.name, o.sender.name)
	}
	return said(http.StatusOK, answer)
}

func said(status int, answer map[string]any) arrival {
	body, _ := json.Marshal(answer)
	return arrival{response: &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)),
	}}
}

// of finds the transaction that an address of itsme is about.
func (c *cm) of(address string) (*transaction, bool) {
	name, ok := strings.CutPrefix(address, itsmeHost)
	for _, t := range c.transactions {
		if ok && t.name == name {
			return t, true
		}
	}
	return nil, false
}
