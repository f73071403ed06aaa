package sandbox_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func TestPagesSpeakTheLanguageOfTheTransaction(t *testing.T) {
	for locale, words := range map[string][2]string{
		"":   {"Identify yourself", "Approve"},
		"en": {"Identify yourself", "Approve"},
		"nl": {"Identificeer je", "Bevestigen"},
		"fr": {"Identifiez-vous", "Confirmer"},
		"de": {"Weisen Sie sich aus", "Bestätigen"},
	} {
		s := sandbox.NewServer(t)
		transaction := begin(t, s, func(start *itsme.Start) { start.Locale = locale })
		page := visit(t, transaction.AuthenticationURL)
		if locale != "" && !strings.Contains(page.body, `<html lang="`+locale+`">`) || !strings.Contains(page.body, words[0]) {
			t.Errorf("%q: the first page lacks %q", locale, words[0])
		}
		submit(t, transaction.AuthenticationURL, "phone=")
		page = visit(t, transaction.AuthenticationURL)
		if !strings.Contains(page.body, words[1]) {
			t.Errorf("%q: the second page lacks %q", locale, words[1])
		}
		for _, outcome := range []string{"success", "cancelled", "failure", "expired", "open"} {
			if !strings.Contains(page.body, `name="outcome" value="`+outcome+`"`) {
				t.Errorf("%q: no button for %s", locale, outcome)
			}
		}
		if strings.Contains(page.body, "<script") {
			t.Error("the page needs a script")
		}
	}
}

func TestTheButtons(t *testing.T) {
	for _, row := range []struct {
		form string
		want itsme.Status
	}{
		{"outcome=success", itsme.Success},
		{"outcome=cancelled", itsme.Cancelled},
		{"outcome=failure", itsme.Failure},
		{"outcome=expired", itsme.Expired},
		{"outcome=open", itsme.Open},
		{"outcome=failed", itsme.Failure},
		{"outcome=paused", itsme.Failure},
		{"outcome=success&openFor=1", itsme.Open},
	} {
		s := sandbox.NewServer(t)
		transaction := begin(t, s, nil)
		submit(t, transaction.AuthenticationURL, "phone=")
		if back := submit(t, transaction.AuthenticationURL, row.form); back.status != http.StatusSeeOther || back.location != redirectURL {
			t.Errorf("%s: %d to %q", row.form, back.status, back.location)
		}
		if result, err := client(t, s).Status(t.Context(), transaction.Token); err != nil || result.Status != row.want {
			t.Errorf("%s: %v, %v", row.form, result, err)
		}
	}
}

func TestWhatThePageMakesGoWrong(t *testing.T) {
	for form, want := range map[string]string{
		"outcome=success&fault=html500":             "itsme: status: unavailable (HTTP 500)",
		"outcome=success&fault=bad_json&once=1":     "itsme: status: bad_answer (HTTP 200): the body is not a JSON object of at most 64 KiB",
		"outcome=success&noData=1":                  "itsme: status: taken (HTTP 200): success without userId",
		"outcome=success&fault=cut&once=1&spend=1":  "itsme: status: unavailable: connection cut",
		"outcome=success&persona=foreign&delay=1ms": "",
	} {
		s := sandbox.NewServer(t)
		transaction := begin(t, s, nil)
		if back := submit(t, transaction.AuthenticationURL, form); back.location != redirectURL {
			t.Errorf("%s: %d", form, back.status)
		}
		_, err := client(t, s).Status(t.Context(), transaction.Token)
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", form, err, want)
		}
	}
	for _, form := range []string{"outcome=success&persona=nobody", "outcome=success&fault=x", "outcome=success&openFor=x", "outcome=success&delay=x"} {
		s := sandbox.NewServer(t)
		transaction := begin(t, s, nil)
		if a := submit(t, transaction.AuthenticationURL, form); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", form, a.status)
		}
		if seen, _ := s.Last(); seen.Status != itsme.Open {
			t.Errorf("%s: it came to %s", form, seen.Status)
		}
	}
}

func TestThePhoneNumberPage(t *testing.T) {
	s := sandbox.NewServer(t)
	transaction := begin(t, s, func(start *itsme.Start) { start.PhoneNumber = "+32471234567" })
	if page := visit(t, transaction.AuthenticationURL); !strings.Contains(page.body, `value="&#43;32471234567"`) {
		t.Error("the number is not prefilled")
	}
	if page := submit(t, transaction.AuthenticationURL, "phone=hello"); page.status != http.StatusBadRequest || !strings.Contains(page.body, "This is not a phone number.") {
		t.Errorf("a number that is none: %d", page.status)
	}
	for typed, want := range map[string]string{
		"0472 11 22 33": "+32472112233", "0031 6 12345678": "+31612345678", "%2B32 472/11.22-33": "+32472112233", "": "",
	} {
		if next := submit(t, transaction.AuthenticationURL, "phone="+typed); next.status != http.StatusSeeOther {
			t.Errorf("%q: %d", typed, next.status)
		}
		if seen, _ := s.Last(); seen.PhoneNumber != want {
			t.Errorf("%q became %q", typed, seen.PhoneNumber)
		}
	}
	submit(t, transaction.AuthenticationURL, "phone=change")
	if page := visit(t, transaction.AuthenticationURL); !strings.Contains(page.body, `id="phone"`) {
		t.Error("there is no way back to the number")
	}
}

