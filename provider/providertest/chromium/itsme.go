package chromium

// What stands on the simulator's pages and on the bridge's.
const (
	Number   = "#phone-form button" // of the simulator's first page
	Persona  = "#persona"           // of its second, the app
	Approval = `button[name=outcome][value=success]`
	Refusal  = `button[name=outcome][value=cancelled]`

	Again = `[data-page] form[action$="/itsme/retry"] button` // the bridge's: try again
	Away  = `[data-page] form[action$="/itsme/leave"] button` // back to the application
)

// Page is one of the bridge's own pages, such as "cancelled".
func Page(name string) string { return "[data-page=" + name + "]" }

// Identify passes the simulator's first page, to the question in the app.
func (b *Tab) Identify() {
	b.t.Helper()
	b.See(Number)
	b.Press(Number)
	b.See(Approval)
}

// Approve is a person who approves in the app.
func (b *Tab) Approve() { b.t.Helper(); b.Decide("success") }

// ApproveAs is Approve by one of the simulator's personas (sandbox.Full and its like).
func (b *Tab) ApproveAs(persona string) {
	b.t.Helper()
	b.Identify()
	b.Type(Persona, persona)
	b.Press(Approval)
}

// Cancel is a person who refuses in the app.
func (b *Tab) Cancel() { b.t.Helper(); b.Decide("cancelled") }

// Fail is a login that fails in the app.
func (b *Tab) Fail() { b.t.Helper(); b.Decide("failure") }

// Expire is a person who lets the time pass.
func (b *Tab) Expire() { b.t.Helper(); b.Decide("expired") }

// Decide passes the simulator's pages with an outcome: success, cancelled, failure,
// expired, or open, for a person who goes back without an answer.
func (b *Tab) Decide(outcome string) {
	b.t.Helper()
	b.Identify()
	b.Press("button[name=outcome][value=" + outcome + "]")
}

// TryAgain asks the bridge's page for another attempt of the same login.
func (b *Tab) TryAgain() { b.t.Helper(); b.See(Again); b.Press(Again) }

// Leave gives the login up on the bridge's page, and goes back to the application.
func (b *Tab) Leave() { b.t.Helper(); b.See(Away); b.Press(Away) }
