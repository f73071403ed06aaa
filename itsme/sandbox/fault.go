package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// Fault is an answer that goes wrong.
type Fault string

// The faults.
const (
	BadRequest  Fault = "400"
	ServerError Fault = "500"
	HTML500     Fault = "html500"  // a page instead of JSON
	BadJSON     Fault = "bad_json" // 200, and half an object
	Empty       Fault = "empty"    // 200, and nothing
	TooLarge    Fault = "too_large"
	Redirect    Fault = "redirect" // 307 to /elsewhere
	Hang        Fault = "hang"     // no answer until the caller gives up
	Cut         Fault = "cut"      // the connection ends without an answer
	CutBody     Fault = "cut_body" // the connection ends within the answer
)

func (f Fault) exists() bool {
	switch f {
	case "", BadRequest, ServerError, HTML500, BadJSON, Empty, TooLarge, Redirect, Hang, Cut, CutBody:
		return true
	}
	return false
}

// fault is what happens to the next GET /status. It counts down FaultTimes.
func (t *transaction) fault() Fault {
	if t.script.FaultTimes == 0 {
		return t.script.Fault
	}
	if t.faults == 0 {
		return ""
	}
	t.faults--
	return t.script.Fault
}

// fail answers with a fault.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault) {
	switch f {
	case BadRequest:
		refuse(w, http.StatusBadRequest, "the request is invalid")
	case HTML500:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<!doctype html><title>500</title><h1>Internal Server Error</h1>"))
	case BadJSON:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"succ`))
	case Empty:
		w.WriteHeader(http.StatusOK)
	case TooLarge:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","userId":"` + strings.Repeat("x", 128<<10) + `"}`))
	case Redirect:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	case Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Cut:
		panic(http.ErrAbortHandler)
	case CutBody:
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"status":"success",`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		refuse(w, http.StatusInternalServerError, "internal server error")
	}
}

// pause waits, or until the caller is gone.
func pause(r *http.Request, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}
