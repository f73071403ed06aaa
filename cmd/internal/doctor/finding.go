package doctor

import "fmt"

// Verdict is what a check comes to.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning" // it works, and should be otherwise
	Problem Verdict = "problem" // it does not work, or will not
	Skipped Verdict = "skipped" // not looked at
)

// Finding is what one check says.
type Finding struct {
	ID        string  `json:"id"`
	Title     string  `json:"title"`
	About     string  `json:"about,omitempty"` // the client, the file, … where there are several
	Verdict   Verdict `json:"verdict"`
	Saw       string  `json:"saw"`                 // or, of what is skipped, why
	Advice    string  `json:"advice,omitempty"`    // what to do; of warnings and problems
	Unchecked bool    `json:"unchecked,omitempty"` // it is skipped since it could not be looked at, and it matters
}

func fine(format string, args ...any) Finding {
	return Finding{Verdict: OK, Saw: fmt.Sprintf(format, args...)}
}

func warn(saw, advice string) Finding { return Finding{Verdict: Warning, Saw: saw, Advice: advice} }

func bad(saw, advice string) Finding { return Finding{Verdict: Problem, Saw: saw, Advice: advice} }

// skip is for what there is not, or what nobody has asked for.
func skip(why string) Finding { return Finding{Verdict: Skipped, Saw: why} }

// cannot is for what could not be looked at.
func cannot(why, advice string) Finding {
	return Finding{Verdict: Skipped, Saw: why, Advice: advice, Unchecked: true}
}

// about says what a finding is of.
func (f Finding) about(what string) Finding {
	f.About = what
	return f
}

func one(f Finding) []Finding { return []Finding{f} }