func TestATypedNumberChooses(t *testing.T) {
	s := sandbox.NewServer(t)
	transaction := begin(t, s, nil)
	next := submit(t, transaction.AuthenticationURL, "phone=0470 00 00 10")
	if back := visit(t, s.URL+next.location); back.status != http.StatusSeeOther || back.location != redirectURL {
		t.Errorf("%d to %q", back.status, back.location)
	}
	if result, err := client(t, s).Status(t.Context(), transaction.Token); err != nil || result.Status != itsme.Cancelled {
		t.Errorf("%v, %v", result, err)
	}
	// What a test chose for the transaction stays.
	s.Next(sandbox.Script{Persona: sandbox.Foreign})
	transaction = begin(t, s, nil)
	submit(t, transaction.AuthenticationURL, "phone=0470 00 00 10")
	if seen, _ := s.Last(); seen.Status != itsme.Open || seen.Persona != sandbox.Foreign {
		t.Errorf("the number won: %+v", seen)
	}
}

// Who holds the link may see where it leads, or be sent there, or not: nobody
// knows how itsme does it.
func TestWhoIsSentBack(t *testing.T) {
	for _, row := range []struct {
		name       string
		options    sandbox.Options
		shown      bool
		everybody  bool
		goesAround string
	}{
		{"as careful as can be", sandbox.Options{}, false, false, redirectURL},
		{"shows redirectUrl", sandbox.Options{ShowRedirectURL: true}, true, false, redirectURL},
		{"redirects everybody", sandbox.Options{RedirectEveryBrowser: true}, false, true, redirectURL},
		{"adds parameters", sandbox.Options{ReturnQuery: "status=ok"}, false, false, redirectURL + "?status=ok"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := sandbox.NewServer(t, row.options)
			transaction := begin(t, s, nil)
			for range 2 {
				if page := visit(t, transaction.AuthenticationURL); strings.Contains(page.body, redirectURL) != row.shown {
					t.Errorf("redirectUrl shown: %v", !row.shown)
				}
				submit(t, transaction.AuthenticationURL, "phone=")
			}
			if back := submit(t, transaction.AuthenticationURL, "outcome=success"); back.location != row.goesAround {
				t.Errorf("the browser that finished goes to %q", back.location)
			}
			for range 2 {
				late := visit(t, transaction.AuthenticationURL)
				if (late.status == http.StatusSeeOther) != row.everybody {
					t.Errorf("another browser: %d to %q", late.status, late.location)
				}
			}
			// A form that was left open finishes nothing a second time.
			if again := submit(t, transaction.AuthenticationURL, "outcome=cancelled"); again.location != strings.TrimPrefix(transaction.AuthenticationURL, s.URL) {
				t.Errorf("a second answer: %d to %q", again.status, again.location)
			}
			if seen, _ := s.Last(); seen.Status != itsme.Success {
				t.Errorf("it came to %s after all", seen.Status)
			}
		})
	}
}

func TestReturnQueryAfterAQuery(t *testing.T) {
	s := sandbox.NewServer(t, sandbox.Options{Auto: itsme.Success, ReturnQuery: "a=b"})
	transaction := begin(t, s, func(start *itsme.Start) { start.RedirectURL = "https://bridge.example/?x=y" })
	if back := visit(t, transaction.AuthenticationURL); back.location != "https://bridge.example/?x=y&a=b" {
		t.Errorf("to %q", back.location)
	}
}

// Approved elsewhere, the page sends on the browser that comes to it next.
func TestApprovedElsewhere(t *testing.T) {
	s := sandbox.NewServer(t)
	transaction := begin(t, s, nil)
	if err := s.Approve(transaction.Token, ""); err != nil {
		t.Fatal(err)
	}
	if back := visit(t, transaction.AuthenticationURL); back.location != redirectURL {
		t.Errorf("%d to %q", back.status, back.location)
	}
	if late := visit(t, transaction.AuthenticationURL); late.status != http.StatusOK {
		t.Errorf("and the one after it: %d to %q", late.status, late.location)
	}
}

func TestUnknownPages(t *testing.T) {
	s := sandbox.NewServer(t)
	if a := visit(t, s.URL+"/app/unknown"); a.status != http.StatusNotFound {
		t.Errorf("GET: %d", a.status)
	}
	if a := submit(t, s.URL+"/app/unknown", "outcome=success"); a.status != http.StatusNotFound {
		t.Errorf("POST: %d", a.status)
	}
}

// Chrome applies form-action to the redirect that follows a form, so the page's
// policy must not have one. Everything else must work without a script.
func TestThePolicyOfThePage(t *testing.T) {
	s := sandbox.NewServer(t)
	page := visit(t, begin(t, s, nil).AuthenticationURL)
	policy := page.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "form-action") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
	if external := regexp.MustCompile(`(src|href)=`).FindString(page.body); external != "" {
		t.Errorf("the page loads something: %s", external)
	}
	if page.header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be stored")
	}
}

// Behind a proxy or in a container, browsers know the simulator by another name
// than the caller of its API.
func TestThePublicURL(t *testing.T) {
	s := sandbox.NewServer(t, sandbox.Options{URL: "https://itsme.test"})
	if transaction := begin(t, s, nil); !strings.HasPrefix(transaction.AuthenticationURL, "https://itsme.test/app/") {
		t.Errorf("it is at %s", transaction.AuthenticationURL)
	}
}
