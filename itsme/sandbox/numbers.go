package sandbox

import (
	"time"

	"itsme-bridge/itsme"
)

// Number is a phone number that chooses a Script, whether it comes with the
// transaction or is typed on the page.
type Number struct {
	PhoneNumber string
	Meaning     string
	Script      Script
}

// Numbers are all of them.
func Numbers() []Number {
	return []Number{
		{"+32470000001", "approved by " + Full, Script{Persona: Full, Outcome: itsme.Success}},
		{"+32470000002", "approved by " + NoAddress, Script{Persona: NoAddress, Outcome: itsme.Success}},
		{"+32470000003", "approved by " + NoEmail, Script{Persona: NoEmail, Outcome: itsme.Success}},
		{"+32470000004", "approved by " + Foreign, Script{Persona: Foreign, Outcome: itsme.Success}},

		{"+32470000010", "cancelled", Script{Outcome: itsme.Cancelled}},
		{"+32470000011", "failure", Script{Outcome: itsme.Failure}},
		{"+32470000012", "expired", Script{Outcome: itsme.Expired}},
		{"+32470000013", "failed, which CM does not document", Script{Outcome: "failed"}},
		{"+32470000014", "a status that nobody knows", Script{Outcome: "paused"}},
		{"+32470000015", "open: left before approving", Script{Outcome: itsme.Open}},

		{"+32470000020", "success after three times open", Script{Outcome: itsme.Success, OpenFor: 3}},
		{"+32470000021", "success without information", Script{Outcome: itsme.Success, NoData: true}},
		{"+32470000022", "success, answered after three seconds", Script{Outcome: itsme.Success, StatusDelay: 3 * time.Second}},

		{"+32470000030", "creating: 400", Script{StartFault: BadRequest}},
		{"+32470000031", "creating: 500", Script{StartFault: ServerError}},
		{"+32470000032", "creating: no answer", Script{StartFault: Hang}},
		{"+32470000033", "creating: connection cut", Script{StartFault: Cut}},

		{"+32470000040", "status: 500", Script{Outcome: itsme.Success, Fault: ServerError}},
		{"+32470000041", "status: 500 once, then success", Script{Outcome: itsme.Success, Fault: ServerError, FaultTimes: 1}},
		{"+32470000042", "status: 500 as HTML", Script{Outcome: itsme.Success, Fault: HTML500}},
		{"+32470000043", "status: no answer", Script{Outcome: itsme.Success, Fault: Hang}},
		{"+32470000044", "status: connection cut, and the information lost", Script{Outcome: itsme.Success, Fault: Cut, FaultTimes: 1, Spend: true}},
		{"+32470000045", "status: broken JSON", Script{Outcome: itsme.Success, Fault: BadJSON}},
	}
}

// scriptOf finds the script that a phone number chooses.
func scriptOf(phone string) (Script, bool) {
	for _, n := range Numbers() {
		if n.PhoneNumber == phone {
			return n.Script.must(), true
		}
	}
	return Script{}, false
}
